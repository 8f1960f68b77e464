"""Step 7: after the load, nothing; and awake again."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo import names as dojo
from conformance.dojo.judging import CLOCKS, part, reached, zero_for_good

from . import limits, names, reading
from .judging import cooled
from .test_step_06_load import UP

DOWN = "keda.07.returns-to-zero"


@behaviour(
    DOWN,
    feature="scale-to-zero",
    needs=("keda.06.queue-drains",),
    hint="What keeps consumers there after the queue is empty: the HPA's window, the cooldown, or a minimum?",
    look="minReplicaCount and cooldownPeriod of the ScaledObject, its condition Active, its events, and the "
    "operator's log: is it cooling down, paused, or held by an annotation?",
    read=reading.COOLDOWN,
)
def test_returns_to_zero(load_cycle: Any, budgets: Any, evidence: Any) -> None:
    """After the load no consumer is left, in the time that metric, cooldown and polls take."""
    record, budget = load_cycle.record, limits.to_zero(budgets)
    evidence.record(record)
    evidence.budget(budget)
    drained, gone = reached(record, "queue drained"), reached(record, "none is asked for")
    took = gone.at - drained.at
    evidence.budget(budget, took)
    evidence.record(record.between(drained, gone))
    evidence("down", "from the empty queue to no replica", f"{took:.1f} s; {budget}")
    assert took <= budget.seconds, f"it took {took:.1f} s; {budget} are allowed"


@behaviour(
    "keda.07.not-before-cooldown",
    feature="scale-to-zero",
    needs=(UP,),
    hint="How long has nothing been to do when the last consumers go?",
    look="spec.cooldownPeriod, and status.lastActiveTime beside the moment at which the replicas become 0.",
    read=reading.COOLDOWN,
)
def test_not_before_cooldown(load_cycle: Any, evidence: Any) -> None:
    """After the load, too, all consumers are not gone before the cooldown has passed since the last poll that
    found work.
    """
    record = load_cycle.record
    evidence.record(record)
    held = cooled(record, "none is asked for")
    evidence(
        "cooldown", "from status.lastActiveTime to no replica", f"{held:.1f} s; {names.COOLDOWN} s asked for"
    )
    assert held >= names.COOLDOWN - CLOCKS, (
        f"all were gone {held:.1f} s after the last work; {names.COOLDOWN} s are asked for"
    )


@behaviour(
    "keda.07.stays-at-zero",
    feature="scale-to-zero",
    needs=(DOWN,),
    hint="What does the metric say with no consumer there, and who exposes it?",
    look="redis_items_in_queue and the conditions of the ScaledObject with 0 consumers.",
    read=reading.SCALED_OBJECT,
)
def test_stays_at_zero(load_cycle: Any, evidence: Any, could_not_tell: Any) -> None:
    """With an empty queue it stays at no replica; the metric goes on, and is 0."""
    record = load_cycle.record
    evidence.record(record)
    idle = part(record, "at min", "idle held")
    evidence.record(idle)
    counts = {signal: idle.recorded(signal).values() for signal in (dojo.SPEC, dojo.STATUS)}
    metric = idle.recorded(dojo.ADAPTER)
    evidence("idle", "spec.replicas and status.replicas; External metric", f"{counts}; {metric!r}")
    if not metric.present():
        could_not_tell("the External metric was not read once at no replica")
    assert all(found == {0.0} for found in counts.values()), f"expected no replica, found {counts}"
    assert zero_for_good(metric.numbers()) is not None, f"the metric was {sorted(metric.values())}, not 0"


@behaviour(
    "keda.07.wakes-again",
    feature="scale-to-zero",
    level="extended",
    needs=(DOWN,),
    hint="Has the HPA's window of the load before anything to do with how many consumers are woken?",
    look="The plot of the wake: the metric, and the count that is wanted.",
    read=reading.ACTIVATION,
)
def test_wakes_again(load_cycle: Any, budgets: Any, evidence: Any) -> None:
    """After a load and its end the next items wake one consumer, in time."""
    record, budget = load_cycle.record, limits.wakes(budgets)
    evidence.record(record)
    evidence.budget(budget)
    asleep, woken = reached(record, "items for nobody"), reached(record, "woken")
    evidence.record(record.between(asleep, woken))
    took = woken.at - asleep.at
    evidence.budget(budget, took)
    evidence("wake", "from the items to a Ready consumer", f"{took:.1f} s; {budget}")
    assert took <= budget.seconds, f"it took {took:.1f} s; {budget} are allowed"
