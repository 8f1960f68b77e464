"""Small pure judgments over records and raw samples. None of them waits, reads or drives anything."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar

from . import names

CLOCKS = 1.5
"""Seconds by which a sample's timestamp and our own reading of the same thing may differ: a scrape takes
its time, our reads come once a second, and on a cluster that is not local the clocks differ a little."""


class Blocked(Exception):
    """What is to be judged cannot be seen, because of what the behaviour ``by`` is about; ``why`` says more.

    For a behaviour that can well be judged while the other one fails for other reasons: ``needs`` would
    block it then, too.
    """

    outcome: ClassVar[str] = "blocked"  # read by the judge, as is ``by``

    def __init__(self, by: str, why: str) -> None:
        super().__init__(f"blocked by {by}: {why}")
        self.by = by


@dataclass(frozen=True)
class Cycle:
    """One driven cycle: its record, Prometheus' raw samples by metric, and what was looked at on the way."""

    record: Any
    raw: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawSample:
    """One stored sample: its series' labels, its value and its own timestamp (unix seconds)."""

    labels: Mapping[str, str]
    value: float
    at: float


def flat(series: Sequence[Any]) -> list[RawSample]:
    """The samples of all series in one list, oldest first."""
    samples = [RawSample(each.labels, value, at) for each in series for at, value in each.samples]
    return sorted(samples, key=lambda sample: sample.at)


def reached(record: Any, name: str) -> Any:
    """The event ``name``; an AssertionError that tells how far the cycle got when it never happened."""
    if record.has_event(name):
        return record.event(name)
    told = [
        f"{event.at - record.started:6.1f} s  {event.name} {dict(event.detail) or ''}"
        for event in record.events
    ]
    raise AssertionError(f"the cycle never got to {name!r}; what happened:\n" + "\n".join(told))


def part(record: Any, start: str, end: str) -> Any:
    """The record between two events, both of which must have happened."""
    return record.between(reached(record, start), reached(record, end))


def pace(points: Sequence[tuple[float, float]]) -> float:
    """Items per unit of x, from the first count seen to when the last one was first seen; AssertionError when
    the count did not change, so that nothing can be said.
    """
    steps = [point for before, point in pairwise(points) if point[1] != before[1]]
    assert steps, f"in {len(points)} readings no item was finished: no rate can be told"
    (start, first), (end, last) = points[0], steps[-1]
    assert end > start, f"{last - first:g} items were finished in no time by any consumer"
    return (last - first) / (end - start)


def items_per_second(record: Any) -> float:
    """Items finished a second; the record is to begin with a burst and end when it is worked off."""
    return pace(record.recorded(names.CONSUMED).numbers())


def items_per_consumer_second(record: Any) -> float:
    """Items finished a second by one ready consumer, whoever scales them meanwhile."""
    ready, points, spent, before = record.recorded(names.READY), [], 0.0, None
    for at, consumed in record.recorded(names.CONSUMED).numbers():
        consumers = ready.at(at)
        if consumers is None or consumers.value is None:
            continue
        spent += (at - before) * consumers.value if before is not None else 0.0
        before = at
        points.append((spent, consumed))
    return pace(points)


def queue_bounds(record: Any, at: float) -> tuple[float, float] | None:
    """Least and greatest queue length that Redis can have had around unix second ``at``.

    From the LLEN readings within CLOCKS of it, and from what was published in that time: a burst's peak
    may fall between two readings. None when there is no reading on one of its sides: nothing to compare.
    """
    queue = record.recorded(names.QUEUE)
    near = [(when, length) for when, length in queue.numbers() if abs(when - at) <= CLOCKS]
    if not near or not near[0][0] <= at <= near[-1][0]:
        return None
    lengths = [length for _, length in near]
    low, high = min(lengths), max(lengths)
    for event in record.events:
        if "count" in event.detail and abs(event.at - at) <= CLOCKS:
            asked = event.at - event.detail.get("seconds", 0.0)
            before = queue.at(asked)
            if before is not None and before.value is not None:
                high = max(high, before.value + event.detail["count"])
                low = min(low, max(0.0, before.value - _consumers(record)))
    return low, high


def _consumers(record: Any) -> float:
    ready = [value for _, value in record.recorded(names.READY).numbers()]
    return max(ready, default=1.0)


def rule_mismatches(
    recorded: Sequence[Any], sizes: Sequence[Any], scrape: float, labels: Mapping[str, str]
) -> list[str]:
    """Where the recorded metric was not what the rule has to make of redis_key_size at that instant.

    A rule is evaluated like an instant query: it sees the last sample at or before its time (or, if that
    one was only just being stored, the one before). The end of a series shows up to two scrapes late,
    so from a scrape after a last sample to the gap's end 0 is right too. ``labels`` are those that the
    metric has to have; it may have more, as redis_key_size has them, and an aggregation may drop the rest.
    """
    wrong = []
    for sample in recorded:
        last = [size for size in sizes if size.at <= sample.at][-2:]
        fits = [size for size in last[-1:] if sample.at - size.at <= STALE_SCRAPES * scrape]
        fits += [size for size in last[:1] if len(last) > 1 and sample.at - last[-1].at <= CLOCKS]
        gone = not last or sample.at - last[-1].at > LATE_SCRAPES * scrape
        same = any(size.value == sample.value and agrees(sample.labels, size.labels) for size in fits)
        zero = gone and sample.value == 0
        if not ((same or zero) and labels.items() <= sample.labels.items()):
            seen = [(f"{size.at - sample.at:+.1f} s", size.value, bare(size.labels)) for size in last]
            wrong.append(
                f"at {sample.at:.1f} it was {sample.value:g} with {bare(sample.labels)}; before it: {seen}"
            )
    return wrong


