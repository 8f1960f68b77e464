"""The oracle on records of pods made by hand: what it holds possible of each pod, and what not."""

from __future__ import annotations

import pytest

from fixtures.judge.budgets import Budget
from fixtures.judge.hpa_arithmetic import HpaSpec, HpaTiming
from fixtures.judge.hpa_model import HpaModel
from fixtures.judge.outcomes import CouldNotTell
from fixtures.observe.record import Reading, Record

TIMING = HpaTiming(sync=5, window=20)
PODS = HpaSpec(target=10, max_replicas=12, source="Pods")
MODEL = HpaModel(PODS, TIMING)


def running(*numbers, **more):
    """Pods of the list that run, with what else is so of them."""
    return {f"pod-{n}": {"ready": True, "started": 0.0, "phase": "Running", **more} for n in numbers}


def pending(*numbers):
    return running(*numbers, ready=False, started=None, phase="Pending")


def values(load, *numbers):
    """A load that these pods share."""
    return {f"pod-{n}": load / len(numbers) for n in numbers}


def made(*pieces, signal="pod_metric"):
    """A record, a reading a second each, of pieces: (seconds, replicas, pods, values of the metric).

    values None: nothing there; a text: a failed read. The same for the pods.
    """
    rows, at = [], 0
    for seconds, replicas, pods, metric in pieces:
        for _ in range(seconds):
            rows += [
                reading(at, "spec_replicas", float(replicas)),
                reading(at, "status_replicas", float(replicas)),
                told(at, "ready_pods", pods, len),
                told(at, signal, metric, lambda found: sum(found.values())),
            ]
            at += 1
    return Record("by hand", 0.0, float(at), readings=rows)


def told(at, signal, found, value):
    if isinstance(found, str):
        return reading(at, signal, None, error=found)
    return reading(at, signal, None if found is None else float(value(found)), detail={"pods": found or {}})


def reading(at, signal, value, **more):
    return Reading(at, signal, value, asked=at - 0.1, **more)


REST = (40, 4, running(0, 1, 2, 3), values(40, 0, 1, 2, 3))


def test_a_violation_tells_of_the_pods():
    """It says how many pods had a value and how many had none."""
    idle = values(15, 1, 2, 3)  # 25 of 40 with the one that has no value: 3
    record = made(REST, (30, 4, running(0, 1, 2, 3), idle), (20, 2, running(0, 1), values(5, 1)))
    (found, *_) = MODEL.violations(record)
    assert (found.at, found.observed, found.allowed) == (70, 2, (3, 4))
    assert "4→2 by +70.0 s" in found.why
    assert "pods: 3 with a value, 1 without" in found.why


def test_what_a_move_made_of_the_pods_does_not_excuse_it():
    """The pods that are deleted with a scale-down were there when it was decided, new ones were not."""
    less = values(24, 1, 2, 3)
    kept = (30, 4, running(0, 1, 2, 3), less)
    deleted = {**running(0, 1), **running(2, 3, deleting=True)}
    assert MODEL.violations(made(REST, kept, (20, 2, deleted, values(16, 1)))), "32 of 40: 4 are asked for"
    more = values(60, 0, 1, 2, 3)
    grown = {**running(0, 1, 2, 3), **pending(4, 5, 6, 7, 8)}
    assert MODEL.violations(made(REST, (3, 4, running(0, 1, 2, 3), more), (20, 9, grown, more)))


def test_pods_that_went_before_a_move_may_be_its_cause():
    """With pods gone by themselves the count follows those that are left."""
    left = (26, 4, running(0, 1), values(8, 0, 1))
    assert MODEL.violations(made(REST, left, (20, 1, running(0), values(8, 0)))) == []


def test_between_two_reads_of_a_pod_either_is_possible():
    """A pod that gets its value while the HPA decides may have had it, or not."""
    at_once = HpaModel(PODS, HpaTiming(sync=5, window=0))
    four = running(0, 1, 2, 3)
    mute = (30, 4, four, values(24, 1, 2, 3))  # 34 of 40 with the one that has no value: 4
    full = (1, 4, four, values(24, 0, 1, 2, 3))  # 24 of 40: 3
    assert at_once.violations(made(REST, mute, full, (20, 3, running(0, 1, 2), values(24, 0, 1, 2)))) == []
    assert at_once.violations(made(REST, mute, full, (3, 4, four, values(24, 1, 2, 3)))) == []
    assert at_once.violations(made(REST, mute, (20, 3, running(0, 1, 2), values(24, 1, 2))))


def test_pending_pods_hold_a_scale_up():
    """Pods on their way take a share of the load: more are wrong while those would do."""
    asked = {**running(0, 1, 2, 3), **pending(4, 5, 6, 7)}
    load = values(80, 0, 1, 2, 3)
    waits = (20, 8, asked, load)
    assert MODEL.violations(made(REST, (4, 4, running(0, 1, 2, 3), load), waits)) == []
    (found,) = MODEL.violations(made(REST, (4, 4, running(0, 1, 2, 3), load), waits, (20, 12, asked, load)))[
        :1
    ]
    assert (found.observed, found.allowed) == (12, (8, 8))
    assert "4 with a value, 4 not ready" in found.why


def test_deleted_pods_and_lingering_values():
    """A deleted pod's value does not count, that of one which is no longer in the list does."""
    two = running(0, 1)
    deleted = {**two, **running(2, deleting=True)}
    busy = {"pod-0": 10.0, "pod-1": 10.0, "pod-2": 50.0}
    begin = (40, 2, two, values(20, 0, 1))
    assert MODEL.violations(made(begin, (30, 2, deleted, busy))) == []
    assert MODEL.violations(made(begin, (30, 2, two, busy))), "23 on average: 5 are asked for"


