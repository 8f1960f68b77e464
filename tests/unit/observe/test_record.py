"""Records and series: what may be concluded from what was read."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.observe import Event, NothingRead, ReadFailed, Reading, Record, Series
from fixtures.observe.columns import pack


def series(*values: float | str | None, step: float = 1.0) -> Series:
    """Readings ``step`` apart from second 0 on; a text is the reason of a failed read."""
    return Series("s", [reading(i * step, v) for i, v in enumerate(values)])


def reading(at: float, value: float | str | None, signal: str = "s") -> Reading:
    if isinstance(value, str):
        return Reading(at, signal, None, error=value)
    return Reading(at, signal, value)


def test_a_reading_is_failed_absent_or_present():
    """A reading is exactly one of the three, and asked when it arrived unless it says otherwise."""
    for value, kind in ((1.0, "present"), (0.0, "present"), (None, "absent"), ("timed out", "failed")):
        found = reading(5.0, value)
        assert [k for k in ("present", "absent", "failed") if getattr(found, k)] == [kind]
        assert found.asked == 5.0


def test_a_failed_read_can_not_have_a_value():
    """Nobody can make a reading that failed and yet has a value."""
    with pytest.raises(ValueError, match="a failed read has no value"):
        Reading(0.0, "s", 0.0, error="timed out")


def test_values_leave_out_what_failed_and_what_was_absent():
    """Only what was really read counts as a value."""
    assert series(1.0, "timed out", 2.0, None, 1.0).values() == {1.0, 2.0}


@pytest.mark.parametrize("readings", [(), ("timed out",), ("refused", "timed out")])
def test_values_refuse_when_no_read_succeeded(readings):
    """With no successful read there is no set of values: an empty one would make every claim true."""
    with pytest.raises(NothingRead, match="no read in"):
        series(*readings).values()


def test_nothing_read_names_the_signal_and_the_last_failure():
    """The error says which signal, how many reads, and why the last one failed."""
    with pytest.raises(NothingRead, match=r"s: no read in 2 readings .*2 failed.*timed out"):
        series("refused", "timed out").values()


def test_nothing_read_is_a_failed_read():
    """Who catches failed reads catches a judgement over none, too."""
    assert issubclass(NothingRead, ReadFailed)


def test_absent_throughout_is_an_answer():
    """Reads that worked and found nothing give no values, and no error."""
    assert series(None, None).values() == set()


@pytest.mark.parametrize("ask", [Series.minimum, Series.maximum, Series.longest_gap])
@pytest.mark.parametrize("readings", [(), ("timed out",), (None, None)])
def test_extremes_and_gaps_refuse_without_a_value(ask, readings):
    """There is no extreme and no gap where there was no value."""
    with pytest.raises(NothingRead):
        ask(series(*readings))


def test_extremes():
    """The least and the greatest value that were read."""
    found = series(3.0, "timed out", 9.0, None, -1.0)
    assert (found.minimum(), found.maximum()) == (-1.0, 9.0)


def test_steps_are_the_changes():
    """Steps are the first value and each change, with its time; failures and absences make no step."""
    assert series(0.0, 0.0, "x", 4.0, None, 4.0, 0.0).steps() == [(0.0, 0.0), (3.0, 4.0), (6.0, 0.0)]


def test_longest_gap_spans_what_failed_and_what_was_absent():
    """The gap is between values: failed and absent readings do not fill it."""
    assert series(1.0, "x", None, 1.0, 1.0).longest_gap() == 3.0


def test_longest_gap_needs_two_values():
    """One value has no gap beside it."""
    with pytest.raises(NothingRead, match="second reading"):
        series(1.0).longest_gap()


def test_longest_gap_within_counts_the_ends():
    """With the window's ends, a series that stops early or starts late has a gap there."""
    assert series(1.0, 1.0).longest_gap(within=(0.0, 30.0)) == 29.0
    assert series("x", "x", 1.0).longest_gap(within=(-5.0, 2.0)) == 7.0


def test_at_is_the_latest_reading_by_then():
    """at(t) is what was known at t, a failure included; before the first reading it is nothing."""
    found = series(1.0, "x", 2.0)
    assert found.at(-0.1) is None
    assert found.at(1.5).failed
    assert found.at(2.0).value == 2.0
    assert found.present().at(1.5).value == 1.0


def test_first_where_skips_what_has_no_value():
    """A predicate over values never meets a failed or absent reading."""
    assert series("x", None, 1.0, 5.0).first_where(lambda r: r.value >= 2).at == 3.0
    assert series("x", None).first_where(lambda r: r.value >= 2) is None


