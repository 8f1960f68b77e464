"""A matrix: a run of each cell, of which none is judged twice."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures import lanes, matrix
from fixtures.children import Ended
from fixtures.matrix import Matrix, cells_of
from fixtures.settings import ROOT
from reports.model import Report
from tests.unit.plugin.test_outcomes import PASSES
from tests.unit.reports import sample

pytest_plugins = ["pytester"]


class Runs:
    """Stands for the processes: each leaves a report with the outcome that its cell has here."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.alone: list[bool] = []
        self.outcomes: dict[str, str] = {}
        """Of a cell, by its name without the digest at its end; "": it leaves no report."""

    def begin(self, name: str, command: list[str], cwd: Path, *, alone: bool = False) -> SimpleNamespace:
        self.commands.append(command)
        self.alone.append(alone)
        folder = cwd / command[command.index("--report-dir") + 1] / "20261122T000000Z-dojo"
        if outcome := self.outcomes.get(name.rpartition("-")[0], "conformant"):
            folder.mkdir(exist_ok=True)
            report: Report = sample.report([sample.behaviour("01.tools")])
            report.run.outcome, report.run.interrupted = outcome, ""
            (folder / "report.json").write_text(json.dumps(report.to_dict()))
        return SimpleNamespace(ended=lambda: Ended(int(outcome != "conformant")), tell=list, end=list)

    def judged(self) -> list[str]:
        folders = (Path(command[command.index("--report-dir") + 1]).name for command in self.commands)
        return [folder.rpartition("-")[0] for folder in folders]


@pytest.fixture
def made(monkeypatch) -> Runs:
    found = Runs()
    monkeypatch.setattr(matrix, "Process", found.begin)
    monkeypatch.setattr(lanes, "LOOK", 0.01)
    return found


OLD, NEW = "kubernetes-1.36.3-default", "kubernetes-1.37.1-default"
REFERENCE = ROOT / "solutions" / "dojo" / "reference"
CELLS = cells_of(["1.36", "1.37"], ["default"])


def run_matrix(folder: Path, at_once: int = 1, *options: str, judged: str = "as it is") -> int:
    arguments = ["conformance", "--matrix", "--kubernetes", "1.36,1.37", "--stack", "default", "-q", *options]
    return Matrix(arguments, folder, folder, {"solution": judged}).run(CELLS, at_once)


def test_each_cell_is_a_run_of_its_own(made, tmp_path):
    """With its version and stack, and what else was said; one at a time, on this terminal."""
    assert run_matrix(tmp_path) == 0
    assert made.judged() == [OLD, NEW]
    assert made.alone == [True, True]
    (first, _) = made.commands
    assert first[first.index("--kubernetes") + 1] == "1.36.3"
    assert Path(first[first.index("--stack") + 1]).name == "default.toml"
    assert "-q" in first
    assert "--matrix" not in first
    assert "--cluster-name" not in first


def test_what_was_judged_is_taken_over(made, tmp_path):
    """Whatever came of it; a run that could not tell, or wrote no report, is tried again."""
    made.outcomes = {OLD: "non-conformant", NEW: "error"}
    assert run_matrix(tmp_path) == 1
    assert run_matrix(tmp_path) == 1
    made.outcomes[NEW] = ""
    (report,) = tmp_path.glob(f"{NEW}-*/*/report.json")
    report.unlink()
    assert run_matrix(tmp_path) == 1
    assert made.judged() == [OLD, NEW, NEW, NEW]
    table = (tmp_path / "summary.md").read_text()
    assert "non-conformant" in table
    assert "no report" in table


def test_another_stack_solution_or_option_is_not_what_was_judged(made, tmp_path, monkeypatch):
    """Nor is its result: where the new run leaves none, the old one is not shown in its place."""
    assert run_matrix(tmp_path) == 0
    assert run_matrix(tmp_path, judged="changed") == 0
    assert run_matrix(tmp_path, 1, "-k", "one") == 0
    monkeypatch.setattr(matrix, "lock_of", lambda _stack: {"chart": "another"})
    made.outcomes = {OLD: "", NEW: ""}
    assert run_matrix(tmp_path) == 1
    assert made.judged() == 4 * [OLD, NEW]


def test_cells_at_the_same_time_have_clusters_of_their_own(made, tmp_path):
    """Only when that was asked for, and with names before their lines."""
    assert run_matrix(tmp_path, 2) == 0
    names = {command[command.index("--cluster-name") + 1] for command in made.commands}
    assert len(names) == 2
    assert made.alone == [False, False]


def test_a_matrix_makes_its_own_clusters(judge):
    """Somebody's cluster has one version."""
    ran = judge(PASSES, "--matrix", "--kubernetes", "1.37", "--kubecontext", "mine")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "--kubecontext: a matrix makes a cluster for each of its cells" in ran.text
    assert "Remedy: " in ran.text


@pytest.mark.parametrize(
    ("solutions", "said"),
    [
        (("nowhere",), "--solution: there is no folder 'nowhere'"),
        ((str(REFERENCE), str(REFERENCE.parent / "checkpoints")), "--solution: a matrix is of one solution"),
    ],
)
def test_a_solution_that_cannot_be_meant_ends_it_before_it_begins(judge, solutions, said):
    """Not in the first cell, and not with a traceback."""
    options = [word for each in solutions for word in ("--solution", each)]
    ran = judge(PASSES, "--matrix", "--kubernetes", "1.37", *options)
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert said in ran.text