STALE_SCRAPES = 3.0
"""Scrape intervals after which a series whose target is gone is certainly over: Prometheus writes its end
two intervals and a tenth after the last scrape (scrape/scrape.go, endOfRunStaleness)."""
LATE_SCRAPES = 0.98
"""Scrape intervals after which a sample may be over: the next scrape, which comes on the beat, did not find
the series. So it is for every empty queue where an exporter finds keys by a pattern.
"""


def agrees(labels: Mapping[str, str], others: Mapping[str, str]) -> bool:
    """Whether labels that both have are the same, but for the metric's name."""
    return all(others.get(name, value) == value for name, value in bare(labels).items())


def bare(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels without the metric's name."""
    return {name: value for name, value in labels.items() if name != "__name__"}


def evaluations(samples: Sequence[Any]) -> list[float]:
    """The distinct timestamps of a rule's samples, in order: its evaluations."""
    return sorted({sample.at for sample in samples})


def gaps(times: Sequence[float], most: float) -> list[str]:
    """The pairs of successive times that are more than ``most`` seconds apart."""
    pairs = itertools.pairwise(times)
    return [f"{after - before:.1f} s from {before:.1f}" for before, after in pairs if after - before > most]


def missing(interval: float) -> float:
    """Seconds without a result from which on a rule gave none: a busy machine may skip one evaluation, and
    a query would still be answered then.
    """
    return 2 * interval + CLOCKS


def more_than_one(samples: Sequence[Any]) -> dict[float, int]:
    """Evaluations that gave more than one series, with how many."""
    return {at: count for at, count in Counter(sample.at for sample in samples).items() if count > 1}


def stale_answers(record: Any, slack: float) -> list[str]:
    """Answers of the adapter that Prometheus did not give within ``slack`` seconds of the question."""
    wrong = []
    recorded = record.recorded(names.RECORDED)
    for answer in record.recorded(names.ADAPTER).present():
        given = {value for at, value in recorded.numbers() if answer.asked - slack <= at <= answer.at + slack}
        if given and answer.value not in given:
            wrong.append(
                f"at {answer.at - record.started:.1f} s it was {answer.value:g}, Prometheus said"
                f" {sorted(given)}"
            )
    return wrong


def turns(steps: Sequence[tuple[float, float]]) -> list[str]:
    """The replica count's changes of direction, from up to down or down to up."""
    found, direction = [], 0
    for (_, before), (at, after) in itertools.pairwise(steps):
        now = 1 if after > before else -1
        if direction and now != direction:
            found.append(f"at {at:.1f}: {before:g}→{after:g}")
        direction = now
    return found


def last_asking(record: Any, demand: float) -> float | None:
    """The earliest time at which the HPA can have read, by its own status, the last value above ``demand``;
    None if it shows none. The status has the value's share of each replica there was before the decision.

    The samples of the same metric tell less: a sync that failed in between saw none of them.
    """
    found, before = None, None
    for reading in record.recorded(names.HPA):
        if not reading.present:
            continue
        metric = reading.detail.get("current_metric") or {}
        if before is not None and metric != before.detail.get("current_metric"):
            share = metric.get("average")
            if share is not None and share * before.value > demand:
                found = before.asked
        before = reading
    return found


def first_below(numbers: Sequence[tuple[float, float]], bound: float) -> float | None:
    """When a value was first seen below ``bound`` after it had been at or above it; None if never."""
    was_above = False
    for at, value in numbers:
        if was_above and value < bound:
            return at
        was_above = was_above or value >= bound
    return None


def zero_for_good(numbers: Sequence[tuple[float, float]]) -> float | None:
    """When a value was first seen as 0 and stayed 0 to the end; None when it did not."""
    since = None
    for at, value in numbers:
        since = (at if since is None else since) if value == 0 else None
    return since


def own_api(kube: Any, chain: Any, cluster: Any) -> Any:
    """The custom metrics API's APIService, unless another scenario on the same cluster has it by now."""
    found = kube.apiservice(names.API_SERVICE)
    if found is None or cluster.alone or found.service is None:
        return found
    return found if found.service[0] == chain.adapter.namespace else None


def conditions(reading: Any) -> dict[str, str]:
    """The HPA's conditions in a reading: type to "status reason"."""
    found = reading.detail.get("conditions", {})
    return {kind: f"{state.get('status')} {state.get('reason', '')}".strip() for kind, state in found.items()}


def is_active(reading: Any) -> bool:
    """Whether the HPA could read its metric at that reading."""
    state = reading.detail.get("conditions", {}).get("ScalingActive", {}).get("status")
    return bool(reading.present and state == "True")


def lowered_unseen(record: Any) -> list[str]:
    """Where replicas were lowered although no value could be read: by the HPA's own word, or by ours.

    By its word: ScalingActive was not True in the readings before and after the step. By ours: the API
    gave us no value in the DECIDED seconds before it, and failed at least once.
    """
    states = [r for r in record.recorded(names.HPA) if r.present]
    answers, steps = record.recorded(names.ADAPTER), record.recorded(names.SPEC).steps()
    wrong = []
    for (_, before), (at, after) in pairwise(steps):
        around = [r for r in states if r.at <= at][-2:] + [r for r in states if r.at > at][:1]
        blind = bool(around) and not any(is_active(r) for r in around)
        asked = answers.between(at - DECIDED, at + CLOCKS)  # a value we saw just after it may be what it read
        if after < before and (blind or (asked.failed() and not asked.present())):
            wrong.append(f"{before:g}→{after:g} at {at - record.started:.1f} s")
    return wrong


DECIDED = 4.0
"""Seconds in which a decision is read, made, written and seen by us, and a read of ours before it."""
