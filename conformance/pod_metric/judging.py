"""Small pure judgments over the record of a pod-metric cycle. None of them waits, reads or drives
anything.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from conformance.dojo.judging import CLOCKS

from . import names

NEAR = 0.1
"""Share by which a rate may miss what was sent: Prometheus extrapolates a window's ends (±1 scrape of 24)."""
LONGEST = 300
"""Seconds of the longest window that is tried."""
WINDOW_STEP = 5
"""Seconds between two windows that are tried: a scrape, as no shorter difference can be seen."""
FITTING = 0.9
"""Share of the answers that have to fit: at a pod's start and end some requests are never seen."""


class Times:
    """When requests were answered (unix seconds)."""

    def __init__(self, *times: Iterable[float]) -> None:
        self._times = sorted(at for each in times for at in each)

    def __len__(self) -> int:
        return len(self._times)

    def within(self, start: float, end: float) -> int:
        """How many were answered after ``start`` and by ``end``; 0 where that is no time at all."""
        return max(bisect_right(self._times, end) - bisect_right(self._times, start), 0)

    def first(self) -> float:
        return self._times[0]

    def after(self, at: float) -> int:
        """How many were answered at or after ``at``."""
        return len(self._times) - bisect_left(self._times, at)


@dataclass(frozen=True)
class Fit:
    """How well answers fit the rate of what was sent: the share that does, by window (seconds)."""

    shares: dict[int, float]
    answers: int

    @property
    def windows(self) -> list[int]:
        """The windows over which the answers are the rate that was sent."""
        return [window for window, share in self.shares.items() if share >= FITTING]

    @property
    def best(self) -> int:
        """The window that most answers fit; of several the longest, as a short one excludes little."""
        return max(self.shares, key=lambda window: (self.shares[window], window))


def fit(parts: Sequence[Sequence[Any]], sent: Times, scrape: float) -> Fit:
    """Over which windows the sums that the API gave are requests sent a second; a window's share is that of
    the part in which fewest fit, so that what is right for long does not hide what is wrong for a while.

    A rate has two scrapes at least. An answer knows of requests from its window's first scrape to its last
    one, each at most a scrape and CLOCKS from the window's end. For each window there is a least and a
    greatest count that the answer can be made of; a tenth more or less is allowed.
    """
    late = scrape + CLOCKS

    def fits(reading: Any, window: int) -> bool:
        start, end = reading.asked - window, reading.at
        least = sent.within(end - window + late, reading.asked - late) / window
        most = sent.within(start - late, end) / window
        return bool((1 - NEAR) * least <= reading.value <= (1 + NEAR) * most)

    shares = {
        window: min(sum(fits(reading, window) for reading in part) / len(part) for part in parts)
        for window in range(round(2 * scrape), LONGEST + 1, WINDOW_STEP)
    }
    return Fit(shares, sum(map(len, parts)))


def counted_bounds(sent: Times, start: float, end: float) -> tuple[int, int]:
    """The least and the greatest increase that two scrapes at ``start`` and ``end`` can show of what was
    sent.
    """
    return sent.within(start + CLOCKS, end - CLOCKS), sent.within(start - CLOCKS, end + CLOCKS)


class Growth(NamedTuple):
    """By how much counters grew together, between two scrapes (unix seconds)."""

    grown: float
    start: float
    end: float


def growth(samples: Iterable[Any], start: float, end: float, scrape: float) -> Growth | None:
    """What all counters grew by from ``start`` to ``end``, each series by itself: a pod that is scraped twice
    over counts twice. None where no series has two samples in it. A series that was first scraped well after
    ``start`` is a new pod's, and began at 0.
    """
    series: dict[frozenset[tuple[str, str]], list[Any]] = {}
    for sample in sorted(samples, key=lambda each: each.at):
        series.setdefault(frozenset(sample.labels.items()), []).append(sample)
    count, first, last = 0.0, end, start
    for scrapes in series.values():
        inside = [sample for sample in scrapes if start <= sample.at <= end]
        if len(inside) < 2:
            continue
        new = scrapes[0].at > start + 2 * scrape
        count += inside[-1].value - (0.0 if new else inside[0].value)
        first = first if new else min(first, inside[0].at)
        last = max(last, inside[-1].at)
    return Growth(count, first, last) if first < last else None


