from __future__ import annotations

import json

import pytest

import bench.__main__ as command
from bench import floor, table
from fixtures.observe.record import Event, Reading, Record
from fixtures.observe.signals import CONSUMED, READY, SPEC
from reports.model import API_VERSION, KIND

INTERVALS = {
    "scrape": 5.0,
    "evaluation": 5.0,
    "hpa_sync": 5.0,
    "downscale_window": 20.0,
    "config_sync": 10.0,
    "item": 1.0,
}


def series(signal: str, *values: float, at: float = 0.0) -> list[Reading]:
    return [Reading(at=at + second, signal=signal, value=value) for second, value in enumerate(values)]


def cycle(ended: float = 1000.0, *, events: tuple[Event, ...] = ()) -> Record:
    readings = [
        *series(SPEC, 0, 4, 8, 20, 10, 0),
        *series(READY, 0, 4, 8, 20, 10, 0),
        *series(CONSUMED, 0, 100, 400),
    ]
    return Record("load", 0.0, ended, events=events, readings=readings, intervals=INTERVALS)


def test_each_change_that_was_driven_costs_half_a_turn_of_every_loop():
    """A load or fault waits for half a scrape, evaluation and sync on average; a wait adds nothing."""
    events = (
        Event(1.0, "load starts", "drive"),
        Event(9.0, "reached max", "wait"),
        Event(60.0, "gave up: idle", "wait"),
    )
    parts = {part.what: part.seconds for part in floor.of_record(cycle(events=events))}
    assert parts["load: 1 × (scrape + evaluation + sync) / 2"] == 7.5


def test_a_fall_costs_the_downscale_window_once_however_many_steps_it_takes():
    """20, 10, 0 is one fall; a fall after a rise is another."""
    assert floor.descents(cycle().recorded(SPEC)) == 1
    again = Record("two", 0.0, 9.0, readings=series(SPEC, 4, 2, 0, 4, 4, 0), intervals=INTERVALS)
    assert floor.descents(again.recorded(SPEC)) == 2


def test_a_queue_drains_no_faster_than_the_most_replicas_can():
    """400 items by 20 replicas, one a second each, take 20 s."""
    assert floor.drain_seconds(cycle()) == 20.0


def test_a_restarted_redis_counts_only_what_was_added():
    """A counter that starts again at 0 is no negative work."""
    readings = [*series(CONSUMED, 90, 100, 0, 10), *series(READY, 2, 2)]
    assert floor.drain_seconds(Record("restart", 0.0, 9.0, readings=readings, intervals=INTERVALS)) == 10.0


def test_nothing_was_ready_means_no_drain():
    """Without a replica there is no drain time, and no division by zero."""
    assert (
        floor.drain_seconds(Record("none", 0.0, 9.0, readings=series(CONSUMED, 0, 5), intervals=INTERVALS))
        == 0.0
    )


def test_a_floor_is_never_longer_than_its_record():
    """Loops that happened to be in step cost less than a full turn: the measured time is the bound."""
    parts = floor.of_record(cycle(ended=10.0))
    assert sum(part.seconds for part in parts) == pytest.approx(10.0)


def test_the_rule_file_is_waited_for_once_a_run():
    """However many records there are, the configuration is on its way once."""
    parts = floor.of_run([cycle(), cycle()])
    assert [part.seconds for part in parts if part.what.startswith("installation")] == [10.0]


def report(**run: object) -> dict[str, object]:
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "run": {
            "id": "r1",
            "outcome": "conformant",
            "started": "2026-11-22T02:00:00.000Z",
            "seconds": 300.0,
            **run,
        },
        "phases": [
            {"name": "cluster", "started": "2026-11-22T02:00:10.000Z", "seconds": 41.0},
            {"name": "charts", "started": "2026-11-22T02:00:51.000Z", "seconds": 30.0},
        ],
        "records": [cycle().to_dict()],
    }


def test_the_table_shows_every_phase_and_the_whole_beside_the_floor():
    """From one report: when each phase began, how long it took, the floor, the ratio and the memory."""
    text = "\n".join(table.lines(report(peakRssMb=210.4)))
    assert "cluster     10.0s     41.0s  (aim: 40s, MISSED)" in text
    assert "charts      51.0s     30.0s  (aim: 60s)" in text
    assert "floor     50.0s" in text
    assert "whole / floor  6.00" in text
    assert "210 MB  (aim: 300 MB)" in text


def test_a_run_that_recorded_nothing_is_still_shown():
    """A killed run's report has no phases, no records and no memory: said, and no error."""
    bare = report() | {"phases": [], "records": []}
    text = "\n".join(table.lines(bare))
    assert "no phases" in text
    assert "no floor" in text
    assert "not in this report" in text


def test_latest_may_be_a_link_or_a_text_file(tmp_path):
    """Where links cannot be made `latest` names the folder in a text file."""
    (tmp_path / "r1").mkdir()
    (tmp_path / "latest").write_text("r1\n")
    assert command.latest(tmp_path) == tmp_path / "r1" / "report.json"
    (tmp_path / "latest").unlink()
    (tmp_path / "latest").symlink_to("r1")
    assert command.latest(tmp_path) == tmp_path / "latest" / "report.json"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"kind": KIND, "apiVersion": "kit/v9"})])
def test_a_report_that_cannot_be_read_says_what_to_do(tmp_path, capsys, text):
    """An empty, broken or foreign report is one clear error with the command to type, and exit code 2."""
    path = tmp_path / "report.json"
    path.write_text(text)
    assert command.main(["--report", str(path)]) == 2
    assert "tox -e bench -- --run" in capsys.readouterr().err


def test_the_first_bench_runs_the_dojo_and_keeps_its_exit_code(tmp_path, monkeypatch, capsys):
    """With no run yet pytest is called first; what it did not pass, bench does not pass either."""
    called: list[list[str]] = []
    monkeypatch.setattr(command, "latest", lambda: tmp_path / "report.json")

    def pytest_run(argv: list[str]) -> int:
        called.append(argv)
        (tmp_path / "report.json").write_text(json.dumps(report()))
        return 1

    monkeypatch.setattr(command.subprocess, "call", pytest_run)
    assert command.main(["--solution", "mine"]) == 1
    assert called[0][-3:] == ["conformance/dojo", "--solution", "mine"]
    assert "whole" in capsys.readouterr().out
