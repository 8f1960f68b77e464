"""The verdict: from behaviours to a profile, from profiles to the run, from the run to an exit code.

The rules, in the order they are applied, for the behaviours of one scenario:

1. nothing was judged: `error`. No result is not a pass.
2. a core behaviour failed, or is blocked behind one that failed: `non-conformant`.
3. a core behaviour could not be told (`error`), or is blocked behind such a one, or fewer
   results came in than were asked for (a stopped run): `error`.
4. a core behaviour was skipped, or is blocked behind a skipped one, or no core behaviour was
   asked for at all: `partial` (as the Gateway API's conformance reports say it).
5. files alone were judged (`run.tier`): `partial`.
6. else `conformant`. An `upstream-defect` counts as passed, because no solution can avoid it, and
   is counted by name so that nobody overlooks it.

Extended and advisory behaviours never change the verdict; their failures are in its message, and
that of an extended one is in the exit code, so that a CI sees it.
A blocked behaviour is judged by what blocks it: calling a solution wrong because a read failed
three steps earlier would be a guess. One whose cause is not in the report counts as failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .model import (
    BLOCKED,
    CONFORMANT,
    CORE,
    ERROR,
    EXTENDED,
    FAILED,
    LEVELS,
    NON_CONFORMANT,
    OUTCOMES,
    PARTIAL,
    PASSED,
    SKIPPED,
    UPSTREAM_DEFECT,
    BehaviourResult,
    Profile,
    Report,
)

GOOD = (PASSED, UPSTREAM_DEFECT)
WORST_FIRST = (NON_CONFORMANT, ERROR, PARTIAL, CONFORMANT)


def count(behaviours: Sequence[BehaviourResult]) -> dict[str, int]:
    """How many of each outcome, in the fixed order of OUTCOMES, outcomes that did not occur left out."""
    seen = Counter(b.outcome for b in behaviours)
    return {outcome: seen[outcome] for outcome in OUTCOMES if seen[outcome]}


def root_outcome(behaviour: BehaviourResult, all_of_them: Sequence[BehaviourResult]) -> str:
    """The outcome that decides: a blocked behaviour's is that of the first link of its chain."""
    by_id = {b.id: b for b in all_of_them}
    visited = {behaviour.id}
    while behaviour.outcome == BLOCKED:
        cause = by_id.get(behaviour.blocked_by or "")
        if cause is None or cause.id in visited or cause.outcome in GOOD:
            return FAILED
        visited.add(cause.id)
        behaviour = cause
    return behaviour.outcome


def judge(name: str, behaviours: Sequence[BehaviourResult], missing: int = 0) -> Profile:
    """The profile of scenario `name`; `missing` is how many results were asked for and never came."""
    core = [root_outcome(b, behaviours) for b in behaviours if b.level == CORE]
    others = [b for b in behaviours if b.level != CORE and b.outcome in (FAILED, ERROR)]
    if not behaviours:
        outcome, message = ERROR, "no behaviour was judged: no result is not a pass"
    elif FAILED in core:
        outcome, message = NON_CONFORMANT, f"{core.count(FAILED)} of {len(core)} core behaviours not met"
    elif ERROR in core:
        outcome, message = ERROR, f"{core.count(ERROR)} of {len(core)} core behaviours could not be told"
    elif missing > 0:
        outcome, message = ERROR, f"{missing} behaviours have no result: the run was stopped"
    elif SKIPPED in core:
        outcome, message = PARTIAL, f"{core.count(SKIPPED)} of {len(core)} core behaviours skipped"
    elif not core:
        outcome, message = PARTIAL, "no core behaviour was asked for"
    else:
        outcome, message = CONFORMANT, f"all {len(core)} core behaviours met"
        if core.count(UPSTREAM_DEFECT):
            message += f", {core.count(UPSTREAM_DEFECT)} of them an upstream defect"
    if others:
        message += f"; beyond core: {', '.join(f'{b.id} {b.outcome}' for b in others)}"
    levels = {level: count([b for b in behaviours if b.level == level]) for level in LEVELS}
    return Profile(name, outcome, message, count(behaviours), {k: v for k, v in levels.items() if v})


def conclude(report: Report) -> Report:
    """Fill in `profiles` and the run's outcome (the worst profile's) from the behaviours; returns it."""
    scenarios = sorted({b.scenario for b in report.behaviours}) or [report.run.scenario]
    missing = max(0, (report.run.asked or 0) - len(report.behaviours))
    report.profiles = [
        judge(name, [b for b in report.behaviours if b.scenario == name], missing) for name in scenarios
    ]
    if report.run.tier:
        report.profiles = [_by_files(profile) for profile in report.profiles]
    report.run.outcome = min((p.outcome for p in report.profiles), key=WORST_FIRST.index)
    return report


def _by_files(profile: Profile) -> Profile:
    """What files alone can show: all of it met is not yet a solution that works."""
    if profile.outcome != CONFORMANT:
        return replace(profile, message=f"static: {profile.message}")
    message = f"static: {profile.message} as far as files show it; the rest needs a cluster"
    return replace(profile, outcome=PARTIAL, message=message)


def exit_code(report: Report) -> int:
    """0 only if something was judged, nothing is missing, every core behaviour asked for passed and
    no extended one did not: it is no part of the verdict, but a regression in it is to be noticed.
    """
    missing = (report.run.asked or 0) > len(report.behaviours)
    judged = any(b.outcome in GOOD for b in report.behaviours)
    met = all(b.outcome in GOOD for b in report.behaviours if b.level == CORE)
    regressed = any(b.outcome in (FAILED, ERROR, BLOCKED) for b in report.behaviours if b.level == EXTENDED)
    return 0 if judged and met and not (missing or regressed or report.run.interrupted) else 1


def first_look(report: Report) -> BehaviourResult | None:
    """The first thing to look at: the earliest core failure, then error, then the same beyond core.

    Never a blocked one, which only tells that something earlier went wrong; None when all is well.
    """
    ranks = {(CORE, FAILED): 0, (CORE, ERROR): 1, (CORE, SKIPPED): 4}
    others = {FAILED: 2, ERROR: 3}

    def rank(b: BehaviourResult) -> int | None:
        return ranks.get((b.level, b.outcome), others.get(b.outcome))

    ranked = [(r, b.step, i) for i, b in enumerate(report.behaviours) if (r := rank(b)) is not None]
    return report.behaviours[min(ranked)[2]] if ranked else None
