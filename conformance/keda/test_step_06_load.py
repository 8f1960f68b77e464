"""Step 6: from one to many, the HPA's work on KEDA's metric."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo import loads
from conformance.dojo import names as dojo
from conformance.dojo.judging import is_active, reached

from . import names, reading
from .test_step_04_scaled_object import HPA, VALUE
from .test_step_05_activation import WAKES

UP = "keda.06.scales-up"
AROUND = 15.0
"""Seconds of the record shown before and after a wrong decision."""


@behaviour(
    UP,
    feature="hpa",
    needs=(WAKES, HPA),
    hint="How many consumers does the queue's length ask for at the threshold you set, and what keeps "
    "the HPA from them?",
    look="`kubectl describe hpa keda-hpa-consumer` during a load: the metric's value and target, Min and "
    "Max, the conditions ScalingActive and ScalingLimited. Then `kubectl get pods`.",
    read=reading.ARCHITECTURE,
)
def test_scales_up(load_cycle: Any, evidence: Any) -> None:
    """Under a load that asks for more consumers than the maximum, the maximum is running and Ready, in
    time.
    """
    record = load_cycle.record
    evidence.record(record)
    start = reached(record, "load starts")
    budget = load_cycle.seen["budget at max"]
    evidence.budget(budget)
    counts = record.after(start).recorded(dojo.SPEC)
    steps = [(round(at - start.at, 1), count) for at, count in counts.steps()]
    evidence("climb", "spec.replicas", str(steps))
    peak = counts.maximum()
    assert peak >= names.MAX_REPLICAS, f"it went to {peak:g} replicas, not to {names.MAX_REPLICAS}: {steps}"
    took = reached(record, "at max").at - start.at
    evidence.budget(budget, took)
    evidence.record(record.between(start, reached(record, "at max")))
    assert took <= budget.seconds, f"it took {took:.0f} s; {budget} are allowed"


@behaviour(
    "keda.06.follows-model",
    feature="hpa",
    needs=(VALUE, HPA),
    hint="At the first decision named here, what did the metric say, what does ceil(metric / threshold) "
    "give, and is there a third one that scales the Deployment?",
    look="The plot of this behaviour: the band behind the replicas is what the arithmetic allowed, the "
    "steps from and to 0 are KEDA's. Then `kubectl get hpa -A`, and who else writes spec.replicas.",
    read=reading.ARCHITECTURE,
)
def test_follows_model(load_cycle: Any, model: Any, evidence: Any, could_not_tell: Any) -> None:
    """Between the first replica and the last, every count is one that the HPA's arithmetic allows for the
    values it can have read.
    """
    record = load_cycle.record
    evidence.record(record)
    if not any(is_active(r) and r.detail.get("current_metric") for r in record.recorded(dojo.HPA)):
        could_not_tell("the HPA never showed a metric it had read")
    oracle = model(load_cycle.seen["hpa"])
    wrong = oracle.violations(record)
    evidence.band(record, oracle.allowed(record))
    if wrong:
        evidence.record(record.between(wrong[0].at - AROUND, wrong[0].at + AROUND))
    counts = len(record.recorded(dojo.SPEC).steps())
    evidence("model", f"{counts} replica counts", "\n".join(map(str, wrong)) or "allowed")
    assert not wrong, f"{len(wrong)} decisions do not follow from the metric, the first: {wrong[0]}"


@behaviour(
    "keda.06.never-exceeds-max",
    feature="hpa",
    needs=(UP,),
    hint="What besides KEDA and its HPA sets the Deployment's replicas?",
    look="`kubectl get hpa -A`, the events of `kubectl describe deployment consumer`, and the managers "
    "in `kubectl get deployment consumer -o yaml --show-managed-fields`.",
    read=reading.SCALED_OBJECT,
)
def test_never_exceeds_max(load_cycle: Any, evidence: Any) -> None:
    """Though the load asks for more, there are never more than maxReplicaCount consumers."""
    loads.never_above(load_cycle, names.MAX_REPLICAS, names.THRESHOLD, evidence)


@behaviour(
    "keda.06.queue-drains",
    feature="hpa",
    needs=(WAKES,),
    hint="Are there as many consumers as the queue asks for, are they Ready, and do they take items?",
    look="In the plot how many consumers stood for how long: each takes one item a second. Then their logs.",
    read=reading.SCALED_OBJECT,
)
def test_queue_drains(load_cycle: Any, evidence: Any) -> None:
    """The scaled consumers work off the whole queue in the time that many of them need."""
    loads.drained(load_cycle, evidence)


@behaviour(
    "keda.06.no-flapping",
    feature="hpa",
    needs=("keda.06.queue-drains",),
    hint="What does the metric do at the moment the replicas turn: does it drop and come back?",
    look="The plot at that moment: redis_items_in_queue, the External metric, the wanted count. The "
    "first line with the dent is where it comes from. Two that scale one Deployment look like this, too.",
    read=reading.SCALED_OBJECT,
)
def test_no_flapping(load_cycle: Any, evidence: Any) -> None:
    """One load is one climb and one descent: the replica count does not turn in between."""
    loads.turns_once(load_cycle, "at min", evidence)
