"""Where in the timelines a behaviour was judged, for the links between the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .model import BehaviourResult, Report
from .timeline import Timeline, clock


@dataclass(frozen=True)
class Shown:
    """A part of a record's timeline: seconds since its start. `number` is the record's on the page."""

    number: int
    record: str
    start: float
    end: float
    whole: bool

    @property
    def text(self) -> str:
        """`load, 0:12.0 to 0:48.5`."""
        return self.record if self.whole else f"{self.record}, {clock(self.start)} to {clock(self.end)}"


def by_behaviour(report: Report, timelines: Sequence[Timeline]) -> dict[str, list[Shown]]:
    """The places of each behaviour by its id; the whole record where no part of it was named."""
    there = {t.name: (number, t) for number, t in enumerate(timelines)}
    return {
        b.id: [_shown(b, name, *there[name]) for name in b.records if name in there]
        for b in report.behaviours
    }


def by_record(
    behaviours: Sequence[BehaviourResult], places: Mapping[str, Sequence[Shown]]
) -> dict[int, list[BehaviourResult]]:
    """The behaviours judged from each record, by the record's number."""
    found: dict[int, list[BehaviourResult]] = {}
    for behaviour in behaviours:
        for place in places[behaviour.id]:
            found.setdefault(place.number, []).append(behaviour)
    return found


def _shown(behaviour: BehaviourResult, name: str, number: int, timeline: Timeline) -> Shown:
    place = next((p for p in behaviour.places if p.record == name), None)
    start, end = 0.0, timeline.seconds
    if place is not None:
        start = min(max(0.0, place.start - timeline.start), end)
        end = end if place.end is None else max(start, min(place.end - timeline.start, end))
    whole = start <= 0 and end >= timeline.seconds
    return Shown(number, name, round(start, 1), round(end, 1), whole)
