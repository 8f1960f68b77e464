"""Step 4: the HorizontalPodAutoscaler with a Pods metric, under load."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo.judging import reached
from conformance.pod_metric import hpa
from conformance.pod_metric import names as shared

from . import names, reading
from .judging import own_requests
from .test_step_03_adapter import VALUES

NAME, STEP = "sidecar", "04"
READS = "sidecar.04.reads-metric"
UP = "sidecar.04.scales-up-under-load"

test_reads_metric = hpa.reads_metric.of(NAME, STEP, needs=(VALUES,))
test_target = hpa.target.of(
    NAME,
    STEP,
    says="The HPA keeps the web server between 1 and 3 pods, at 10 requests a second for each on average.",
)
test_below_target_holds = hpa.below_target_holds.of(NAME, STEP, needs=(READS,))
test_scales_up_under_load = hpa.scales_up_under_load.of(NAME, STEP, needs=(READS,))
test_never_exceeds_max = hpa.never_exceeds_max.of(NAME, STEP, needs=(READS,))
test_follows_model = hpa.follows_model.of(NAME, STEP, level="extended", needs=(READS,))
test_returns_to_min = hpa.returns_to_min.of(NAME, STEP, needs=(UP,))

OWN_SHARE = 2.0
"""How many times the requests that nobody sent the API may give: late scrapes fall together."""


@behaviour(
    "sidecar.04.scrapes-are-no-load",
    feature="hpa",
    needs=(READS,),
    hint="How many requests a second does the HPA see while nobody asks for anything? Where are they from?",
    look="`kubectl -n web describe hpa web` at rest: current and target. nginx counts what its exporter asks "
    "(one request a scrape) and every HTTP probe of the kubelet.",
    read=reading.STUB_STATUS,
)
def test_scrapes_are_no_load(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """While nobody asks for anything the API gives no more than what scrapes and probes ask, and the replicas
    stay at the minimum.
    """
    record, seen = pod_cycle.record, pod_cycle.seen
    idle = reached(record, names.IDLE).at
    rest = record.between(idle - 2 * expect.scrape, idle)
    evidence.record(record.between(reached(record, shared.ACTIVE), idle))
    given = [max(r.detail["pods"].values()) for r in rest.recorded(shared.METRIC).present()]
    if not given:
        could_not_tell("the API gave no value while nobody asked for anything")
    own = max(own_requests(pod, expect.scrape) for pod in seen["pods"])
    counts = rest.recorded(shared.SPEC).values()
    told = f"{max(given):g} a second of one pod, {own:.2g} from scrapes and probes; spec.replicas {counts}"
    evidence("at rest", expect.metric, told)
    assert max(given) <= OWN_SHARE * own, told
    assert counts == {float(expect.minimum)}, f"{told}; the minimum is {expect.minimum}"
