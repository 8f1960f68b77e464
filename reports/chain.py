"""The chain's latencies, measured from records: how long after a change each stage showed it.

A stage copies what the one before it showed, so a value it shows tells how fresh it was: as of the
moment at which the earlier stage last came to that value. A change is seen once a stage shows
something as fresh as the change. So a change that no stage ever showed by itself (the queue moves
faster than it is scraped) is timed as well. Where a value was passed twice the later time counts.

Everything is as exact as the readings are close, half a second to a second. Records with a fault
are left out: they show how the chain recovers, not how it works.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from statistics import median
from typing import Any

from fixtures.judge.budgets import MACHINE_LEAST, MACHINE_SHARE, Budget, Budgets, Intervals
from fixtures.observe.quantity import quantity

from .lines import GAP_SECONDS, number

QUEUE, DESIRED, CURRENT, READY = (
    "queue_length",
    "hpa_desired_replicas",
    "hpa_current_replicas",
    "ready_replicas",
)
# An earlier change than this is another one: the queue may pass the same length twice.
LOOK_BACK_SECONDS = 120.0
# Stands for what the HPA says that it has read; it is no signal, but in the detail of one.
HPA_METRIC = "hpa metric"
# (stage, what shows what it knows, the budget from the queue's change on), in the order of the chain.
STAGES: tuple[tuple[str, str, Callable[[Budgets], Budget]], ...] = (
    ("Prometheus", "redis_key_size", lambda b: b.key_size_visible),
    ("rule", "redis_items_in_queue", lambda b: b.rule_visible),
    ("adapter", "adapter_value", lambda b: b.adapter_visible),
    ("HPA", HPA_METRIC, lambda b: b.hpa_reacts),
)
REPLICAS = "replicas"

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Link:
    """Latencies in seconds from `cause` to `stage`, against a budget; None when it cannot be known.

    Intervals differ between records, and so do budgets: `late` is how many of the `changes` took
    longer than that of their own record, `allowed` the tightest with its sum in words, `most` the longest;
    `usual` and `largest` are the median and the largest share of its own budget that a change took.
    """

    cause: str
    stage: str
    changes: int
    median: float
    worst: float
    allowed: float | None
    most: float | None
    budget: str
    late: int
    usual: float = 0.0
    largest: float = 0.0

    @property
    def name(self) -> str:
        """`queue → rule`."""
        return f"{self.cause} → {self.stage}"


Timed = tuple[float, Budget | None]


def without_fault(records: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The records the chain is measured from."""
    return [r for r in records if not any(e.get("kind") == "fault" for e in r.get("events") or [])]


def chain(records: Iterable[Mapping[str, Any]]) -> list[Link]:
    """What could be measured, in the order of the chain: each link, and each stage from the queue on."""
    kept = without_fault(records)
    found: dict[tuple[str, str], list[Timed]] = {}
    for record in kept:
        budgets = _budgets(record)
        before, cause, so_far = "queue", _points(record, QUEUE), None
        queue = cause
        for stage, signal, budget in STAGES:
            shown = _points(record, signal)
            whole = budget(budgets) if budgets else None
            link = _rest(so_far, whole) if whole else None
            exact = before != "queue"
            found.setdefault((before, stage), []).extend((s, link) for s in seen(cause, shown, exact=exact))
            found.setdefault(("queue", stage), []).extend(
                (s, whole) for s in (seen(queue, shown) if exact else ())
            )
            before, cause, so_far = stage, shown, whole
        found.setdefault((before, REPLICAS), []).extend(_started(record, budgets))
        found.setdefault(("queue", REPLICAS), []).extend(_climbed(record, queue, budgets))
    return [_link(*names, timed) for names, timed in found.items() if timed]


def seen(cause: Points, effect: Points, *, exact: bool = False) -> list[float]:
    """For each change of `cause`, the seconds until `effect` showed something as fresh.

    exact: `cause` jumps from reading to reading, as a scraped value does; a queue passes all
    lengths in between. What changed before `effect` first showed anything, after its last change,
    or while it was not being read, is left out.
    """
    fresh: Points = []
    for (_, before), (at, value) in pairwise(effect):
        if value != before and (since := _reached(cause, value, at, exact)) is not None:
            # What is shown later is never older.
            fresh.append((max(since, fresh[-1][0] if fresh else since), at))
    unread = [(t0, t1) for (t0, _), (t1, _) in pairwise(effect) if t1 - t0 > GAP_SECONDS]
    found = []
    for (start, before), (end, value) in pairwise(cause):
        if value == before or not effect or end <= effect[0][0] or end - start > GAP_SECONDS:
            continue
        index = bisect_right(fresh, start, key=lambda pair: pair[0])
        if index == len(fresh):
            break
        shown = fresh[index][1]
        if not any(t0 < shown and start < t1 for t0, t1 in unread):
            found.append(round(max(0.0, shown - (start + end) / 2), 2))
    return found


def _reached(cause: Points, value: float, until: float, exact: bool) -> float | None:
    """When `cause` last came to `value` before `until`: at one of its readings or on the line between two."""
    index = bisect_right(cause, until, key=lambda p: p[0])
    # The reading after `until` ends the stretch in which the value may have come.
    for i in range(min(index, len(cause) - 1), 0, -1):
        (t0, v0), (t1, v1) = cause[i - 1], cause[i]
        if t1 < until - LOOK_BACK_SECONDS:
            return None
        if v0 == value or not min(v0, v1) <= value <= max(v0, v1):
            continue
        if v1 == value and (exact or t1 <= until):
            return min(t1, until)
        crossed = t0 + (t1 - t0) * (value - v0) / (v1 - v0)
        if not exact and crossed <= until:
            return crossed
    return None


