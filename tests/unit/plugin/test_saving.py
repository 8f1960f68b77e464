"""The unfinished report: what a killed run leaves, and what it costs to have it."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest
import tenacity

from fixtures.observe.record import Event, Reading, Record
from fixtures.saving import EVERY, PAGE_EVERY, SHARE, Saver
from reports.__main__ import main
from reports.model import BehaviourResult, Report, Run
from reports.partial import PartialWriter
from reports.write import read
from tests.unit.plugin.test_outcomes import PASSES

pytest_plugins = ["pytester"]

WITHIN = 60.0
"""Seconds for what takes four on an idle machine."""

HANGS = f'''
import threading

@core("three")
def test_three():
    """Three."""
    threading.Event().wait({WITHIN})
'''


def report(*records: dict[str, object]) -> Report:
    run = Run(id="20261122T023000Z-dojo", scenario="dojo", started="2026-11-22T02:30:00.000Z", asked=53)
    result = BehaviourResult("dojo.01.tools", "dojo", 1, "core", "passed", message="password=hunter22")
    return Report(run, behaviours=[result], records=list(records))


def record(ended: float | None) -> dict[str, object]:
    readings = [Reading(100.0 + n, "queue_length", float(n)) for n in range(20)]
    return Record("load", 100.0, ended, events=[Event(100.0, "begins")], readings=readings).to_dict()


def test_a_killed_run_says_so_at_the_top(alone, pytester):
    """SIGKILL: report, page and summary say unfinished, what was judged, and what was under way."""
    command, environment = alone(PASSES + HANGS)
    latest = pytester.path / "runs" / "latest"
    process = subprocess.Popen(command, env=environment, cwd=pytester.path, stdout=subprocess.DEVNULL)
    try:
        for attempt in tenacity.Retrying(
            stop=tenacity.stop_after_delay(WITHIN), wait=tenacity.wait_fixed(0.1), reraise=True
        ):
            with attempt:
                assert (latest / "report.html").exists()
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    left = read(latest)
    assert (left.run.outcome, left.run.ended, left.run.exit_code) == ("running", None, None)
    assert left.run.message.endswith("2 of 3 behaviours were judged, and dojo.01.three was under way")
    assert [each.outcome for each in left.behaviours] == ["passed", "passed"]
    top = "\n".join((latest / "summary.md").read_text().splitlines()[:8])
    assert "**Unfinished.**" in top
    assert "2 of 3 behaviours were judged" in top
    page = (latest / "report.html").read_text()
    assert "unfinished" in page
    assert "and dojo.01.three was under way" in page
    assert main(["validate", str(latest)]) == 0


def test_what_has_ended_is_made_into_text_once(tmp_path, monkeypatch):
    """A record that has ended is not serialised again; one that goes on is, and all are in the file."""
    made = []

    def counted(data):
        made.append(data["ended"])
        return json.dumps(data)

    monkeypatch.setattr("reports.partial.record_text", counted)
    writer, ended, running = PartialWriter(tmp_path / "one"), record(119.0), record(None)
    for _ in range(3):
        writer.write(report(ended, running), page=False)
    assert sorted(made, key=str) == [119.0, None, None, None]
    assert [each["ended"] for each in read(tmp_path / "one").records] == [119.0, None]


def test_an_unfinished_report_holds_no_secret(tmp_path):
    """It is redacted as the finished one is, in every file."""
    PartialWriter(tmp_path / "one").write(report(record(None)), page=True)
    for path in (tmp_path / "one").iterdir():
        assert "hunter22" not in path.read_text()


class Slow:
    """A clock that a save moves on by ``cost``, and the saves that were made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, cost: float) -> None:
        self.now, self.pages = 0.0, []

        def write(_writer, _report, *, page):
            self.pages.append(page)
            self.now += cost

        monkeypatch.setattr(PartialWriter, "write", write)


@pytest.mark.parametrize(("cost", "most"), [(0.01, EVERY), (1.0, 1.0 / SHARE)])
def test_saving_takes_a_small_share(tmp_path, monkeypatch, cost, most):
    """Every few seconds where it is cheap, and seldomer where it is dear; the page seldomer still."""
    slow = Slow(monkeypatch, cost)
    saver = Saver(tmp_path, report, lambda: slow.now)
    for _ in range(1000):
        saver.save_if_due()
        slow.now += 1.0
    assert len(slow.pages) == pytest.approx(1000 / (most + 1), rel=0.3)
    assert sum(slow.pages) <= 1000 / PAGE_EVERY + 1
    assert len(slow.pages) * cost <= 1000 * SHARE * 1.2


def test_nothing_is_saved_over_the_finished_report(tmp_path, monkeypatch):
    """Once the end has begun, a late save does nothing."""
    slow = Slow(monkeypatch, 0.0)
    saver = Saver(tmp_path, report, lambda: slow.now)
    saver.end()
    saver.save()
    assert slow.pages == []