def by_pod(samples: Iterable[Any], label: str) -> dict[str, list[tuple[float, float]]]:
    """``(at, value)`` of each scrape of each pod, oldest first; a pod's series are added up."""
    sums: dict[str, dict[float, float]] = {}
    for sample in samples:
        pod = sums.setdefault(sample.labels.get(label, ""), {})
        pod[sample.at] = pod.get(sample.at, 0.0) + sample.value
    return {pod: sorted(values.items()) for pod, values in sums.items()}


def values_of(record: Any, pod: str) -> list[tuple[float, float]]:
    """``(at, value)`` of each answer of the API for one pod."""
    found = record.recorded(names.METRIC).present()
    return [(r.at, r.detail["pods"][pod]) for r in found if pod in r.detail.get("pods", {})]


def invented(record: Any, scraped: dict[str, list[tuple[float, float]]], needed: int) -> list[str]:
    """Values that the API gave for a pod before Prometheus had ``needed`` samples of it."""
    wrong = []
    for reading in record.recorded(names.METRIC).present():
        for pod, value in reading.detail.get("pods", {}).items():
            known = sum(at <= reading.at + CLOCKS for at, _ in scraped.get(pod, ()))
            if known < needed:
                at = reading.at - record.started
                wrong.append(f"{pod} at +{at:.1f} s: {value:g}, with {known} of {needed} samples there")
    return wrong


def running(record: Any, answer: Any) -> set[str]:
    """Pods that ran before and after an answer, as far as was read."""
    known = record.recorded(names.PODS)
    around = [known.at(answer.asked - CLOCKS), known.at(answer.at + CLOCKS)]
    there = [
        {p for p, s in r.detail.get("pods", {}).items() if s["phase"] == "Running" and not s["deleting"]}
        for r in around
        if r is not None and r.present
    ]
    return set.intersection(*there) if len(there) == len(around) else set()


def missing(record: Any) -> list[tuple[float, str]]:
    """``(at, pod)`` where a running pod had no value though others had."""
    return [
        (answer.at, pod)
        for answer in record.recorded(names.METRIC).present()
        for pod in sorted(running(record, answer) - set(answer.detail.get("pods", {})))
    ]


def lowered_at(record: Any) -> list[float]:
    """When the replica count was seen lower than before."""
    steps = record.recorded(names.SPEC).steps()
    return [at for (_, before), (at, after) in pairwise(steps) if after < before]


def below_for_good(numbers: Sequence[tuple[float, float]], bound: float) -> float | None:
    """When a value was first seen at or below ``bound`` and stayed there; None when it did not."""
    since = None
    for at, value in numbers:
        since = (at if since is None else since) if value <= bound else None
    return since


def quantity(text: str) -> float:
    """A quantity as the API writes it: "2", "512m", "1500u"."""
    for suffix, factor in (("m", 1e-3), ("u", 1e-6), ("n", 1e-9), ("k", 1e3)):
        if text.endswith(suffix):
            return float(text.removesuffix(suffix)) * factor
    return float(text)


def selects(monitor: Any, labels: dict[str, str], namespace: str) -> bool:
    """Whether a ServiceMonitor or PodMonitor selects what has these labels in that namespace."""
    spec, home = monitor["spec"], monitor["metadata"]["namespace"]
    where = spec.get("namespaceSelector") or {}
    named = where.get("matchNames") or ([] if where.get("any") else [home])
    if named and namespace not in named:
        return False
    selector = spec.get("selector") or {}
    return (selector.get("matchLabels") or {}).items() <= labels.items() and all(
        _matches(each, labels) for each in selector.get("matchExpressions") or ()
    )


def _matches(expression: Any, labels: dict[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or ()
    operator = expression["operator"]
    if operator == "In":
        return bool(value in values)
    if operator == "NotIn":
        return bool(value not in values)
    return bool((value is not None) == (operator == "Exists"))
