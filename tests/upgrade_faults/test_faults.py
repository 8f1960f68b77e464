"""Upgrades with a fault: each must be found, at the behaviour and in the phase that it belongs to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
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


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The cluster that all of them share: each upgrades in place what the one before it has left."""
    yield NAME
    delete_cluster(NAME, load_stack().kubernetes, print)


@pytest.mark.parametrize("fault", [pytest.param(each, id=each.name) for each in load()])
def test_fault_is_found(fault: Fault, cluster: str, tmp_path: Path) -> None:
    """The behaviours that are about it fail for its reason, those beside it pass, and the verdict says where
    it shows first.
    """
    options = [*fault.options(tmp_path / fault.name, _crds), "-k", " or ".join(fault.asked)]
    report = upgraded(options, RESULTS / fault.name, cluster)
    ended = {each.id: each for each in report.behaviours}
    problems = [
        f"{one} {ended[one].outcome}: {ended[one].message or 'no message'}, not failed with {reason!r}"
        for one, reason in fault.fails.items()
        if ended[one].outcome != "failed" or reason not in ended[one].message
    ]
    beside = (ended[each] for each in fault.passes)
    problems += [f"{one.id} {one.outcome}: {one.message}" for one in beside if one.outcome != "passed"]
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
    with (folder / "output.txt").open("w") as output:
        env = {**os.environ, "PYTHONUNBUFFERED": "1"}
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
