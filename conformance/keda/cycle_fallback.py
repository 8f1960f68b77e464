"""The cycle of step 8: Prometheus is gone for a while, with items in the queue that nobody can count."""

from __future__ import annotations

from typing import Any

from conformance.dojo import names as dojo
from conformance.dojo.judging import CLOCKS, Cycle
from conformance.dojo.stage import Hold, Stage, passed, sampled_since, value

from . import cycles, limits, names
from .judging import state

UNSEEN = 30
"""Items published while Prometheus is gone: for what falls back to work on."""
HELD_POLLS = 3
"""Polls of KEDA during which the fallback is watched, after the queue is empty."""
SIGNALS = (
    dojo.QUEUE,
    dojo.IN_HAND,
    dojo.RECORDED,
    dojo.HPA,
    dojo.SPEC,
    dojo.STATUS,
    dojo.READY,
    names.SCALED_OBJECT,
    names.FAILURES,
)
"""Not the External metric: each question fails while Prometheus is gone, and KEDA counts the failures."""


def drive_fallback(stage: Stage) -> Cycle:
    """From no replica: Prometheus goes, items come, the fallback works them off, Prometheus comes back."""
    cycles.begin(stage)
    with stage.recorder.record("fallback", signals=SIGNALS) as live:
        if cycles.at_rest(stage, live):
            _outage(stage, live)
            _recovery(stage, live)
    return Cycle(live.record)


def _outage(stage: Stage, live: Any) -> None:
    budgets, namespace = stage.budgets, stage.chain.prometheus.namespace
    operator, prometheus = workloads(stage.kube, namespace)
    live.mark("fault", kind="fault", what=prometheus)
    # The operator first: it would bring Prometheus back at once.
    with stage.faults.gone(operator, namespace), stage.faults.gone(prometheus, namespace):
        live.mark("prometheus gone", kind="fault", what=prometheus)
        stage.publish(live, "items nobody can count", UNSEEN)
        if live.wait_until(_fallen_back, limits.falls_back(budgets), "fallen back"):
            live.wait_until(cycles.idle, budgets.drain(UNSEEN, names.FALLBACK_REPLICAS), "worked off")
            held = HELD_POLLS * names.POLLING
            until = live.mark("holding", kind="phase").at + held
            live.wait_until(passed(cycles.SPEC, until), Hold("hold", held + CLOCKS), "fallback held")
        live.mark("prometheus comes back", kind="fault", what=prometheus)


def _recovery(stage: Stage, live: Any) -> None:
    budgets = stage.budgets
    restored = live.mark("prometheus is back", kind="fault").at
    live.wait_until(
        lambda r: sampled_since(r, dojo.RECORDED, restored), budgets.chain_recovers, "metric is back"
    )
    live.wait_until(_reads_again, limits.polls(3), "recovered")
    live.wait_until(cycles.asked_for_none, limits.to_zero(budgets), "asleep again")


def _fallen_back(record: Any) -> bool:
    """KEDA has woken the first one; the others are the HPA's, and come while the items are worked off."""
    return (value(record, cycles.READY) or 0) >= 1 and _fallback(record) == "True"


def _reads_again(record: Any) -> bool:
    return _fallback(record) == "False" and value(record, names.FAILURES) == 0


def _fallback(record: Any) -> str:
    reading = record.recorded(names.SCALED_OBJECT).last()
    return "" if reading is None or not reading.present else state(reading, "Fallback")


def workloads(kube: Any, namespace: str) -> tuple[str, str]:
    """The operator's Deployment and Prometheus' StatefulSet, as kind/name."""
    operator = next(each.name for each in kube.deployments(namespace) if each.name.endswith("-operator"))
    sets = kube.items("apps/v1", "statefulsets", namespace)
    prometheus = next(each["metadata"]["name"] for each in sets if "prometheus" in each["metadata"]["name"])
    return f"deployment/{operator}", f"statefulset/{prometheus}"
