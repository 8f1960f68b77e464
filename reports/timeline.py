"""Turns a record's columns into what the timeline draws, and into a table of its events.

A gap stays a gap: where a read failed, found nothing, or none was made for long, the line ends and
begins again; nothing is joined across. Readings in the middle of a run of equal values are left
out (the line is drawn in steps), which keeps an hour of records small.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from statistics import median
from typing import Any

from .words import one_line

# What is drawn, panel by panel, with the words of the legend.
ITEMS = {
    "queue_length": "queue length",
    "redis_key_size": "exporter's key size",
    "redis_items_in_queue": "recorded metric",
    "adapter_value": "adapter value",
}
REPLICAS = {
    "hpa_desired_replicas": "HPA desired",
    "status_replicas": "pods there are",
    "ready_replicas": "ready replicas",
}
LABELS = {**ITEMS, **REPLICAS}
# A distance between two readings that is this many times the usual one, and not a mere hiccup, is a gap.
GAP_TIMES = 4
GAP_SECONDS = 4.0


@dataclass
class Line:
    """One signal: `(seconds since the record's start, value or None for a gap)`, in order."""

    points: list[tuple[float, float | None]] = field(default_factory=list)
    failed: list[tuple[float, str]] = field(default_factory=list)
    absent: list[float] = field(default_factory=list)

    def at(self, time: float) -> float | None:
        """The value that held at `time`; None in a gap or before the first reading."""
        index = bisect_right(self.points, time, key=lambda p: p[0])
        return self.points[index - 1][1] if index else None


def number(value: object) -> float | None:
    """A column's entry as a finite number, or None (NaN and infinities come as strings)."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        return round(float(value), 4)
    return None


def line(columns: Mapping[str, Any], start: float) -> Line:
    """The line of one signal's columns (as the observe room packs them)."""
    found = Line()
    raw: list[tuple[float, float | None]] = []
    errors: Mapping[str, str] = columns.get("error") or {}
    for index, (at, value) in enumerate(zip(columns["at"], columns["value"], strict=False)):
        time = round(at - start, 1)
        if str(index) in errors:
            found.failed.append((time, errors[str(index)]))
        elif value is None:
            found.absent.append(time)
        raw.append((time, number(value)))
    found.points = _thin(_with_gaps(raw))
    return found


def _with_gaps(raw: list[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    distances = [b[0] - a[0] for a, b in pairwise(raw)]
    limit = max(GAP_SECONDS, GAP_TIMES * median(distances)) if distances else GAP_SECONDS
    out: list[tuple[float, float | None]] = []
    for point in raw:
        if out and point[0] - out[-1][0] > limit and out[-1][1] is not None:
            out.append((round(out[-1][0] + limit / GAP_TIMES, 1), None))
        out.append(point)
    return out


def _thin(points: list[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    if len(points) < 3:
        return points
    middle = [p for a, p, b in zip(points, points[1:], points[2:], strict=False) if not a[1] == p[1] == b[1]]
    return [points[0], *middle, points[-1]]


@dataclass
class Timeline:
    """All of a record that is shown; times are seconds since its start."""

    name: str
    start: float
    seconds: float
    lines: dict[str, Line]
    events: list[dict[str, Any]]
    band: list[list[float]]

    def data(self) -> dict[str, Any]:
        """What the page's script draws, as small as it can be."""
        messages: dict[str, int] = {}
        signals = {}
        for name, found in self.lines.items():
            signals[name] = {
                "t": [p[0] for p in found.points],
                "v": [_short(p[1]) for p in found.points],
                "f": [[t, messages.setdefault(m, len(messages))] for t, m in found.failed],
                "a": found.absent,
            }
        return {
            "name": self.name,
            "seconds": self.seconds,
            "signals": signals,
            "events": self.events,
            "band": self.band,
            "messages": list(messages),
        }

    def rows(self) -> list[dict[str, Any]]:
        """The events with what each signal showed at that moment: the timeline as a table."""
        return [
            {**event, "number": n, "clock": clock(event["t"]), "values": self._values(event["t"])}
            for n, event in enumerate(self.events, 1)
        ]

    def _values(self, time: float) -> list[str]:
        values = (found.at(time) for found in self.lines.values())
        return ["–" if value is None else f"{_short(value)}" for value in values]

    @property
    def failures(self) -> dict[str, int]:
        """How many reads failed, by signal's label, where any did."""
        return {LABELS[name]: len(found.failed) for name, found in self.lines.items() if found.failed}


def timeline(record: Mapping[str, Any]) -> Timeline:
    """The timeline of one record's dict."""
    signals: Mapping[str, Any] = record.get("signals") or {}
    start = float(record["started"])
    lines = {name: line(signals[name], start) for name in LABELS if signals.get(name, {}).get("at")}
    events = [
        {
            "t": round(e["at"] - start, 1),
            "name": one_line(str(e["name"])),
            "kind": str(e.get("kind", "")),
            "detail": _detail(e.get("detail") or {}),
        }
        for e in record.get("events") or []
    ]
    band = [
        [round(a - start, 1), round(b - start, 1), low, high] for a, b, low, high in record.get("band") or []
    ]
    ends = [p[0] for found in lines.values() for p in found.points[-1:]] + [e["t"] for e in events]
    ended = record.get("ended")
    seconds = float(ended) - start if ended is not None else max(ends, default=0.0)
    return Timeline(str(record["name"]), start, round(seconds, 1), lines, events, band)


def _detail(detail: Mapping[str, Any]) -> str:
    return one_line(", ".join(f"{key} {value}" for key, value in detail.items()))


def _short(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value


def clock(seconds: float) -> str:
    """`75.04` -> `1:15.0`."""
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"


def sparkline(values: Iterable[float]) -> str:
    """A row of block characters for a terminal or Markdown, scaled from 0 to the largest value."""
    found = list(values)
    top = max(found, default=0) or 1
    return "".join("▁▂▃▄▅▆▇█"[min(7, max(0, int(v / top * 7.999)))] for v in found)
