"""Step 8: Prometheus is gone, and comes back."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo import names as dojo
from conformance.dojo.judging import CLOCKS, part, reached

from . import names, reading
from .judging import STAMP, failures_before, first_failure, states
from .test_step_05_activation import WAKES

FALLS_BACK = "keda.08.falls-back"


@behaviour(
    FALLS_BACK,
    feature="fallback",
    needs=(WAKES,),
    hint="How many consumers are to work while nobody can say how long the queue is?",
    look="spec.fallback of the ScaledObject, its condition Fallback, and what the External metric is "
    "meanwhile: the target times the fallback's replicas, so that the HPA wants just as many.",
    read=reading.FALLBACK,
)
def test_falls_back(fallback_cycle: Any, evidence: Any) -> None:
    """While Prometheus is gone the consumers are as many as the fallback says, from none, and stay so."""
    record = fallback_cycle.record
    evidence.record(record)
    reached(record, "prometheus gone")
    counts = part(record, "fault", "prometheus comes back").recorded(dojo.SPEC)
    steps = [(round(at - reached(record, "fault").at, 1), count) for at, count in counts.steps()]
    evidence("fallback", f"spec.replicas; {names.FALLBACK_REPLICAS} asked for", str(steps))
    most = counts.maximum()
    assert most == names.FALLBACK_REPLICAS, (
        f"without Prometheus it went to {most:g} replicas, the fallback says {names.FALLBACK_REPLICAS}"
    )
    held = part(record, "holding", "fallback held")
    evidence.record(held)
    stayed = held.recorded(dojo.SPEC).values()
    assert stayed == {float(names.FALLBACK_REPLICAS)}, f"and then it was {sorted(stayed)}"


@behaviour(
    "keda.08.not-at-once",
    feature="fallback",
    needs=(FALLS_BACK,),
    hint="How many reads may fail before it falls back, and who reads?",
    look="spec.fallback.failureThreshold, and status.health of the ScaledObject while Prometheus is "
    "away: KEDA's polls count, and once there are replicas the HPA's questions as well.",
    read=reading.FALLBACK,
)
def test_not_at_once(fallback_cycle: Any, evidence: Any, could_not_tell: Any) -> None:
    """It falls back after more failed reads than the threshold, a poll apart from each other, and not
    before.
    """
    record = fallback_cycle.record
    evidence.record(record)
    fault, out = reached(record, "fault"), part(record, "fault", "prometheus comes back")
    rises = [at for at, count in out.recorded(dojo.SPEC).steps() if count > 0]
    first = first_failure(out)
    if first is None:
        could_not_tell("no failed read was ever told of in status.health")
    assert rises, "no replica was asked for while Prometheus was gone"
    waited, failures = rises[0] - first, failures_before(out, rises[0])
    least = names.FAILURE_THRESHOLD * names.POLLING - CLOCKS - STAMP
    evidence(
        "failures",
        "status.health when the first replica came; seconds since the first failure (at most) and the fault",
        f"{failures:g}; {waited:.1f} s; {rises[0] - fault.at:.1f} s",
    )
    assert failures > names.FAILURE_THRESHOLD, (
        f"after {failures:g} failed reads; {names.FAILURE_THRESHOLD} are to be borne"
    )
    assert waited >= least, f"{waited:.1f} s after the first failed read; {least:g} s are the least"


@behaviour(
    "keda.08.fallback-condition",
    feature="fallback",
    needs=(WAKES,),
    hint="By what can one tell, from outside, that the count is the fallback's and not the queue's?",
    look="`kubectl get scaledobject`: the column FALLBACK.",
    read=reading.FALLBACK,
)
def test_fallback_condition(fallback_cycle: Any, evidence: Any) -> None:
    """The ScaledObject says so while it falls back, and no longer once Prometheus is back."""
    record = fallback_cycle.record
    evidence.record(record)
    start = reached(record, "fault").at
    seen = states(record, "Fallback")
    evidence("Fallback", "as it changed", str([(f"{at - start:+.1f} s", state) for at, state in seen]))
    before = {state for at, state in seen if at <= start}
    out = {state for _, state in states(part(record, "fallen back", "prometheus comes back"), "Fallback")}
    assert "True" not in before, "it fell back before Prometheus was gone"
    assert out == {"True"}, f"while Prometheus was gone Fallback was {sorted(out)}"
    assert seen[-1][1] == "False", f"with Prometheus back Fallback is {seen[-1][1]}"


@behaviour(
    "keda.08.recovers",
    feature="fallback",
    needs=(WAKES,),
    hint="After Prometheus is back: does KEDA read it again, and what does it do with the consumers then?",
    look="The conditions Fallback and Active and status.health in the time after; then cooldownPeriod: "
    "the fallback counts as work.",
    read=reading.FALLBACK,
)
def test_recovers(fallback_cycle: Any, evidence: Any) -> None:
    """Once Prometheus is back KEDA reads it again, counts no failure any more, and goes back to no
    replica.
    """
    record = fallback_cycle.record
    evidence.record(record)
    back = reached(record, "prometheus is back")
    evidence.record(record.after(back))
    for event in ("metric is back", "recovered", "asleep again"):
        evidence("recovery", event, f"{reached(record, event).at - back.at:.1f} s after Prometheus was back")
    counts = record.after(back).recorded(dojo.SPEC)
    assert counts.maximum() <= names.FALLBACK_REPLICAS, (
        f"for an empty queue it went to {counts.maximum():g} replicas afterwards"
    )


@behaviour(
    "keda.08.works-blind",
    feature="fallback",
    level="extended",
    needs=(FALLS_BACK,),
    hint="Who works on the items that come while nobody can count them?",
    look="The queue's length in the plot while Prometheus is gone.",
    read=reading.FALLBACK,
)
def test_works_blind(fallback_cycle: Any, evidence: Any) -> None:
    """Items that come while Prometheus is gone are worked off by the fallback's consumers."""
    record = fallback_cycle.record
    evidence.record(record)
    sent, done = reached(record, "items nobody can count"), reached(record, "worked off")
    evidence.record(record.between(sent, done))
    evidence("queue", "from the items to an empty queue", f"{done.at - sent.at:.1f} s")
    assert done.at < reached(record, "prometheus comes back").at, "they were worked off later only"