def test_without_any_value_of_a_pod_the_count_is_frozen():
    """Where no pod that counts has a value nothing may change, and nothing is asked for."""
    mute = (60, 4, pending(0, 1, 2, 3), values(90, 0, 1, 2, 3))
    assert MODEL.violations(made(REST, mute)) == []
    (found, *_) = MODEL.violations(made(REST, mute, (20, 8, pending(0, 1, 2, 3), values(90, 0, 1, 2, 3))))
    assert "frozen" in found.why
    absent = (60, 4, running(0, 1, 2, 3), None)
    assert MODEL.violations(made(REST, absent)) == []
    assert MODEL.violations(made(REST, absent, (20, 1, running(0), None)))


def test_nothing_is_demanded_while_the_pods_cannot_be_read():
    """Being stuck shows where the pods are read; where they are not, they may be the reason."""
    heavy = values(90, 0, 1, 2, 3)
    assert MODEL.violations(made(REST, (40, 4, running(0, 1, 2, 3), heavy)))
    assert MODEL.violations(made(REST, (40, 4, "timed out", heavy))) == []


def test_what_came_back_unseen_may_have_been_any_value():
    """After a time without the metric, a read of ours that fails may have hidden what the HPA acted on."""
    four, all_ = running(0, 1, 2, 3), running(*range(8))
    back = ((10, 4, four, None), (2, 4, four, "timed out"))
    assert MODEL.violations(made(REST, *back, (20, 8, all_, values(72, *range(8))))) == []
    seen = ((10, 4, four, None), (2, 4, four, values(44, 0, 1, 2, 3)))
    assert MODEL.violations(made(REST, *seen, (20, 8, all_, values(44, *range(8)))))


def test_a_peak_that_failed_reads_hid_may_have_been_any_value():
    """Where the pods became more while our reads failed, what they share since then says nothing of before.

    Where they became fewer it does: a failed read is no reason to let pods go.
    """
    four, eight = running(0, 1, 2, 3), running(*range(8))
    after = (20, 8, eight, values(76, *range(8)))
    assert MODEL.violations(made(REST, (2, 4, four, "timed out"), (2, 8, four, "timed out"), after)) == []
    assert MODEL.violations(made(REST, (2, 4, four, values(40, 0, 1, 2, 3)), after))
    fewer = (20, 1, running(0), values(40, 0))
    assert MODEL.violations(made(REST, (2, 4, four, "timed out"), (2, 1, four, "timed out"), fewer))


def test_a_new_value_may_have_been_any_that_a_pod_had():
    """A load is shared anew between two reads: a pod's first value may have been as great as another's."""
    at_once = HpaModel(PODS, HpaTiming(sync=5, window=0))
    four, all_ = running(0, 1, 2, 3), running(*range(7))
    before = (10, 4, four, values(44, 0, 1))  # 22 each, two without: 44 of 40
    shared = (20, 7, all_, values(88, *range(7)))
    assert at_once.violations(made(REST, before, shared)) == []
    assert at_once.violations(
        made(REST, before, (3, 4, four, values(44, 0, 1)), (20, 7, all_, values(44, 0, 1)))
    )


def test_nothing_read_is_no_verdict():
    """A record without the pods, or without what they request, is not judged clean."""
    with pytest.raises(CouldNotTell, match="the pods were never read"):
        MODEL.violations(made((40, 4, "timed out", values(9, 0))))
    with pytest.raises(CouldNotTell, match="metric was never read"):
        MODEL.violations(made((40, 4, running(0), "timed out")))
    usage = made((40, 1, running(0), values(0.1, 0)), signal="pod_usage")
    bare = HpaSpec(target=50, max_replicas=4, source="Resource", kind="Utilization")
    with pytest.raises(CouldNotTell, match="requests was not read"):
        HpaModel(bare, TIMING).violations(usage)
    with pytest.raises(CouldNotTell, match="is not known"):
        HpaModel(bare, TIMING).demand(1)


def test_requests_are_read_of_each_pod():
    """Pods that request unlike amounts are summed up before the share is taken."""
    spec = HpaSpec(target=50, max_replicas=4, source="Resource", kind="Utilization")
    model = HpaModel(spec, HpaTiming(sync=5, window=20, cpu_initialization=0))
    pods = {**running(0, request=0.1), **running(1, request=0.9)}
    calm = (40, 2, pods, {"pod-0": 0.1, "pod-1": 0.4})  # half of all, though pod-0 uses all of its own
    assert model.violations(made(calm, signal="pod_usage")) == []
    assert model.violations(made(calm, (20, 3, pods, {"pod-0": 0.1, "pod-1": 0.4}), signal="pod_usage"))


def test_must_reach():
    """A lasting load that was not followed is a violation, one that was is not."""
    within, load = Budget("scale_to_max", {"steps": 20, "sync": 10}), values(118, 0, 1, 2, 3)
    few, all_ = running(0, 1, 2, 3), running(*range(12))
    reached = made(REST, (5, 4, few, load), (5, 8, few, load), (60, 12, all_, values(118, *range(12))))
    assert MODEL.must_reach(reached, 12, within) == []
    (found,) = MODEL.must_reach(made(REST, (60, 4, few, load)), 12, within)
    assert (found.observed, found.allowed) == (4, (12, 12))
    with pytest.raises(CouldNotTell, match="never asked for 12"):
        MODEL.must_reach(made(REST), 12, within)
