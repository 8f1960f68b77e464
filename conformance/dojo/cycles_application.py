"""Step 3's cycle: the bare application, before anything scales it, while Prometheus is still being
installed.
"""

from __future__ import annotations

from typing import Any

from . import names
from .judging import Cycle
from .stage import Stage, value

ALONE = 8
"""Items for one consumer: 1 by /publish, 7 by /publish/7."""
CONSUMERS = 3
TOGETHER = 24
"""Items for three consumers: as many for each as one had before."""
SIGNALS = (names.QUEUE, names.PUBLISHED, names.CONSUMED, names.SPEC, names.STATUS, names.READY)


def drive_application(stage: Stage) -> Cycle:
    """One consumer and 8 items; three consumers and 24 items; then the solution may be installed."""
    seen: dict[str, Any] = {}
    try:
        for piece in ("redis", "producer", "consumer"):
            stage.installation.need(piece)
        with stage.recorder.record("application", signals=SIGNALS) as live:
            _drive(stage, live, seen)
    finally:
        stage.installation.release("solution")
    seen["books"] = stage.redis_queue.counts()
    return Cycle(live.record, seen=seen)


def _drive(stage: Stage, live: Any, seen: dict[str, Any]) -> None:
    budgets = stage.budgets
    if stage.hpa() is not None:
        live.mark("an HPA is there", kind="phase")  # a kept cluster: it may scale against us
    before = stage.redis_queue.counts()
    if before.queued or before.in_hand:  # left by an earlier run
        live.wait_until(lambda r: value(r, names.QUEUE) == 0, budgets.drain(before.queued, 1), "emptied")
        before = stage.redis_queue.counts()
    live.wait_until(lambda r: (value(r, names.READY) or 0) >= 1, budgets.pod_starts, "one consumer")
    live.wait_until(lambda _: stage.producer_answers(), budgets.component_ready, "producer answers")
    try:
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

    stage.faults.scale(f"deployment/{names.CONSUMER}", CONSUMERS, names.NAMESPACE)
    live.mark("scaled by hand", scaled_to=CONSUMERS)
    live.wait_until(
        lambda r: (value(r, names.READY) or 0) >= CONSUMERS, budgets.pods_start(CONSUMERS), "three consumers"
    )
    stage.publish(live, f"published {TOGETHER}", TOGETHER)
    all_done = done + TOGETHER
    live.wait_until(
        lambda r: (value(r, names.CONSUMED) or 0) >= all_done, budgets.drain(TOGETHER, 1), f"{TOGETHER} done"
    )
    stage.faults.restore(f"deployment/{names.CONSUMER}", names.NAMESPACE)
    live.mark("scaled back by hand", scaled_to=1)
