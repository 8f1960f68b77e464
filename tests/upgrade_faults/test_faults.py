"""Upgrades with a fault: each must be found, at the behaviour and in the phase that it belongs to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.install.stacks import load_stack
from fixtures.machine.bundle.bundle import crds_of, make_builder
from fixtures.machine.bundle.cache import Cache
from fixtures.machine.engine import ensure
from fixtures.several import delete_cluster
from reports import runs
from reports.model import Report
from reports.upgrade import WHERE, verdict
from reports.write import read

from .faults import ROOT, Fault, load

RESULTS = ROOT / "reports" / "runs" / "upgrade-faults"
NAME = "autoscaling-upgrades"
LONGEST = 1200.0
"""Seconds for one upgrade and the way back without the whole runs: four times what one takes."""
WORDS = {f"{step:02}": f"breaks {where}" for step, where in WHERE.items()}
WORDS["01"] = "nothing is said of the upgrade"
"""What the verdict begins with, by the phase in which a fault is seen first."""


@dataclass
class Shared:
    """The cluster, and whether what is on it is to be removed before the next upgrade."""

    name: str
    spoiled: bool = False


@pytest.fixture(scope="session")
def cluster() -> Iterator[Shared]:
    """The cluster that all of them share: each upgrades in place what the one before it has left. With ``-n``
    each of pytest-xdist's workers has one.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    name = f"{NAME}-{worker}" if worker else NAME
    yield Shared(name)
    delete_cluster(name, load_stack().kubernetes, print)


@pytest.mark.parametrize("fault", [pytest.param(each, id=each.name) for each in load()])
def test_fault_is_found(fault: Fault, cluster: Shared, tmp_path: Path) -> None:
    """The behaviours that are about it fail for its reason, those beside it pass, and the verdict says where
    it shows first.
    """
    options = [*fault.options(tmp_path / fault.name, _crds), "-k", " or ".join(fault.asked)]
    options += ["--clean"] if cluster.spoiled else []
    cluster.spoiled = fault.spoils
    report = upgraded(options, RESULTS / fault.name, cluster.name)
    judged = {one.id for one in report.behaviours}
    problems = [f"{one} was not judged" for one in fault.asked if one not in judged]
    for one in report.behaviours:
        told = f"{one.id} {one.outcome}: {one.message or 'no message'}"
        reason = fault.fails.get(one.id)
        if reason is not None and not (one.outcome == "failed" and reason in one.message):
            problems.append(f"{told}, not failed with {reason!r}")
        if one.id in fault.passes and one.outcome != "passed":
            problems.append(told)
    if not verdict(report).startswith(WORDS[fault.step]):
        problems.append(f"the verdict is {verdict(report)!r}")
    assert not problems, "\n".join((*problems, f"report: {RESULTS / fault.name / 'latest'}"))


def upgraded(options: Sequence[str], folder: Path, cluster: str) -> Report:
    """The report of an upgrade. Whole runs before and after are judged only where a fault asks for one: that
    the default stack is conformant is seen by every run of the suite.
    """
    command = [sys.executable, "-m", "pytest", "conformance/upgrade", *options]
    command += ["--keep-cluster", "--cluster-name", cluster, "--report-dir", str(folder)]
    folder.mkdir(parents=True, exist_ok=True)
    # It is a run by itself, whoever started it.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    # Made to fail: nothing that a GitHub step should annotate and sum up.
    env |= {"PYTHONUNBUFFERED": "1", "GITHUB_ACTIONS": ""}
    with (folder / "output.txt").open("w") as output:
        subprocess.run(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, timeout=LONGEST, env=env, check=False
        )
    path = runs.latest(folder)
    assert path.is_file(), f"no report: see {folder / 'output.txt'}"
    return read(path)


def _crds() -> Path:
    stack = load_stack()
    engine = ensure(Cache().root, print)
    return crds_of(make_builder(engine, stack.kubernetes, print, stack.versions))
