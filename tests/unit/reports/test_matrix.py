from __future__ import annotations

import json
from pathlib import Path

from reports.matrix import markdown, terminal
from reports.model import FACT, Evidence
from reports.several import Row
from tests.unit.reports import sample

OLD, NEW = ("1.36.3", "default"), ("1.37.1", "default")
FOLDER = Path("matrix")
ROWS = {
    OLD: Row(
        "kubernetes-1.36.3-default",
        "non-conformant",
        seconds=300,
        said="dojo.10.wakes",
        page=FOLDER / "a/report.html",
    ),
    NEW: Row("kubernetes-1.37.1-default", "conformant", seconds=60, page=FOLDER / "b/report.html"),
}


def test_each_cell_leads_to_its_report():
    """Versions down, stacks across, and what is wrong below."""
    table = markdown(ROWS, [OLD, NEW], FOLDER)
    assert "| 1.36.3 | [✗ non-conformant, 5 min 0 s](a/report.html) |" in table
    assert "| 1.37.1 | [✓ conformant, 1 min 0 s](b/report.html) |" in table
    assert "- kubernetes-1.36.3-default: non-conformant, dojo.10.wakes" in table


def test_what_was_not_judged_is_no_result():
    """A cell that has yet to come is told as such."""
    head, old, new = terminal({OLD: ROWS[OLD]}, [OLD, NEW])
    assert head.split() == ["Kubernetes", "default"]
    assert "non-conformant" in old
    assert new.endswith("not judged")


def test_what_differs_is_told_by_behaviour(tmp_path):
    """With what was said; what ends alike everywhere is left out."""
    rows = {}
    for cell, outcome in ((OLD, "skipped"), (NEW, "passed")):
        folder = tmp_path / cell[0]
        folder.mkdir()
        cases = [
            sample.behaviour("10.condition", outcome, message="no such condition"),
            sample.behaviour("01.tools"),
        ]
        (folder / "report.json").write_text(json.dumps(sample.report(cases).to_dict()))
        rows[cell] = Row(cell[0], "conformant", page=folder / "report.html")
    table = markdown(rows, [OLD, NEW], tmp_path)
    assert "| behaviour | 1.36.3, default | 1.37.1, default |" in table
    assert "| `dojo.10.condition` | skipped: no such condition | passed |" in table
    assert "dojo.01.tools" not in table


def test_a_cell_that_was_interrupted_differs_from_nothing(tmp_path):
    """It has a report, and in that no result."""
    rows = {}
    for cell, outcome, cases in ((OLD, "error", []), (NEW, "conformant", [sample.behaviour("01.tools")])):
        folder = tmp_path / cell[0]
        folder.mkdir()
        (folder / "report.json").write_text(json.dumps(sample.report(cases).to_dict()))
        rows[cell] = Row(cell[0], outcome, said="stopped by SIGINT", page=folder / "report.html")
    assert "dojo.01.tools" not in markdown(rows, [OLD, NEW], tmp_path)


def test_what_each_shows_is_told_whether_it_differs_or_not(tmp_path):
    """A fact that is the same in all cells is an answer, too; a cell that told none is no value."""
    rows = {}
    for cell, facts in ((OLD, {"gate": "ALPHA, on"}), (NEW, {"gate": "BETA, on", "average | at 0": "-9m"})):
        folder = tmp_path / cell[0]
        folder.mkdir()
        case = sample.behaviour("10.condition")
        case.evidence = [Evidence(FACT, name, value) for name, value in facts.items()]
        (folder / "report.json").write_text(json.dumps(sample.report([case]).to_dict()))
        rows[cell] = Row(cell[0], "conformant", page=folder / "report.html")
    table = markdown(rows, [OLD, NEW], tmp_path)
    assert "## What each shows" in table
    assert "| gate | ALPHA, on | BETA, on |" in table
    assert r"| average \| at 0 | not judged | -9m |" in table
    assert "## What differs" not in table
