"""A whole run within an upgrade: what is passed on of it, and what is made of its report."""

from __future__ import annotations

import sys
from types import SimpleNamespace

from fixtures.keeper import Keeper
from fixtures.session.upgrade import _graded, _relayed
from reports.html import html
from reports.markdown import markdown
from reports.model import BehaviourResult, Chart, Environment, Image, Report, Run

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
    graded = _graded(Report(run, behaviours=behaviours), "before/latest/report.html")
    assert (graded.outcome, graded.passed) == ("non-conformant", 1)
    assert graded.wrong == ("dojo.01.b (failed): no",)


def test_the_report_says_both_versions_of_what_was_upgraded():
    """Of a chart its version, of an image also its digest; what stays the same is said once."""
    charts = [Chart("adapter", "4.10.0", "bundled"), Chart("redis", "23.2.3", "bundled")]
    images = [Image("adapter", "sha256:1", "v0.11.2"), Image("redis", "sha256:3", "7.0")]
    images.append(Image("exporter", "sha256:4", "v1.86.0"))
    environment = Environment(charts=charts, images=images)
    report = Report(Run("r", "upgrade", "2026-11-22T00:00:00.000Z"), environment=environment)
    sources = {"adapter": SimpleNamespace(version="5.3.0"), "redis": SimpleNamespace(version="23.2.3")}
    references = {
        "adapter": "kit/adapter:v0.12.0",
        "redis": "kit/redis:7.0",
        "exporter": "kit/exporter:v1.86.0",
    }
    digests = {"adapter": "sha256:2", "redis": "sha256:3", "exporter": "sha256:5"}
    bundle = SimpleNamespace(images=references, ids=digests)
    Keeper.describe_target(SimpleNamespace(report=report), sources, bundle)  # type: ignore[arg-type]
    assert [each.versions for each in charts] == ["4.10.0 → 5.3.0", "23.2.3"]
    assert [each.versions for each in images] == ["v0.11.2 → v0.12.0", "7.0", "v1.86.0"]
    assert [each.ids for each in images] == ["sha256:1 → sha256:2", "sha256:3", "sha256:4 → sha256:5"]
    assert "adapter 4.10.0 → 5.3.0 (bundled), redis 23.2.3 (bundled)" in markdown(report)
    assert "sha256:4 → sha256:5" in html(report)
