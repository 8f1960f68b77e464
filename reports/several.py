"""Several solutions, or scenarios, beside each other: one row each, from their own reports."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import ReportError
from .markdown import safe
from .model import ERROR, Grade, Report
from .words import SIGNS, duration, one_line

NONE = "–"
NOTHING_LEFT = "nothing is left"
NO_REPORT = "no report"
PAIRS = (("dojo", "keda"), ("shopfront", "cpu"))
"""Scenarios that answer one question: adapter or KEDA for a queue, a custom metric or cpu for a service."""
_ID = re.compile(r"[a-z_]+\.\d{2}\.[a-z0-9-]+")
LONGEST = 100
"""Characters of a reason in a terminal: the whole of it stood above."""


@dataclass(frozen=True)
class Row:
    """One solution: how its run ended, its points, what is next for it, and where its report is."""

    name: str
    outcome: str
    grade: Grade | None = None
    seconds: float = 0.0
    said: str = ""
    page: Path | None = None

    @property
    def next(self) -> str:
        """The id of what is next; without a grade, what the run said instead."""
        if self.said:
            return self.said
        if self.grade is None or not self.grade.steps:
            return NONE
        return self.grade.next.id if self.grade.next else NOTHING_LEFT

    def points(self, step: int | None = None) -> str:
        """`5/6` of one step, or of all together."""
        if self.grade is None or not self.grade.steps:
            return NONE
        found = [each.points for each in self.grade.steps if each.step == step]
        points = self.grade.total if step is None else found[0] if found else None
        return NONE if points is None else f"{points.got}/{points.of}"


def row(name: str, folder: Path, without: str) -> Row:
    """The row of the run that wrote below `folder`; `without` is what to say where it wrote no report."""
    written = sorted(folder.glob("[0-9]*/report.json"))
    if not written:
        return Row(name, NO_REPORT, said=one_line(without))
    try:
        report = Report.from_dict(json.loads(written[-1].read_text()))
    except (ValueError, ReportError) as error:
        return Row(name, NO_REPORT, said=one_line(str(error)))
    run = report.run
    # A run that came to its end says what is next; the message of one that did not says why.
    told = run.message if run.outcome == ERROR else ""
    said = told or (f"stopped by {run.interrupted}" if run.interrupted else "")
    return Row(
        name, run.outcome, report.grade, run.seconds, one_line(said), written[-1].parent / "report.html"
    )


def steps(rows: Sequence[Row]) -> list[int]:
    """The steps that bring points to any of the rows."""
    found = {each.step for row in rows if row.grade for each in row.grade.steps if not each.shipped}
    return sorted(found)


def terminal(rows: Sequence[Row], what: str = "solution") -> list[str]:
    """The table in aligned columns; ``what`` is what a row is."""
    by_step = _steps_of(rows, what)
    cells = [[what, "outcome", "points", *(f"step {step}" for step in by_step), "next"]]
    for each in rows:
        outcome = f"{SIGNS.get(each.outcome, '!')} {each.outcome}"
        cells.append([one_line(each.name), outcome, *_points(each, by_step), one_line(each.next, LONGEST)])
    return aligned(cells)


def aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table in columns, each as wide as its longest cell."""
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    return [
        "  ".join(f"{text:<{width}}" for text, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]


def markdown(rows: Sequence[Row], folder: Path, what: str = "solution") -> str:
    """`summary.md` of all of them, with a link to each report below `folder`."""
    by_step = _steps_of(rows, what)
    head = [what, "outcome", "points", *(f"step {step}" for step in by_step), "next", "time", "report"]
    lines = [f"# {what.capitalize()}s", "", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for each in rows:
        link = NONE if each.page is None else f"[report]({_link(each.page.relative_to(folder))})"
        outcome = f"{SIGNS.get(each.outcome, '!')} {each.outcome}"
        said = f"`{each.next}`" if _ID.fullmatch(each.next) else safe(each.next)
        took = duration(each.seconds) if each.seconds else NONE
        cells = [safe(each.name), outcome, *_points(each, by_step), said, took, link]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def beside(rows: Sequence[Row]) -> str:
    """Markdown: scenarios that are two ways to the same, set side by side (:data:`PAIRS`), where both were
    judged. What cannot be set side by side is said.
    """
    from .side_by_side import compared
    from .write import read

    pages = {row.name: row.page.parent for row in rows if row.page is not None}
    parts = []
    for names in PAIRS:
        if not set(names) <= set(pages):
            continue
        try:
            text = compared([read(pages[name]) for name in names])
        except (ReportError, OSError) as error:
            text = f"{safe(str(error))}\n"
        parts.append(f"\n## {' and '.join(names)}\n\n{text}")
    return "".join(parts)


def _steps_of(rows: Sequence[Row], what: str) -> list[int]:
    """Steps that can be compared: each scenario counts its own."""
    return steps(rows) if what == "solution" else []


def _points(each: Row, by_step: Sequence[int]) -> list[str]:
    return [each.points(), *(each.points(step) for step in by_step)]


def _link(path: Path) -> str:
    from urllib.parse import quote

    return quote(path.as_posix())
