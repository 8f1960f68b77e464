"""What is printed where nothing is drawn: plain lines with times, more or fewer of them as asked."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from fixtures.terminal.choice import why_plain
from fixtures.terminal.printer import Printer
from tests.unit.plugin.test_outcomes import PASSES

pytest_plugins = ["pytester"]

WITHIN = 60.0
"""Seconds for what takes two on an idle machine."""
MIXED = (
    PASSES
    + '''
import os, subprocess

@core("told")
def test_told(evidence, keeper):
    """It tells what it saw."""
    from fixtures.machine.process import run
    with keeper.phase("cluster"):
        run(["true", "--password=hunter22"], timeout=10)
    evidence("HPA", "hpa/consumer", "{}")

@core("wrong")
def test_wrong():
    """It is two."""
    assert 1 == 2, "one is\\x1b[31m not\\rtwo"

@core("needs-wrong", needs=["dojo.01.wrong"])
def test_needs_wrong():
    """It stands on what failed."""
'''
)


def kit_lines(ran):
    return [line for line in ran.result.outlines if re.match(r"\[\d\d:\d\d\] ", line)]


def test_lines_are_plain_and_have_times(alone, pytester):
    """Through a pipe each line of the kit begins with a time, and nothing controls a terminal, not even
    what a cluster said.
    """
    command, environment = alone(MIXED)
    command.append("--capture=no")
    done = subprocess.run(
        command, env=environment, cwd=pytester.path, capture_output=True, timeout=WITHIN, check=False
    )
    assert done.returncode == 1
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"\r" not in done.stdout + done.stderr
    said = done.stdout.decode()
    assert re.search(r"^\[\d\d:\d\d\] ✓ passed +dojo\.01\.one  \d\.\d\d s$", said, re.MULTILINE)
    assert re.search(r"^\[\d\d:\d\d\] cluster$", said, re.MULTILINE)
    assert re.search(r"dojo\.01\.wrong  \d\.\d\d s  one is\[31m nottwo$", said, re.MULTILINE)


def test_quiet_says_failures_and_the_outcome(judge):
    """-q: no progress, nothing that passed or was blocked; what failed, where to look, and the verdict."""
    ran = judge(MIXED, "-q")
    (line,) = kit_lines(ran)
    assert "dojo.01.wrong" in line
    assert any(line.startswith("look first at dojo.01.wrong") for line in ran.result.outlines)
    assert any(line.startswith("non-conformant: 3 passed") for line in ran.result.outlines)


def test_verbose_says_evidence_and_commands(judge):
    """-v: what each behaviour looked at and which programs were run, with secrets taken out."""
    lines = judge(MIXED, "-v").result.outlines
    assert "        HPA: hpa/consumer" in lines
    assert "        $ true --password=[redacted]" in lines
    assert "HPA: hpa/consumer" not in judge("").text


@pytest.mark.parametrize(
    ("changed", "environ", "why"),
    [
        ({}, {}, ""),
        ({"verbose": -1}, {}, "-q"),
        ({}, {"CI": "true"}, "CI"),
        ({}, {"TERM": "dumb"}, "TERM"),
        ({}, {"TERM": ""}, "TERM"),
        ({"capture": "fd"}, {}, "--capture=fd"),
        ({"usepdb": True}, {}, "debugger"),
        ({}, {"CI": "false"}, ""),
        ({}, {"NO_COLOR": "1"}, ""),
    ],
)
def test_when_nothing_is_drawn(pytestconfig, monkeypatch, changed, environ, why):
    """Drawing needs a terminal that can, for somebody who looks; no colour is no reason against it."""
    monkeypatch.setattr("fixtures.terminal.choice._is_terminal", lambda: True)
    asked = {"verbose": 0, "capture": "no", "usepdb": False, "trace": False, **changed}
    for name, value in asked.items():
        monkeypatch.setattr(pytestconfig.option, name, value)
    found = why_plain(pytestconfig, {"TERM": "xterm", **environ})
    assert why in found
    assert bool(found) == bool(why)


def test_a_pipe_is_no_terminal(pytestconfig, monkeypatch):
    """Whatever else holds: where standard output is no terminal, nothing is drawn."""
    monkeypatch.setattr(pytestconfig.option, "capture", "no")
    monkeypatch.setattr(pytestconfig.option, "verbose", 0)
    assert not os.isatty(1) or why_plain(pytestconfig, {"TERM": "xterm"}) == ""
    monkeypatch.setattr("os.isatty", lambda _fd: False)
    assert "no terminal" in why_plain(pytestconfig, {"TERM": "xterm"})


def test_readings_are_lines_only_where_nothing_is_drawn():
    """What the live view shows all the time is not printed as well."""
    said = []

    class Reporter:
        def ensure_newline(self):
            pass

        def write(self, text, **_):
            said.append(text)

    printer = Printer(Reporter(), 0)
    printer.reading("queue 40")
    printer.live = True
    printer.reading("queue 41")
    assert said == ["queue 40", "\n"]
