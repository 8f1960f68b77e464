"""Several solutions in one run: which are meant, how each is run, and what is said of all of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures import several
from fixtures.cluster.state import Remembered
from fixtures.machine.errors import KitError
from fixtures.several import Ended, Several
from tests.unit.plugin.test_outcomes import PASSES

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[3]
CHECKPOINTS = ROOT / "solutions" / "dojo" / "checkpoints"
WITHIN = 30.0
"""Seconds for what takes one or two on an idle machine."""
CLOSING = 0.5
"""Seconds in which a run writes its report."""


@pytest.fixture
def room(tmp_path):
    """A folder with two solutions and something else in it."""
    for name in ("bea", "al"):
        values = tmp_path / "class" / name / "helm" / "values"
        values.mkdir(parents=True)
        (values / "redis.yaml").write_text("auth: {enabled: false}\n")
    (tmp_path / "class" / "notes").mkdir()
    (tmp_path / "class" / ".git").mkdir()
    return tmp_path / "class"


def prepare(tmp_path, *arguments, own_cluster=True):
    """What all runs have in common, and the lines that were said."""
    folder, said = tmp_path / "runs", []
    folder.mkdir()
    return Several(arguments, tmp_path, folder, own_cluster, said.append), said


def finished(code, outcome="conformant"):
    """Stands for a run: writes the report a run would write, and gives its exit code."""

    def start(command, cwd):
        folder = cwd / command[command.index("--report-dir") + 1] / "20261122T060000Z-dojo"
        folder.mkdir()
        run = {"id": folder.name, "scenario": "dojo", "started": "", "outcome": outcome}
        report = {"apiVersion": "autoscaling-conformance/v1", "kind": "ConformanceReport", "run": run}
        (folder / "report.json").write_text(json.dumps(report))
        return Ended(code)

    return start


def test_a_folder_of_solutions_stands_for_each_of_them(room):
    """Its folders that hold a solution are meant, by name; another one is named and left out."""
    found, left_out = several.folders([room])
    assert [path.name for path in found] == ["al", "bea"]
    assert left_out == [str(room / "notes")]


def test_a_solution_stands_for_itself(room):
    """A folder that is a solution is not searched for others, and one that is named twice is judged once."""
    (room / "al" / "bea" / "helm").mkdir(parents=True)
    assert several.folders([room / "al", room / "al"]) == ([room / "al"], [])


def test_the_checkpoints_are_a_folder_of_solutions():
    """The kit's own checkpoints can be judged in one go."""
    assert [path.name for path in several.folders([CHECKPOINTS])[0]][:2] == ["step-05", "step-06"]


def test_a_folder_without_any_solution_is_refused_by_its_own_run(tmp_path):
    """An empty folder is handed on: the run says what it lacks."""
    assert several.folders([tmp_path]) == ([tmp_path], [])


def test_a_folder_that_is_not_there_is_named(tmp_path):
    """A mistyped folder is told at once, before the first solution is judged."""
    with pytest.raises(KitError, match="there is no folder"):
        several.folders([tmp_path, tmp_path / "nobody"])


def test_solutions_of_the_same_name_are_told_apart(tmp_path):
    """Two learners' `solution` folders have reports of their own."""
    paths = [tmp_path / who / "solution" for who in ("al", "bea", "cy")]
    assert list(several.names(paths)) == ["solution", "solution-2", "solution-3"]


