from __future__ import annotations

import copy
import json

import pytest

from reports import compare as room
from reports.__main__ import main
from reports.chain import Link
from reports.compare import ABSENT, FEWEST_CHANGES, NOISE_SECONDS, compare
from reports.model import Report
from reports.write import write_all
from tests.unit.reports import sample

OFTEN = FEWEST_CHANGES


def one(outcome="passed", level="core", **more) -> Report:
    """A run of a single behaviour, beside a passed one."""
    return sample.report([sample.behaviour("01.tools"), sample.behaviour("02.a", outcome, level, **more)], [])


def link(median: float, most: float | None = 10.0, changes: int = OFTEN) -> Link:
    return Link("queue", "rule", changes, median, median + 1, most, most, "", 0)


def trends(old: Report, new: Report) -> list[tuple[str, str]]:
    return [(c.name, c.trend) for c in compare(old, new).changes]


def test_reports_of_the_same_findings_do_not_differ():
    """Comparing a report with itself finds nothing."""
    report = sample.report()
    found = compare(report, Report.from_dict(report.to_dict()))
    assert (found.changes, found.regressed) == ((), False)


@pytest.mark.parametrize(
    ("old", "new", "level", "trend"),
    [
        ("passed", "failed", "core", "worse"),
        ("passed", "error", "extended", "worse"),
        ("passed", "blocked", "core", "worse"),
        ("passed", "skipped", "core", "worse"),
        ("upstream-defect", "failed", "core", "worse"),
        ("failed", "passed", "core", "better"),
        ("error", "upstream-defect", "core", "better"),
        ("passed", "upstream-defect", "core", "other"),
        ("failed", "error", "core", "other"),
        ("blocked", "failed", "core", "other"),
        ("passed", "failed", "advisory", "other"),
    ],
)
def test_an_outcome_that_was_fine_and_is_not_is_a_regression(old, new, level, trend):
    """Only from fine to not fine is worse; what is advisory is said and never judged."""
    assert ("dojo.02.a", trend) in trends(one(old, level, message="m"), one(new, level, message="m"))


def test_a_worse_verdict_is_a_regression():
    """The verdict counts beside the behaviours: a run that was stopped judged too little."""
    new = one()
    new.run.outcome, new.run.message = "error", "stopped by SIGTERM"
    found = compare(one(), new)
    assert [str(c) for c in found.of("worse")] == ["verdict: conformant -> error: stopped by SIGTERM"]


@pytest.mark.parametrize(
    ("level", "trend"), [("core", "worse"), ("extended", "other"), ("advisory", "other")]
)
def test_a_core_behaviour_that_is_gone_is_a_regression(level, trend):
    """A check that silently disappears is worse than one that fails; a new one is only said."""
    less = sample.report([sample.behaviour("01.tools")], [])
    assert trends(one(level=level), less) == [("dojo.02.a", trend)]
    assert [(c.name, c.old, c.trend) for c in compare(less, one()).changes] == [
        ("dojo.02.a", ABSENT, "other")
    ]


@pytest.mark.parametrize(
    ("old", "new", "trend"),
    [
        (link(4.0), link(12.5), "worse"),
        (link(12.5), link(4.0), "better"),
        (link(4.0), link(9.9), "other"),
        (link(9.5), link(9.5 + NOISE_SECONDS), "other"),
        (link(11.0), link(14.0), "worse"),
        (link(4.0, None), link(60.0, None), "other"),
        (link(4.0), link(60.0, changes=OFTEN - 1), "other"),
        (link(4.0, changes=OFTEN - 1), link(60.0), "other"),
    ],
    ids=["beyond", "back", "within", "noise", "further beyond", "no budget", "too few", "too few before"],
)
def test_a_link_is_slower_only_beyond_its_budget_and_the_noise(monkeypatch, old, new, trend):
    """A latency is a regression when its median is over its budget, by more than two runs differ anyway."""
    measured = iter(([old], [new]))
    monkeypatch.setattr(room, "chain", lambda _: next(measured))
    (change,) = compare(one(), one()).changes
    assert (change.what, change.name, change.trend) == ("latency", "queue → rule", trend)


def test_latencies_of_records_are_compared():
    """Of two recorded loads one was seen later by the rule: the slower link is named, with both medians."""
    old = sample.report([sample.behaviour("01.tools")], [sample.record()])
    old.records[0]["events"] = [e for e in old.records[0]["events"] if e["kind"] != "fault"]
    new = copy.deepcopy(old)
    signals = new.records[0]["signals"]
    signals["redis_items_in_queue"] = sample.columns(lambda t: sample.queue_at(t - t % 5), 200.0, late=8)
    found = {c.name: c for c in compare(old, new).changes}
    assert "queue → rule" in found
    assert float(found["queue → rule"].new[:-2]) > float(found["queue → rule"].old[:-2]) + 3


def test_versions_are_said():
    """What was changed between the runs stands beside what came of it."""
    new = one()
    new.environment.kubernetes = "v1.38.0"
    new.environment.charts = [new.environment.charts[0]]
    new.environment.tools["kind"] = "0.34.0"
    assert [str(c) for c in compare(one(), new).changes] == [
        "Kubernetes: v1.37.1 -> v1.38.0",
        "chart redis: 1.0.0 (bundled) -> absent",
        "tool kind: 0.33.0 -> 0.34.0",
    ]


def test_on_the_command_line_1_is_a_regression_and_nothing_else(tmp_path, capsys):
    """Better is 0, worse is 1; both are printed, and written as Markdown and JSON beside the new report."""
    bad, good = tmp_path / "bad", tmp_path / "good"
    write_all(one("failed", message="no `kind`\n2"), bad)
    write_all(one(), good)
    assert main(["compare", str(bad), str(good)]) == 0
    assert main(["compare", str(good / "report.json"), str(bad), "--to", str(tmp_path / "to")]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == "regression: 2 worse, 0 better"
    assert "dojo.02.a: passed -> failed: no `kind`" in out
    assert (good / "compare.md").read_text().startswith("# no regression: 2 better\n")
    assert "- `dojo.02.a: passed -> failed: no ʼkindʼ`" in (tmp_path / "to" / "compare.md").read_text()
    data = json.loads((tmp_path / "to" / "compare.json").read_text())
    assert (data["kind"], data["regressed"]) == ("ConformanceComparison", True)
    assert {"what": "behaviour", "name": "dojo.02.a", "old": "passed", "new": "failed"}.items() <= (
        data["changes"][1].items()
    )


def test_what_cannot_be_compared_is_2(tmp_path, capsys):
    """No file, no report, another version, another scenario: an error with its reason, never a regression."""
    write_all(one(), tmp_path / "good")
    other = one()
    other.run.scenario = "keda"
    write_all(other, tmp_path / "keda")
    future = json.loads((tmp_path / "good" / "report.json").read_text()) | {
        "apiVersion": "autoscaling-conformance/v2"
    }
    (tmp_path / "future.json").write_text(json.dumps(future))
    for new, says in (
        ("none", "No such file"),
        ("keda", "compare two runs of one scenario"),
        ("future.json", "autoscaling-conformance/v2"),
    ):
        assert main(["compare", str(tmp_path / "good"), str(tmp_path / new)]) == 2
        assert says in capsys.readouterr().err
