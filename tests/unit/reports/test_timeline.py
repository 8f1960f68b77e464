from __future__ import annotations

from reports.chain import chain
from reports.lines import MOST_POINTS
from reports.timeline import MOST_REASONS, MOST_ROWS, sparkline, timeline
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


def hour(value, every=0.5):
    """A record of one hour with one signal, read twice a second; None is nothing there, a text a failure."""
    record = sample.record()
    times = [n * every for n in range(int(3600 / every))]
    found = [value(t) for t in times]
    record["signals"] = {
        "queue_length": {
            "at": [sample.START + t for t in times],
            "value": [None if isinstance(v, str) else v for v in found],
            "error": {str(n): v for n, v in enumerate(found) if isinstance(v, str)},
        }
    }
    return {**record, "ended": sample.START + 3600, "events": []}


def test_an_hour_is_thinned_and_says_so():
    """Of a line too long to draw, each stretch keeps its extremes; all gaps and failed reads stay."""

    def value(t):
        if t % 600 == 0:
            return "timed out"
        if 1000 <= t < 1010:
            return None
        return 5000.0 if t == 1234.5 else -1.0 if t == 2345.5 else float(t % 7 * 10)

    found = timeline(hour(value))
    line = found.lines["queue_length"]
    assert found.thinned == ["queue length"]
    assert MOST_POINTS / 4 < len(line.points) <= MOST_POINTS * 1.05
    assert line.at(1234.5) == 5000
    assert line.at(2345.5) == -1
    assert [t for t, _ in line.failed] == [0, 600, 1200, 1800, 2400, 3000]
    assert all(line.at(t) is None for t in (600.0, 1005.0, 3000.0))
    assert line.at(1010) is not None
    assert sorted(t for t, _ in line.points) == [t for t, _ in line.points]


def test_an_hour_of_little_change_is_not_thinned():
    """A line that steps now and then is drawn as it is, however long it was read."""
    found = timeline(hour(lambda t: float(t // 60)))
    assert found.thinned == []
    assert len(found.lines["queue_length"].points) < 200


def test_reasons_of_failed_reads_do_not_grow_without_end():
    """A thousand different failures are a thousand marks, and some of their reasons."""
    data = timeline(hour(lambda t: f"timed out after {t} s" if t < 1000 else 0.0)).data()
    assert len(data["signals"]["queue_length"]["f"]) == 2000
    assert len(data["messages"]) == MOST_REASONS + 1


def waited(at, name, **detail):
    return {"at": sample.START + at, "name": name, "kind": "wait", "detail": detail}


def test_a_wait_is_shown_in_the_window_its_budget_allowed():
    """It begins where the waiting began; one that gave up took all it had; one met at once is no wait."""
    record = sample.record()
    record["events"] = [
        waited(20, "scaled", seconds=15.0, budget="scale_to_max", budget_seconds=40.0),
        waited(20, "there already", seconds=0.0, budget="x", budget_seconds=40.0),
        waited(90, "gave up: woken", budget="wakes", budget_seconds=51.0, last={"queue_length": "10"}),
        {"at": sample.START + 95, "name": "at max", "kind": "wait", "detail": {}},
    ]
    found = timeline(record)
    assert [(w["name"], w["t"], w["took"], w["allowed"], w["met"], w["row"]) for w in found.waits] == [
        ("scaled", 5.0, 15.0, 40.0, True, 0),
        ("gave up: woken", 39.0, 51.0, 51.0, False, 1),
    ]
    details = [row["detail"] for row in found.rows()]
    assert details[0] == "15.0 s of the 40 s allowed (scale_to_max)"
    assert details[2].startswith("not within the 51 s allowed (wakes), last")


def test_too_many_waits_are_counted_not_drawn():
    """A record of an hour has more waits than rows; what is not drawn is said and is in the table."""
    record = sample.record()
    record["events"] = [waited(n + 1, f"wait {n}", seconds=1.0, budget_seconds=500.0) for n in range(30)]
    found = timeline(record)
    assert found.not_drawn == 30 - MOST_ROWS
    assert len(found.data()["waits"]) == MOST_ROWS
    assert len(found.rows()) == 30


def test_a_fault_lasts_until_the_next_event_about_the_same_thing():
    """Two faults of different things do not end each other; one never undone lasts to the record's end."""
    record = sample.record()
    record["events"] = [
        {"at": sample.START + t, "name": name, "kind": "fault", "detail": {"what": what}}
        for t, name, what in ((10, "down", "exporter"), (20, "down", "redis"), (30, "restored", "exporter"))
    ]
    assert timeline(record).faults == [
        {"from": 10.0, "to": 30.0, "name": "exporter"},
        {"from": 20.0, "to": 200.0, "name": "redis"},
    ]


def test_a_metric_of_the_pods_is_drawn():
    """A record of a pod-metric scenario has the pods' metric beside the replicas, and no queue."""
    record = sample.record()
    signals = record["signals"]
    replicas = {name: signals[name] for name in ("status_replicas", "ready_replicas")}
    pods = dict.fromkeys(("pod_series", "pod_metric"), signals["adapter_value"])
    found = timeline({**record, "signals": {**replicas, **pods}})
    assert list(found.lines) == [*replicas, *pods]
