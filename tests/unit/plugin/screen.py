"""A run under a pseudo-terminal, and what a person saw of it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^\[\]]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
COLUMNS, ROWS = 100, 40
WITHIN = 60.0
"""Seconds a run may take that takes five on an idle machine."""


class Screen:
    """Rows of text as a terminal shows them: lines, carriage returns, cursor up, and erased lines."""

    def __init__(self) -> None:
        self.rows, self._row, self._column = [""], 0, 0

    def feed(self, text: str) -> None:
        at = 0
        while at < len(text):
            if found := SEQUENCE.match(text, at):
                self._obey(found[0])
                at = found.end()
                continue
            self._put(text[at])
            at += 1

    def _put(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\n":
            self._row += 1
            self.rows += [""] * (self._row + 1 - len(self.rows))
        else:
            row = self.rows[self._row].ljust(self._column)
            self.rows[self._row] = row[: self._column] + character + row[self._column + 1 :]
            self._column += 1

    def _obey(self, sequence: str) -> None:
        if sequence == "\x1b[1A":
            self._row -= 1
            assert self._row >= 0, "above the first line"
        elif sequence == "\x1b[2K":
            self.rows[self._row] = ""


@dataclass
class Seen:
    """What came out of a run: all of it, the screen after each piece, and how it ended."""

    raw: str
    frames: list[list[str]]
    seconds: float
    code: int

    @property
    def last(self) -> list[str]:
        return self.frames[-1]

    @property
    def sequences(self) -> set[str]:
        """What controlled the terminal, colours left out."""
        return {each for each in SEQUENCE.findall(self.raw) if not COLOUR.fullmatch(each)}


def watch(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    react: Callable[[list[str], subprocess.Popen[bytes]], None] = lambda _rows, _process: None,
) -> Seen:
    """Run ``command`` on a terminal; ``react`` is called with the screen whenever something has come."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    began = time.monotonic()
    ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    process = subprocess.Popen(command, env=environment, cwd=folder, start_new_session=True, **ends)
    os.close(theirs)
    screen, raw, frames = Screen(), b"", []
    try:
        while time.monotonic() - began < WITHIN:
            if not select.select([ours], [], [], 0.1)[0]:
                continue
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            raw += piece
            screen.feed(piece.decode(errors="replace"))
            frames.append(list(screen.rows))
            react(screen.rows, process)
        code = process.wait(WITHIN)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return Seen(raw.decode(errors="replace"), frames, time.monotonic() - began, code)
