"""The adapter as in production: under a steady load one of its pods is deleted, both are to be evicted,
and it is rolled over; then it is away altogether, and comes back.

While the load goes on nothing of this may show in the replicas; the load ends when the adapter is away,
so that an HPA which took no value for 0 would go down.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.dojo.judging import CLOCKS, Cycle, is_active
from conformance.dojo.stage import Hold, passed, read_since, value
from conformance.pod_metric.expect import Load
from conformance.pod_metric.stage import PodStage, limit

from . import names

REPLICAS = 3
"""What the load asks for: above the minimum and below the maximum, so that a wrong step would show
either way. On a machine with more work than cores it may come to be more."""
STEADY = Load(per_second=names.burns(REPLICAS - 0.5), seconds=240, path=names.BURN)
"""Half a replica off the rounding edge, and what two pods can bear: else what is owed would be asked for
later, all at once."""
BLIND_SYNCS = 2
"""HPA syncs, beside the downscale window, for which the adapter is away."""

# The cycle's events, in their order
LOADED = "load is steady"
DELETED, EVICTED, ROLLED = "a replica is deleted", "evictions are asked for", "a rolling update begins"
SERVED = {DELETED: "replaced", EVICTED: "replaced after the evictions", ROLLED: "rolled over"}
"""A fault, and when the adapter was whole again."""
GONE, HELD, BACK, READS, AT_MIN = (
    "adapter gone",
    "held",
    "adapter back",
    "the HPA reads again",
    "at min again",
)


def drive_production(stage: PodStage) -> Cycle:
    """The whole cycle, in one record. What comes after a state that was not reached is left out."""
    stage.bring(stage.expect.application, "prometheus", "wiring", "adapter")
    stage.hands_on()
    hpa = stage.hpa()
    load = stage.load(STEADY)
    seen: dict[str, Any] = {"hpa": hpa, "load": load.sent}
    with stage.recorder.record("production") as live:
        if hpa is not None and _ready(stage, live):
            live.mark("load starts", per_second=STEADY.per_second)
            with load:
                if _steady(stage, live, hpa):
                    _served(stage, live, seen)
                    _away(stage, live, load, hpa)
    return Cycle(live.record, seen=seen)


def _ready(stage: PodStage, live: Any) -> bool:
    """Wait until the HPA reads its metric, and all of the adapter's pods are there; whether so."""
    begun = live.mark("looking at the adapter", kind="phase").at
    read = limit("the HPA reads", stage.budgets.adapter_lists, stage.budgets.hpa_reacts)
    return bool(
        live.wait_until(lambda r: _reads(r, begun) and _whole(r, begun), read, "the adapter is whole")
    )


def _steady(stage: PodStage, live: Any, hpa: Any) -> bool:
    """Wait for the replicas that the load asks for, then let it go on for a while; whether they came."""
    begin = int(value(live.so_far(), names.SPEC) or hpa.min)
    climb = stage.budgets.scale_to_max(begin, REPLICAS, behavior="behavior" in hpa.raw["spec"])
    there = live.wait_until(
        lambda r: value(r, names.READY) == value(r, names.SPEC) and (value(r, names.SPEC) or 0) > hpa.min,
        climb,
        "more than the minimum",
    )
    if there:
        _hold(live, names.METRIC, 2 * stage.expect.scrape, LOADED)
    return bool(there)


def _served(stage: PodStage, live: Any, seen: dict[str, Any]) -> None:
    """One disturbance after the other, each when the adapter is whole again."""
    pods, namespace = stage.chain.adapter_pods, stage.chain.adapter.namespace
    adapter = f"deployment/{stage.chain.adapter.name}"

    def evict() -> None:
        seen["evictions"] = stage.faults.evict(pods, namespace)

    faults: dict[str, Callable[[], object]] = {
        DELETED: lambda: stage.faults.delete_pod(pods, namespace),
        EVICTED: evict,
        ROLLED: lambda: stage.faults.restart(adapter, namespace),
    }
    for name, fault in faults.items():
        live.mark(name, kind="fault", what=adapter)
        fault()
        done = live.mark(f"{name}: done", kind="fault").at
        back = limit("whole again", stage.budgets.component_ready, stage.budgets.api_recovers)
        live.wait_until(lambda r, at=done: _whole(r, at) and _answers(r, at), back, SERVED[name])


def _away(stage: PodStage, live: Any, load: Any, hpa: Any) -> None:
    budgets, intervals, chain = stage.budgets, stage.intervals, stage.chain
    adapter = f"deployment/{chain.adapter.name}"
    blind = float(intervals.downscale_window) + BLIND_SYNCS * float(intervals.hpa_sync)
    with stage.faults.gone(adapter, chain.adapter.namespace):
        live.mark(GONE, kind="fault", what=adapter)
        load.stop()
        _hold(live, names.HPA, blind, HELD)
    back = live.mark(BACK, kind="fault", what=adapter).at
    if live.wait_until(lambda r: _reads(r, back), budgets.chain_recovers, READS):
        live.wait_until(lambda r: value(r, names.SPEC) == hpa.min, budgets.scale_down, AT_MIN)


def _hold(live: Any, signal: str, seconds: float, name: str) -> None:
    """Go on for so long after the last event."""
    until = live.last_event.at + seconds
    live.wait_until(passed(signal, until), Hold(name, seconds + 2 * CLOCKS), name)


def _answers(record: Any, since: float) -> bool:
    answer = read_since(record, names.METRIC, since)
    return answer is not None and bool(answer.present)


def _reads(record: Any, since: float) -> bool:
    """Whether the API answers and the HPA has read it, both after unix second `since`."""
    hpa = read_since(record, names.HPA, since)
    return _answers(record, since) and hpa is not None and is_active(hpa)


def _whole(record: Any, since: float) -> bool:
    """Whether all of the adapter's pods are ready and of its newest version, read after unix second
    `since`.
    """
    reading = read_since(record, names.ADAPTER_READY, since)
    if reading is None or not reading.value:
        return False
    return bool(reading.value == reading.detail.get("updated") == reading.detail.get("total"))
