"""The cycle of the adapter in production, and what is judged of it, in small worlds that do something
wrong.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

import pytest

from conformance.event_loop import test_step_05_production as step
from conformance.event_loop.cycle import drive_production
from fixtures.judge import hpa_model
from fixtures.judge.outcomes import CouldNotTell
from tests.unit.event_loop.world import Flaws, Kit
from tests.unit.pod_metric.conftest import Evidence, could_not_tell

SERVED = (step.test_replica_deleted, step.test_drain, step.test_rolling_update)


@lru_cache
def driven(flaws: Flaws) -> tuple[Kit, Any]:
    """A world with these flaws and its cycle: each is driven once."""
    kit = Kit(flaws)
    return kit, drive_production(kit.stage())


def judge(test: Any, **flaws: Any) -> None:
    """Runs a behaviour's test in a world with these flaws."""
    kit, production = driven(Flaws(**flaws))

    def model(hpa: Any) -> Any:
        timing = hpa_model.HpaTiming.of(kit.intervals)
        return hpa_model.HpaModel(hpa_model.HpaSpec.from_object(hpa.raw), timing)

    there = {
        "production": production,
        "intervals": kit.intervals,
        "budgets": kit.budgets,
        "model": model,
        "evidence": Evidence(),
        "could_not_tell": could_not_tell,
    }
    test(**{name: there[name] for name in inspect.signature(test).parameters})


@pytest.mark.parametrize("test", [*SERVED, step.test_replicas_undisturbed, step.test_adapter_down_holds])
def test_an_adapter_run_as_asked_for_passes(test):
    """Two pods, a budget that keeps one, one replaced after the other: everything is judged, and passes."""
    judge(test)


@pytest.mark.parametrize("test", SERVED)
def test_a_single_pod_is_missed(test):
    """With one pod, which takes a while to be replaced, each disturbance leaves an HPA without a value for
    longer than a sync.
    """
    with pytest.raises(AssertionError, match=r"the API gave no value|pods 1 were evicted"):
        judge(test, adapters=1, recreates=True, starts=9.0)


@pytest.mark.parametrize(("lets_go", "evicted"), [(2, 2), (0, 0)])
def test_a_budget_lets_one_go(lets_go, evicted):
    """No budget lets both go, and one that lets none go holds up every drain: neither is right."""
    with pytest.raises(AssertionError, match=f"of 2 pods {evicted} were evicted"):
        judge(step.test_drain, lets_go=lets_go)


def test_a_strategy_that_stops_all_first_is_seen():
    """Both pods at once, then new ones: a rolling update that leaves nobody who answers."""
    judge(step.test_replica_deleted, recreates=True)
    with pytest.raises(AssertionError, match="the API gave no value"):
        judge(step.test_rolling_update, recreates=True)


def test_an_hpa_that_takes_no_value_for_zero_is_seen():
    """Replicas lowered while nothing could be read are no replicas held."""
    with pytest.raises((AssertionError, CouldNotTell)):
        judge(step.test_adapter_down_holds, zero_when_blind=True)


def test_replicas_that_never_come_are_told():
    """Where the load does not bring the replicas no fault is done, and each behaviour says how far it got."""
    for test in SERVED:
        with pytest.raises(AssertionError, match="the cycle never got to"):
            judge(test, never_climbs=True)
    _, production = driven(Flaws(never_climbs=True))
    assert not any(event.kind == "fault" for event in production.record.events)


def test_an_hpa_that_reads_nothing_gets_no_load():
    """Where the HPA never reads its metric the cycle ends before the load."""
    _, production = driven(Flaws(reads=False))
    assert not production.record.has_event("load starts")


def test_the_load_ends():
    """The load is over after the cycle, whatever happened in it."""
    for flaws in (Flaws(), Flaws(never_climbs=True)):
        kit, _ = driven(flaws)
        assert kit.world.load is None
