"""Points: what a solution has got, step by step, and what its learner looks at next.

A core behaviour is one point, because a behaviour is the smallest thing that is judged by itself: a
step weighs as much as it asserts. How an outcome counts:

    passed, upstream-defect      a point: no solution can avoid the defect
    failed, error, blocked       no point: what was not seen is not counted
    no result                    no point: the run ended before
    skipped                      neither got nor asked: this cluster or this run does not have it

The steps for which the exercise's starting point brings everything are shown, and are in no total.
What lies beyond the exercise (extended) is counted apart; advisories are no points at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Protocol

from .model import (
    ADVISORY,
    BLOCKED,
    CORE,
    ERROR,
    EXTENDED,
    FAILED,
    SKIPPED,
    BehaviourResult,
    Grade,
    Next,
    Points,
    StepPoints,
)
from .profile import GOOD
from .words import named, one_line

SHIPPED_TO: Mapping[str, int] = {"dojo": 4}
"""Scenario -> the last step in which its learner has nothing to write: 1 to 3 are tried, 4 is read."""
WORST_FIRST = (FAILED, ERROR, BLOCKED)
BEYOND = ", and what lies beyond it holds too"


class Asked(Protocol):
    """A behaviour that was asked for, with a result or without."""

    @property
    def id(self) -> str: ...
    @property
    def scenario(self) -> str: ...
    @property
    def step(self) -> int: ...
    @property
    def level(self) -> str: ...
    @property
    def statement(self) -> str: ...


def grade(
    results: Sequence[BehaviourResult],
    asked: Iterable[Asked],
    scenario: str,
    *,
    not_asked: int = 0,
    whole: bool = True,
) -> Grade:
    """The points of `scenario`; `asked` are the behaviours of this run, in order, judged by now or not.

    `not_asked` and `whole` say whether they are all of them (see :class:`Grade`).
    """
    by_id = {result.id: result for result in results}
    ours = sorted((each for each in asked if each.scenario == scenario), key=lambda each: each.step)
    outcomes = {each.id: by_id[each.id].outcome if each.id in by_id else "" for each in ours}
    core = [each for each in ours if each.level == CORE]
    steps = [
        StepPoints(step, step <= SHIPPED_TO.get(scenario, 0), _points(outcomes[each.id] for each in found))
        for step, found in groupby(core, key=lambda each: each.step)
    ]
    counted = [each.points for each in steps if not each.shipped]
    advisories = [each.id for each in ours if each.level == ADVISORY and outcomes[each.id] in WORST_FIRST]
    return Grade(
        total=Points(*(sum(getattr(each, name) for each in counted) for name in ("got", "of", "skipped"))),
        steps=steps,
        beyond=_points(outcomes[each.id] for each in ours if each.level == EXTENDED),
        advisories=advisories,
        next=_next(core, by_id) or _next([each for each in ours if each.level == EXTENDED], by_id),
        not_asked=not_asked,
        whole=whole and not not_asked,
    )


def _points(outcomes: Iterable[str]) -> Points:
    points = Points()
    for outcome in outcomes:
        points.skipped += outcome == SKIPPED
        points.of += outcome != SKIPPED
        points.got += outcome in GOOD
    return points


def _next(asked: Sequence[Asked], by_id: Mapping[str, BehaviourResult]) -> Next | None:
    """What failed or could not be told in the first step that has such, else what is blocked.

    What is blocked waits for another, which may be of a later step. What has no result comes last: a run
    that was stopped tells nothing of it.
    """

    def rank(each: Asked) -> tuple[bool, bool, int, int]:
        found = by_id.get(each.id)
        if found is None:
            return True, False, each.step, 0
        return False, found.outcome == BLOCKED, each.step, WORST_FIRST.index(found.outcome)

    def open_(each: Asked) -> bool:
        return each.id not in by_id or by_id[each.id].outcome in WORST_FIRST

    first = min(filter(open_, asked), key=rank, default=None)
    if first is None:
        return None
    found = by_id.get(first.id)
    outcome, hints = (found.outcome, found.hints) if found else ("", [])
    return Next(first.step, first.id, first.level, outcome, first.statement, list(hints))


def lines(found: Grade) -> list[str]:
    """The grade for a terminal: points, what stands beside them, and what is next with its hints."""
    first, *beside, last = summary(found)
    deeper = named(found.next.hints)[1:] if found.next else []
    return [first, *(f"  {line}" for line in beside), last, *(f"  {hint}" for hint in deeper)]


def summary(found: Grade) -> list[str]:
    """The points first, what stands beside them, and last what is next."""
    return [points_line(found), *_beside(found), next_line(found)]


def points_line(found: Grade) -> str:
    """`points: 17 of 36 (step 5: 5 of 5; …)`."""
    by_step = "; ".join(f"step {each.step}: {each.points}" for each in found.steps if not each.shipped)
    part = "" if found.whole else " of what was asked"
    return f"points: {found.total}{part} ({by_step})" if by_step else "points: none could be got"


def _beside(found: Grade) -> list[str]:
    """What is shown and is in no total."""
    said = []
    if shipped := [each for each in found.steps if each.shipped]:
        points = "; ".join(f"step {each.step}: {each.points}" for each in shipped)
        said.append(f"brought by the exercise, no points: {points}")
    if found.beyond.of or found.beyond.skipped:
        said.append(f"beyond the exercise: {found.beyond}")
    if found.advisories:
        said.append(f"advice: {', '.join(found.advisories)}")
    return said


def next_line(found: Grade) -> str:
    """`next: step 6, dojo.06.target-up: Is the exporter …?`, or that nothing is left."""
    first = found.next
    if first is None:
        if not found.steps:
            return "next: no core behaviour was asked for"
        if not found.whole:
            return "next: nothing is left of what was asked"
        return f"next: nothing is left of the exercise{BEYOND if found.beyond.got else ''}"
    where = f"step {first.step}, {first.id}" if first.level == CORE else f"beyond the exercise, {first.id}"
    unjudged = "" if first.outcome else " (not judged: the run ended before)"
    return f"next: {where}{unjudged}: {one_line((*first.hints, first.statement)[0])}"
