"""The cycles of step 11: with items in the queue and consumers at work, a part of the chain is restarted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import names
from .judging import CLOCKS, Cycle
from .stage import Hold, Stage, hpa_reads, passed, read_since, sampled_since, value

BUSY = 190
"""Items the queue is filled up to: 9.5 consumers' worth, off the rounding edge, and 20 s of work for them."""
AGAIN = 30
"""Items published after a restart: so that something is there to be consumed if Redis came back empty."""


def drive_adapter_restart(stage: Stage) -> Cycle:
    """The adapter is away for longer than the downscale window, so that an HPA which took no value for 0
    would lower the replicas meanwhile; recovered when the adapter answers and the HPA reads again.
    """
    intervals, adapter = stage.intervals, stage.chain.adapter
    workload = f"deployment/{adapter.name}"
    blind = intervals.downscale_window + 2 * intervals.hpa_sync

    def away(live: Any) -> None:
        with stage.faults.gone(workload, adapter.namespace):
            until = live.mark("adapter gone", kind="fault", what=workload).at + blind
            live.wait_until(passed(names.HPA, until), Hold("hold", blind + CLOCKS), "longer than the window")

    return _drive(stage, "adapter restart", away, recovered=hpa_reads)


def drive_prometheus_restart(stage: Stage) -> Cycle:
    """Prometheus' pod is replaced, with its store; recovered when the rule gives values and the HPA reads
    them.
    """

    def recovered(record: Any, since: float) -> bool:
        return sampled_since(record, names.RECORDED, since) and hpa_reads(record, since)

    chain = stage.chain
    replaced = _replaced(stage, chain.prometheus_pods, chain.prometheus.namespace)
    return _drive(stage, "prometheus restart", replaced, recovered=recovered)


def drive_redis_restart(stage: Stage) -> Cycle:
    """Redis' pod is replaced; recovered when the exporter measures it again and the HPA reads that."""

    def recovered(record: Any, since: float) -> bool:
        queue = read_since(record, names.QUEUE, since)
        return queue is not None and sampled_since(record, names.KEY_SIZE, since) and hpa_reads(record, since)

    def afterwards(live: Any, seen: dict[str, Any]) -> None:
        now = stage.redis_queue.counts()
        before = seen["books before"]
        seen["kept"] = (now.published or 0) >= (before.published or 0)
        seen["books"] = (before, now)
        # The producer, too, says it is not ready while Redis is away, and its ingress leads nowhere then.
        live.wait_until(lambda _: stage.producer_answers(), stage.budgets.component_ready, "producer answers")
        stage.publish(live, "items again", AGAIN)
        consumed = now.consumed or 0
        live.wait_until(
            lambda r: (value(r, names.CONSUMED) or 0) > consumed, stage.budgets.drain(1, 1), "consumed again"
        )

    return _drive(
        stage,
        "redis restart",
        _replaced(stage, stage.chain.redis_pods, stage.chain.redis.namespace),
        recovered=recovered,
        afterwards=afterwards,
    )


def _drive(
    stage: Stage,
    name: str,
    fault: Callable[[Any], object],
    *,
    recovered: Callable[[Any, float], bool],
    afterwards: Callable[[Any, dict[str, Any]], None] | None = None,
) -> Cycle:
    stage.bring("adapter")
    stage.hands_on()
    hpa = stage.scaler()
    seen: dict[str, Any] = {"hpa": hpa, "min": hpa.min}
    with stage.recorder.record(name) as live:
        _busy(stage, live, hpa.min)
        seen["books before"] = stage.redis_queue.counts()
        live.mark("fault", kind="fault", what=name)
        fault(live)
        replaced = live.mark("replaced", kind="fault", what=name).at
        live.wait_until(lambda r: recovered(r, replaced), stage.budgets.chain_recovers, "recovered")
        if afterwards is not None:
            afterwards(live, seen)
    return Cycle(live.record, seen=seen)


def _replaced(stage: Stage, pods: str, namespace: str) -> Callable[[Any], object]:
    """A fault: the pods are deleted, and others take their place."""
    return lambda _live: stage.faults.delete_pods(pods, namespace)


def _busy(stage: Stage, live: Any, minimum: int) -> None:
    """Fill the queue up and wait until there are more consumers than the minimum, all of the chain being
    read.
    """
    live.mark("filling", kind="phase")
    missing = BUSY - stage.redis_queue.counts().queued
    if missing > 0:
        stage.publish(live, "filled up", missing)
    live.wait_until(
        lambda r: (value(r, names.SPEC) or 0) > max(minimum, 1) and (value(r, names.READY) or 0) > minimum,
        stage.budgets.wakes,
        "busy",
    )
