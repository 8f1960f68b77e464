"""Which scenario a run is of, and what becomes of several."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures import several
from fixtures.choosing import BEHAVIOURS, in_order
from fixtures.cluster.state import ClusterState
from fixtures.keeper import _command
from fixtures.settings import CLUSTER_NAME
from fixtures.several import Ended, Several

pytest_plugins = ["pytester"]

OTHER = """
def other(name, **more):
    return behaviour(f"shopfront.01.{name}", **{"feature": "metrics", "hint": "Is it there?", **more})
"""
BOTH = (
    OTHER
    + '''
@core("one")
def test_one():
    """It is the dojo's."""

@other("two")
def test_two():
    """It is the shop front's."""

def test_three():
    """It is nobody's."""
'''
)


def ids(ran) -> set[str]:
    return {each["id"] for each in ran.report["behaviours"]}


def test_a_scenario_that_is_named_is_the_run(judge):
    """`--scenario` keeps its behaviours alone; the report is of it, and its solution is its reference."""
    ran = judge(BOTH, "--scenario", "shopfront")
    assert ran.code == 0
    assert ids(ran) == {"shopfront.01.two"}
    run = ran.report["run"]
    assert (run["scenario"], run["solution"]) == ("shopfront", "solutions/shopfront/reference")
    assert [each["name"] for each in ran.report["profiles"]] == ["shopfront"]
    assert "asked for" not in run["message"]  # nothing of this scenario was left out


def test_a_mark_names_a_scenario_as_well(judge):
    """Every behaviour bears its scenario's name as a mark, which is enough to choose one."""
    ran = judge(BOTH, "-m", "shopfront")
    assert ids(ran) == {"shopfront.01.two"}


def test_a_mark_may_say_more(judge):
    """The mark works in an expression too."""
    assert ids(judge(BOTH, "-m", "dojo or keda")) == {"dojo.01.one"}


def test_the_core_profile_is_the_dojo(judge):
    """`--profile core` keeps the dojo, unless a scenario is named."""
    assert ids(judge(BOTH, "--profile", "core")) == {"dojo.01.one"}
    assert ids(judge("", "--profile", "core", "--scenario", "shopfront")) == {"shopfront.01.two"}


def test_an_unknown_scenario_is_a_usage_error(judge):
    """A mistyped name ends at once, with the known ones."""
    ran = judge(BOTH, "--scenario", "shopfrnt")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "did you mean 'shopfront'" in ran.text
    assert not ran.reports.exists()


def test_a_scenario_without_behaviours_where_one_looks_is_a_usage_error(judge):
    """Nothing to judge is no success, and the remedy is said."""
    ran = judge(BOTH.replace("shopfront.01", "dojo.02"), "--scenario", "shopfront", "-k", "not three")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "no behaviour of shopfront is in " in ran.text
    assert not ran.reports.exists()


def test_what_only_the_dojo_has_is_refused_in_one_line(judge, monkeypatch):
    """A cluster as it stands, and files alone: of another scenario they are one clear usage error."""
    monkeypatch.setattr("fixtures.settings._check_context", lambda context, kubeconfig: None)
    ran = judge(BOTH, "--scenario", "shopfront", "--kubecontext", "theirs")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "what stands on a cluster can be judged of dojo, not of shopfront" in ran.text
    monkeypatch.setattr("fixtures.session.static_tier.TIERS", {})
    ran = judge("", "--scenario", "shopfront", "--static")
    assert ran.code != 0
    assert "files alone tell nothing of shopfront yet" in ran.text
    assert not ran.reports.exists()


CODES: dict[str, int] = {}
"""Scenario -> the exit code of its run, where it is not 0."""


@pytest.fixture
def runs(monkeypatch, tmp_path):
    """Stands for the processes: notes each command, and writes the report that its run would write."""
    commands = []

    def start(command, cwd):
        commands.append(command)
        name = command[command.index("--scenario") + 1]
        folder = Path(cwd, command[command.index("--report-dir") + 1], f"20261122T060000Z-{name}")
        folder.mkdir()
        run = {"id": folder.name, "scenario": name, "started": "", "outcome": "conformant"}
        report = {"apiVersion": "autoscaling-conformance/v1", "kind": "ConformanceReport", "run": run}
        (folder / "report.json").write_text(json.dumps(report))
        return Ended(CODES.get(name, 0))

    class Started:
        def __init__(self, name, command, cwd):
            self.ended = lambda: start(command, cwd)

    monkeypatch.setattr(several, "in_a_process", start)
    monkeypatch.setattr(several, "Process", Started)
    monkeypatch.setattr(several, "Cache", lambda: SimpleNamespace(root=tmp_path))
    monkeypatch.setattr(several, "_delete", lambda config, held: commands.append(["deleted", held]))
    return commands


def test_several_scenarios_are_a_run_each_and_one_table(judge, runs, capfd):
    """The dojo first, one after another on one cluster that is deleted in the end."""
    ran = judge(BOTH, "--profile", "all", "--lanes", "1", "-k", "one or two")
    assert ran.code == 0
    assert [command[command.index("--scenario") + 1] for command in runs[:-1]] == ["dojo", "shopfront"]
    for command in runs[:-1]:
        assert {"--keep-cluster", "--clean"} <= set(command)
        assert "--profile" not in command
        assert command[command.index("-k") + 1] == "one or two"
        assert not {"--lanes", "--beside"} & set(command)
    assert runs[-1] == ["deleted", False]
    (folder,) = ran.reports.iterdir()
    assert folder.name.endswith("-scenarios")
    table = (folder / "summary.md").read_text()
    assert table.startswith("# Scenarios\n\n| scenario |")
    assert "| shopfront | ✓ conformant |" in table
    said = capfd.readouterr().out
    assert "scenario 1 of 2: dojo" in said
    assert "2 conformant in " in said.splitlines()[-1]
    said = said.partition("each report")[0]
    assert [line.split()[:3] for line in said.splitlines() if "conformant" in line] == [
        ["dojo", "✓", "conformant"],
        ["shopfront", "✓", "conformant"],
    ]


def test_scenarios_that_are_not_in_each_others_way_go_at_the_same_time(judge, runs, capfd):
    """Each is told of the others, on a cluster that is this run's alone; the table is as ever."""
    ran = judge(BOTH, "--profile", "all", "--lanes", "2")
    assert ran.code == 0
    told = {command[command.index("--scenario") + 1]: command for command in runs[:-1]}
    assert set(told) == {"dojo", "shopfront"}
    (beside,) = {command[command.index("--beside") + 1] for command in told.values()}
    assert beside.endswith(":dojo,shopfront")
    assert all({"--keep-cluster", "--clean"} <= set(command) for command in told.values())
    assert runs[-1] == ["deleted", True]
    (folder,) = ran.reports.iterdir()
    assert beside.startswith(f"{folder.name}-")
    table = (folder / "summary.md").read_text()
    assert table.index("| dojo | ✓ conformant |") < table.index("| shopfront | ✓ conformant |")
    said = capfd.readouterr().out
    assert "dojo begins" in said
    assert "shopfront begins" in said
    assert "2 of 2 judged" in said


def test_a_session_knows_its_neighbours(judge):
    """What the run says to its sessions is understood; what is none of its words is a usage error."""
    asks = """
def test_neighbours(settings):
    assert settings.beside.run == "run-1"
    assert [each.name for each in settings.beside.others] == ["dojo", "cpu"]
    assert all(want.namespace not in ("default", "cpu") for want in settings.others)
"""
    ran = judge(BOTH + asks, "--scenario", "shopfront", "--beside", "run-1:dojo,shopfront,cpu")
    assert ran.code == 0
    ran = judge("", "--scenario", "shopfront", "--beside", "dojo,cpu")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "names no run" in ran.text


def test_a_cluster_that_another_run_uses_is_not_shared(judge, runs, tmp_path):
    """The sessions do not take the cluster's name: the run has it, or is told who else does."""
    with ClusterState(tmp_path / "clusters", CLUSTER_NAME).held():
        ran = judge(BOTH, "--profile", "all", "--lanes", "2")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "another run is using the cluster" in ran.text
    assert runs == []


def test_one_that_is_not_conformant_is_the_exit_code(judge, runs, monkeypatch):
    """Exit code 0 only if every scenario's is; the others are judged all the same."""
    monkeypatch.setitem(CODES, "dojo", 1)
    ran = judge(BOTH, "--keep-cluster", "--lanes", "1")
    assert ran.code == 1
    assert len(runs) == 2  # and the cluster was to be kept


def test_a_solution_is_one_scenarios(judge, runs):
    """With several scenarios it cannot be told whose a solution is: that is asked for."""
    ran = judge(BOTH, "--solution", str(BEHAVIOURS.parent / "solutions/dojo/reference"))
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "one of which scenario? dojo, shopfront were collected" in ran.text
    assert runs == []


def test_collecting_several_starts_nothing(judge, runs):
    """`--collect-only` lists them all."""
    ran = judge(BOTH, "--collect-only")
    assert ran.code == 0
    assert runs == []
    assert not ran.reports.exists()


def test_the_dojo_is_judged_first():
    """Each scenario once, the dojo before the others."""
    assert in_order(["sidecar", "dojo", "sidecar", "cpu"]) == ["dojo", "sidecar", "cpu"]


def test_a_run_of_a_scenario_has_the_rest_of_the_command_line(tmp_path):
    """What chose among scenarios is not handed on; what chose among behaviours is."""
    runs = Several(
        ("conformance", "--profile=all", "-m", "core", "--report-dir", "r"),
        tmp_path,
        tmp_path / "runs",
        own_cluster=True,
        say=print,
        what="scenario",
    )
    command = runs.command(("--scenario", "cpu"), tmp_path / "runs" / "cpu")
    assert command[3:] == [
        *("conformance", "-m", "core", "--keep-cluster", "--clean"),
        *("--scenario", "cpu", "--report-dir", "runs/cpu"),
    ]


@pytest.mark.parametrize(
    ("asked", "again"),
    [
        ("conformance --profile core", ""),
        ("conformance/dojo -k 07", "-k 07"),
        ("conformance/shopfront/", "--scenario shopfront"),
        ("conformance --profile core --scenario cpu --keep-cluster", "--scenario cpu --keep-cluster"),
        ("conformance/dojo/test_step_05_prometheus.py", "conformance/dojo/test_step_05_prometheus.py"),
        ("conformance -m shopfront", "-m shopfront"),
        ("conformance --scenario cpu --beside run:dojo,cpu", "--scenario cpu"),
    ],
)
def test_how_to_run_it_again(asked, again):
    """The report's command is one of tox's: what tox says by itself is left out, a folder is its scenario."""
    assert _command(asked.split()) == f"tox -e conformance{' -- ' if again else ''}{again}"


def test_an_upgrade_has_an_environment_of_its_own():
    """Its folder is what tox says by itself."""
    asked = ["conformance/upgrade", "--from", "previous", "--to", "default"]
    assert _command(asked) == "tox -e upgrade -- --from previous --to default"
