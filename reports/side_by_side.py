"""Two runs side by side: what one load did to the replicas in each, and when.

    python -m reports side-by-side RUN RUN

Times are those of the readings, half a second to a second apart, counted from the moment the load
began (or ended, where the table says so). What a run did not show has a dash: it is never guessed.
The runs may be of different scenarios; that their loads can be compared is for the reader to see.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .errors import ReportError
from .lines import number
from .markdown import safe
from .model import Report

TABLE = "side-by-side.md"
BEGINS: tuple[str, ...] = ("load starts", "above target")
"""Events with which a load begins."""
ENDS: tuple[str, ...] = ("load ends", "the load ends", "queue drained")
"""Events after which there is nothing to do any more: a rate stopped, or a burst was worked off."""
DESIRED, SPEC, READY = "hpa_desired_replicas", "spec_replicas", "ready_replicas"
DRIVE = "drive"
REQUESTS = ("API requests",)
"""The event whose detail has the requests of a load, by what was written (conformance/dojo/api_calls.py)."""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Reaction:
    """What one load did to the replicas. Seconds from the load's start, None: it was not seen.

    ``requests`` is what the API server was asked to write for it, where that was counted.
    ``before``, ``peak``, ``settled`` and ``after`` are replica counts: when the load began, the most of
    all, when it ended, and the least after it. ``to_min`` and ``kept`` count from the load's end:
    seconds until there were no more than ``after``, and pod-seconds of the Ready pods above that count.
    """

    run: str
    scenario: str
    load: str
    before: int
    allowed: int | None
    peak: int
    settled: int | None
    after: int | None
    decided: float | None
    more: float | None
    ready: float | None
    to_max: float | None
    to_min: float | None
    kept: float | None
    requests: str = ""

    @property
    def overshoot(self) -> int | None:
        """Replicas more at the peak than at the load's end."""
        return None if self.settled is None else max(0, self.peak - self.settled)


def reaction(report: Report) -> Reaction:
    """The reaction to the first load of a run that has one.

    Raises ReportError when no record has a load, or none of the replicas.
    """
    for record in report.records:
        began = _event(record, BEGINS, 0.0)
        if began is not None and _points(record, SPEC):
            return _reaction(report, record, began)
    wanted = " or ".join(repr(name) for name in BEGINS)
    raise ReportError(f"{report.run.id}: no record has an event {wanted} and replica counts")


def _reaction(report: Report, record: Mapping[str, Any], began: Mapping[str, Any]) -> Reaction:
    spec, ready, desired = (_points(record, signal) for signal in (SPEC, READY, DESIRED))
    start = float(began["at"])
    ended = _event(record, ENDS, start)
    end = None if ended is None else float(ended["at"])
    before = _at(spec, start, spec[0][1])
    # A cycle may go on with another load once this one is over, as the dojo's does with its wake.
    over = None if end is None else _next_drive(record, end)
    peak = max((value for at, value in spec if at >= start and (over is None or at < over)), default=before)
    after = _lowest(spec, end, over)
    return Reaction(
        run=report.run.id,
        scenario=report.run.scenario,
        load=_load(began),
        before=int(before),
        allowed=_allowed(record),
        peak=int(peak),
        settled=None if end is None else int(_at(spec, end, before)),
        after=None if after is None else int(after),
        decided=_first(desired, start, lambda value: value > before),
        more=_first(spec, start, lambda value: value > before),
        ready=_first(ready, start, lambda value: value > _at(ready, start, before)),
        to_max=_first(ready, start, lambda value: value >= peak) if peak > before else None,
        to_min=None if after is None or end is None else _first(spec, end, lambda value: value <= after),
        kept=None if after is None or end is None else _area(ready, end, over, after),
        requests=_requests(_event(record, REQUESTS, start)),
    )


def side_by_side(reactions: Sequence[Reaction]) -> str:
    """A Markdown table with a column for each run; foreign words in it are inert."""
    columns = [f"{safe(each.scenario)}<br>{safe(each.run)}" for each in reactions]
    lines = [f"| | {' | '.join(columns)} |", f"| --- |{' --- |' * len(reactions)}"]
    lines += [f"| {name} | {' | '.join(show(each) for each in reactions)} |" for name, show in ROWS]
    return "\n".join(lines) + "\n"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _count(value: int | None) -> str:
    return "–" if value is None else str(value)


