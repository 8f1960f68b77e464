"""The cpu scenario's one cycle: rest, a load above what the maximum can bear, metrics-server away and back
under that load, and the way down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.dojo.judging import Cycle, is_active
from conformance.dojo.stage import Hold, passed, read_since, value
from conformance.pod_metric import names as shared

from . import limits, names
from .judging import measured_since

HELD_SYNCS = 3
"""HPA syncs for which a state is watched: one may fall on either side of its edges, one is surely inside."""


@dataclass(frozen=True)
class CpuStage:
    """The kit's fixtures, as the cycle needs them."""

    recorder: Any
    installation: Any
    faults: Any
    http_load: Callable[..., Any]
    kube: Any
    budgets: Any
    intervals: Any
    chain: Any
    hands_on: Callable[[], None]
    """Called before anything is driven; raises where the cluster is not to be touched."""


def drive_cpu(stage: CpuStage) -> Cycle:
    """The whole cycle, in one record; what a wrong solution never gets to is left out."""
    for piece in ("cpu-app", "metrics-server", "wiring"):
        stage.installation.need(piece)
    stage.hands_on()
    seen: dict[str, Any] = {"hpa": stage.kube.hpa(*stage.chain.hpa)}
    with stage.recorder.record("cpu") as live:
        live.mark("at rest", kind="phase")
        if seen["hpa"] is not None and live.wait_until(_reads, limits.reads(stage.intervals), shared.ACTIVE):
            seen |= {"min": seen["hpa"].min, "max": seen["hpa"].max}
            _hold(stage, live, names.USAGE, shared.HELD)
            _loaded(stage, live, seen)
            _down(stage, live, seen)
    return Cycle(live.record, seen=seen)


def _reads(record: Any) -> bool:
    reading = record.recorded(shared.HPA).last()
    return bool(
        reading is not None
        and reading.present
        and is_active(reading)
        and reading.detail.get("current_metric")
    )


def _hold(stage: CpuStage, live: Any, signal: str, what: str, seconds: float = 0.0) -> None:
    """Watch for ``seconds`` and some syncs of the HPA."""
    held = seconds + HELD_SYNCS * float(stage.intervals.hpa_sync)
    until = live.mark(f"until {what}", kind="phase").at + held
    live.wait_until(passed(signal, until), Hold("hold", held + limits.ANSWER * HELD_SYNCS), what)


def _loaded(stage: CpuStage, live: Any, seen: dict[str, Any]) -> None:
    """Load until the maximum is Ready; then metrics-server goes away and comes back, under the same load."""
    begin = int(value(live.so_far(), shared.SPEC) or seen["min"])
    seen["budget at max"] = limits.to_max(stage.intervals, stage.budgets, begin)
    load = stage.http_load(f"/?ms={names.COST_MS:g}", per_second=names.PER_SECOND, seconds=names.MOST_SECONDS)
    seen["sent"] = load.sent
    with load:
        live.mark(names.STARTS, per_second=names.PER_SECOND, replicas=begin)
        if live.wait_until(
            lambda r: (value(r, shared.READY) or 0) >= names.MAXIMUM, seen["budget at max"], shared.AT_MAX
        ):
            _outage(stage, live, seen)
        else:
            _measured(stage, live)
    live.mark(shared.ENDS)


def _outage(stage: CpuStage, live: Any, seen: dict[str, Any]) -> None:
    registered = stage.kube.apiservice(names.API_SERVICE)
    if registered is None or registered.service is None:
        return
    namespace, name = registered.service
    workload = f"deployment/{name}"  # the charts call Service and Deployment the same
    away = float(stage.intervals.downscale_window)
    with stage.faults.gone(workload, namespace):
        live.mark(names.GONE, kind="fault", what=workload)
        _hold(stage, live, shared.HPA, names.HELD, away)
    restored = live.mark(names.RESTORED, kind="fault", what=workload)
    seen["budget recovers"] = limits.recovers(stage.intervals, stage.budgets)

    def recovered(record: Any) -> bool:
        read = read_since(record, names.USAGE, restored.at)
        return bool(read is not None and read.present and _reads(record))

    live.wait_until(recovered, seen["budget recovers"], names.RECOVERED)
    _measured(stage, live)


def _measured(stage: CpuStage, live: Any) -> None:
    """Until the usage of every pod is one of this load alone."""
    since = live.mark("to be measured", kind="phase").at

    def all_measured(record: Any) -> bool:
        usage, pods = record.recorded(names.USAGE).last(), record.recorded(shared.PODS).last()
        return usage is not None and pods is not None and measured_since(usage, pods, since)

    live.wait_until(all_measured, limits.measured(), names.MEASURED)


def _down(stage: CpuStage, live: Any, seen: dict[str, Any]) -> None:
    ended = live.last_event.at
    seen["budget down"] = limits.to_min(stage.intervals, stage.budgets)

    def at_min(record: Any) -> bool:
        if read_since(record, shared.STATUS, ended) is None:
            return False
        return bool(value(record, shared.SPEC) == seen["min"] == value(record, shared.STATUS))

    if live.wait_until(at_min, seen["budget down"], shared.AT_MIN):
        _hold(stage, live, shared.HPA, shared.IDLE)
