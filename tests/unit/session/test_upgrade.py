"""A whole run within an upgrade: what is passed on of it, and what is made of its report."""

from __future__ import annotations

import sys
from pathlib import Path

from fixtures.session.upgrade import _graded, _relayed
from reports.model import BehaviourResult, Report, Run

PRINTS = """
print("collected 3 items")
print("[00:05] ✓ passed  dojo.01.tools")
print("queue 3")
raise SystemExit(1)
"""


def test_verdicts_are_passed_on_and_everything_is_kept(tmp_path):
    """What a run of minutes says of each behaviour is seen at once; the rest can be read afterwards."""
    said: list[str] = []
    log = tmp_path / "output.txt"
    assert _relayed([sys.executable, "-c", PRINTS], log, said.append) == 1
    assert said == ["✓ passed  dojo.01.tools"]
    assert log.read_text().splitlines()[0] == "collected 3 items"
    assert "queue 3" in log.read_text()


def one(name: str, outcome: str, message: str = "") -> BehaviourResult:
    return BehaviourResult(f"dojo.01.{name}", "dojo", 1, "core", outcome, message=message)


def test_what_did_not_pass_is_told_with_its_reason():
    """In one line each; an upstream defect is none of the upgrade's."""
    run = Run("r", "dojo", "2026-11-22T00:00:00.000Z", outcome="non-conformant")
    behaviours = [one("a", "passed"), one("b", "failed", "no\nand more"), one("c", "upstream-defect")]
    graded = _graded(Report(run, behaviours=behaviours), Path("report.html"))
    assert (graded.outcome, graded.passed) == ("non-conformant", 1)
    assert graded.wrong == ("dojo.01.b (failed): no",)
