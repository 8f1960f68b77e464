"""A run that is killed with SIGKILL leaves nothing that the next run trips over. For real: needs an engine.

pytest tests/real/test_killed.py
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLUSTER = "killed"
SHORT = "step_01 or step_02"
"""What the next run judges: that there is a machine and a cluster to judge on."""
LONGEST = 900
"""Seconds for a run to come to the place where it is killed, and for the one after it."""


def start(repository: Path, *options: str, what: str = "dojo") -> subprocess.Popen[str]:
    """The kit, run from a copy of the repository, with its output to be read line by line."""
    command = [sys.executable, "-m", "pytest", f"conformance/{what}", "--cluster-name", CLUSTER, *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "GITHUB_ACTIONS": ""}
    return subprocess.Popen(
        command, cwd=repository, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def kill_at(process: subprocess.Popen[str], line: str) -> list[str]:
    """Kill with SIGKILL when ``line`` is printed; what was printed until then."""
    seen: list[str] = []
    assert process.stdout is not None
    for text in process.stdout:
        seen.append(text)
        if line in text:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()
            return seen
    pytest.fail(f"the run ended before it said {line!r}:\n{''.join(seen[-30:])}")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the repository, in which something may be changed."""
    copy = tmp_path / "repository"
    ignored = shutil.ignore_patterns(".git", ".tox", "runs", "__pycache__", ".pytest*", ".*_cache")
    shutil.copytree(ROOT, copy, ignore=ignored, symlinks=True)
    return copy


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("building image redis", id="bundle build"),
        pytest.param("Preparing nodes", id="cluster creation"),
        pytest.param("queue", id="load"),
    ],
)
def test_next_run_works(repository: Path, line: str) -> None:
    """After a SIGKILL during bundle build, cluster creation or load, the next run passes."""
    if "redis" in line:
        recipe = repository / "images" / "redis" / "Containerfile"
        recipe.write_text(f"{recipe.read_text()}# never built before: {uuid.uuid4()}\n")

    kill_at(start(repository), line)

    after = start(repository, "-k", SHORT)
    said, _ = after.communicate(timeout=LONGEST)
    assert after.returncode == 0, said[-3000:]
    report = json.loads((repository / "reports" / "runs" / "latest" / "report.json").read_text())
    assert {behaviour["outcome"] for behaviour in report["behaviours"]} == {"passed"}
    killed = min((repository / "reports" / "runs").glob("2*"))
    assert (killed / "report.json").is_file(), "the killed run left what it had"


def test_killed_upgrade_is_known(repository: Path) -> None:
    """After a SIGKILL while a chart is upgraded the next run says where that was, and begins anew."""
    upgrade = ("--from", "previous", "--to", "default", "-k", "not conformant")
    kill_at(
        start(repository, *upgrade, what="upgrade"), "upgrading release prometheus in namespace prometheus"
    )

    after = start(repository, "-k", SHORT)
    said, _ = after.communicate(timeout=LONGEST)
    assert after.returncode == 0, said[-3000:]
    stopped = "an upgrade from previous to default was stopped here while prometheus was changed"
    assert stopped in said
    report = json.loads((repository / "reports" / "runs" / "latest" / "report.json").read_text())
    assert {behaviour["outcome"] for behaviour in report["behaviours"]} == {"passed"}