def test_a_link_has_its_own_name(tmp_path, monkeypatch):
    """A solution is called as it was given; `.` and `..` are called after their folder."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "step-10").symlink_to("mine")
    monkeypatch.chdir(tmp_path / "mine")
    assert list(several.names([tmp_path / "step-10", Path(), Path("..")])) == [
        "step-10",
        "mine",
        tmp_path.name,
    ]


def test_a_run_has_the_command_line_but_its_own_solution(tmp_path):
    """Everything else that was asked is asked of each run, on a cluster that is kept and found cleaned."""
    runs, _ = prepare(
        tmp_path, "conformance/dojo", "--solution", "a", "--solution=b", "-k", "07", "--report-dir", "r"
    )
    command = runs.command(("--solution", "b"), tmp_path / "runs" / "b")
    assert command == [
        *(sys.executable, "-m", "pytest", "conformance/dojo", "-k", "07", "--keep-cluster", "--clean"),
        *("--solution", "b", "--report-dir", "runs/b"),
    ]


def test_a_cluster_that_is_not_ours_is_not_kept_for_the_next(tmp_path):
    """On somebody's cluster each run takes away what it installed, as ever."""
    runs, _ = prepare(tmp_path, "--kubecontext", "theirs", own_cluster=False)
    assert not {"--keep-cluster", "--clean"} & set(runs.command(("--solution", "b"), tmp_path))


@pytest.mark.parametrize(("codes", "together"), [((0, 0), 0), ((0, 1), 1), ((4, 0), 1), ((-9, 0), 1)])
def test_the_exit_code_is_0_only_if_every_run_ended_so(tmp_path, codes, together):
    """One solution that is not conformant, or a run that was killed, is seen by a CI."""
    runs, _ = prepare(tmp_path)
    left = iter(codes)
    code, rows = runs.run([Path("a"), Path("b")], lambda command, cwd: Ended(next(left)))
    assert (code, [row.name for row in rows]) == (together, ["a", "b"])


def test_each_has_a_report_and_all_one_table(tmp_path):
    """Reports lie in a folder a solution; the table leads to each."""
    runs, said = prepare(tmp_path)
    _, rows = runs.run([Path("a"), Path("b")], finished(0))
    assert [row.page.relative_to(runs.folder).parts[0] for row in rows] == ["a", "b"]
    table = (runs.folder / "summary.md").read_text()
    assert "| a | ✓ conformant |" in table
    assert "[report](b/20261122T060000Z-dojo/report.html)" in table
    assert said == ["solution 1 of 2: a", "solution 2 of 2: b"]


def test_a_run_without_a_report_is_a_row(tmp_path):
    """What could not even begin is in the table with its exit code, and the next one is judged."""
    runs, _ = prepare(tmp_path)
    _, rows = runs.run([Path("a"), Path("b")], lambda command, cwd: Ended(4))
    assert [row.outcome for row in rows] == ["no report", "no report"]
    assert "exit code 4" in rows[0].next


def test_why_a_run_did_not_begin_is_in_the_table(tmp_path, capfd):
    """pytest's usage error, with the lines that belong to it and without the remedy; it is shown as well."""
    said = (
        "a: warning\\nERROR: the solution is refused:\\n  redis.yaml: leads out\\nRemedy: copy it\\n\\nlast"
    )
    command = [sys.executable, "-c", f"import sys; sys.stderr.write('{said}'); sys.exit(4)"]
    assert several.in_a_process(command, tmp_path) == Ended(
        4, "the solution is refused: redis.yaml: leads out"
    )
    assert capfd.readouterr().err.splitlines()[-1] == "last"


def test_an_interrupt_ends_all_and_leaves_the_table(tmp_path):
    """Ctrl-C in the second of three: the third is not begun, and the table says which were judged."""
    runs, _ = prepare(tmp_path)
    first = finished(0)

    def start(command, cwd):
        if str(command).count("'b'"):
            raise KeyboardInterrupt
        return first(command, cwd)

    code, rows = runs.run([Path("a"), Path("b"), Path("c")], start)
    assert (code, len(rows)) == (2, 2)
    table = (runs.folder / "summary.md").read_text()
    assert "| c | ! not judged |" in table


