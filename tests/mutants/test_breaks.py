"""The suite judged by wrong solutions, on a real cluster: each fails the behaviour that is about it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.mutants import breaks
from tests.mutants.breaks import Break, Result
from tests.mutants.conftest import RESULTS

LONGEST_RUN = 3600.0
"""Seconds one run may take: on an empty cache the first one builds all images."""
CLOSES = 60.0
"""Seconds an ended run has to write its report and delete its cluster."""
TAIL = 40


def case(wrong: Break):
    return pytest.param(wrong, id=wrong.id, marks=[pytest.mark.smoke] if wrong.smoke else [])


@pytest.mark.parametrize("wrong", [case(wrong) for wrong in breaks.load()])
def test_break_is_caught(wrong: Break, tmp_path, shared_cluster, tools, say):
    """The behaviours that are about the break fail for its reason, those beside it pass, and the run with
    them.
    """
    copy = wrong.make(tmp_path)
    folder = RESULTS / wrong.id
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if wrong.executable:
        program = copy / wrong.file
        program.write_text(program.read_text().replace("{kubectl}", str(tools.tools["kubectl"].path)))
    options = [option.replace("{copy}", str(copy)) for option in wrong.options]
    shared = ["--report-dir", str(folder), "--keep-cluster", "--cluster-name", shared_cluster]
    command = [sys.executable, "-m", "pytest", *wrong.arguments(copy), *shared, *options]
    say(f"{wrong.id}: {wrong.why}")
    began = time.monotonic()
    exit_code, output = _run(command, copy if wrong.base == "repository" else breaks.ROOT, say)
    (folder / "output.txt").write_text(output)
    report = folder / "latest" / "report.json"
    assert report.exists(), f"the run wrote no report (exit code {exit_code}):\n{_tail(output)}"
    result = Result.of(wrong, json.loads(report.read_text()), exit_code, time.monotonic() - began)
    result.save(folder)
    assert not result.problems, "\n".join((*result.problems, f"report: {report.parent}"))


def _run(command: list[str], folder: Path, say) -> tuple[int, str]:
    """Run the kit, passing its lines on; its exit code and all of its output."""
    lines: list[str] = []
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as kit:
        watch = threading.Timer(LONGEST_RUN, kit.terminate)
        watch.start()
        try:
            for line in kit.stdout or ():
                lines.append(line)
                say(f"  {line.rstrip()}")
            return kit.wait(CLOSES), "".join(lines)
        except KeyboardInterrupt:
            kit.wait(CLOSES)  # it got the same interrupt, and is deleting its cluster
            raise
        finally:
            watch.cancel()
            if kit.poll() is None:
                kit.terminate()


def _tail(output: str) -> str:
    return "\n".join(output.splitlines()[-TAIL:])