def _climbs(points: Points) -> Iterator[tuple[float, float, float, bool]]:
    """`(from, to, count, first)` for each step up: seen between two times; whether none came before it."""
    going_up = False
    for (start, before), (end, value) in pairwise(points):
        if value > before:
            yield start, end, value, not going_up
        going_up = value > before or (going_up and value == before)


def _started(record: Mapping[str, Any], budgets: Budgets | None) -> Iterator[Timed]:
    """From each decision to have more replicas to that many Ready, unless it was taken back before."""
    desired, ready = _points(record, DESIRED), _points(record, READY)
    for start, end, count, _ in _climbs(desired):
        before, later = _around(ready, start)
        reached = next((t for t, v in later if v >= count), None)
        if not before or before[-1][1] >= count or reached is None:
            continue
        if not any(v < count for t, v in _around(desired, end)[1] if t < reached):
            pods = round(count - before[-1][1])
            yield max(0.0, reached - (start + end) / 2), budgets.pods_start(pods) if budgets else None


def _climbed(record: Mapping[str, Any], queue: Points, budgets: Budgets | None) -> Iterator[Timed]:
    """From the queue's growth to the first replica more, for each climb that it set off."""
    ready = _points(record, READY)
    grown = [(a + b) / 2 for (a, before), (b, value) in pairwise(queue) if value > before]
    for _, decided, _, first in _climbs(_points(record, DESIRED)):
        index = bisect_left(grown, decided)
        if not first or not index or decided - grown[index - 1] > LOOK_BACK_SECONDS:
            continue
        cause = grown[index - 1]
        before, later = _around(ready, cause)
        more = next((t for t, v in later if before and v > before[-1][1]), None)
        if more is not None:
            yield more - cause, budgets.wakes if budgets else None


def _around(points: Points, time: float) -> tuple[Points, Points]:
    """The last reading by `time`, if any, and those of the LOOK_BACK_SECONDS after it."""
    index = bisect_right(points, time, key=lambda p: p[0])
    end = bisect_right(points, time + LOOK_BACK_SECONDS, key=lambda p: p[0])
    return points[max(0, index - 1) : index], points[index:end]


def _link(cause: str, stage: str, timed: list[Timed]) -> Link:
    seconds = [s for s, _ in timed]
    known = [b for _, b in timed if b is not None]
    # One record that does not know its intervals leaves the comparison open.
    shares = [s / b.seconds for s, b in timed if b is not None] or [0.0]
    compared = sorted(known, key=lambda b: b.seconds) if len(known) == len(timed) else []
    return Link(
        cause,
        stage,
        len(timed),
        median(seconds),
        max(seconds),
        compared[0].seconds if compared else None,
        compared[-1].seconds if compared else None,
        compared[0].explain() if compared else "",
        sum(1 for share in shares if share > 1),
        median(shares),
        max(shares),
    )


def _budgets(record: Mapping[str, Any]) -> Budgets | None:
    """The suite's own budgets for the intervals that were in force; None unless all are known."""
    given = record.get("intervals") or {}
    names = [each.name for each in fields(Intervals)]
    if any(name not in given for name in names):
        return None
    return Budgets(Intervals().known("the record", **{name: float(given[name]) for name in names}))


def _rest(before: Budget | None, after: Budget) -> Budget:
    """The budget of one link: what its stage adds to the sum, and a machine's share of its own."""
    known = before.parts if before else {}
    parts = {
        name: seconds - known.get(name, 0.0) for name, seconds in after.parts.items() if name != "machine"
    }
    parts = {name: seconds for name, seconds in parts.items() if seconds > 0}
    parts["machine"] = max(MACHINE_LEAST, MACHINE_SHARE * sum(parts.values()))
    return Budget(after.name, parts)


def _points(record: Mapping[str, Any], signal: str) -> Points:
    if signal == HPA_METRIC:
        return _hpa_metric(record)
    columns = (record.get("signals") or {}).get(signal) or {"at": [], "value": []}
    pairs = zip(columns["at"], map(number, columns["value"]), strict=False)
    return [(at, value) for at, value in pairs if value is not None]


def _hpa_metric(record: Mapping[str, Any]) -> Points:
    """What the HPA's status says it has read: a value, or an average by the replicas it was made with."""
    signals = record.get("signals") or {}
    columns, replicas = signals.get(DESIRED) or {}, dict(_points(record, CURRENT))
    details: list[tuple[int, Any]] = columns.get("detail") or []
    found: Points = []
    ends = [*(index for index, _ in details[1:]), None]
    for (index, detail), following in zip(details, ends, strict=False):
        metric = (detail or {}).get("current_metric") or {}
        for at in columns["at"][index:following]:
            value, average = _quantity(metric.get("value")), _quantity(metric.get("averageValue"))
            if value is not None:
                found.append((at, value))
            elif average is not None and average >= 0 and (count := replicas.get(at)):
                found.append((at, _whole(average * count, count)))
    return found


def _quantity(text: object) -> float | None:
    """`"22500m"` and `"15"` as numbers; None for what is no quantity."""
    try:
        return float(quantity(text)) if isinstance(text, str) else None
    except ValueError:
        return None


def _whole(total: float, count: float) -> float:
    """The whole number an average was made from: it was rounded to thousandths."""
    nearest = round(total)
    return float(nearest) if abs(total - nearest) <= count / 1000 else round(total, 4)
