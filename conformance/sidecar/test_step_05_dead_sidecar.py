"""Step 5: one pod's sidecar dies under load. Its pod goes on serving, and is no longer counted."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo.judging import is_active, part, reached
from conformance.pod_metric import names as shared
from conformance.pod_metric.judging import values_of

from . import names, reading
from .judging import lowered

NEEDS = ("sidecar.04.scales-up-under-load",)


@behaviour(
    "sidecar.05.dead-sidecar-is-missing",
    feature="sidecar",
    needs=NEEDS,
    hint="What does the API say of a pod whose sidecar does not answer: its last value, 0, or nothing?",
    look="`kubectl get --raw …/namespaces/web/pods/*/nginx_http_requests_per_second` while one sidecar is "
    "dead: how many items? Then the rule's metricsQuery: what fills in for a series that is not there, and "
    "for how long does its window hold the last samples?",
    read=reading.STALENESS,
)
def test_dead_sidecar_is_missing(*, pod_cycle: Any, expect: Any, evidence: Any) -> None:
    """A pod whose sidecar is dead has no value any more as soon as the rate's window is over, and never 0."""
    record, seen = pod_cycle.record, pod_cycle.seen
    dead = reached(record, shared.STOPPED)
    fault = part(record, shared.STOPPED, names.RESTORED)
    evidence.record(fault)
    pod = seen["dead"]
    given = [(round(at - dead.at, 1), value) for at, value in values_of(fault, pod)]
    evidence("values", f"{pod}, seconds after its sidecar died", str(given[-12:]))
    evidence.budget(seen["budget missing"])
    assert not any(value == 0 for _, value in given), (
        f"{pod} has the value 0, as if nobody asked it for anything: {given[-6:]}"
    )
    missing = reached(record, names.MISSING)
    took = missing.at - dead.at
    evidence.budget(seen["budget missing"], took)
    again = values_of(record.between(missing, reached(record, names.RESTORED)), pod)
    assert not again, f"{pod} had values again while its sidecar was dead: {again[:4]}"
    others = record.between(missing, reached(record, names.HELD)).recorded(shared.METRIC).present()
    assert others, "no pod had a value while one sidecar was dead"


@behaviour(
    "sidecar.05.dead-sidecar-holds",
    feature="resilience",
    needs=NEEDS,
    hint="What did the HPA take the requests of that pod for, and what does its arithmetic make of a pod "
    "without a value?",
    look="The plot from the fault on: the sum of the values falls by a third although as many requests are "
    "answered as before. Which value had the pod in the API when the replicas were lowered?",
    read=reading.HPA_ALGORITHM,
)
def test_dead_sidecar_holds(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """While one sidecar is dead, for longer than the HPA remembers, no replica is taken away under the same
    load.
    """
    record = pod_cycle.record
    fault = part(record, shared.STOPPED, names.HELD)
    evidence.record(fault)
    steps = fault.recorded(shared.SPEC).steps()
    told = str([(round(at - fault.started, 1), count) for at, count in steps])
    evidence("replicas", "spec.replicas, seconds after the sidecar died", told)
    before = record.recorded(shared.SPEC).at(fault.started)
    assert before is not None, "the replicas were not read before the fault"
    assert before.present, "the replicas were not read before the fault"
    assert before.value > expect.minimum, f"there were {before.value:g} replicas, no more than the minimum"
    if not any(is_active(r) for r in fault.recorded(shared.HPA)):
        could_not_tell("the HPA read nothing at all: that it held is nothing new")
    wrong = lowered(fault)
    assert not wrong, f"replicas were lowered though as many requests were sent: {'; '.join(wrong)}"


@behaviour(
    "sidecar.05.serves-on",
    feature="resilience",
    level="extended",
    needs=NEEDS,
    hint="Is a pod still Ready when its sidecar is not, and who answers the requests meanwhile?",
    look="`kubectl -n web get pods` during the fault, and the probes of both containers: a pod is Ready when "
    "all its containers are.",
    read=reading.SIDECARS,
)
def test_serves_on(*, pod_cycle: Any, evidence: Any) -> None:
    """The web server does not suffer: while one sidecar is dead every request is answered."""
    record, seen = pod_cycle.record, pod_cycle.seen
    fault = part(record, shared.STOPPED, names.RESTORED)
    evidence.record(fault)
    sent = seen["above"]
    evidence("requests", "failed in the whole cycle", f"{sent.failed}: {sent.failures[:3]}")
    assert not sent.failed, f"{sent.failed} requests failed: {'; '.join(sent.failures[:3])}"


@behaviour(
    "sidecar.05.comes-back",
    feature="resilience",
    level="extended",
    needs=NEEDS,
    hint="After the sidecar runs again: which part of the chain is the last to show the pod's requests?",
    look="The target's health, then the series, then the API's value for that pod: two scrapes make a rate.",
    read=reading.RATE,
)
def test_comes_back(*, pod_cycle: Any, evidence: Any) -> None:
    """Once the sidecar runs again its pod has a value again: nginx had counted on."""
    record, seen = pod_cycle.record, pod_cycle.seen
    evidence.record(record.after(reached(record, names.RESTORED)))
    took = reached(record, names.BACK).at - reached(record, names.RESTORED).at
    found = values_of(record.after(reached(record, names.BACK)), seen["dead"])
    evidence("back", f"value of {seen['dead']}", f"after {took:.1f} s: {[v for _, v in found[:3]]}")
    assert found, f"{seen['dead']} had no value again"
