"""The table of several solutions, or scenarios."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports import several
from reports.model import Grade, Next, Points, Report, Run, StepPoints
from reports.several import Row
from reports.write import write_all

from .test_side_by_side import run as run_with_load

DONE = Grade(Points(9, 9), [StepPoints(3, True, Points(5, 5)), StepPoints(5, False, Points(9, 9))])
HALF = Grade(
    Points(1, 8),
    [StepPoints(5, False, Points(1, 2)), StepPoints(6, False, Points(0, 6))],
    next=Next(6, "dojo.06.target-up", "core", "failed", "It is up."),
)


def test_the_table_has_a_line_a_solution_and_a_column_a_step():
    """Columns are aligned; steps that bring no points have none; a step that was not asked for has a dash."""
    rows = [Row("al", "conformant", DONE), Row("beatrice", "non-conformant", HALF)]
    assert several.terminal(rows) == [
        "solution  outcome           points  step 5  step 6  next",
        "al        ✓ conformant      9/9     9/9     –       nothing is left",
        "beatrice  ✗ non-conformant  1/8     1/2     0/6     dojo.06.target-up",
    ]


def test_what_a_run_said_stands_for_what_is_next():
    """A run that was stopped, or did not begin, says why; a long reason is cut where lines are short."""
    rows = [Row("al", "no report", said="refused: " + "x" * 200), Row("bea", "error", HALF, said="stopped")]
    lines = several.terminal(rows)
    assert lines[1].startswith("al        ! no report  –       –       –       refused: xxx")
    assert len(lines[1]) < 160
    assert lines[2].endswith("stopped")


def test_names_and_reasons_cannot_break_the_page():
    """A folder's name and a run's words are foreign text: nothing in them is Markdown."""
    table = several.markdown([Row("a|b<c>", "error", said="*bold* [link](x)")], Path())
    assert r"| a\|b&lt;c&gt; |" in table
    assert r"\*bold\* \[link\](x)" in table


def test_the_newest_report_is_the_row(tmp_path):
    """A run's own report: outcome, time and what it said of itself; its page is linked."""
    for name, outcome in (("20261122T050000Z-dojo", "running"), ("20261122T060000Z-dojo", "error")):
        run = {"id": name, "scenario": "dojo", "started": "", "outcome": outcome, "seconds": 75.0}
        report = {"apiVersion": "autoscaling-conformance/v1", "kind": "ConformanceReport"}
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").write_text(
            json.dumps({**report, "run": {**run, "interrupted": "SIGINT"}})
        )
    found = several.row("al", tmp_path, "it did not begin")
    assert (found.outcome, found.next) == ("error", "stopped by SIGINT")
    assert "[report](20261122T060000Z-dojo/report.html)" in several.markdown([found], tmp_path)
    assert "1 min 15 s" in several.markdown([found], tmp_path)


@pytest.mark.parametrize(
    ("outcome", "shown"), [("non-conformant", "dojo.06.target-up"), ("error", "no engine works here")]
)
def test_what_is_next_comes_before_what_was_asked(tmp_path, outcome, shown):
    """A run of a part says so in its message, and what is next is still what a reader looks for."""
    folder = tmp_path / "20261122T060000Z-dojo"
    folder.mkdir()
    run = Run(folder.name, "dojo", "", outcome=outcome, message="no engine works here")
    (folder / "report.json").write_text(json.dumps(Report(run, grade=HALF).to_dict()))
    assert several.row("al", tmp_path, "").next == shown


def test_a_report_that_cannot_be_read_is_said(tmp_path):
    """A cut-off report is a row with the reason, not the end of the table."""
    (tmp_path / "20261122T060000Z-dojo").mkdir()
    (tmp_path / "20261122T060000Z-dojo" / "report.json").write_text('{"kind": ')
    assert several.row("al", tmp_path, "").outcome == "no report"


def test_a_solution_without_a_grade_has_dashes():
    """An older report has no points; none are made up."""
    assert several.terminal([Row("al", "conformant")])[1].split() == ["al", "✓", "conformant", "–", "–"]


def test_scenarios_have_no_columns_of_steps():
    """Step 5 is another one in each scenario: only points and what is next can be compared."""
    rows = [Row("cpu", "conformant", DONE), Row("dojo", "non-conformant", HALF)]
    assert several.terminal(rows, "scenario")[0].split() == ["scenario", "outcome", "points", "next"]
    table = several.markdown(rows, Path(), "scenario")
    assert table.startswith("# Scenarios\n\n| scenario | outcome | points | next |")
    assert "| `dojo.06.target-up` |" in table


def test_two_ways_to_the_same_are_set_side_by_side(tmp_path):
    """Where both of a pair were judged: what one load did in each; one alone is beside nothing."""
    rows = []
    for name in ("shopfront", "cpu"):
        folder = tmp_path / name
        folder.mkdir()
        write_all(run_with_load(name), folder)
        rows.append(Row(name, "conformant", page=folder / "report.html"))
    text = several.beside(rows)
    assert "## shopfront and cpu" in text
    assert text.count("<br>20261122T023000Z-") == 2
    assert several.beside(rows[:1]) == ""


def test_what_cannot_be_set_side_by_side_is_said(tmp_path):
    """A run without a load has a line that says so, and the table stands."""
    rows = []
    for name in ("dojo", "keda"):
        (tmp_path / name).mkdir()
        write_all(run_with_load(name, events=[]), tmp_path / name)
        rows.append(Row(name, "conformant", page=tmp_path / name / "report.html"))
    assert "no record has an event" in several.beside(rows)
