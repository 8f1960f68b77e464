from __future__ import annotations

from dataclasses import fields

import pytest

from fixtures.judge.intervals import Intervals
from reports.chain import _hpa_metric, chain, seen, without_fault
from tests.unit.reports import sample

# As the exercise sets them; the rest is upstream's.
INTERVALS = {**Intervals.exercise().seconds()}


def columns(points, detail=None):
    return {
        "at": [sample.START + t for t, _ in points],
        "value": [v for _, v in points],
        "error": {},
        "detail": detail or [],
    }


def following(cause, late, *, until=100, every=1.0):
    """Readings of a stage that shows, each second, what `cause` was `late` seconds before."""
    return [(t * every, cause(max(0.0, t * every - late))) for t in range(int(until / every))]


def record(late=3.0, **more):
    """A queue that jumps to 100 at 20 s and drains, each stage `late` seconds behind the one before."""

    def queue(t):
        return 0.0 if t < 20 else max(0.0, 100.0 - 2 * (t - 20))

    average = [[n, {"current_metric": {"averageValue": f"{queue(n - 3 * late):g}"}}] for n in range(100)]
    signals = {
        "queue_length": columns(following(queue, 0, every=0.5)),
        "redis_key_size": columns(following(lambda t: queue(t - t % 5), 0)),
        "redis_items_in_queue": columns(following(lambda t: queue(t - t % 5), late)),
        "adapter_value": columns(following(lambda t: queue(t - t % 5), 2 * late)),
        "hpa_desired_replicas": columns(following(lambda t: 4.0 if t >= 30 else 1.0, 0), average),
        "hpa_current_replicas": columns(following(lambda t: 1.0, 0)),
        "ready_replicas": columns(following(lambda t: 4.0 if t >= 36 else 1.0, 0)),
    }
    return {**sample.record(), "events": [], "signals": signals, "intervals": INTERVALS, **more}


def by_name(records):
    return {link.name: link for link in chain(records)}


def test_each_link_and_each_stage_from_the_queue_on_is_measured():
    """The links are those of the chain in its order; a stage that is 3 s behind is measured as that."""
    found = by_name([record()])
    assert list(found) == [
        "queue → Prometheus",
        "Prometheus → rule",
        "queue → rule",
        "rule → adapter",
        "queue → adapter",
        "adapter → HPA",
        "queue → HPA",
        "HPA → replicas",
        "queue → replicas",
    ]
    for name in ("Prometheus → rule", "rule → adapter"):
        assert found[name].median == pytest.approx(3.0, abs=0.6)
    assert found["queue → adapter"].median > found["queue → rule"].median > found["queue → Prometheus"].median
    assert found["HPA → replicas"].worst == pytest.approx(6.0, abs=0.6)
    assert found["queue → replicas"].worst == pytest.approx(16.0, abs=1.0)


def test_a_scrape_every_five_seconds_is_late_by_up_to_five():
    """Every change of the queue counts, not only those that a scrape happened to catch."""
    link = by_name([record()])["queue → Prometheus"]
    assert link.changes > 50
    assert 2.0 < link.median < 3.5
    assert 4.5 < link.worst < 6.5


def test_the_budget_is_the_suites_own():
    """A stage is compared with the budget the behaviours use, a link with what its stage adds to it."""
    found = by_name([record()])
    assert found["queue → Prometheus"].budget == "scrape 5 s + query 1 s + machine 5 s = 11 s"
    assert found["Prometheus → rule"].budget == "evaluation 5 s + machine 5 s = 10 s"
    assert (found["queue → rule"].allowed, found["queue → rule"].late) == (16.5, 0)


def test_what_is_late_is_counted():
    """A stage slower than its budget is named late, as often as it was."""
    late = by_name([record(late=12.0)])["Prometheus → rule"]
    assert late.allowed == 10.0
    assert 0 < late.late <= late.changes


def test_a_change_is_compared_with_the_budget_of_its_own_record():
    """Two records with different intervals give a range, and each change is judged by its own."""
    slow = record(late=12.0, intervals={**INTERVALS, "evaluation": 30.0})
    link = by_name([record(), slow])["Prometheus → rule"]
    assert (link.allowed, link.most, link.late) == (10.0, 45.0, 0)


def test_without_intervals_nothing_is_compared():
    """A record that does not know its intervals gives latencies and no budget."""
    link = by_name([record(intervals={"scrape": 5.0})])["queue → Prometheus"]
    assert (link.allowed, link.late, link.budget) == (None, 0, "")
    assert {each.name for each in fields(Intervals)} == set(INTERVALS)


def test_records_with_a_fault_are_left_out():
    """How long the chain takes to recover is not how long it takes."""
    assert without_fault([sample.record()]) == []
    assert chain([sample.record()]) == []


def test_a_value_that_stays_gives_no_latency_twice():
    """A plateau is timed from when it was reached, not from when it was last seen."""
    cause = [(0.0, 0.0), (1.0, 40.0), (2.0, 40.0), (9.0, 40.0)]
    assert seen(cause, [(0.0, 0.0), (3.0, 0.0), (6.0, 40.0)]) == [5.5]


def test_a_change_while_the_stage_was_not_read_is_left_out():
    """Where our own reads failed for long, the time says how blind we were, not how late the chain was."""
    cause = [(float(t), 0.0 if t < 10 else 40.0) for t in range(40)]
    assert seen(cause, [(float(t), 0.0) for t in range(9)] + [(30.0, 40.0)]) == []


def test_a_stage_read_just_before_its_cause_is_not_taken_for_late():
    """Both are read once a second in any order: what the later reading shows may have been there before."""
    cause = [(float(t), 0.0 if t < 10 else 40.0) for t in range(40)]
    effect = [(t - 0.1, 0.0 if t < 10 else 40.0) for t in range(40)]
    assert seen(cause, effect, exact=True) == [0.4]


def test_what_the_hpa_read_is_its_average_times_its_replicas():
    """A status with an average is turned into the metric's value; the garbage of 0 replicas is no value."""
    read = record()
    details = ("22500m", "-9223372036854775808m", "15")
    read["signals"]["hpa_desired_replicas"] = columns(
        [(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (3.0, 1.0)],
        [[n, {"current_metric": {"averageValue": text}}] for n, text in enumerate(details)],
    )
    read["signals"]["hpa_current_replicas"] = columns([(0.0, 2.0), (1.0, 0.0), (2.0, 3.0), (3.0, 3.0)])
    assert [v for _, v in _hpa_metric(read)] == [45.0, 45.0, 45.0]
