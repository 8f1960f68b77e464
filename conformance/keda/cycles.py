"""What the cycles share: how one begins at rest, how it wakes, and how it sleeps again."""

from __future__ import annotations

from typing import Any

from conformance.dojo import names as dojo
from conformance.dojo.stage import Stage, read_since, value

from . import limits

SPEC, STATUS, READY = dojo.SPEC, dojo.STATUS, dojo.READY
QUEUE, IN_HAND = dojo.QUEUE, dojo.IN_HAND


def begin(stage: Stage) -> None:
    """Wait until everything is installed, and ask whether it may be driven."""
    stage.bring("wiring")
    stage.hands_on()


def at_rest(stage: Stage, live: Any) -> bool:
    """Wait until there is no item and no replica: what KEDA makes of an idle application."""
    queued = stage.redis_queue.counts().queued
    if not live.wait_until(idle, stage.budgets.drain(queued, 1), "empty before the cycle"):
        return False
    rest = live.wait_until(zero, limits.at_rest(stage.budgets), "at rest")
    if rest:
        by_keda(live, "KEDA has put it to sleep", 0)
    return bool(rest)


def by_keda(live: Any, what: str, replicas: int) -> None:
    """Mark that the replica count was KEDA's work: the HPA's model takes it for somebody else's."""
    live.mark(what, kind="phase", scaled_to=replicas)


def woken(stage: Stage, live: Any, budget: Any) -> bool:
    """Wait until a replica is asked for, then until it is Ready."""
    if not live.wait_until(lambda r: (value(r, SPEC) or 0) >= 1, budget, "activated"):
        return False
    by_keda(live, "KEDA has woken it", 1)
    return bool(
        live.wait_until(lambda r: (value(r, READY) or 0) >= 1, stage.budgets.pod_starts, "one is Ready")
    )


def idle(record: Any) -> bool:
    """No item is queued or in hand."""
    return value(record, QUEUE) == 0 and value(record, IN_HAND) == 0


def zero(record: Any) -> bool:
    """No replica is asked for, and none is there."""
    return value(record, SPEC) == 0 and value(record, STATUS) == 0


def asked_for_none(record: Any) -> bool:
    """No replica is asked for; pods may still be on their way out."""
    return value(record, SPEC) == 0


def empty_since(record: Any, since: float) -> bool:
    """The queue was seen empty after unix second ``since``."""
    reading = read_since(record, QUEUE, since)
    return reading is not None and reading.value == 0
