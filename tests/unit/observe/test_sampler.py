"""The sampler: failures kept, nobody delayed, an end at once, and waits that never judge."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass

import pytest

from fixtures.observe.errors import ReadFailed
from fixtures.observe.sampler import Recorder
from fixtures.observe.sources import Answer, Read, Source

FAST = 0.005


@dataclass
class Limit:
    seconds: float
    name: str = "a moment"


PLENTY = Limit(10.0, "plenty")


def source(name, ask, *, signals=None, period=FAST) -> Source:
    return Source(name, period, (Read(signals or (name,), ask),))


def steady(name, value=1.0) -> Source:
    return source(name, lambda: {name: Answer(value)})


def failing(name) -> Source:
    def ask():
        raise ReadFailed("GET /x", "connection refused")

    return source(name, ask)


def counting(name) -> Source:
    count = itertools.count()
    return source(name, lambda: {name: Answer(float(next(count)))})


def readings(signal, number):
    return lambda record: len(record.recorded(signal)) >= number


def test_readings_arrive_with_value_detail_and_both_times():
    """A reading has what the source said, when it was asked and when it answered."""
    ticks = itertools.count(100)
    recorder = Recorder(
        [source("a", lambda: {"a": Answer(4.0, {"series": 1})})], clock=lambda: float(next(ticks))
    )
    with recorder.record("load") as live:
        assert live.wait_until(readings("a", 2), PLENTY, "two readings")
    first = live.record.recorded("a")[0]
    assert first.value == 4.0
    assert first.detail == {"series": 1}
    assert first.at == first.asked + 1


def test_a_failing_source_never_yields_a_value():
    """Failed reads are kept as failures with their reason, and nothing else comes of them."""
    recorder = Recorder([failing("a")])
    with recorder.record("load") as live:
        assert live.wait_until(readings("a", 3), PLENTY, "three readings")
    kept = live.record.recorded("a")
    assert all(r.failed and r.value is None for r in kept)
    assert kept[0].error == "GET /x: connection refused"


def test_one_failed_question_fails_all_its_signals_only():
    """A question that fails is a failed read of each signal it stands for; the others go on."""

    def ask():
        raise ReadFailed("hpa", "timed out")

    both = Source("k", FAST, (Read(("d", "c"), ask), Read(("ok",), lambda: {"ok": Answer(1.0)})))
    with Recorder([both]).record("load") as live:
        live.wait_until(readings("ok", 1), PLENTY, "one")
    record = live.record
    assert record.recorded("d").failed()
    assert record.recorded("c").failed()
    assert record.recorded("ok").values() == {1.0}


def test_a_slow_source_delays_no_other():
    """While one source hangs, the others are sampled at their period."""
    release = threading.Event()

    def hang():
        release.wait()
        return {"slow": Answer(1.0)}

    recorder = Recorder([source("slow", hang), steady("quick")])
    with recorder.record("load") as live:
        assert live.wait_until(readings("quick", 5), PLENTY, "five quick ones")
        assert live.latest("slow") is None
    release.set()


def test_stopping_does_not_wait_for_a_read_under_way():
    """The block ends at once; an answer that comes later is not in the record."""
    release = threading.Event()

    def hang():
        release.wait()
        return {"slow": Answer(1.0)}

    with Recorder([source("slow", hang)]).record("load") as live:
        pass
    release.set()
    for thread in live._threads:
        thread.result(timeout=5)
    assert live.record.recorded("slow").last() is None


def test_a_long_period_does_not_hold_up_the_end():
    """A thread that waits for its next read is woken by the end."""
    with Recorder([source("a", lambda: {"a": Answer(1.0)}, period=3600.0)]).record("load") as live:
        live.wait_until(readings("a", 1), PLENTY, "one")
    for thread in live._threads:
        thread.result(timeout=5)


def test_wait_met_is_an_event_and_true():
    """A met wait marks its name, with the budget and the seconds it took."""
    with Recorder([counting("n")]).record("load") as live:
        assert live.wait_until(lambda r: r.recorded("n").maximum() >= 3, PLENTY, "reached 3")
    event = live.record.event("reached 3")
    assert event.kind == "wait"
    assert event.detail["budget"] == "plenty"
    assert 0 <= event.detail["seconds"] < PLENTY.seconds


def test_wait_not_met_is_an_event_and_false():
    """A wait that runs out raises nothing: it marks that it gave up, with the last readings."""
    with Recorder([steady("n", 7.0), failing("f")]).record("load") as live:
        live.wait_until(lambda r: len(r.recorded("n")) and len(r.recorded("f")), PLENTY, "both read")
        assert not live.wait_until(lambda r: False, Limit(0.03), "reached max")
    event = live.record.event("gave up: reached max")
    assert event.detail["last"] == {"n": 7.0, "f": "failed: GET /x: connection refused"}
    assert event.detail["budget_seconds"] == 0.03


def test_wait_over_nothing_read_is_not_met():
    """A condition that refuses to judge because nothing was read does not hold."""
    with Recorder([failing("n")]).record("load") as live:
        assert not live.wait_until(lambda r: r.recorded("n").values() == {0.0}, Limit(0.03), "zero")


def test_wait_with_no_time_left_still_looks_once():
    """A budget of nothing asks the condition once, so what already holds is met."""
    with Recorder([steady("n")]).record("load") as live:
        assert live.wait_until(lambda r: True, Limit(0.0), "at once")
        assert not live.wait_until(lambda r: False, Limit(0.0), "never")


def test_marks_are_events_of_the_driver():
    """A mark is an event with its kind and details, at the recorder's clock."""
    with Recorder([], clock=lambda: 5.0).record("load") as live:
        live.mark("load starts", kind="drive", count=500)
    event = live.record.event("load starts")
    assert (event.at, event.kind, event.detail) == (5.0, "drive", {"count": 500})


