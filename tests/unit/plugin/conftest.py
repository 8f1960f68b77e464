"""The plugin in a pytest of its own, on behaviours that need no cluster."""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[3]

HEAD = """
import pytest
from conformance.behaviour import behaviour

def core(name, **more):
    return behaviour(f"dojo.01.{name}", **{"feature": "tools", "hint": "Is it there?", **more})
"""


@dataclass
class Ran:
    """An inner run that has ended: pytest's result, and where it wrote."""

    result: pytest.RunResult
    reports: Path

    @property
    def code(self) -> int:
        return int(self.result.ret)

    @property
    def text(self) -> str:
        return self.result.stdout.str() + self.result.stderr.str()

    @property
    def report(self) -> dict[str, Any]:
        return json.loads((self.reports / "latest" / "report.json").read_text())

    @property
    def outcomes(self) -> dict[str, str]:
        """Each behaviour's name to its outcome in the report."""
        return {each["id"].split(".")[2]: each["outcome"] for each in self.report["behaviours"]}


@pytest.fixture(autouse=True)
def not_in_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up runs are nothing that the GitHub step which tests the kit should annotate and sum up."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


@pytest.fixture(scope="session")
def heavy_once() -> None:
    """pytester forgets what an inner run imported; what is there before, the inner runs share."""
    for name in ("jinja2", "jsonschema", "reports.html", "reports.validate", "reports.uplot"):
        importlib.import_module(name)


@pytest.fixture
def judge(
    pytester: pytest.Pytester, heavy_once: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Ran]]:
    """Run behaviours, given as the text of a test file (once; later runs reuse it), with pytest's options."""
    # A run takes SIGTERM for itself and remembers its configuration: an inner one gives both back.
    monkeypatch.setattr("fixtures.plugin._CONFIG", [])
    before = signal.getsignal(signal.SIGTERM)
    reports = pytester.path / "runs"

    def run(text: str = "", *options: str) -> Ran:
        if text:
            pytester.makepyfile(test_behaviours=HEAD + text)
        args = ["-p", "fixtures.plugin", "-p", "no:hypothesispytest", "--report-dir", str(reports), *options]
        return Ran(pytester.runpytest_inprocess(*args), reports)

    yield run
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def in_the_foreground() -> Iterator[None]:
    """Children take SIGINT and SIGHUP, also where the suite runs in the background or under nohup."""
    ours = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in ours.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def alone(
    pytester: pytest.Pytester, in_the_foreground: None
) -> Callable[[str], tuple[list[str], dict[str, str]]]:
    """The command and environment of a run of ``text`` as a process of its own."""

    def prepare(text: str) -> tuple[list[str], dict[str, str]]:
        pytester.makepyfile(test_behaviours=HEAD + text)
        command = [sys.executable, "-m", "pytest", "-p", "fixtures.plugin", "--report-dir", "runs"]
        command += ["-p", "no:hypothesispytest"]
        return command, {**os.environ, "PYTHONPATH": str(REPO)}

    return prepare
