from __future__ import annotations

from reports.chain import chain, latencies
from reports.timeline import sparkline, timeline
from reports.validate import validate
from tests.unit.reports import sample


def test_failed_and_absent_reads_are_gaps():
    """Where reads failed or found nothing the line has no value, and each is marked as what it is."""
    found = timeline(sample.record())
    adapter, recorded = found.lines["adapter_value"], found.lines["redis_items_in_queue"]
    assert adapter.at(160) is None
    assert recorded.at(160) is None
    assert adapter.at(149.5) == 0
    assert adapter.at(180) == 0
    assert len(adapter.failed) == 51
    assert adapter.absent == []
    assert recorded.failed == []
    assert len(recorded.absent) == 51
    assert found.failures == {"adapter value": 51}


def test_time_without_a_reading_is_a_gap():
    """A source that was silent for 20 s is not joined across."""
    ready = timeline(sample.record()).lines["ready_replicas"]
    assert ready.at(110) is None
    assert ready.at(121) == 0


def test_thinning_loses_no_value():
    """Leaving out the middle of equal runs changes the value at no sampled moment."""
    record = sample.record()
    queue = timeline(record).lines["queue_length"]
    columns = record["signals"]["queue_length"]
    assert len(queue.points) < len(columns["at"]) / 2
    for at, value in zip(columns["at"], columns["value"], strict=True):
        assert queue.at(at - sample.START) == value


def test_a_value_that_is_no_number_is_a_gap():
    """NaN and infinities come as strings and are never drawn as a number."""
    record = sample.record()
    record["signals"]["adapter_value"]["value"][2] = "nan"
    assert timeline(record).lines["adapter_value"].at(1.0) is None


def test_the_events_table_has_the_readings_of_each_moment():
    """The table says what each signal showed when something happened; a gap is a dash."""
    rows = timeline(sample.record()).rows()
    assert [r["clock"] for r in rows][:2] == ["0:10.0", "0:36.0"]
    assert rows[1]["values"][-1] == "20"
    assert "–" in rows[4]["values"]


def test_a_record_without_readings_is_drawn_empty():
    """A record that was cut before its first reading is no error."""
    empty = {"name": "cut", "started": 5.0, "ended": None, "events": [], "signals": {}}
    assert timeline(empty).seconds == 0
    assert chain([empty]) == []


def test_latency_is_from_the_change_to_its_first_sight():
    """A later signal that shows each value 3 s after the earlier one has a latency of 3 s."""
    cause = [(float(t), 0.0 if t < 10 else 100.0 - t) for t in range(60)]
    effect = [(t + 3.0, v) for t, v in cause]
    found = latencies(cause, effect)
    assert found
    assert max(abs(d - 3.0) for d in found[1:]) < 1.0


def test_a_value_that_stays_gives_no_latency_twice():
    """A plateau is timed from when it was reached, not from when it was last seen."""
    cause = [(0.0, 0.0), (1.0, 40.0), (2.0, 40.0), (9.0, 40.0)]
    assert latencies(cause, [(0.0, 0.0), (6.0, 40.0)]) == [5.0]


def test_the_chain_names_its_links_with_their_intervals():
    """Each measured link has median and worst, and the intervals in force where they are known."""
    links = {link.name: link for link in chain([sample.record()])}
    link = links["queue length → exporter's key size"]
    assert 0 < link.median <= link.worst
    assert link.allowed == 5.0


def test_a_sparkline_has_one_character_a_value():
    """Zero is the lowest block, the largest value the highest."""
    assert sparkline([0, 5, 10]) == "▁▄█"
    assert sparkline([]) == ""


def test_a_record_of_the_observe_room_is_taken_as_it_is():
    """What Record.to_dict gives follows the report's schema and is drawn with its gaps."""
    from fixtures.observe.record import Event, Reading, Record

    readings = [
        Reading(at=1.0, asked=0.9, signal="queue_length", value=40.0, detail={"a": 1}),
        Reading(at=2.0, signal="queue_length", value=None),
        Reading(at=3.0, signal="queue_length", value=None, error="timed out"),
        Reading(at=4.0, signal="adapter_value", value=float("nan")),
    ]
    events = [Event(1.5, "load starts")]
    record = Record(
        "load", started=0.0, ended=5.0, events=events, readings=readings, intervals={"scrape": 5.0}
    ).to_dict()
    validate(sample.report(records=[record]).to_dict())
    queue = timeline(record).lines["queue_length"]
    assert (queue.at(1.0), queue.at(2.0)) == (40.0, None)
    assert (queue.absent, queue.failed) == ([2.0], [(3.0, "timed out")])
