"""Step 3: requests a second of each pod in the Kubernetes API, through prometheus-adapter."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo.judging import reached
from conformance.pod_metric import adapter, rates
from conformance.pod_metric import names as shared
from conformance.pod_metric.judging import Times

from .judging import own_requests, steady, undisturbed
from .test_step_02_scrape import SERIES

NAME, STEP = "sidecar", "03"
LISTED = "sidecar.03.pods-metric-listed"
VALUES = "sidecar.03.one-value-per-pod"
SUM = "sidecar.03.sum-equals-rate-sent"

test_pods_metric_listed = adapter.pods_metric_listed.of(
    NAME, STEP, needs=(SERIES,), says="The API lists pods/nginx_http_requests_per_second."
)


@behaviour(
    VALUES,
    feature="adapter",
    needs=(LISTED,),
    hint=adapter.one_value_per_pod.hint,
    look=adapter.one_value_per_pod.look,
    read=adapter.one_value_per_pod.read,
)
def test_one_value_per_pod(*, pod_cycle: Any, expect: Any, evidence: Any) -> None:
    """As long as no sidecar is dead the API gives each pod of the application one value: of all pods, once
    they were scraped often enough.
    """
    adapter.one_value_per_pod.test(pod_cycle=undisturbed(pod_cycle), expect=expect, evidence=evidence)


@behaviour(
    SUM,
    feature="adapter",
    needs=(VALUES,),
    hint=rates.sum_equals_rate_sent.hint,
    look=rates.sum_equals_rate_sent.look,
    read=rates.sum_equals_rate_sent.read,
)
def test_sum_equals_rate_sent(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """At the end of each steady load the sum of the pods' values is the rate of the requests sent, and of
    those that nobody sent, within a sixth.
    """
    record, seen = pod_cycle.record, pod_cycle.seen
    evidence.record(record.between(reached(record, shared.BELOW), reached(record, shared.ENDS)))
    sent = Times(seen["below"].times, seen["above"].times)
    own = max(own_requests(pod, expect.scrape) for pod in seen["pods"])
    wrong, judged = [], 0
    for name in (shared.HELD, shared.STOPPED):
        found = steady(record, name, sent, own, expect) if record.has_event(name) else None
        if found is None:
            continue
        given, asked = found
        judged += 1
        told = f"before {name!r}: {given:.2f} a second by the API, {asked:.2f} sent"
        evidence("steady", expect.metric, told)
        if not abs(given - asked) <= SIXTH * asked:
            wrong.append(told)
    if not judged:
        could_not_tell("the API gave too few values under a steady load")
    assert not wrong, "; ".join(wrong)


SIXTH = 1 / 6
"""Share by which a rate over four scrapes may miss: it is made of three intervals and an extrapolation."""
