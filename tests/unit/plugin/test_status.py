"""The drawn lines themselves, and where the expected times come from."""

from __future__ import annotations

import json

import pytest

from fixtures.terminal.expected import STEPS, TABLE, Expected, clock
from fixtures.terminal.status import SPARKS, Status, Trace, lines, sparks


def plain(status: Status, expected: Expected | None = None) -> list[str]:
    return [line.plain for line in lines(status, expected or Expected())]


def test_a_beginning_is_one_line() -> None:
    """Before anything goes on there is the time and how much is to be judged."""
    assert plain(Status(0.4, 53)) == ["00:00  0 of 53"]


def test_progress_names_whose_expectation_it_is() -> None:
    """Elapsed against expected, and who expects that; each outcome by sign, number and word."""
    status = Status(192.0, 53, {"passed": 29, "failed": 1})
    expected = Expected(338.0, {}, "last run")
    assert plain(status, expected) == ["03:12 of about 05:38 (last run)  30 of 53  ✓ 29 passed  ✗ 1 failed"]


def test_a_late_run_is_not_said_to_end_before_now() -> None:
    """Past what was expected it is only said what that was: a first run builds all images."""
    assert plain(Status(730.0, 53), Expected(340.0, {}, "usual")) == ["12:10, usual: 05:40  0 of 53"]


def test_a_phase_says_more_than_the_behaviour_that_waits_for_it() -> None:
    """The innermost phase is shown; without one the behaviour, and what happens in its cycle."""
    status = Status(9.0, 1, doing=[("bundle", 9.0), ("cluster", 8.0)], behaviour="dojo.01.tools")
    assert plain(status, Expected(None, {"cluster": 30.0}))[1] == "cluster  00:08 of about 00:30"
    status = Status(9.0, 1, behaviour="dojo.09.target", behaviour_seconds=1.0, cycle="load: at max")
    assert plain(status)[1] == "dojo.09.target  load: at max"


def test_a_dead_cluster_takes_the_line() -> None:
    """Nothing is more important then."""
    status = Status(9.0, 1, behaviour="dojo.01.tools", lost="the cluster stopped answering at 05:00:00 UTC")
    assert plain(status)[1] == "the cluster stopped answering at 05:00:00 UTC"


def test_readings_with_sparklines_stand_first() -> None:
    """A narrow terminal cuts the end: queue and replicas are at the beginning; – is what nobody knows."""
    traces = {"queue": Trace(470.0, [470.0]), "metric": Trace(), "ready": Trace(8.0, [8.0])}
    status = Status(9.0, 1, readings=traces)
    assert plain(status)[-1] == f"queue 470 {'·' * 10}█  ready   8 {'·' * 7}█  metric –"


@pytest.mark.parametrize(
    ("cells", "shown"),
    [([], "····"), ([1, 2, None, 8], "▁▂·█"), ([8, 4], "··█▄"), ([8.0] * 90, "████"), ([0, 0], "··▁▁")],
)
def test_sparks(cells, shown) -> None:
    """From 0 to the greatest value shown; a gap stays a gap; only the newest that fit."""
    assert sparks(cells, 4) == shown


def test_every_line_fits_an_ordinary_terminal() -> None:
    """With all there is to say of a load the readings keep within 79 cells."""
    trace = Trace(470.0, [470.0] * 60)
    names = [*SPARKS, "metric", "adapter", "desired"]
    assert len(plain(Status(9.0, 53, readings=dict.fromkeys(names, trace)))[-1]) <= 79


def written(root, *, seconds=100.0, outcome="conformant", interrupted="", asked=2):
    folder = root / "latest"
    folder.mkdir(parents=True)
    behaviours = [{"id": f"dojo.01.{name}", "seconds": 7.0} for name in ("one", "two")]
    run = {"seconds": seconds, "outcome": outcome, "interrupted": interrupted, "asked": asked}
    found = {"run": run, "behaviours": behaviours, "phases": [{"name": "cluster", "seconds": 44.0}]}
    (folder / "report.json").write_text(json.dumps(found))


def test_the_last_run_of_the_same_behaviours_is_expected(tmp_path) -> None:
    """Its whole, its phases and its behaviours."""
    written(tmp_path)
    expected = Expected.find(tmp_path, ["dojo.01.two", "dojo.01.one"])
    assert expected.said_whole() == "about 01:40 (last run)"
    assert (expected.of("cluster"), expected.of("dojo.01.one"), expected.of("nobody")) == (44.0, 7.0, 0.0)


@pytest.mark.parametrize(
    "last", [{"outcome": "running"}, {"interrupted": "SIGINT"}, {"asked": 3}, {"outcome": "conformant"}]
)
def test_else_a_table_is(tmp_path, last) -> None:
    """A run that did not end, or judged others, says nothing of the whole; the steps asked for do."""
    written(tmp_path, **last)
    expected = Expected.find(tmp_path, ["dojo.01.one", "dojo.09.target"])
    before = TABLE["engine"] + TABLE["bundle"] + TABLE["cluster"]
    assert expected.whole == before + STEPS["dojo.01"] + STEPS["dojo.09"]
    assert "(usual)" in expected.said_whole()


def test_nobody_knows_an_unknown_scenario(tmp_path) -> None:
    """No estimate is better than a wrong one, and a broken report is no error."""
    (tmp_path / "latest").mkdir()
    (tmp_path / "latest" / "report.json").write_text("{")
    assert Expected.find(tmp_path, ["nowhere.01.one"]).said_whole() == ""


def test_clock() -> None:
    """Minutes and seconds; hours when there are some."""
    assert [clock(seconds) for seconds in (0, 75, 3700)] == ["00:00", "01:15", "1:01:40"]
