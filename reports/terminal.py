"""The report as plain lines for a terminal: texts only, whoever prints them decides on colour."""

from __future__ import annotations

from pathlib import Path

from . import grade as grades
from .model import BLOCKED, PASSED, SKIPPED, UPSTREAM_DEFECT, BehaviourResult, Report
from .profile import count, first_look
from .words import SIGNS, counted, duration, named, one_line

OUTCOME_WIDTH = len(UPSTREAM_DEFECT)
LONGEST_HINT = 400
"""Characters: a place to look at names a few commands, and half of one is of no use."""


def parts_of_line(result: BehaviourResult) -> tuple[str, str]:
    """A behaviour's line in two parts: sign and outcome, which may be coloured; then its id, time against
    budget, and why when it is not simply passed.
    """
    time = duration(result.seconds)
    if result.budget_seconds is not None:
        time += f" of {duration(result.budget_seconds)}"
    head, rest = f"{SIGNS[result.outcome]} {result.outcome:<{OUTCOME_WIDTH}}", f" {result.id}  {time}"
    if result.outcome == BLOCKED:
        by = f"blocked by {result.blocked_by or 'an earlier step'}"
        return head, f"{rest}  {one_line(result.message) if result.message.startswith(by) else by}"
    if result.outcome == PASSED or not result.message:
        return head, rest
    return head, f"{rest}  {one_line(result.message)}"


def final_lines(report: Report, directory: Path | str) -> list[str]:
    """The closing lines: what to look at first when something is wrong, then the outcome, last."""
    lines = []
    look, grade = first_look(report), report.grade
    if look is not None and look.outcome != SKIPPED:
        lines.append(f"look first at {look.id} ({look.outcome}): {one_line(look.message or look.statement)}")
        if grade is None or grade.next is None or grade.next.id != look.id:
            lines += [f"  {one_line(hint, LONGEST_HINT)}" for hint in named(look.all_hints)]
    if grade is not None:
        lines += grades.lines(grade)
    if report.run.interrupted:
        lines.append(f"stopped by {one_line(report.run.interrupted)} before the end")
    if report.run.message:
        lines.append(one_line(report.run.message))
    lines.append(outcome_line(report, directory))
    return lines


def outcome_line(report: Report, directory: Path | str) -> str:
    """`conformant: 58 passed, 1 upstream-defect in 5 min 12 s; report: …/report.html`."""
    run = report.run
    counts = counted(count(report.behaviours))
    return f"{run.outcome}: {counts} in {duration(run.seconds)}; report: {Path(directory) / 'report.html'}"