def test_only_the_signals_asked_for_are_sampled():
    """A record of some signals leaves the other sources alone; an unknown signal is an error."""
    recorder = Recorder([steady("a"), steady("b")])
    with recorder.record("load", ["a"]) as live:
        live.wait_until(readings("a", 2), PLENTY, "two")
    assert live.record.signals == ["a"]
    with pytest.raises(ValueError, match="no source for z"), recorder.record("load", ["z"]):
        pass


def test_a_record_is_not_to_be_had_before_its_end():
    """The finished record is there only when it is finished; until then there is what so far came."""
    with Recorder([steady("a")]).record("load") as live:
        with pytest.raises(RuntimeError, match="still being sampled"):
            _ = live.record
        assert live.so_far().ended is None
    assert live.record.ended is not None


def test_a_block_that_fails_leaves_its_record():
    """What was sampled until an error is kept for the report, and the error goes on."""
    recorder = Recorder([steady("a")])

    def drive():
        with recorder.record("load") as live:
            live.wait_until(readings("a", 1), PLENTY, "one")
            raise ZeroDivisionError("division by zero")

    with pytest.raises(ZeroDivisionError):
        drive()
    (record,) = recorder.records
    assert record.event("aborted").detail == {"error": "ZeroDivisionError: division by zero"}
    assert record.recorded("a").values() == {1.0}


def test_a_fault_of_the_kit_is_raised_and_ends_the_wait():
    """An error in a source that is no failed read ends the wait at once and is shown."""

    def broken():
        raise AttributeError("typo")

    began = time.monotonic()
    with pytest.raises(AttributeError, match="typo"), Recorder([source("a", broken)]).record("load") as live:
        live.wait_until(lambda r: False, PLENTY, "never")
    assert time.monotonic() - began < PLENTY.seconds


def test_latest_is_the_newest_of_all_records():
    """The live line shows the newest reading, whichever record it is of, and none before the first."""
    recorder = Recorder([counting("n")])
    assert recorder.latest("n") is None
    for name in ("one", "two"):
        with recorder.record(name) as live:
            live.wait_until(readings("n", 2), PLENTY, "two")
    assert recorder.latest("n") == live.record.recorded("n").last()
    assert [r.name for r in recorder.records] == ["one", "two"]


def test_a_record_keeps_the_intervals_in_force_at_its_start():
    """The intervals are asked for when the record begins."""
    intervals = {"scrape": 5.0}
    recorder = Recorder([], lambda: intervals)
    with recorder.record("load") as live:
        intervals["scrape"] = 30.0
    assert live.record.intervals == {"scrape": 5.0}
