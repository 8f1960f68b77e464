"""The cycle of steps 6 and 7: a load above the maximum, its drain, no replica, and a wake. Its marks are the
dojo's, so that the two can be set side by side.
"""

from __future__ import annotations

from typing import Any

from conformance.dojo import api_calls
from conformance.dojo import names as dojo
from conformance.dojo.cycles_load import ABOVE_MAX, WAKE, climb
from conformance.dojo.judging import Cycle
from conformance.dojo.stage import Stage, passed, value

from . import cycles, limits, names

HELD_POLLS = 2
"""Polls of KEDA, and syncs of the HPA as often, for which the idle state is watched."""


def drive_load(stage: Stage) -> Cycle:
    """470 items at a threshold of 20 and a maximum of 20, from no replica."""
    cycles.begin(stage)
    hpa = stage.hpa()
    seen: dict[str, Any] = {"hpa": hpa, "max": hpa.max if hpa is not None else names.MAX_REPLICAS}
    with stage.recorder.record("load") as live:
        # What is not mastered is not waited for: the run is to end quickly, and that is told.
        if cycles.at_rest(stage, live) and _load(stage, live, seen) and _idle(stage, live):
            api_calls.mark(live, seen["requests"], api_calls.counted(stage))
            _wake(stage, live)
    return Cycle(live.record, seen=seen)


def _load(stage: Stage, live: Any, seen: dict[str, Any]) -> bool:
    """Publish, wake, climb, drain; whether the queue is empty in the end."""
    budgets, maximum = stage.budgets, seen["max"]
    count = int((maximum + ABOVE_MAX) * names.THRESHOLD)
    seen["budget at max"] = limits.scale_to_max(budgets, maximum)
    seen["budget drained"] = limits.Together(
        "drained", limits.wakes(budgets), budgets.drain(count, climb(1, maximum))
    )
    # At least one reading of each signal before the load: what it was is part of what is judged.
    before = live.mark("before the load", kind="phase").at
    for signal in (cycles.SPEC, dojo.RECORDED, dojo.ADAPTER, cycles.QUEUE):
        live.wait_until(passed(signal, before), budgets.adapter_visible, f"{signal} is read")
    seen["requests"] = api_calls.counted(stage)
    started = live.mark("load starts", items=count, replicas=0)
    stage.publish(live, f"published {count}", count)
    if not cycles.woken(stage, live, limits.activated(budgets)):
        return False

    def done(record: Any) -> bool:
        return (value(record, cycles.READY) or 0) >= maximum or empty(record)

    def empty(record: Any) -> bool:
        return cycles.empty_since(record, started.at + 1)

    if not live.wait_until(done, seen["budget at max"], "as far as it goes"):
        return False
    if (value(live.so_far(), cycles.READY) or 0) >= maximum:
        live.mark("at max", kind="wait")
    return bool(live.wait_until(empty, seen["budget drained"], "queue drained"))


def _idle(stage: Stage, live: Any) -> bool:
    budgets, intervals = stage.budgets, stage.intervals
    if not live.wait_until(cycles.asked_for_none, limits.to_zero(budgets), "none is asked for"):
        return False
    cycles.by_keda(live, "KEDA has put it to sleep", 0)
    live.wait_until(cycles.zero, budgets.pod_stops, "at min")
    hold = HELD_POLLS * (names.POLLING + intervals.hpa_sync)
    until = live.mark("holding", kind="phase").at + hold
    return bool(live.wait_until(passed(dojo.HPA, until), budgets.hpa_reacts, "idle held"))


def _wake(stage: Stage, live: Any) -> None:
    stage.publish(live, "items for nobody", WAKE)
    if cycles.woken(stage, live, limits.activated(stage.budgets)):
        live.mark("woken", kind="wait")
