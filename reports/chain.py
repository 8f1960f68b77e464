"""The chain's latencies, measured from records: how long after a change each link showed it.

For each change a later signal shows, the moment the earlier signal reached that value is found (on
the line between two readings), and the time between the two is that link's latency. It is no less
exact than the sampling: readings are half a second to a second apart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from .timeline import LABELS, number

# (what changed, what shows it, the intervals whose sum is the time allowed for it)
LINKS = (
    ("queue_length", "redis_key_size", ("scrape",)),
    ("redis_key_size", "redis_items_in_queue", ("evaluation",)),
    ("redis_items_in_queue", "adapter_value", ()),
    ("hpa_desired_replicas", "ready_replicas", ("image_start", "probe")),
    ("queue_length", "adapter_value", ("scrape", "evaluation")),
)
# An earlier change than this is another one: the queue may pass the same length twice.
LOOK_BACK_SECONDS = 120.0

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Link:
    """One link's latencies in seconds; `allowed` None when the intervals in force are not known."""

    name: str
    changes: int
    median: float
    worst: float
    allowed: float | None


def chain(records: Iterable[Mapping[str, Any]]) -> list[Link]:
    """The links that could be measured over all records, in the order of the chain."""
    kept = list(records)
    found = []
    for cause, effect, parts in LINKS:
        delays = [d for r in kept for d in latencies(_points(r, cause), _points(r, effect))]
        if delays:
            name = f"{LABELS[cause]} → {LABELS[effect]}"
            found.append(Link(name, len(delays), median(delays), max(delays), _allowed(kept, parts)))
    return found


def latencies(cause: Points, effect: Points) -> list[float]:
    """Seconds from `cause` reaching a value to `effect` showing it, for each change of `effect`."""
    found = []
    for (_, before), (at, value) in pairwise(effect):
        if value != before and (reached := _reached(cause, value, at)) is not None:
            found.append(round(at - reached, 2))
    return found


def _reached(cause: Points, value: float, until: float) -> float | None:
    """When `cause` last came to `value` before `until`, on the line between its readings."""
    index = bisect_right(cause, until, key=lambda p: p[0])
    # The reading after `until` ends the stretch in which the value may have been crossed.
    for i in range(min(index, len(cause) - 1), 0, -1):
        (t0, v0), (t1, v1) = cause[i - 1], cause[i]
        if t1 < until - LOOK_BACK_SECONDS:
            return None
        if v0 not in (value, v1) and min(v0, v1) <= value <= max(v0, v1):
            crossed = t0 + (t1 - t0) * (value - v0) / (v1 - v0)
            if until - LOOK_BACK_SECONDS <= crossed <= until:
                return crossed
    return None


def _points(record: Mapping[str, Any], signal: str) -> Points:
    columns = (record.get("signals") or {}).get(signal) or {"at": [], "value": []}
    pairs = zip(columns["at"], map(number, columns["value"]), strict=False)
    return [(at, value) for at, value in pairs if value is not None]


def _allowed(records: list[Mapping[str, Any]], parts: tuple[str, ...]) -> float | None:
    """The largest sum of the intervals a link needs, or None when a record does not know one."""
    sums = []
    for record in records:
        intervals = record.get("intervals") or {}
        if not parts or any(part not in intervals for part in parts):
            return None
        sums.append(sum(float(intervals[part]) for part in parts))
    return max(sums, default=None)
