"""The scenario's own behaviours of steps 3 and 4, over hand-made records that are wrong in one place."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.dojo.judging import Cycle
from conformance.event_loop import names
from conformance.event_loop import test_step_03_adapter as adapter
from conformance.event_loop import test_step_04_hpa as hpa
from conformance.event_loop.conftest import EXPECT
from conformance.pod_metric import names as pods
from fixtures.drive.http_load import Requests
from fixtures.judge.intervals import Intervals
from fixtures.judge.outcomes import CouldNotTell
from fixtures.observe.record import Event, Reading, Record
from tests.unit.pod_metric.conftest import Evidence, could_not_tell

EVENTS = {pods.BELOW: 0, pods.ACTIVE: 5, pods.HELD: 30, pods.ABOVE: 30, pods.AT_MAX: 55, pods.ENDS: 60}
ACTIVE = {"ScalingActive": {"status": "True", "reason": "ValidMetricFound"}}
BLIND = {"ScalingActive": {"status": "False", "reason": "AmbiguousSelector"}}


def state(average: float | None, conditions: Any = ACTIVE) -> dict[str, Any]:
    return {"conditions": conditions, "current_metric": None if average is None else {"average": average}}


def cycle(
    *,
    factor: float = 1.0,
    gone: tuple[int, ...] = (),
    bystander: float = 0.01,
    replicas: float = 2.0,
    conditions: Any = ACTIVE,
) -> Cycle:
    """A load of 15 burns a second from 0 on and of 75 from 30 on, read once a second for a minute."""
    readings = []
    for at in range(2, 60):
        load = 0.75 if at < 32 else 3.75
        value = None if at in gone or at < 6 else load * factor
        readings += [
            Reading(at, names.METRIC, value),
            Reading(at, names.HPA, 2.0 if at < 35 else 6.0, None, state(load / 2)),
            Reading(at, names.SPEC, 2.0 if at < 35 else 6.0),
            Reading(at, names.BYSTANDER_SPEC, 2.0 if at < 45 else replicas),
            Reading(at, names.BYSTANDER_HPA, 2.0, None, state(bystander, conditions)),
        ]
    events = [Event(at, name) for name, at in EVENTS.items()]
    sent = Requests(asked=450, times=[n / 15 for n in range(1, 901)])
    return Cycle(
        Record("event_loop", 0, 60, events=events, readings=readings),
        seen={"below": sent, "above": Requests()},
    )


def judge(test: Any, listed: tuple[str, ...] = (), intervals: Any = None, **wrong: Any) -> None:
    """Runs a behaviour's test with a record that is wrong so."""
    there = {
        "pod_cycle": cycle(**wrong),
        "expect": EXPECT,
        "evidence": Evidence(),
        "could_not_tell": could_not_tell,
        "intervals": intervals or Intervals.exercise().known("here", relist=10, max_age=10),
        "custom_metrics": SimpleNamespace(resources=lambda: list(listed)),
        "solution": SimpleNamespace(has=lambda _piece: True),
        "installation": SimpleNamespace(need=lambda _piece: None),
    }
    test(**{name: there[name] for name in inspect.signature(test).parameters})


OURS = ("namespaces/elu_utilization", "pods/elu_utilization")


@pytest.mark.parametrize(
    "test",
    [
        adapter.test_never_comes_and_goes,
        adapter.test_sum_equals_load,
        adapter.test_relist_covers_scrape,
        hpa.test_own_pods_only,
        hpa.test_scaled_on_its_own,
    ],
)
def test_a_record_as_it_should_be_passes(test):
    """The right values, all there, the bystander at rest."""
    judge(test)


def test_only_the_metric_may_be_listed():
    """The metric for pods and namespaces, or for pods alone, is right; anything beside it is told by its
    name.
    """
    judge(adapter.test_lists_nothing_else, OURS)
    judge(adapter.test_lists_nothing_else, OURS[1:])
    with pytest.raises(AssertionError, match="1 others are listed: pods/up"):
        judge(adapter.test_lists_nothing_else, (*OURS, "pods/up"))


@pytest.mark.parametrize(("relist", "age", "says"), [(1, 1, "looks back 1 s"), (30, 10, "next one is 30 s")])
def test_a_listing_must_look_back_far_enough(relist, age, says):
    """Below the scrape interval it misses samples; below the time to the next listing it forgets in
    between.
    """
    given = Intervals.exercise().known("here", relist=relist, max_age=age)
    with pytest.raises(AssertionError, match=says):
        judge(adapter.test_relist_covers_scrape, intervals=given)


def test_a_metric_that_goes_is_seen():
    """One answer without a value, long after the first: it has come and gone."""
    with pytest.raises(AssertionError, match=r"1 of .* answers had no value"):
        judge(adapter.test_never_comes_and_goes, gone=(40,))


def test_a_metric_that_only_one_of_two_pods_has_listed_may_be_gone_once():
    """Each of the adapter's pods lists for itself: until both have, an answer may be without a value."""
    judge(adapter.test_never_comes_and_goes, gone=(8, 10))


@pytest.mark.parametrize("factor", [0.5, 2, 100])
def test_a_sum_that_is_not_the_load_is_told(factor):
    """Half of it, twice as much, percent for shares: none is the event-loop time that was asked for."""
    with pytest.raises(AssertionError, match="the values add up to"):
        judge(adapter.test_sum_equals_load, factor=factor)


def test_no_sum_without_answers():
    """Too few answers are no mean: it could not be told."""
    with pytest.raises(CouldNotTell):
        judge(adapter.test_sum_equals_load, gone=tuple(range(60)))


def test_an_hpa_that_sees_the_others_load_is_told():
    """The bystander's HPA shows half of what the other service has: it reads more than its own pods."""
    with pytest.raises(AssertionError, match=r"the HPA bystander showed 0.4 for each"):
        judge(hpa.test_own_pods_only, bystander=0.4)


def test_an_hpa_that_is_blind_proves_nothing():
    """A bystander whose HPA can read nothing stays where it is for the wrong reason."""
    with pytest.raises(AssertionError, match=r"could not read its metric: .*AmbiguousSelector"):
        judge(hpa.test_own_pods_only, conditions=BLIND)


def test_a_bystander_that_is_scaled_is_told():
    """Its replicas change though nobody asks it for anything."""
    with pytest.raises(AssertionError, match="while event-loop went to 6 it had"):
        judge(hpa.test_scaled_on_its_own, replicas=4.0)
