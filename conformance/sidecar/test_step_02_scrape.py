"""Step 2: Prometheus reads every sidecar, and knows by it what its nginx answered."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo.judging import part, reached
from conformance.pod_metric import names as shared
from conformance.pod_metric import scrape
from conformance.pod_metric.judging import Times

from . import names, reading
from .judging import counted, own_requests, target_faults
from .test_step_01_web import SIDECAR

NAME, STEP = "sidecar", "02"
LOADED = "sidecar.02.monitor-loaded"
UP = "sidecar.02.target-up"
SERIES = "sidecar.02.series-per-pod"
COUNTS = "sidecar.02.counts-what-was-asked"

test_monitor_loaded = scrape.monitor_loaded.of(
    NAME,
    STEP,
    hint="Does a PodMonitor select the pods, and does Prometheus select that PodMonitor?",
    look="Two selectors, one after the other: that of the PodMonitor against the labels of `kubectl -n web "
    "get pods --show-labels`, then podMonitorSelector and podMonitorNamespaceSelector in `kubectl -n "
    "monitoring get prometheus -o yaml` against the PodMonitor's own labels and namespace.",
)
test_target_up = scrape.target_up.of(
    NAME,
    STEP,
    needs=(LOADED, SIDECAR),
    hint="Which port is scraped in each pod, who listens there, and does it get an answer from nginx?",
    look="Prometheus' page Status, Target health: address and last error. Then the sidecar's log: before its "
    "nginx has answered it once it does not listen.",
    read=reading.EXPORTER,
)
test_scrape_interval = scrape.scrape_interval.of(
    NAME, STEP, needs=(UP,), says="Every sidecar is scraped every 5 s."
)
test_series_per_pod = scrape.series_per_pod.of(
    NAME,
    STEP,
    needs=(UP,),
    says="Every Ready pod has a series nginx_http_requests_total with its own namespace and name.",
)


@behaviour(
    COUNTS,
    feature="series",
    needs=(SERIES,),
    hint="What does nginx count that nobody sent, and is anything counted twice?",
    look="nginx_http_requests_total in Prometheus while nobody asks for anything: it grows by one with each "
    "scrape (the exporter asks nginx for its status page), and with each HTTP probe. Then how many series "
    "there are for one pod.",
    read=reading.STUB_STATUS,
)
def test_counts_what_was_asked(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """The count grows by the requests that were sent, and by those of scrapes and probes, within a tenth."""
    record, seen = pod_cycle.record, pod_cycle.seen
    calm = part(record, shared.BELOW, shared.HELD)
    evidence.record(calm)
    pods = [pod for pod in seen["pods"] if not pod.deleting]
    if len(pods) != 1:
        could_not_tell(f"{len(pods)} pods before the load: what each was asked for is not known")
    own = own_requests(pods[0], expect.scrape)
    grown, least, most = counted(
        pod_cycle.raw[expect.series], Times(seen["below"].times), own, calm.started, calm.ended
    )
    if not most:
        could_not_tell("the pod was not scraped twice under the small load")
    told = f"{grown:g} counted; {least:.0f} to {most:.0f} can be, {own:.2g} a second of it nobody sent"
    evidence("counted", expect.series, told)
    assert least <= grown <= most, told


@behaviour(
    "sidecar.02.every-pod-once",
    feature="sidecar",
    needs=(UP,),
    hint="How many targets has each of the three pods, and what does nginx_up say of it?",
    look="Prometheus' page Status, Target health, at three replicas: one line for each pod. Two monitors "
    "that select the same pods make two, and every request counts twice.",
    read=reading.POD_MONITOR,
)
def test_every_pod_once(*, pod_cycle: Any, chain: Any, evidence: Any) -> None:
    """At three replicas each pod is one target, which is up, and its sidecar reaches nginx (nginx_up 1)."""
    record, seen = pod_cycle.record, pod_cycle.seen
    evidence.record(record)
    reached(record, names.SETTLED)
    evidence("targets", chain.namespace, "\n".join(f"{t.health} {t.url}" for t in seen["targets"]))
    ready = [pod for pod in seen["three pods"] if pod.ready and not pod.deleting]
    assert len(ready) > 1, f"only {len(ready)} pods were Ready"
    wrong = target_faults(ready, seen["targets"], seen["up"])
    assert not wrong, "; ".join(wrong)