def test_last_and_slices():
    """A series is a sequence: it has a last reading, a length, and slices that are series."""
    found = series(1.0, 2.0, 3.0)
    assert found.last().value == 3.0
    assert series().last() is None
    assert isinstance(found[1:], Series)
    assert found[1:].values() == {2.0, 3.0}
    assert len(found) == 3


def test_readings_are_put_in_order_of_time():
    """However they were handed in, readings and events are in order of time."""
    record = Record("r", readings=[reading(2, 2.0), reading(1, 1.0)], events=[Event(5, "b"), Event(4, "a")])
    assert record.recorded("s").numbers() == [(1, 1.0), (2, 2.0)]
    assert [e.name for e in record.events] == ["a", "b"]


def cycle() -> Record:
    return Record(
        "outage",
        0.0,
        10.0,
        events=[Event(2.0, "down", "fault"), Event(5.0, "back", "fault")],
        readings=[reading(float(t), float(t)) for t in range(11)],
        intervals={"scrape": 5.0},
    )


def test_between_takes_events_names_and_seconds():
    """A view may be cut at an event, its name or a time; ends are in it."""
    record = cycle()
    assert record.between("down", "back").recorded("s").values() == {2.0, 3.0, 4.0, 5.0}
    assert record.between(record.event("down"), 3.0) == record.between(2.0, 3.0)
    assert record.after("back").recorded("s").minimum() == 5.0
    assert record.after("back").ended == 10.0
    assert [e.name for e in record.between(1.0, 3.0).events] == ["down"]
    assert record.between("down", "back").intervals == {"scrape": 5.0}


def test_between_leaves_out_an_answer_that_was_under_way():
    """A reading asked for before the event and answered after it may show what was before."""
    record = Record("r", events=[Event(2.0, "down")], readings=[Reading(2.1, "s", 40.0, asked=1.9)])
    with pytest.raises(NothingRead):
        record.after("down").recorded("s").values()


def test_between_refuses_a_reversed_window():
    """An empty window by mistake must not pass for one in which nothing bad happened."""
    with pytest.raises(ValueError, match="is 3 s before"):
        cycle().between("back", "down")


def test_unknown_event_names_the_events_there_are():
    """A misspelt event shows the right names."""
    with pytest.raises(KeyError, match=r"no event 'up' in record 'outage'; its events: 'down', 'back'"):
        cycle().event("up")
    assert not cycle().has_event("up")
    assert cycle().has_event("down")


def test_an_unsampled_signal_judges_nothing():
    """A signal that was never sampled gives an empty series, which refuses to be judged."""
    with pytest.raises(NothingRead, match="nowhere"):
        cycle().recorded("nowhere").values()


texts = st.text(max_size=8)
numbers = st.floats(allow_nan=False)
details = st.dictionaries(
    texts, st.one_of(texts, st.integers(), st.none(), st.dictionaries(texts, texts)), max_size=2
)


@st.composite
def some_readings(draw) -> Reading:
    at, took = draw(st.floats(0, 1e10)), draw(st.sampled_from([0.0, 0.25]))
    error = draw(st.none() | texts)
    value = None if error is not None else draw(st.none() | numbers)
    signal = draw(st.sampled_from(["a", "b", "c"]))
    return Reading(at, signal, value, error, draw(details), at - took)


@settings(max_examples=40, deadline=None)
@given(
    readings=st.lists(some_readings(), max_size=12),
    events=st.lists(st.builds(Event, st.floats(0, 1e10), texts, texts, details), max_size=4),
    ended=st.none() | st.floats(0, 1e10),
    intervals=st.dictionaries(texts, st.floats(0, 1e6), max_size=3),
)
def test_records_survive_json(readings, events, ended, intervals):
    """Any record written as strict JSON and read again is the same record."""
    record = Record("r", 1.5, ended, events=events, readings=readings, intervals=intervals)
    text = json.dumps(record.to_dict(), allow_nan=False)
    assert Record.from_dict(json.loads(text)) == record


def test_a_metric_that_is_not_a_number_survives_json():
    """NaN is an answer that Prometheus can give; it stays one."""
    record = Record("r", readings=[reading(1.0, math.nan)])
    text = json.dumps(record.to_dict(), allow_nan=False)
    assert math.isnan(Record.from_dict(json.loads(text)).recorded("s")[0].value)


def test_columns_are_compact():
    """Repeated details and times are written once; a failure stands at its index."""
    rows = [
        Reading(1.0, "s", 2.0, detail={"series": 1}),
        Reading(2.0, "s", None, error="timed out", detail={"series": 1}),
        Reading(3.0, "s", None),
    ]
    assert pack(rows) == {
        "at": [1.0, 2.0, 3.0],
        "value": [2.0, None, None],
        "error": {"1": "timed out"},
        "detail": [[0, {"series": 1}], [2, {}]],
    }
