"""Step 3: the HorizontalPodAutoscaler on cpu utilization, under load."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo.judging import part, reached
from conformance.pod_metric import hpa
from conformance.pod_metric import names as shared
from conformance.pod_metric.scrape import there

from . import names, reading
from .judging import first_above
from .test_step_01_application import REQUESTS, SERVES
from .test_step_02_metrics_server import AVAILABLE

NAME, STEP = "cpu", "03"
READS = "cpu.03.reads-metric"
UP = "cpu.03.scales-up-under-load"

test_reads_metric = hpa.reads_metric.of(
    NAME,
    STEP,
    needs=(AVAILABLE, REQUESTS),
    says="The HPA reads the pods' cpu: ScalingActive is True and its status shows a current value.",
    look="Reason and message of that condition: was there no answer for the pods, or no request that a "
    "share could be taken of? `kubectl -n cpu top pods` asks the same API.",
)


@behaviour(
    "cpu.03.target",
    feature="hpa",
    hint="Of which resource, of which type of target, and between which counts may it scale what?",
    look="spec in `kubectl -n cpu get hpa -o yaml`, read aloud against what the scenario asks for. `kubectl "
    "explain hpa.spec.metrics.resource.target` says what each type means.",
    read=reading.HPA_FIELDS,
)
def test_target(*, solution: Any, installation: Any, kube: Any, chain: Any, evidence: Any) -> None:
    """The HPA keeps the application between 2 and 6 pods, at half of the cpu they request on average."""
    there(solution, installation, "wiring")
    found = kube.hpa(*chain.hpa)
    assert found is not None, f"there is no HPA {chain.hpa.name} in namespace {chain.hpa.namespace}"
    spec = found.raw["spec"]
    evidence("spec", f"hpa/{chain.hpa.name} .spec", str(spec))
    metrics = spec.get("metrics") or []
    kinds = [metric["type"] for metric in metrics]
    assert kinds == ["Resource"], f"its metrics are of type {kinds}, expected one of type Resource"
    resource = metrics[0]["resource"]
    scaled = spec["scaleTargetRef"]
    is_there = {
        "scales": f"{scaled['kind']} {scaled['name']}",
        "minReplicas": spec.get("minReplicas", 1),
        "maxReplicas": spec["maxReplicas"],
        "resource": resource["name"],
        "averageUtilization": resource["target"].get("averageUtilization"),
    }
    expected = {
        "scales": f"Deployment {chain.deployment.name}",
        "minReplicas": names.MINIMUM,
        "maxReplicas": names.MAXIMUM,
        "resource": "cpu",
        "averageUtilization": names.UTILIZATION,
    }
    wrong = [f"{k} is {is_there[k]}, expected {expected[k]}" for k in expected if is_there[k] != expected[k]]
    assert not wrong, "; ".join(wrong)


@behaviour(
    "cpu.03.rests-at-min",
    feature="hpa",
    needs=(READS,),
    hint="How much cpu do the pods use while nobody asks for anything, and what share of the request?",
    look="`kubectl -n cpu describe hpa` at rest: current and target.",
    read=reading.HPA_ALGORITHM,
)
def test_rests_at_min(*, pod_cycle: Any, evidence: Any) -> None:
    """While nobody asks for anything, and the HPA reads, there are as many pods as the minimum."""
    record = pod_cycle.record
    rest = part(record, shared.ACTIVE, shared.HELD)
    evidence.record(rest)
    counts = rest.recorded(shared.SPEC).values()
    used = rest.recorded(names.USAGE).values()
    evidence("at rest", "spec.replicas; cores used", f"{counts}; {sorted(used)}")
    assert counts == {float(names.MINIMUM)}, f"the minimum is {names.MINIMUM}, found {sorted(counts)}"


@behaviour(
    UP,
    feature="hpa",
    needs=(READS, SERVES),
    hint="Which utilization does the HPA see under load, and how many pods does it make of that?",
    look="`kubectl -n cpu describe hpa` during the load: current and target in percent. A request much "
    "greater than what a pod uses, or a limit that it cannot get beyond, keeps the percentage down.",
    read=reading.HPA_ALGORITHM,
)
def test_scales_up_under_load(*, pod_cycle: Any, evidence: Any) -> None:
    """Under a load that asks for more than the maximum, the maximum is running and Ready, in time."""
    record = pod_cycle.record
    start = reached(record, names.STARTS)
    up = record.between(start, reached(record, shared.ENDS))
    evidence.record(up)
    limit, peak = pod_cycle.seen["budget at max"], up.recorded(shared.SPEC).maximum()
    evidence.budget(limit)
    climb = [(round(at - start.at, 1), count) for at, count in up.recorded(shared.SPEC).steps()]
    evidence("climb", "spec.replicas", str(climb))
    used = up.recorded(names.USAGE).numbers()
    most = max((cores for _, cores in used), default=0.0)
    assert peak >= names.MAXIMUM, (
        f"with up to {most:.3f} cores used it went to {peak:g} replicas, not to {names.MAXIMUM}"
    )
    took = reached(record, shared.AT_MAX).at - start.at
    evidence.budget(limit, took)
    assert took <= limit.seconds, f"it took {took:.0f} s; {limit} are allowed"


@behaviour(
    "cpu.03.never-exceeds-max",
    feature="hpa",
    needs=(READS, SERVES),
    hint="What is maxReplicas, and what besides this HPA sets the Deployment's replicas?",
    look="`kubectl get hpa -A` (do two of them name this Deployment?), and the managers in `kubectl -n cpu "
    "get deployment -o yaml --show-managed-fields`.",
    read=reading.HPA_OWNS_REPLICAS,
)
def test_never_exceeds_max(*, pod_cycle: Any, evidence: Any) -> None:
    """However much is used, there are never more than 6 pods."""
    record = pod_cycle.record
    reached(record, names.STARTS)
    evidence.record(record)
    found = {s: record.recorded(s).maximum() for s in (shared.SPEC, shared.HPA, shared.STATUS)}
    evidence("most", "replicas", str(found))
    wrong = {signal: most for signal, most in found.items() if most > names.MAXIMUM}
    assert not wrong, f"{wrong}, the maximum is {names.MAXIMUM}"


test_follows_model = hpa.follows_model.of(
    NAME,
    STEP,
    level="extended",
    needs=(READS,),
    says="Every replica count the HPA set is one its published arithmetic allows for the cpu it can have "
    "read: of pods with a usage, of missing ones, and of those that were not Ready when they were measured.",
)
test_returns_to_min = hpa.returns_to_min.of(NAME, STEP, needs=(UP,))


@behaviour(
    "cpu.03.reaction",
    feature="hpa",
    level="advisory",
    needs=(UP,),
    hint="How long does it take until a load is seen: by the kubelet, by metrics-server, by the HPA?",
    look="The plot from the load's start on: the first usage that shows it, the first decision, the pod.",
    read=reading.METRICS_PIPELINE,
)
def test_reaction(*, pod_cycle: Any, evidence: Any) -> None:
    """The first pod more is asked for within a minute of the load's start."""
    record = pod_cycle.record
    start = reached(record, names.STARTS)
    load = record.between(start, reached(record, shared.ENDS))
    evidence.record(load)
    found = {
        "usage shows it": first_above(load, names.USAGE, names.PER_SECOND * names.COST_MS / 2000),
        "the HPA wants more": first_above(load, shared.HPA, names.MINIMUM),
        "the Deployment is scaled": first_above(load, shared.SPEC, names.MINIMUM),
        "a pod more is Ready": first_above(load, shared.READY, names.MINIMUM),
    }
    told = {what: None if at is None else round(at - start.at, 1) for what, at in found.items()}
    evidence("reaction", "seconds from the load's start", str(told))
    decided = told["the HPA wants more"]
    assert decided is not None
    assert decided <= SLOW, f"the HPA wanted more {decided:.0f} s after the load's start: {told}"


SLOW = 60.0
"""Seconds: two readings of the kubelet's 15 s apart, two of its counters, a sync, and as much again."""
