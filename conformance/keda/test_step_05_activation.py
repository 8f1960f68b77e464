"""Step 5: from nothing to one, KEDA's own work."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo import names as dojo
from conformance.dojo.judging import CLOCKS, part, reached

from . import limits, names, reading
from .cycle_activation import FEW, MORE
from .judging import active_polls, cooled, gaps_between, states
from .test_step_04_scaled_object import READY, VALUE

WAKES = "keda.05.wakes"


@behaviour(
    "keda.05.below-activation",
    feature="activation",
    needs=(VALUE,),
    hint="From how many items on is the first consumer woken, and which of the trigger's two thresholds "
    "says so?",
    look="metadata of the trigger: threshold is for the HPA, activationThreshold for the step from "
    "nothing to one. Left out it is 0, and is to be exceeded.",
    read=reading.ACTIVATION,
)
def test_below_activation(activation_cycle: Any, evidence: Any) -> None:
    """With fewer items than the activation threshold nobody is woken, though KEDA sees them."""
    record = activation_cycle.record
    evidence.record(record)
    held = part(record, "few items are seen", "few items held")
    evidence.record(held)
    counts = held.recorded(dojo.SPEC).values()
    evidence("few items", f"{FEW} in the queue, activation above {names.ACTIVATION}", f"replicas {counts}")
    assert counts == {0.0}, f"with {FEW} items replicas were {sorted(counts)}, expected none"


@behaviour(
    WAKES,
    feature="activation",
    needs=(READY,),
    hint="Does KEDA see that the metric is above the activation threshold, and how often does it look?",
    look="The conditions Active and Ready of `kubectl describe scaledobject`, its events, and the "
    "operator's log at that time: an error of the query, or a replica count that could not be written?",
    read=reading.ACTIVATION,
)
def test_wakes(activation_cycle: Any, budgets: Any, evidence: Any) -> None:
    """More items than the activation threshold wake one consumer, in time."""
    record = activation_cycle.record
    evidence.record(record)
    sent, budget = reached(record, "enough items"), limits.wakes(budgets)
    evidence.budget(budget)
    took = reached(record, "one is Ready").at - sent.at
    evidence.budget(budget, took)
    evidence.record(record.between(sent, reached(record, "one is Ready")))
    evidence("wake", f"from {FEW + MORE} items to a Ready consumer", f"{took:.1f} s; {budget}")
    assert took <= budget.seconds, f"it took {took:.1f} s; {budget} are allowed"


@behaviour(
    "keda.05.polls",
    feature="activation",
    needs=(READY,),
    hint="How often does KEDA itself ask for the metric, and what is the default of pollingInterval?",
    look="spec.pollingInterval, and status.lastActiveTime of the ScaledObject during a load: it moves "
    "with each poll.",
    read=reading.POLLING,
)
def test_polls(load_cycle: Any, evidence: Any) -> None:
    """While there is load KEDA looks at its trigger at each polling interval; one look may be missed."""
    record = load_cycle.record
    evidence.record(record)
    load = part(record, "KEDA has woken it", "queue drained")
    evidence.record(load)
    times = active_polls(load)
    most = 2 * names.POLLING + CLOCKS
    late = gaps_between([load.started, *times], most)
    evidence("polls", "status.lastActiveTime", str([f"+{at - load.started:.0f} s" for at in times]))
    assert times, "status.lastActiveTime was never set while there was load"
    assert not late, f"it looked every {names.POLLING} s, but for {', '.join(late)} (once may be missed)"
    least = int((load.ended - load.started - most) / (2 * names.POLLING))
    assert len(times) >= least, f"it looked {len(times)} times in {load.ended - load.started:.0f} s of load"


@behaviour(
    "keda.05.active-condition",
    feature="activation",
    needs=(READY,),
    hint="What does the condition Active say while there is work, and what when there is none?",
    look="`kubectl get scaledobject -w` during a small load: the column ACTIVE beside the replicas.",
    read=reading.SCALED_OBJECT,
)
def test_active_condition(activation_cycle: Any, evidence: Any) -> None:
    """The ScaledObject says that it is active while items are waiting, and that it is not before and
    after.
    """
    record = activation_cycle.record
    evidence.record(record)
    seen = states(record, "Active")
    evidence("Active", "as it changed", str([(f"{at - record.started:.1f} s", state) for at, state in seen]))
    few = {state for _, state in states(part(record, "few items", "few items held"), "Active")}
    busy = {state for _, state in states(part(record, "activated", "worked off"), "Active")}
    reached(record, "asleep")
    assert few == {"False"}, f"with {FEW} items Active is {sorted(few)}"
    assert "True" in busy, f"with {FEW + MORE} items Active is {sorted(busy)}"
    assert seen[-1][1] == "False", f"at no replica Active is {seen[-1][1]}"


@behaviour(
    "keda.05.cooldown",
    feature="scale-to-zero",
    needs=(READY,),
    hint="How long after the last poll that found work does KEDA wait before the last consumer goes?",
    look="spec.cooldownPeriod, and status.lastActiveTime beside the moment at which the replicas become 0.",
    read=reading.COOLDOWN,
)
def test_cooldown(activation_cycle: Any, evidence: Any) -> None:
    """The last consumer goes after the cooldown: not before, counted from the last poll that found work,
    and not two polls later.
    """
    record = activation_cycle.record
    evidence.record(record)
    held = cooled(record, "asleep")
    latest = names.COOLDOWN + 2 * names.POLLING + CLOCKS
    evidence(
        "cooldown", "from status.lastActiveTime to no replica", f"{held:.1f} s; {names.COOLDOWN} s asked for"
    )
    assert held >= names.COOLDOWN - CLOCKS, (
        f"it went {held:.1f} s after the last work; {names.COOLDOWN} s are asked for"
    )
    assert held <= latest, f"it went {held:.1f} s after the last work; {latest:g} s are allowed"
