"""Beyond the exercise: each part of the chain goes away for a while, and in the end everything does."""

from __future__ import annotations

import itertools
from typing import Any

from conformance.behaviour import behaviour

from . import names, reading
from .judging import Cycle, is_active, lowered_unseen, own_api, part, reached

READS, SCALES = "dojo.09.reads-metric", "dojo.09.scales-up-under-load"


def held_and_recovered(cycle: Cycle, model: Any, evidence: Any) -> int:
    """While no value could be read the replicas were not lowered; afterwards the HPA follows its model
    again. Returns how many readings found the HPA without a value.
    """
    record = cycle.record
    evidence.record(record)
    out = part(record, "fault", "recovered")
    evidence.record(out)
    reached(record, "busy")
    before = record.recorded(names.SPEC).at(out.started)
    assert getattr(before, "present", False), f"the replicas were not read just before the fault: {before}"
    assert before.value > cycle.seen["min"], (
        f"no consumers above the minimum before the fault: {before.value:g}"
    )
    blind = [r for r in out.recorded(names.HPA) if r.present and not is_active(r)]
    wrong = lowered_unseen(out)
    decisions = model(cycle.seen["hpa"]).violations(record)
    evidence(
        "fault",
        "readings without a value for the HPA; what was done then",
        f"{len(blind)}; {wrong or 'held'}",
    )
    assert not wrong, f"replicas were lowered while no value could be read: {'; '.join(wrong)}"
    assert not decisions, (
        f"{len(decisions)} decisions do not follow from the metric, the first: {decisions[0]}"
    )
    return len(blind)


@behaviour(
    "dojo.11.exporter-outage",
    feature="resilience",
    level="extended",
    needs=(READS, SCALES, "dojo.07.absent-series-becomes-zero"),
    hint="After the exporter was back: which part of the chain was the last to show the queue again?",
    look="The plot of the outage, along the chain: redis_key_size, redis_items_in_queue, the API's "
    "value, the wanted count. Each takes up the one before it; the first that is late is the "
    "one.",
    read=reading.APPEAR_AND_DISAPPEAR,
)
def test_exporter_outage(outage_cycle: Any, budgets: Any, evidence: Any) -> None:
    """While the exporter is gone nothing is scaled up for items nobody can see; once it is back the
    consumers come.
    """
    record = outage_cycle.record
    evidence.record(record)
    budget = outage_cycle.seen["budget recovery"]
    evidence.budget(budget)
    gap = part(record, "items nobody can see", "exporter restored")
    evidence.record(gap)
    counts = gap.recorded(names.SPEC).steps()
    evidence("during the outage", "spec.replicas", str(counts))
    rises = [(a, b) for (_, a), (_, b) in itertools.pairwise(counts) if b > a]
    assert counts, "the replicas were not read during the outage"
    assert not rises, f"replicas were raised for items that nobody could see: {rises}"
    took = reached(record, "consumers are back").at - reached(record, "exporter restored").at
    evidence.budget(budget, took)
    evidence("recovery", "from the exporter's return to Ready consumers", f"{took:.1f} s; {budget}")
    assert took <= budget.seconds, f"recovery took {took:.1f} s; {budget} are allowed"


@behaviour(
    "dojo.11.adapter-restart",
    feature="resilience",
    level="extended",
    needs=(READS, SCALES),
    hint="How many replicas of the adapter run, and what does the HPA's condition say while there is none?",
    look="In the plot, the replicas while the API gave no value. And `kubectl describe apiservice "
    "v1beta1.custom.metrics.k8s.io` and `kubectl describe hpa consumer` while the adapter's pod "
    "is being replaced.",
    read=reading.HPA_CONDITIONS,
)
def test_adapter_restart(adapter_restart: Any, model: Any, evidence: Any, could_not_tell: Any) -> None:
    """While the adapter is away for longer than the downscale window the HPA leaves the replicas as they
    are, and then goes on.
    """
    if not held_and_recovered(adapter_restart, model, evidence):
        could_not_tell("the HPA was never seen without a value: that it held proves nothing")


@behaviour(
    "dojo.11.redis-restart",
    feature="resilience",
    level="extended",
    needs=(READS, SCALES),
    hint="After Redis is back: do exporter and consumers connect again by themselves, and is the "
    "queue still there?",
    look="`kubectl logs --since=5m` of a consumer and of the exporter across the restart, redis_up "
    "in Prometheus, and `kubectl get pvc`: does Redis have a place to keep the list?",
    read=reading.REDIS_PERSISTENCE,
)
def test_redis_restart(redis_restart: Any, model: Any, evidence: Any) -> None:
    """After Redis was restarted exporter, metric and consumers go on by themselves, and the HPA with them."""
    kept = redis_restart.seen.get("kept")
    evidence("queue", "the books before and after", f"{redis_restart.seen.get('books')}; kept: {kept}")
    held_and_recovered(redis_restart, model, evidence)
    reached(redis_restart.record, "consumed again")


@behaviour(
    "dojo.11.prometheus-restart",
    feature="resilience",
    level="extended",
    needs=(READS, SCALES),
    hint="What does the adapter answer when Prometheus does not, and what does the HPA do with that answer?",
    look="The API's answers and the HPA's conditions during the restart. After an error or a 404 the "
    "HPA leaves the count alone, on a 0 it acts: if there was a 0, which query gave it?",
    read=reading.HPA_CONDITIONS,
)
def test_prometheus_restart(prometheus_restart: Any, model: Any, evidence: Any) -> None:
    """While Prometheus restarts no consumer is taken away for want of data, and then the HPA goes on."""
    held_and_recovered(prometheus_restart, model, evidence)


@behaviour(
    "dojo.11.teardown-clean",
    feature="teardown",
    level="extended",
    hint="What is still there, and who owns it: a Helm release, an operator, or somebody's kubectl apply?",
    look="`kubectl get … -o yaml` of what the message names: its ownerReferences, its finalizers, "
    "and the label app.kubernetes.io/managed-by. `helm list -A` shows releases that are still "
    "there.",
    read=reading.OWNERS,
)
def test_teardown_clean(installation: Any, kube: Any, chain: Any, cluster: Any, evidence: Any) -> None:
    """After the teardown nothing of the installation is left: no release, API service, namespace or HPA."""
    done = installation.uninstall()
    evidence("teardown", f"removed in {done.seconds:.0f} s", "\n".join((*done.removed, *done.leftovers)))
    assert not done.leftovers, f"left over: {'; '.join(done.leftovers)}"
    if cluster.provider == "kind":  # on another's cluster what is left may be the owner's
        left = {
            f"APIService {names.API_SERVICE}": own_api(kube, chain, cluster),
            f"HPA {chain.hpa}": kube.hpa(*chain.hpa),
            f"namespace {chain.prometheus.namespace}": chain.prometheus.namespace in kube.namespaces()
            or None,
        }
        found = [what for what, there in left.items() if there is not None]
        assert not found, f"left over: {', '.join(found)}"
