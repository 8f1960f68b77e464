"""Unified diffs, applied strictly: a patch that does not fit its files any more is an error, never a no-op.

Neither git nor patch(1) has to be on the machine, and neither is strict enough: both apply a hunk whose
surroundings have changed. Here what a hunk shows of a file must be in it exactly once, or, if it is there
more than once, at the line that the hunk names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NOWHERE = "/dev/null"
NO_NEWLINE = "\\ No newline at end of file"
_HEAD = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


class OutOfDate(AssertionError):
    """A patch no longer fits the files it changes."""


@dataclass(frozen=True)
class Hunk:
    """Lines to be found in a file, at line ``start`` (from 1) or elsewhere, and what replaces them."""

    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """What a patch does to one file. ``made``, ``removed``: the file is not there before, or not after."""

    file: str
    hunks: tuple[Hunk, ...]
    made: bool = False
    removed: bool = False


def parse(text: str, where: str) -> list[Change]:
    """The changes of a unified diff; ``where`` is named when it is none. Raises OutOfDate."""
    changes = []
    parts = re.split(r"^--- ", text, flags=re.MULTILINE)[1:]
    for part in parts:
        lines = part.splitlines()
        before, after = _name(lines[0]), _name(lines[1].removeprefix("+++ "))
        hunks = tuple(_hunks(lines[2:], where))
        if not lines[1].startswith("+++ ") or not hunks:
            raise OutOfDate(f"{where}: what it does to {before} is no unified diff")
        file = after if before == NOWHERE else before
        changes.append(Change(file, hunks, before == NOWHERE, after == NOWHERE))
    if not changes:
        raise OutOfDate(f"{where} changes nothing")
    return changes


def apply(changes: list[Change], folder: Path, where: str) -> None:
    """Make the changes to the files in ``folder``. Raises OutOfDate, with nothing written of that file."""
    for change in changes:
        path = folder / change.file
        if path.exists() == change.made:
            raise OutOfDate(f"{where}: {change.file} is {'there already' if change.made else 'not there'}")
        lines = [] if change.made else path.read_text(encoding="utf-8").splitlines()
        for hunk in reversed(change.hunks):
            at = _place(hunk, lines, f"{where}: {change.file}")
            lines[at : at + len(hunk.old)] = hunk.new
        if change.removed:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _place(hunk: Hunk, lines: list[str], where: str) -> int:
    if not hunk.old:
        return max(hunk.start - 1, 0)
    length = len(hunk.old)
    found = [at for at in range(len(lines) - length + 1) if tuple(lines[at : at + length]) == hunk.old]
    if len(found) == 1:
        return found[0]
    if hunk.start - 1 in found:
        return hunk.start - 1
    times = "not there" if not found else f"there {len(found)} times, and not at line {hunk.start}"
    raise OutOfDate(f"{where}: this is {times}:\n" + "\n".join(hunk.old))


def _hunks(lines: list[str], where: str) -> Iterator[Hunk]:
    heads = [number for number, line in enumerate(lines) if line.startswith("@@")]
    for head, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        found = _HEAD.match(lines[head])
        body = [line for line in lines[head + 1 : end] if line != NO_NEWLINE]
        if found is None or any(line[:1] not in {" ", "+", "-", ""} for line in body):
            raise OutOfDate(f"{where}: {lines[head]} is no hunk of a unified diff")
        old = tuple(line[1:] for line in body if line[:1] != "+")
        new = tuple(line[1:] for line in body if line[:1] != "-")
        yield Hunk(int(found[1]), old, new)


def _name(line: str) -> str:
    return line.partition("\t")[0].strip().removeprefix("a/").removeprefix("b/")
