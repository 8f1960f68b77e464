"""Step 5: the adapter as it is run in production. Without it no HPA of the cluster reads a custom metric."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo.judging import is_active, part, reached
from conformance.pod_metric.stage import limit

from . import cycle, judging, names, reading

TWO = "event_loop.05.two-ready-and-guarded"
READS = "event_loop.04.reads-metric"
POLICY = "policy/v1"


@behaviour(
    TWO,
    feature="production",
    budget="component_ready",
    needs=("event_loop.03.api-available",),
    hint="How many replicas of the adapter are ready, and how many of them may an administrator evict "
    "at once?",
    look="`kubectl -n monitoring get deployment,poddisruptionbudget`: READY of the one, ALLOWED "
    "DISRUPTIONS of the other, and whether its selector finds the adapter's pods.",
    read=reading.DISRUPTION,
)
def test_two_ready_and_guarded(
    *, installation: Any, kube: Any, chain: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """Two or more replicas of the adapter are ready, and a PodDisruptionBudget lets some of them go,
    never all.
    """
    installation.need("adapter")
    where = chain.adapter

    def look() -> tuple[int, list[Any]]:
        deployment = kube.deployment(*where)
        pods = {pod.name for pod in kube.pods(where.namespace, chain.adapter_pods)}
        found = [
            each
            for each in kube.items(POLICY, "poddisruptionbudgets", where.namespace)
            if pods
            & {p.name for p in kube.pods(where.namespace, judging.label_text(each["spec"]["selector"]))}
        ]
        return (deployment.ready or 0) if deployment else 0, found

    def guarded(state: tuple[int, list[Any]]) -> bool:
        ready, found = state
        assert ready >= names.ADAPTER_REPLICAS, f"{ready} of the adapter's replicas are ready"
        assert len(found) == 1, f"{len(found)} PodDisruptionBudgets are for the adapter's pods"
        allowed = found[0].get("status", {}).get("disruptionsAllowed", 0)
        assert 0 < allowed < ready, f"of {ready} replicas {allowed} may be evicted at once"
        return True

    ready, found = eventually(
        look, guarded, budget=budgets.component_ready, what="the adapter has a replica to spare"
    )
    evidence("adapter", str(where), f"{ready} ready; {found[0]['spec']}, {found[0]['status']}")


def served(fault: str, production: Any, intervals: Any, evidence: Any) -> None:
    """While the adapter was disturbed there was no time without a value in which an HPA misses two syncs."""
    record, whole = production.record, cycle.SERVED[fault]
    evidence.record(record)
    reached(record, cycle.LOADED)
    evidence.record(part(record, fault, whole))
    most = limit("one sync without a value", hpa_sync=float(intervals.hpa_sync), sampling=judging.SAMPLED)
    longest = judging.unserved(record, fault, whole)
    evidence.budget(most, longest)
    evidence("reads of the API", f"from {fault!r} to {whole!r}", judging.told(record, fault, whole))
    assert longest <= most.seconds, f"for {longest:.1f} s the API gave no value; {most} are allowed"


@behaviour(
    "event_loop.05.replica-deleted",
    feature="production",
    needs=(READS,),
    hint="When one of the adapter's pods goes, who answers, and since when does the Service lead to it?",
    look="The plot of the metric around the deletion, and `kubectl -n monitoring get endpointslices "
    "-w` while you delete a pod: how long is there no ready address?",
    read=reading.AVAILABILITY,
)
def test_replica_deleted(production: Any, intervals: Any, evidence: Any) -> None:
    """One of the adapter's pods is deleted, and the API goes on answering."""
    served(cycle.DELETED, production, intervals, evidence)


