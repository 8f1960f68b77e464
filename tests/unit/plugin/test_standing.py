"""Grading what stands on a cluster, as it is asked for on the command line."""

from __future__ import annotations

import json

import pytest

from fixtures.observe.chain import Chain
from fixtures.observe.discovery import Discovery
from tests.unit.observe.cluster import Cluster
from tests.unit.plugin.test_outcomes import PASSES

pytest_plugins = ["pytester"]

ASKS = '''
@core("reads")
def test_reads(standing, solution, chain, evidence):
    """What is there is read."""
    evidence("chain", "", f"{chain.consumer}; {solution}")
    assert standing is not None

@core("drives")
def test_drives(hands_on):
    """It is driven."""
    hands_on()
'''


@pytest.fixture
def kubeconfig(tmp_path):
    """A kubeconfig with one context, whose cluster nobody asks."""
    file = tmp_path / "kubeconfig"
    contexts = [{"name": "mine", "context": {"cluster": "c", "user": "u"}}]
    named = {
        "users": [{"name": "u", "user": {}}],
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
    }
    file.write_text(json.dumps({"contexts": contexts, "current-context": "mine", **named}))
    return str(file)


@pytest.mark.parametrize("more", [[], ["--solution", "solutions/dojo/reference"]])
def test_hands_off_is_for_a_cluster_that_stands(judge, kubeconfig, more):
    """--no-faults where the kit installs something itself is a usage error that says what it is for."""
    context = ["--kubecontext", "mine", "--kubeconfig", kubeconfig] if more else []
    ran = judge(PASSES, "--no-faults", *context, *more)
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "--no-faults: only what stands on a cluster already" in ran.text
    assert not ran.reports.exists()


def test_a_cluster_that_does_not_answer_ends_the_run(judge, kubeconfig):
    """Nothing is built or installed for a cluster that is not there: one line, exit code 2."""
    ran = judge(ASKS, "--kubecontext", "mine", "--kubeconfig", kubeconfig)
    assert ran.code == 2
    assert "the cluster behind context 'mine' does not answer" in ran.text
    assert "Traceback" not in ran.text


@pytest.fixture
def looked_at(monkeypatch):
    """What a look at the cluster finds, given by the test; the cluster itself is not asked."""

    def give(found):
        monkeypatch.setattr("fixtures.session.standing.discover", lambda kube, key_sizes: found)
        monkeypatch.setattr("fixtures.session.standing._answers", lambda kube, context: None)

    return give


CONSUMER = Cluster().objects["Deployment"][1]


def test_what_stands_is_graded_with_hands_off(judge, kubeconfig, looked_at):
    """With --no-faults what only reads is judged, what drives is skipped with the reason, and the report
    says what was judged.
    """
    looked_at(Discovery(Chain(), {"consumer": CONSUMER}, {"hpa": "no HPA"}, {}))
    ran = judge(ASKS, "--kubecontext", "mine", "--kubeconfig", kubeconfig, "--no-faults")
    assert ran.outcomes == {"reads": "passed", "drives": "skipped"}
    assert "--no-faults keeps hands off" in ran.report["behaviours"][1]["message"]
    assert ran.report["run"]["solution"] == "as it stands on mine"
    assert "found consumer: Deployment shop/workers" in ran.text
    assert "not found: hpa: no HPA" in ran.text


def test_what_the_kit_left_is_graded_when_that_is_asked_for(judge, kubeconfig, looked_at):
    """An upgrade judges what it has left; otherwise the reference would be installed over it."""
    looked_at(Discovery(Chain(), {}, dict.fromkeys(("hpa", "consumer"), "none"), {}))
    there = ["--kubecontext", "mine", "--kubeconfig", kubeconfig, "-k", "reads"]
    ran = judge(ASKS, *there, "--as-it-stands")
    assert ran.outcomes == {"reads": "passed"}
    assert "nothing is installed" in ran.text


def test_an_empty_cluster_gets_the_reference(judge, kubeconfig, looked_at):
    """Where nothing of the exercise stands the reference is installed, as is said; not with hands off."""
    looked_at(Discovery(Chain(), {}, dict.fromkeys(("hpa", "consumer"), "none"), {}))
    there = ["--kubecontext", "mine", "--kubeconfig", kubeconfig, "-k", "reads"]
    ran = judge(ASKS, *there)
    assert ran.outcomes == {"reads": "failed"}
    assert "nothing of the exercise stands on mine: the reference is installed there" in ran.text
    assert judge("", *there, "--no-faults").outcomes == {"reads": "passed"}
