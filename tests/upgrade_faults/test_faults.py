"""Upgrades with a fault: each must be found, at the behaviour and in the phase that it belongs to."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.install.stacks import load_stack
from fixtures.several import delete_cluster
from reports import runs
from reports.model import Report
from reports.upgrade import verdict
from reports.write import read

ROOT = Path(__file__).parents[2]
FAULTS = Path(__file__).parent / "faults"
RESULTS = ROOT / "reports" / "runs" / "upgrade-faults"
NAME = "autoscaling-upgrades"
LONGEST = 1200.0
"""Seconds for one upgrade and the way back without the whole runs: four times what one takes."""
WORDS = {"02": "breaks while the charts were upgraded", "03": "breaks after the upgrade"}


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The cluster that all of them share: each finds what the rollback before it has left."""
    yield NAME
    delete_cluster(NAME, load_stack().kubernetes, print)


@pytest.mark.parametrize("name", sorted(path.name for path in FAULTS.iterdir() if path.is_dir()))
def test_fault_is_found(name: str, cluster: str) -> None:
    """The behaviours that are about it fail for its reason, those beside it pass, and the verdict says where
    it shows first.
    """
    fault = tomllib.loads((FAULTS / name / "fault.toml").read_text())
    report = upgraded(FAULTS / name / "stack.toml", RESULTS / name, cluster)
    ended = {each.id: each for each in report.behaviours}
    problems = [
        f"{one} {ended[one].outcome}: {ended[one].message or 'no message'}, not failed with {reason!r}"
        for one, reason in fault["fails"].items()
        if ended[one].outcome != "failed" or reason not in ended[one].message
    ]
    beside = (ended[each] for each in fault["passes"])
    problems += [f"{one.id} {one.outcome}: {one.message}" for one in beside if one.outcome != "passed"]
    first = min(fault["fails"]).split(".")[1]
    if not verdict(report).startswith(WORDS[first]):
        problems.append(f"the verdict is {verdict(report)!r}")
    assert not problems, "\n".join((*problems, f"report: {RESULTS / name / 'latest'}"))


def upgraded(stack: Path, folder: Path, cluster: str) -> Report:
    """The report of an upgrade to ``stack`` and back. Whole runs before and after are left out: that the
    default stack is conformant is seen by every run of the suite.
    """
    command = [sys.executable, "-m", "pytest", "conformance/upgrade", "--from", "default", "--to", str(stack)]
    command += ["-k", "not conformant", "--keep-cluster", "--cluster-name", cluster]
    command += ["--report-dir", str(folder)]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "output.txt").open("w") as output:
        env = {**os.environ, "PYTHONUNBUFFERED": "1"}
        subprocess.run(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, timeout=LONGEST, env=env, check=False
        )
    path = runs.latest(folder)
    assert path.is_file(), f"no report: see {folder / 'output.txt'}"
    return read(path)
