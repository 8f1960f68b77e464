"""The table of a matrix: Kubernetes versions down, stacks across, each cell a link to its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from .errors import ReportError
from .markdown import safe
from .model import CONFORMANT, FACT, NON_CONFORMANT, PARTIAL, PASSED, Report
from .several import NONE, Row, aligned
from .words import SIGNS, duration, one_line
from .write import read

Cell = tuple[str, str]
NOT_JUDGED = "not judged"
JUDGED = (CONFORMANT, PARTIAL, NON_CONFORMANT)
"""Outcomes of a run that came to its end; one that could not tell differs from nothing: it is tried again."""


def markdown(rows: Mapping[Cell, Row], cells: Sequence[Cell], folder: Path) -> str:
    """`summary.md` of a matrix; what each cell that is not conformant is stopped by; and what differs."""
    versions, stacks = _sides(cells)
    lines = [
        "# Matrix",
        "",
        f"| Kubernetes | {' | '.join(map(safe, stacks))} |",
        f"|{' --- |' * (len(stacks) + 1)}",
    ]
    for version in versions:
        found = [_linked(rows.get((version, stack)), folder) for stack in stacks]
        lines.append(f"| {version} | {' | '.join(found)} |")
    wrong = [row for row in rows.values() if row.outcome != "conformant"]
    if wrong:
        lines += ["", *(f"- {safe(row.name)}: {safe(row.outcome)}, {safe(row.next)}" for row in wrong)]
    reports = _reports(rows)
    return "\n".join([*lines, *_facts(reports), *_differing(reports)]) + "\n"


def _facts(reports: Mapping[Cell, Report]) -> list[str]:
    """What tells versions apart, whether it does here or not."""
    found: dict[str, dict[Cell, str]] = {}
    for cell, report in reports.items():
        for each in (one for behaviour in report.behaviours for one in behaviour.evidence):
            if each.title == FACT:
                found.setdefault(safe(each.asked), {})[cell] = each.answer
    return _by_cell("What each shows", "", found, reports)


def _differing(reports: Mapping[Cell, Report]) -> list[str]:
    """The behaviours that do not end alike in all cells that were judged, with what was said of each."""
    found: dict[str, dict[Cell, str]] = {}
    for cell, report in reports.items():
        for each in report.behaviours:
            said = f": {one_line(each.message)}" if each.message and each.outcome != PASSED else ""
            found.setdefault(each.id, {})[cell] = f"{each.outcome}{said}"
    differing = {name: cells for name, cells in found.items() if len({*map(cells.get, reports)}) > 1}
    named = {f"`{name}`": cells for name, cells in differing.items()}
    return _by_cell("What differs", "behaviour", named, reports)


def _by_cell(
    title: str, what: str, rows: Mapping[str, Mapping[Cell, str]], reports: Mapping[Cell, Report]
) -> list[str]:
    """A table with a column for each cell that was judged; nothing, where there is no row."""
    if not rows:
        return []
    head = " | ".join(f"{version}, {safe(stack)}" for version, stack in reports)
    lines = ["", f"## {title}", "", f"| {what} | {head} |", f"|{' --- |' * (len(reports) + 1)}"]
    for name, cells in rows.items():
        told = " | ".join(safe(cells.get(cell, NOT_JUDGED)) for cell in reports)
        lines.append(f"| {name} | {told} |")
    return lines


def _reports(rows: Mapping[Cell, Row]) -> dict[Cell, Report]:
    found = {}
    for cell, row in rows.items():
        with suppress(OSError, ReportError):
            if row.page is not None and row.outcome in JUDGED:
                found[cell] = read(row.page.with_name("report.json"))
    return found


def terminal(rows: Mapping[Cell, Row], cells: Sequence[Cell]) -> list[str]:
    """The same in aligned columns."""
    versions, stacks = _sides(cells)
    table = [["Kubernetes", *stacks]]
    table += [[version, *(_said(rows.get((version, stack))) for stack in stacks)] for version in versions]
    return aligned(table)


def _sides(cells: Sequence[Cell]) -> tuple[list[str], list[str]]:
    versions, stacks = (list(dict.fromkeys(cell[side] for cell in cells)) for side in (0, 1))
    return versions, stacks


def _said(row: Row | None) -> str:
    if row is None:
        return NOT_JUDGED
    took = f", {duration(row.seconds)}" if row.seconds else ""
    points = f", {row.points()}" if row.points() != NONE else ""
    return f"{SIGNS.get(row.outcome, '!')} {row.outcome}{points}{took}"


def _linked(row: Row | None, folder: Path) -> str:
    if row is None or row.page is None:
        return _said(row)
    return f"[{_said(row)}]({row.page.relative_to(folder).as_posix()})"
