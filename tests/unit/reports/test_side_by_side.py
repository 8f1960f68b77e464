"""The table of two runs' reactions to their loads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reports.__main__ import main
from reports.errors import ReportError
from reports.model import Report
from reports.side_by_side import _event, _requests, compared, reaction
from reports.write import write_all

from .sample import HOSTILE, START, behaviour, report


def columns(points: list[tuple[float, float]], detail: dict[str, Any] | None = None) -> dict[str, Any]:
    """A signal that was read every second for 100 s and had these values from these seconds on."""
    times = [float(t) for t in range(100)]
    values = [[value for at, value in points if at <= t][-1] for t in times]
    return {
        "at": [START + t for t in times],
        "value": values,
        "error": {},
        "detail": [[0, detail or {}]],
    }


def run(scenario: str = "cpu", *, events: list[tuple[float, str, dict[str, Any]]] | None = None) -> Report:
    """A load of 20 a second from 10 s to 60 s: 2, then 4 at 32 s and 6 at 37 s, 5 from 50 s, 2 from 85 s."""
    marks = events if events is not None else [(10, "load starts", {"per_second": 20}), (60, "load ends", {})]
    spec = [(0, 2.0), (32, 4.0), (37, 6.0), (50, 5.0), (85, 2.0)]
    record = {
        "name": "load",
        "started": START,
        "ended": START + 100,
        "intervals": {},
        "events": [
            {"at": START + at, "name": name, "kind": "drive", "detail": detail} for at, name, detail in marks
        ],
        "signals": {
            "spec_replicas": columns(spec),
            "ready_replicas": columns([(at + (2 if at else 0), value) for at, value in spec]),
            "hpa_desired_replicas": columns([(0, 2.0), (31, 4.0), (36, 6.0)], {"max": 6, "min": 2}),
        },
    }
    made = report([behaviour("09.follows-model")], [record])
    return replace(made, run=replace(made.run, scenario=scenario, id=f"20261122T023000Z-{scenario}"))


def test_each_moment_is_counted_from_the_load():
    """Decision, scale-up, Ready, peak: from the load's start; the way down: from its end."""
    found = reaction(run())
    assert (found.before, found.peak, found.settled, found.after, found.allowed) == (2, 6, 5, 2, 6)
    assert (found.decided, found.more, found.ready, found.to_max) == (21.0, 22.0, 24.0, 29.0)
    assert found.to_min == 25.0
    assert found.overshoot == 1
    assert found.kept == pytest.approx(3 * 27)  # five were Ready until 87 s, and two are to stay


def test_a_load_without_an_end_has_no_way_down():
    """What a run did not show is a dash, not a number."""
    made = run(events=[(10, "load starts", {"items": 470})])
    found = reaction(made)
    assert (found.to_min, found.kept, found.overshoot, found.after) == (None, None, None, None)
    assert "| load ends → the least replicas | – (–) |" in compared([made])


def test_a_later_load_is_not_taken_for_this_one():
    """The dojo wakes its consumers once more after the load: what happens then is another reaction."""
    marks = [(10, "load starts", {}), (40, "queue drained", {}), (45, "items for nobody", {})]
    found = reaction(run(events=marks))
    assert (found.after, found.to_min) == (6, 0.0)


def test_a_run_without_a_load_is_an_error():
    """Two runs of which one drove nothing cannot be compared; the message names it."""
    with pytest.raises(ReportError, match="20261122T023000Z-cpu: no record has an event 'load starts'"):
        reaction(run(events=[]))


def test_names_cannot_break_the_table():
    """A scenario's name comes from a file: nothing in it is Markdown or HTML."""
    table = compared([run(), replace(run(), run=replace(run().run, scenario=HOSTILE))])
    assert "<script" not in table
    assert all(line.count(" |") == 3 for line in table.replace("\\|", "").splitlines()[2:])


def test_the_entry_writes_the_table_beside_the_second_run(tmp_path, capsys):
    """`python -m reports side-by-side RUN RUN` prints the table and keeps it."""
    folders = [tmp_path / name for name in ("cpu", "shopfront")]
    for folder in folders:
        write_all(run(folder.name), folder)
    assert main(["side-by-side", *map(str, folders)]) == 0
    printed = capsys.readouterr().out
    assert "| load | 20 a second | 20 a second |" in printed
    assert (folders[1] / "side-by-side.md").read_text(encoding="utf-8") in printed


def test_requests_are_shown_where_they_were_counted():
    """What the API server was asked to write is told by the run's own mark; without one there is a dash."""
    told = {"events": [{"name": "API requests", "at": 5.0, "detail": {"hpa_writes": 9, "scale_writes": 4}}]}
    assert _requests(_event(told, ("API requests",), 1.0)) == "9 hpa writes, 4 scale writes"
    assert _requests(None) == ""
