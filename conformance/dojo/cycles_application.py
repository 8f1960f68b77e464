"""Step 3's cycle: the bare application, before anything scales it, while Prometheus is still being
installed. Where an HPA is there already (a kept cluster, or one that is graded as it stands) the load is such
that the HPA itself brings the consumers, and the replicas are left to it.
"""

from __future__ import annotations

from typing import Any

from . import names
from .judging import Cycle
from .stage import Stage, at_rest, passed, read_since, value

ALONE = 8
"""Items for one consumer: 1 by /publish, 7 by /publish/7."""
CONSUMERS = 3
TOGETHER = 24
"""Items for three consumers: as many for each as one had before."""
ASKED_FOR_THREE = int((CONSUMERS - 0.5) * names.ITEMS_PER_CONSUMER)
"""Items for which an HPA with the exercise's target wants three consumers, half a replica off the edge."""
UNDER_WAY = 9
"""Items of which three consumers have some in hand, and one waiting, when two of the consumers are stopped:
3 s of work, and they are told to stop within two."""
WAKE = 10
"""Items that wake one consumer where an HPA has put all to sleep."""
SIGNALS = (names.QUEUE, names.IN_HAND, names.PUBLISHED, names.CONSUMED, names.SPEC, names.STATUS, names.READY)


def drive_application(stage: Stage) -> Cycle:
    """One consumer and 8 items; three consumers and 24 items; then the solution may be installed."""
    seen: dict[str, Any] = {}
    try:
        for piece in ("redis", "producer", "consumer"):
            stage.installation.need(piece)
        stage.hands_on()
        with stage.recorder.record("application", signals=SIGNALS) as live:
            _drive(stage, live, seen)
    finally:
        stage.installation.release("solution")
    seen["books"] = stage.redis_queue.counts()
    return Cycle(live.record, seen=seen)


def _drive(stage: Stage, live: Any, seen: dict[str, Any]) -> None:
    budgets, hpa = stage.budgets, stage.hpa()
    if hpa is not None:
        live.mark("an HPA is there", kind="phase")
    before = stage.redis_queue.counts()
    if before.queued or before.in_hand:  # left by an earlier run
        live.wait_until(lambda r: value(r, names.QUEUE) == 0, budgets.drain(before.queued, 1), "emptied")
    try:
        _one_consumer(stage, live, hpa)
        before = stage.redis_queue.counts()
        stage.publish(live, "published 1", 1)
        stage.publish(live, f"published {ALONE}", ALONE - 1)
    except stage.producer.Failed as error:
        seen["refused"] = str(error)
        return
    published = stage.redis_queue.counts().published or 0
    seen["published"] = ((before.published or 0), published)
    done = (before.consumed or 0) + before.in_hand + ALONE
    live.wait_until(
        lambda r: (value(r, names.CONSUMED) or 0) >= done, budgets.drain(ALONE, 1), f"{ALONE} done"
    )
    if hpa is not None and _acts(stage.hpa()):
        seen["together"] = ASKED_FOR_THREE
        _together(stage, live, ASKED_FOR_THREE, done)
    else:
        _scaled_by_hand(stage, live, done)


def _one_consumer(stage: Stage, live: Any, hpa: Any) -> None:
    """Wait for a consumer at work and a producer that answers. A consumer that sleeps is woken by items, as
    its HPA would be; by hand only if that did not help. One that will be sent to sleep, as nothing waits in
    the queue, is waited for: half-way through its items it would say nothing of its pace.
    """
    budgets, asleep = stage.budgets, False
    if hpa is not None:
        begun = live.mark("looking for consumers", kind="phase").at
        live.wait_until(passed(names.READY, begun), budgets.adapter_visible, "consumers counted")
        if hpa.min == 0:
            live.wait_until(lambda r: at_rest(r, 0), budgets.scale_down, "asleep")
        asleep = not value(live.so_far(), names.READY)
    if not asleep:
        live.wait_until(_consumes, budgets.pod_starts, "one consumer")
    live.wait_until(lambda _: stage.producer_answers(), budgets.component_ready, "producer answers")
    if asleep:
        sent = stage.publish(live, f"{WAKE} to wake a consumer", WAKE)
        if not live.wait_until(_consumes, budgets.wakes, "one consumer"):
            _scale(stage, live, 1, "woken by hand")
        live.wait_until(lambda r: _empty(r, sent.at), budgets.drain(WAKE, 1), "worked off")


def _consumes(record: Any) -> bool:
    return (value(record, names.READY) or 0) >= 1


def _empty(record: Any, since: float) -> bool:
    reading = read_since(record, names.QUEUE, since)
    return reading is not None and reading.value == 0


def _idle(record: Any) -> bool:
    return value(record, names.QUEUE) == 0 and value(record, names.IN_HAND) == 0


def _acts(hpa: Any) -> bool:
    """Whether an HPA can read its metric: one that cannot leaves the replicas as they are."""
    return bool(hpa.conditions.get("ScalingActive", {}).get("status") == "True")


def _scaled_by_hand(stage: Stage, live: Any, done: float) -> None:
    _scale(stage, live, CONSUMERS, "scaled by hand")
    live.wait_until(
        lambda r: (value(r, names.READY) or 0) >= CONSUMERS,
        stage.budgets.pods_start(CONSUMERS),
        "three consumers",
    )
    _together(stage, live, TOGETHER, done)
    # Stopped with an item in hand: what becomes of it is what the books are to show.
    stage.publish(live, f"{UNDER_WAY} under way", UNDER_WAY)
    stage.faults.restore(_workload(stage), stage.chain.consumer.namespace)
    live.mark("scaled back by hand")
    live.wait_until(_idle, stage.budgets.drain(UNDER_WAY, 1), "nothing under way")


def _together(stage: Stage, live: Any, count: int, done: float) -> None:
    stage.publish(live, f"published {count}", count)
    live.wait_until(
        lambda r: (value(r, names.CONSUMED) or 0) >= done + count,
        stage.budgets.drain(count, 1),
        f"{count} done",
    )


def _scale(stage: Stage, live: Any, replicas: int, name: str) -> None:
    stage.faults.scale(_workload(stage), replicas, stage.chain.consumer.namespace)
    live.mark(name, scaled_to=replicas)


def _workload(stage: Stage) -> str:
    return f"deployment/{stage.chain.consumer.name}"
