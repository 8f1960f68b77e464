"""Flapping and latencies, on records made by hand."""

from __future__ import annotations

import pytest

from fixtures.judge.outcomes import CouldNotTell
from fixtures.judge.verdicts import flapping, latencies
from fixtures.observe.record import Reading, Record


def made(**signals):
    """A record with a reading a second of each signal; None is a failed read."""
    readings = [
        Reading(float(at), signal, value, None if value is not None else "timed out")
        for signal, values in signals.items()
        for at, value in enumerate(values)
    ]
    return Record("by hand", 0.0, 60.0, readings=readings)


@pytest.mark.parametrize(
    ("desired", "turns"),
    [
        ([4, 4, 4], 0),
        ([0, 4, 8, 16, 20], 0),
        ([0, 4, 8, 20, 20, 7, 0], 1),
        ([0, 4, 2, 4, 0], 3),
        ([4, None, 8, None, None, 8, 4], 1),
    ],
)
def test_flapping_counts_turns(desired, turns):
    """Each change of direction counts; standing still and failed reads do not."""
    assert flapping(made(hpa_desired_replicas=desired)) == turns


def test_flapping_of_nothing_is_no_verdict():
    """A count that was never read did not "not flap"."""
    with pytest.raises(CouldNotTell, match="never read"):
        flapping(made(hpa_desired_replicas=[None, None]))


def test_each_stage_is_timed():
    """A rise is timed at every stage, an emptied queue at the metrics only."""
    record = made(
        queue_length=[0, 0, 9, 20, 20, 10, 0, 0, 0, 0],
        redis_key_size=[0, 0, 0, 9, 20, 20, 20, 10, 0, 0],
        adapter_value=[0, 0, 0, 0, 0, 9, 20, 20, 10, 0],
        spec_replicas=[1, 1, 1, 1, 1, 1, 1, 4, 4, 4],
    )
    found = latencies(record)
    assert list(found) == ["redis_key_size", "adapter_value", "spec_replicas"]
    assert found["redis_key_size"].seconds == (1, 2)
    assert (found["adapter_value"].median, found["adapter_value"].worst) == (3, 3)
    assert found["spec_replicas"].seconds == (5,)
    assert [latency.unseen for latency in found.values()] == [0, 0, 0]


def test_old_value_is_not_the_new_rise():
    """A stage that lags behind a draining queue has not seen the next rise by still being high."""
    record = made(queue_length=[90, 60, 30, 200, 190], redis_key_size=[99, 90, 90, 60, 200])
    assert latencies(record)["redis_key_size"].seconds == (1,)


def test_change_that_never_showed_is_counted():
    """A stage that never showed a rise has no latency, and says so."""
    found = latencies(made(queue_length=[0, 5, 5, 5], redis_items_in_queue=[0, 0, 0, 0]))[
        "redis_items_in_queue"
    ]
    assert (found.median, found.worst, found.unseen) == (None, None, 1)


def test_latencies_without_the_queue_are_no_verdict():
    """When the queue was never read there is nothing to measure from."""
    with pytest.raises(CouldNotTell, match="queue_length"):
        latencies(made(adapter_value=[1, 2]))