def test_sigterm_is_passed_on_and_waited_for(tmp_path):
    """SIGTERM reaches the inner run, which has the time to end well; then the outer one ends, too."""
    inner = (
        "import pathlib, signal, sys, threading\n"
        "def end(*_):\n"
        "    pathlib.Path('ending').touch()\n"
        f"    threading.Event().wait({CLOSING})\n"
        "    pathlib.Path('ended').touch()\n"
        "    sys.exit(2)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "pathlib.Path('begun').touch()\n"
        f"threading.Event().wait({WITHIN})\n"
    )
    outer = (
        "import pathlib, sys\n"
        "from fixtures.several import in_a_process\n"
        "try:\n"
        f"    in_a_process([sys.executable, '-c', {inner!r}], pathlib.Path({str(tmp_path)!r}))\n"
        "except KeyboardInterrupt as error:\n"
        "    print('interrupted by', *error.args)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", outer],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(tmp_path / "begun", process)
        process.send_signal(signal.SIGTERM)
        wait_for(tmp_path / "ending", process)
        process.send_signal(signal.SIGINT)  # nobody is told twice
        said, _ = process.communicate(timeout=WITHIN)
    finally:
        process.kill()
        process.wait()
    assert (tmp_path / "ended").exists()
    assert said == "interrupted by SIGTERM\n"


def wait_for(path, process):
    import tenacity

    for attempt in tenacity.Retrying(
        stop=tenacity.stop_after_delay(WITHIN), wait=tenacity.wait_fixed(0.05), reraise=True
    ):
        with attempt:
            assert path.exists() or process.poll() is not None


def test_a_run_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    """A solution that hangs costs its own row, not those after it."""
    monkeypatch.setattr("fixtures.children.LONGEST_RUN", 0.2)
    command = [sys.executable, "-c", f"import threading; threading.Event().wait({WITHIN})"]
    assert several.in_a_process(command, tmp_path).code == -signal.SIGTERM


@pytest.fixture
def two(judge, monkeypatch):
    """Judge two solutions with behaviours that need no cluster; none may be deleted in the end."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    given = [option for step in ("step-05", "step-06") for option in ("--solution", str(CHECKPOINTS / step))]
    return lambda text, *options: judge(text, *given, "--keep-cluster", *options)


def test_two_solutions_are_two_runs_and_one_table(two, capfd):
    """Each is judged by a run of its own with a report of its own; then comes the table."""
    ran = two(PASSES)
    assert ran.code == 0
    (folder,) = ran.reports.iterdir()
    reports = [json.loads(next(folder.glob(f"{name}/2*/report.json")).read_text()) for name in NAMES]
    assert [each["run"]["solution"].rpartition("/")[2] for each in reports] == NAMES
    assert all(f"[report]({name}/" in (folder / "summary.md").read_text() for name in NAMES)
    table = capfd.readouterr().out.split("solution  outcome")[-1]
    assert [line.split()[:3] for line in table.splitlines()[1:3]] == [
        [name, "✓", "conformant"] for name in NAMES
    ]


NAMES = ["step-05", "step-06"]


def test_collecting_several_starts_nothing(two):
    """`--collect-only` lists the behaviours once."""
    ran = two(PASSES, "--collect-only")
    assert ran.code == 0
    assert not ran.reports.exists()


def test_the_shared_cluster_is_deleted_in_the_end(monkeypatch, tmp_path):
    """The cluster that the kit made under that name is deleted and forgotten; without one nothing is done."""
    state = several.ClusterState(tmp_path / "clusters", "shared")
    monkeypatch.setattr(several, "Cache", lambda: SimpleNamespace(root=tmp_path))
    engine = SimpleNamespace(kind_env={"A": "1"})
    monkeypatch.setattr(several.engines, "ensure", lambda root, say: engine)
    kind = SimpleNamespace(path=Path("/bin/kind"))
    monkeypatch.setattr(several, "ensure_tools", lambda version, builder, named: {"kind": kind})
    ran = []
    monkeypatch.setattr(
        "fixtures.cluster.kind.run", lambda argv, *, timeout, env: ran.append((argv[:5], env))
    )
    several.delete_cluster("shared", "1.37.1", ran.append)
    assert ran == []
    state.write(Remembered("kept", "", 80, 443))
    several.delete_cluster("shared", "1.37.1", lambda line: None)
    assert ran == [(["/bin/kind", "delete", "cluster", "--name", "shared"], {"A": "1"})]
    assert state.read() is None