@behaviour(
    "event_loop.05.drain",
    feature="production",
    needs=(READS,),
    hint="Which of the adapter's pods does the budget let go when all are to be evicted, and what "
    "keeps the rest?",
    look="`kubectl -n monitoring describe poddisruptionbudget`: selector, current, desired, allowed "
    "disruptions, before and while a pod is evicted.",
    read=reading.EVICTION,
)
def test_drain(production: Any, intervals: Any, evidence: Any) -> None:
    """Of the adapter's pods, all asked to go as by a drain, one goes and the budget keeps the others
    (429), so that the API goes on answering.
    """
    reached(production.record, cycle.EVICTED)
    answers = production.seen["evictions"]
    evidence("evictions", "asked for one right after the other", str(answers))
    evicted = [pod for pod, refusal in answers.items() if not refusal]
    assert len(evicted) == 1 < len(answers), f"of {len(answers)} pods {len(evicted)} were evicted: {answers}"
    served(cycle.EVICTED, production, intervals, evidence)


@behaviour(
    "event_loop.05.rolling-update",
    feature="production",
    needs=(READS,),
    hint="How many of the old pods go before the new ones are ready?",
    look="spec.strategy in `kubectl -n monitoring get deployment prometheus-adapter -o yaml`, what its "
    "numbers come to for the replicas there are, and `kubectl -n monitoring get pods -w` during a "
    "`rollout restart`.",
    read=reading.ROLLING_UPDATE,
)
def test_rolling_update(production: Any, intervals: Any, evidence: Any) -> None:
    """The adapter's pods are replaced by its own strategy, and the API goes on answering."""
    served(cycle.ROLLED, production, intervals, evidence)


@behaviour(
    "event_loop.05.replicas-undisturbed",
    feature="production",
    level="extended",
    needs=(READS,),
    hint="What did the HPA read at the moment when the replicas changed?",
    look="The plot between the first fault and the last: the metric, the wanted count, the replicas. A "
    "value of the wrong height was read, or a second thing sets the count.",
    read=reading.HPA_ALGORITHM,
)
def test_replicas_undisturbed(production: Any, model: Any, evidence: Any) -> None:
    """Under a steady load the replicas follow the metric and stay above the minimum, whatever is done to one
    of the adapter's pods.
    """
    record = production.record
    evidence.record(record)
    steady = part(record, cycle.LOADED, cycle.GONE)
    evidence.record(steady)
    counts = steady.recorded(names.SPEC).values()
    evidence("replicas", "spec.replicas during the faults", str(counts))
    minimum = production.seen["hpa"].min
    assert min(counts) > minimum, f"they were {sorted(counts)}, and the load asks for more than {minimum}"
    wrong = model(production.seen["hpa"]).violations(steady)
    assert not wrong, f"{len(wrong)} decisions do not follow from the metric, the first: {wrong[0]}"


@behaviour(
    "event_loop.05.adapter-down-holds",
    feature="production",
    level="extended",
    needs=(READS,),
    hint="What does an HPA do with the replicas while it can read nothing, and what would make it read a 0?",
    look="The HPA's conditions and the replicas in the plot while there is no adapter: after an error "
    "the count is left alone, after a 0 it is lowered.",
    read=reading.HPA_CONDITIONS,
)
def test_adapter_down_holds(production: Any, budgets: Any, evidence: Any, could_not_tell: Any) -> None:
    """With no adapter and no load for longer than the downscale window the replicas are held; once it is
    back they go to the minimum.
    """
    record = production.record
    evidence.record(record)
    out = part(record, cycle.GONE, cycle.BACK)
    evidence.record(out)
    before = record.recorded(names.SPEC).at(out.started)
    minimum = production.seen["hpa"].min
    assert getattr(before, "present", False), f"the replicas were not read before the adapter went: {before}"
    assert before.value > minimum, f"no more than the minimum before the adapter went: {before.value:g}"
    blind = [r for r in out.recorded(names.HPA) if r.present and not is_active(r)]
    held = out.recorded(names.SPEC).values()
    evidence("blind", "readings without a value for the HPA; the replicas then", f"{len(blind)}; {held}")
    if not blind:
        could_not_tell("the HPA was never seen without a value: that it held proves nothing")
    assert held == {before.value}, f"{before.value:g} replicas became {sorted(held)} with nothing to be read"
    took = reached(record, cycle.AT_MIN).at - reached(record, cycle.BACK).at
    most = limit("back at the minimum", budgets.chain_recovers, budgets.scale_down)
    evidence.budget(most, took)
    assert took <= most.seconds, f"at the minimum {took:.0f} s after the adapter was back; {most} are allowed"
