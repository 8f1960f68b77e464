"""The table of a matrix: Kubernetes versions down, stacks across, each cell a link to its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .markdown import safe
from .several import NONE, Row, aligned
from .words import SIGNS, duration

Cell = tuple[str, str]
NOT_JUDGED = "not judged"


def markdown(rows: Mapping[Cell, Row], cells: Sequence[Cell], folder: Path) -> str:
    """`summary.md` of a matrix; then what each cell that is not conformant is stopped by."""
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
    return "\n".join(lines) + "\n"


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
