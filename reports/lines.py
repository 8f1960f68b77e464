"""A signal's readings as a line that can be drawn: gaps stay gaps, and an hour of it stays small.

Where a read failed, found nothing, or none was made for long, the line ends and begins again;
nothing is joined across. Readings in the middle of a run of equal values are left out (the line is
drawn in steps), which loses nothing. A line that is still too long to be drawn at once is thinned:
of each short stretch its first, least, greatest and last value and its gaps stay, and the page says
so. Failed reads are all kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from math import isfinite
from statistics import median
from typing import Any

# A distance between two readings that is this many times the usual one, and not a mere hiccup, is a gap.
GAP_TIMES = 4
GAP_SECONDS = 4.0
# A plot is at most some 1100 pixels wide: more points than a few a pixel cannot be seen, and cost time.
MOST_POINTS = 4000

Point = tuple[float, float | None]


@dataclass
class Line:
    """One signal: `(seconds since the record's start, value or None for a gap)`, in order."""

    points: list[Point] = field(default_factory=list)
    thinned: bool = False
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
    raw: list[Point] = []
    errors: Mapping[str, str] = columns.get("error") or {}
    for index, (at, value) in enumerate(zip(columns["at"], columns["value"], strict=False)):
        time = round(at - start, 1)
        if str(index) in errors:
            found.failed.append((time, errors[str(index)]))
        elif value is None:
            found.absent.append(time)
        raw.append((time, number(value)))
    whole = _without_repeats(_with_gaps(raw))
    found.points = _thin(whole)
    found.thinned = len(found.points) < len(whole)
    return found


def _with_gaps(raw: list[Point]) -> list[Point]:
    distances = [b[0] - a[0] for a, b in pairwise(raw)]
    limit = max(GAP_SECONDS, GAP_TIMES * median(distances)) if distances else GAP_SECONDS
    out: list[Point] = []
    for point in raw:
        if out and point[0] - out[-1][0] > limit and out[-1][1] is not None:
            out.append((round(out[-1][0] + limit / GAP_TIMES, 1), None))
        out.append(point)
    return out


def _without_repeats(points: list[Point]) -> list[Point]:
    if len(points) < 3:
        return points
    middle = [p for a, p, b in zip(points, points[1:], points[2:], strict=False) if not a[1] == p[1] == b[1]]
    return [points[0], *middle, points[-1]]


def _thin(points: list[Point]) -> list[Point]:
    """Of each of so many equal stretches of time: its gaps, and the outermost values between them."""
    if len(points) <= MOST_POINTS:
        return points
    start, width = points[0][0], (points[-1][0] - points[0][0]) / (MOST_POINTS / 4)
    return [
        point
        for (_, is_gap), found in groupby(points, key=lambda p: (int((p[0] - start) / width), p[1] is None))
        for point in _outermost(list(found), is_gap=is_gap)
    ]


def _outermost(points: list[Point], *, is_gap: bool) -> Iterable[Point]:
    if is_gap or len(points) < 4:
        return points[:1] if is_gap else points
    known = [(time, value) for time, value in points if value is not None]
    least, greatest = (choose(known, key=lambda p: p[1]) for choose in (min, max))
    return sorted({known[0], least, greatest, known[-1]})
