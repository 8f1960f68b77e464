"""Step 2: metrics-server gives what nodes and pods use."""

from __future__ import annotations

import time
from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo.aggregation import registered
from conformance.dojo.judging import part, reached
from conformance.pod_metric import names as shared
from conformance.pod_metric.scrape import there

from . import limits, names, reading
from .judging import ages, strange_nodes, unmeasured
from .test_step_01_application import SERVES

AVAILABLE = "cpu.02.api-available"
NODES = "cpu.02.node-metrics"
PODS = "cpu.02.pod-metrics"


@behaviour(
    AVAILABLE,
    feature="metrics-server",
    budget="api_recovers",
    hint="What do `kubectl describe apiservice v1beta1.metrics.k8s.io` and metrics-server's log say?",
    look="The condition Available with its reason; then `kubectl -n metrics logs deploy/metrics-server`: "
    "it is not ready before it has read every kubelet, and says whose certificate it does not trust.",
    read=reading.METRICS_FAQ,
)
def test_api_available(
    *, solution: Any, installation: Any, kube: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """The API service v1beta1.metrics.k8s.io is Available."""
    there(solution, installation, "metrics-server")
    service = registered(names.API_SERVICE, kube, eventually, budgets)
    evidence("API", names.API_SERVICE, str(service))


@behaviour(
    NODES,
    feature="metrics-server",
    needs=(AVAILABLE,),
    hint="What does `kubectl top nodes` say, and how old is it?",
    look="`kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes`: timestamp and window. How often "
    "metrics-server asks the kubelets is on its command line.",
    read=reading.METRICS_PIPELINE,
)
def test_node_metrics(
    *, solution: Any, installation: Any, kube: Any, resource_metrics: Any, eventually: Any, evidence: Any
) -> None:
    """Every node has a usage of cpu and memory: more than nothing, no more than it has, and a fresh one."""
    there(solution, installation, "metrics-server")
    limit = limits.oldest()

    def plausible(usages: Any) -> bool:
        known = {each.name: each for each in usages}
        wrong = strange_nodes(kube.nodes(), known, time.time(), limit.seconds)
        assert not wrong, "; ".join(wrong)
        return bool(known)

    usages = eventually(
        resource_metrics.nodes, plausible, budget=limits.measured(), what="every node's usage"
    )
    evidence("nodes", "GET /apis/metrics.k8s.io/v1beta1/nodes", "\n".join(map(str, usages)))
    evidence.budget(limit)


@behaviour(
    PODS,
    feature="metrics-server",
    needs=(AVAILABLE,),
    hint="Of which pods does the API give a usage, and how old is it?",
    look="`kubectl get --raw /apis/metrics.k8s.io/v1beta1/namespaces/cpu/pods` beside `kubectl -n cpu get "
    "pods`: timestamp and window of each. A usage is made of two readings of the kubelet's.",
    read=reading.METRICS_PIPELINE,
)
def test_pod_metrics(*, pod_cycle: Any, evidence: Any) -> None:
    """Every pod of the application that ran for long enough has a usage, and none is older than it may be."""
    record = pod_cycle.record
    evidence.record(record)
    judged = record.between(
        reached(record, shared.ACTIVE),
        record.event(names.GONE) if record.has_event(names.GONE) else record.ended,
    )
    found = ages(judged)
    assert found, "the API gave no pod's usage"
    limit = limits.oldest()
    oldest = max(found, key=lambda each: each[2])
    evidence.budget(limit, oldest[2])
    left = unmeasured(judged, limits.measured().seconds)
    told = f"the oldest of {len(found)} was {oldest[2]:.0f} s old ({oldest[1]}); {limit}"
    evidence("age", names.USAGE, told)
    assert oldest[2] <= limit.seconds, told
    assert not left, f"pods without a usage: {'; '.join(left[:4])}"


@behaviour(
    "cpu.02.usage-is-what-it-costs",
    feature="metrics-server",
    needs=(PODS, SERVES),
    hint="How much processor time do the requests cost a second, and how much do the pods use?",
    look="The sum of the pods' usage in the plot beside requests a second times what each costs. Less than "
    "that: is a limit on cpu in force (`kubectl -n cpu get pods -o yaml`, resources.limits)?",
    read=reading.RESOURCES,
)
def test_usage_is_what_it_costs(*, pod_cycle: Any, evidence: Any) -> None:
    """Under a steady load the pods' usage is what the requests cost: no less, and not twice as much."""
    record, sent = pod_cycle.record, pod_cycle.seen["sent"]
    load = part(record, names.STARTS, shared.ENDS)
    evidence.record(load)
    reached(record, names.MEASURED)
    used = load.recorded(names.USAGE).present()
    assert used, "no usage was read under the load"
    cost = names.PER_SECOND * names.COST_MS / 1000
    least, most = names.SHORT * cost, names.OVERHEAD * cost
    told = (
        f"{used[-1].value:.3f} cores used; {names.PER_SECOND:g} requests a second of {names.COST_MS:g} ms "
        f"are {cost:.3f}; {least:.3f} to {most:.3f} can be; {sent.failed} of {sent.asked} failed"
    )
    evidence("usage", names.USAGE, told)
    assert least <= used[-1].value <= most, told
