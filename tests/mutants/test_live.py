"""The suite judged on a real cluster: mutants fail what is about them, variants fail nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import groupby

import pytest

from fixtures.install.scenarios import known
from tests.mutants import table, verdicts
from tests.mutants.conftest import NAME, RESULTS, case
from tests.mutants.mutants import ROOT, Difference, make, mutants, variants
from tests.mutants.shared import SUITE, empty, only
from tests.mutants.verdicts import LIVE

OWN_CLUSTER = 600.0
"""Seconds for a run with a cluster of its own: made in 30 s, and nothing on it but its own behaviours."""
WRONG = [each for each in mutants() if each.live]


@pytest.mark.parametrize("scenario", known())
def test_every_core_behaviour_has_a_mutant(scenario):
    """No core behaviour is without a mutant that is to fail it on a cluster."""
    assert table.uncovered(scenario, WRONG) == []


@pytest.mark.parametrize("wrong", [case(wrong, wrong.smoke) for wrong in WRONG if not wrong.own_cluster])
def test_mutant_is_caught(wrong: Difference, tmp_path, shared, say):
    """The behaviours that are about it fail for its reason, those beside it pass, and the run fails. What the
    exercise adds in later steps is left out.
    """
    say(f"{wrong.case}: {wrong.why}")
    folder = RESULTS / wrong.place
    report, code, seconds = shared.judge([wrong], wrong.finished_to_its_step(tmp_path / "copy"), folder)
    result = verdicts.live(wrong.id, [wrong], report, code, seconds)
    result.save(folder, LIVE)
    say(f"  {seconds:.0f} s: {'; '.join(result.problems) or ', '.join(wrong.fails)}")
    assert not result.problems, "\n".join((*result.problems, f"report: {folder / 'latest'}"))


GROUPS = [
    list(group)
    for _, group in groupby(
        sorted(variants(), key=lambda each: (each.scenario, each.together or each.id, each.id)),
        lambda each: (each.scenario, each.together or each.id),
    )
]


@pytest.mark.parametrize("right", [g for g in GROUPS if g[0].live], ids=lambda g: "+".join(v.case for v in g))
def test_variant_is_conformant(right: list[Difference], tmp_path, shared, say):
    """A solution that is right in another way passes all that its difference reaches. Several are judged in
    one solution where they are about different things.
    """
    names = "+".join(each.case for each in right)
    say(f"{names}: right, and not the reference")
    folder = RESULTS / right[0].place.with_name(right[0].together or right[0].id)
    report, code, seconds = shared.judge(right, make(right, tmp_path / "copy"), folder)
    for each in right:
        verdicts.live(each.id, right, report, code, seconds).save(RESULTS / each.place, LIVE)
    problems = verdicts.live(names, right, report, code, seconds).problems
    say(f"  {seconds:.0f} s: {'; '.join(problems) or 'nothing fails'}")
    assert not problems, "\n".join((*problems, f"report: {folder / 'latest'}"))


@pytest.mark.parametrize("wrong", [case(wrong, wrong.smoke) for wrong in WRONG if wrong.own_cluster])
def test_mutant_of_the_cluster_is_caught(wrong: Difference, tmp_path, machine, say):
    """The same for what is wrong with how a cluster is made: it is judged on one of its own.

    The session has the bundle and the tools (``machine``) before: on a machine with an empty cache they take
    longer than the run may, and their progress would be seen only at its end.
    """
    say(f"{wrong.case}: {wrong.why}")
    copy, folder = wrong.make(tmp_path / "copy"), RESULTS / wrong.id
    empty(folder)
    words = [sys.executable, "-m", "pytest", str(SUITE), "-k", only(wrong.asked)]
    words += ["--solution", str(copy.solution), "--report-dir", str(folder), "--cluster-name", f"{NAME}-own"]
    began = time.monotonic()
    done = subprocess.run(
        words,
        cwd=ROOT,
        # Made to fail: nothing that the GitHub step which runs it should annotate and sum up.
        env={**os.environ, "PYTHONUNBUFFERED": "1", "GITHUB_ACTIONS": ""},
        capture_output=True,
        text=True,
        timeout=OWN_CLUSTER,
        check=False,
    )
    (folder / "output.txt").write_text(done.stdout + done.stderr)
    report = json.loads((folder / "latest" / "report.json").read_text())
    result = verdicts.live(wrong.id, [wrong], report, done.returncode, time.monotonic() - began)
    result.save(folder, LIVE)
    say(f"  {result.seconds:.0f} s: {'; '.join(result.problems) or ', '.join(wrong.fails)}")
    assert not result.problems, "\n".join((*result.problems, f"report: {folder / 'latest'}"))
