from __future__ import annotations

from pathlib import Path

from reports.matrix import markdown, terminal
from reports.several import Row

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
