"""What a person sees on a terminal: a few lines below, that never get into what stands above them."""

from __future__ import annotations

import re
import signal

import pytest

from tests.unit.plugin.screen import COLOUR, watch

pytest_plugins = ["pytester"]

RUN = '''
import subprocess, sys, threading, time, warnings
from fixtures.observe import signals
from fixtures.observe.sampler import Recorder
from fixtures.observe.sources import Read, Source

@pytest.fixture(scope="session")
def recorder(keeper):
    def read(signal, value):
        return Source(signal, 0.1, (Read((signal,), lambda: {signal: (value, {})}),))
    keeper.recorder = Recorder([read(signals.QUEUE, 470.0), read(signals.READY, 12.0)])
    return keeper.recorder

@core("prints")
def test_prints(keeper):
    """Others write to the terminal meanwhile."""
    with keeper.phase("cluster"):
        for number in range(8):
            print(f"printed {number}")
            sys.stderr.write(f"complained {number}\\n")
            subprocess.run(["echo", f"a child said {number}"])
            threading.Event().wait(0.1)
    warnings.warn("deprecated")

@core("fails")
def test_fails():
    """It is two."""
    assert 1 == 2, "one is not two"

@core("load")
def test_load(recorder):
    """A cycle is driven."""
    with recorder.record("load") as live:
        live.mark("published 470")
        threading.Event().wait(SECONDS)
'''
STATUS = re.compile(r"^\d\d:\d\d(  | of )|^queue +\d|^dojo\.01\.|^cluster  ")


@pytest.fixture
def on_terminal(alone, pytester, monkeypatch):
    """Run it on a terminal: ``seconds`` of load, more options and environment, and a reaction."""

    def run(seconds, *options, react=lambda _rows, _process: None, **environ):
        command, environment = alone(RUN.replace("SECONDS", str(seconds)))
        for name in ("CI", "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "COLUMNS"):
            environment.pop(name, None)
        environment |= {"TERM": "xterm-256color", **environ}
        return watch([*command, "--capture=no", *options], environment, pytester.path, react)

    return run


def test_a_run_on_a_terminal(on_terminal):
    """Lines of all kinds stay whole and in order, the drawn ones are few and calm, and in the end gone."""
    seen = on_terminal(3.5)
    assert seen.code == 1

    for said in ("printed", "complained", "a child said"):
        assert [row for row in seen.last if row.startswith(said)] == [f"{said} {n}" for n in range(8)]
    outcomes = [row for row in seen.last if re.match(r"\[\d\d:\d\d\] [✓✗]", row)]
    assert [re.sub(r"  \d.*", "", row[8:]) for row in outcomes] == [
        "✓ passed          dojo.01.prints",
        "✗ failed          dojo.01.fails",
        "✓ passed          dojo.01.load",
    ]
    assert not [row for row in seen.last if STATUS.match(row)]

    drawn = [[row for row in frame if STATUS.match(row)] for frame in seen.frames]
    assert max(map(len, drawn)) == 3
    told = {row for rows in drawn for row in rows}
    assert any("2 of 3  ✓ 1 passed  ✗ 1 failed" in row for row in told)
    assert "dojo.01.load  load: published 470" in told
    assert any(re.match(r"queue 470 ·+█+  ready  12 ·+█+", row) for row in told)

    # Nothing that would have to be taken back: no hidden cursor, no other screen, no mode.
    assert seen.sequences == {"\x1b[1A", "\x1b[2K"}
    assert COLOUR.search(seen.raw)
    assert len(re.findall("load: published", seen.raw)) <= 4 * seen.seconds


def test_an_interrupt_gives_the_terminal_back(on_terminal):
    """Ctrl-C in the middle of a load: what is drawn goes, the report and the reason come; without colour."""
    sent = []

    def interrupt(rows, process):
        if not sent and any("load: published" in row for row in rows):
            sent.append(process.send_signal(signal.SIGINT))

    seen = on_terminal(60, react=interrupt, NO_COLOR="1")
    assert seen.code == 2
    assert not [row for row in seen.last if STATUS.match(row)]
    assert any(row.startswith("stopped by SIGINT before the end") for row in seen.last)
    assert COLOUR.search(seen.raw) is None


def test_drawing_that_breaks_takes_nothing_with_it(on_terminal, pytester):
    """Should the drawing fail, the terminal is given back at once, and the run goes on with lines."""
    pytester.makeconftest(
        "import fixtures.plugin\n"
        "def broken(status, expected):\n    raise ValueError('cannot draw')\n"
        "fixtures.plugin.lines = broken\n"
    )
    seen = on_terminal(0.1)
    assert seen.code == 1
    # None is lost; a line that was on its way just then may share its row with what was drawn.
    assert re.findall(r"printed \d", seen.raw) == [f"printed {n}" for n in range(8)]
    assert any("dojo.01.load" in row for row in seen.last)
