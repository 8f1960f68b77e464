"""The cycle of steps 9 and 10: a load above the maximum, its drain, the idle time, and a wake from zero."""

from __future__ import annotations

from typing import Any

from . import api_calls, names
from .judging import Cycle
from .stage import Stage, passed, read_since, value

ABOVE_MAX = 3.5
"""Replicas above the maximum that the load asks for: clearly more, and half a replica off the rounding
edge."""
WAKE = 10
"""Items for the wake: half of what one consumer is to have, so that exactly one is asked for."""
HELD_SYNCS = 2
"""HPA syncs for which the idle state is watched: one may fall on either side of its edge."""
V1_PATH = "/apis/autoscaling/v1/namespaces/{0.namespace}/horizontalpodautoscalers/{0.name}"


def drive_load(stage: Stage) -> Cycle:
    """470 items at a target of 20 and a maximum of 20; from whatever replicas there are."""
    stage.bring("adapter")
    stage.hands_on()
    hpa = stage.scaler()
    down = (hpa.raw["spec"].get("behavior") or {}).get("scaleDown") or {}
    seen: dict[str, Any] = {
        "evaluation": stage.evaluation(),
        "hpa": hpa,
        "min": hpa.min,
        "max": hpa.max,
        "window": float(down.get("stabilizationWindowSeconds", stage.intervals.downscale_window)),
    }
    with stage.recorder.record("load") as live:
        # A load that was not mastered is not waited for: the run is to end quickly, and that is told.
        if _load(stage, live, seen):
            _idle(stage, live, seen)
            api_calls.mark(live, seen["requests"], api_calls.counted(stage))
            if hpa.min == 0:
                _wake(stage, live)
    raw = {names.RULE_METRIC: stage.raw(stage.chain.rule_query)}
    return Cycle(live.record, raw=raw, seen=seen)


def _load(stage: Stage, live: Any, seen: dict[str, Any]) -> bool:
    """Publish, climb, drain; whether the queue is empty in the end."""
    budgets, hpa, maximum = stage.budgets, seen["hpa"], seen["max"]
    stepwise = "behavior" in hpa.raw["spec"]
    begin = int(stage.kube.deployment(*stage.chain.consumer).spec)
    queued = stage.redis_queue.counts().queued
    count = max(int((maximum + ABOVE_MAX) * names.ITEMS_PER_CONSUMER) - queued, 1)
    seen["budget at max"] = budgets.scale_to_max(begin, maximum, behavior=stepwise)
    seen["budget drained"] = budgets.drain(count + queued, climb(begin, maximum))
    # At least one reading of each signal before the load: what it was is part of what is judged.
    before = live.mark("before the load", kind="phase").at
    for signal in (names.SPEC, names.RECORDED, names.ADAPTER, names.QUEUE):
        live.wait_until(passed(signal, before), budgets.adapter_visible, f"{signal} is read")
    seen["requests"] = api_calls.counted(stage)
    started = live.mark("load starts", items=count, replicas=begin)
    stage.publish(live, f"published {count}", count)

    def empty(record: Any) -> bool:
        reading = read_since(record, names.QUEUE, started.at + 1)
        return reading is not None and reading.value == 0

    def done(record: Any) -> bool:
        return (value(record, names.READY) or 0) >= maximum or empty(record)

    if not live.wait_until(done, seen["budget at max"], "as far as it goes"):
        return False
    if (value(live.so_far(), names.READY) or 0) >= maximum:
        live.mark("at max", kind="wait")
    return bool(live.wait_until(empty, seen["budget drained"], "queue drained"))


def _wake(stage: Stage, live: Any) -> None:
    sent = stage.publish(live, "items for nobody", WAKE)

    def ready(record: Any) -> bool:
        reading = read_since(record, names.READY, sent.at)
        return reading is not None and (reading.value or 0) > 0

    live.wait_until(ready, stage.budgets.wakes, "woken")


def _idle(stage: Stage, live: Any, seen: dict[str, Any]) -> None:
    budgets, intervals, minimum = stage.budgets, stage.intervals, seen["min"]
    live.wait_until(
        lambda r: value(r, names.SPEC) == minimum and value(r, names.STATUS) == minimum,
        budgets.scale_down,
        "at min",
    )
    held = live.mark("holding", kind="phase").at + HELD_SYNCS * intervals.hpa_sync + seen["evaluation"]
    live.wait_until(passed(names.HPA, held), budgets.hpa_reacts, "idle held")
    seen["idle v2"] = stage.hpa()
    seen["idle v1"] = stage.kube.get(V1_PATH.format(stage.chain.hpa))[1]


def climb(start: int, maximum: int) -> list[int]:
    """The replica counts on the way up without spec.behavior: at most double, or 4, a decision."""
    path = [start]
    while path[-1] < maximum:
        path.append(min(max(2 * path[-1], 4), maximum))
    return path
