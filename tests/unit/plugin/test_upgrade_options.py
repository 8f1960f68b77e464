"""What --from, --to, --kubernetes and --matrix refuse before anything is begun."""

from __future__ import annotations

import pytest

from tests.unit.plugin.test_outcomes import PASSES

pytest_plugins = ["pytester"]

UPGRADES = '''
from conformance.behaviour import behaviour

@behaviour("upgrade.01.there", feature="upgrade", hint="Is it there?")
def test_there():
    """It is there."""
'''


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--from: an upgrade leads from one stack to another"),
        (("--from", "default"), "--to: an upgrade leads from one stack to another"),
        (("--from", "nobody", "--to", "default"), "there is no stack 'nobody'"),
        (("--from", "default", "--to", "kubernetes-1.36"), "can't be upgraded"),
        (("--from", "default", "--to", "default"), "nothing would be upgraded"),
        (("--from", "default", "--to", "previous", "--kubernetes", "1.12"), "there is no Kubernetes '1.12'"),
        (
            ("--from", "default", "--to", "previous", "--scenario", "keda"),
            "under the load of dojo, not of keda",
        ),
    ],
)
def test_an_upgrade_that_cannot_be_is_a_usage_error(judge, options, said):
    """What is wrong, and what would do; nothing is begun."""
    ran = judge(UPGRADES, *options)
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert said in ran.text
    assert "Remedy: " in ran.text
    assert not ran.reports.exists()


def test_an_upgrade_is_of_both_stacks(judge):
    """Its behaviours are those asked for, and the report says what it started from."""
    ran = judge(UPGRADES, "--from", "previous", "--to", "default")
    assert ran.report["run"]["scenario"] == "upgrade"
    assert ran.report["run"]["stack"] == "previous → default"
    assert ran.report.get("grade") is None
    assert set(ran.outcomes.values()) == {"passed"}


def test_without_an_upgrade_its_behaviours_are_not_meant(judge):
    """A run of the dojo leaves them out."""
    ran = judge(PASSES + UPGRADES, "--profile", "core")
    assert "there" not in ran.outcomes
    assert ran.report["run"]["scenario"] == "dojo"


def test_another_kubernetes_is_taken_in_the_place_of_the_stacks(judge):
    """A version that is not known at all is refused, as is a stack of a matrix that is not there."""
    assert "there is no Kubernetes '1.1'" in judge(PASSES, "--kubernetes", "1.1").text
    ran = judge(PASSES, "--matrix", "--kubernetes", "1.37", "--stack", "default,nobody")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "there is no stack 'nobody'" in ran.text