ROWS: tuple[tuple[str, Callable[[Reaction], str]], ...] = (
    ("load", lambda r: safe(r.load) or "–"),
    ("replicas before, at the peak, allowed", lambda r: f"{r.before}, {r.peak}, {_count(r.allowed)}"),
    ("load starts → the HPA wants more", lambda r: _seconds(r.decided)),
    ("load starts → the Deployment is scaled up", lambda r: _seconds(r.more)),
    ("load starts → a replica more is Ready", lambda r: _seconds(r.ready)),
    ("load starts → as many as at the peak are Ready", lambda r: _seconds(r.to_max)),
    ("overshoot: replicas above those at the load's end", lambda r: _count(r.overshoot)),
    ("load ends → the least replicas", lambda r: f"{_seconds(r.to_min)} ({_count(r.after)})"),
    ("requests to the API server, until the idle state was held", lambda r: safe(r.requests) or "–"),
    ("pods kept after the load", lambda r: "–" if r.kept is None else f"{r.kept:.0f} pod-seconds"),
)


def compared(reports: Iterable[Report]) -> str:
    """The table of these runs' loads. Raises ReportError as :func:`reaction` does."""
    return side_by_side([reaction(report) for report in reports])


def _event(record: Mapping[str, Any], names: Sequence[str], since: float) -> Mapping[str, Any] | None:
    for event in record.get("events") or ():
        if event["name"] in names and event["at"] >= since:
            found: Mapping[str, Any] = event
            return found
    return None


def _next_drive(record: Mapping[str, Any], since: float) -> float | None:
    later = (e["at"] for e in record.get("events") or () if e.get("kind") == DRIVE and e["at"] > since)
    return next(later, None)


def _load(event: Mapping[str, Any]) -> str:
    """What the load was, in the words of its mark."""
    detail = event.get("detail") or {}
    if (rate := number(detail.get("per_second"))) is not None:
        return f"{rate:g} a second"
    if (items := number(detail.get("items", detail.get("count")))) is not None:
        return f"{items:g} items at once"
    return ""


def _requests(event: Mapping[str, Any] | None) -> str:
    counts = {} if event is None else dict(event.get("detail") or {})
    found = {name.replace("_", " "): number(count) for name, count in counts.items()}
    return ", ".join(f"{count:g} {name}" for name, count in found.items() if count is not None)


def _allowed(record: Mapping[str, Any]) -> int | None:
    """maxReplicas, as the HPA said it first."""
    columns = (record.get("signals") or {}).get(DESIRED) or {}
    for _, detail in columns.get("detail") or ():
        if (found := number((detail or {}).get("max"))) is not None:
            return int(found)
    return None


def _points(record: Mapping[str, Any], signal: str) -> list[tuple[float, float]]:
    columns = (record.get("signals") or {}).get(signal) or {"at": [], "value": []}
    pairs = zip(columns["at"], map(number, columns["value"]), strict=False)
    return [(at, value) for at, value in pairs if value is not None]


def _at(points: Points, time: float, otherwise: float) -> float:
    """The value that held at ``time``."""
    index = bisect_right(points, time, key=lambda point: point[0])
    return points[index - 1][1] if index else otherwise


def _first(points: Points, since: float, wanted: Callable[[float], bool]) -> float | None:
    """Seconds after ``since`` at which a value was first as wanted."""
    return next((at - since for at, value in points if at >= since and wanted(value)), None)


def _lowest(points: Points, start: float | None, end: float | None) -> float | None:
    if start is None:
        return None
    return min((value for at, value in points if at >= start and (end is None or at < end)), default=None)


def _area(points: Points, start: float, end: float | None, floor: float) -> float:
    """Pod-seconds above ``floor`` between two moments: each reading holds until the next."""
    inside = [(at, value) for at, value in points if at >= start and (end is None or at < end)]
    return sum(max(0.0, value - floor) * (later - at) for (at, value), (later, _) in pairwise(inside))
