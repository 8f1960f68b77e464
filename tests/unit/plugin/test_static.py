"""--static: verdicts by files, attached to the behaviours by id; no fixture is set up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fixtures.session import static_tier
from fixtures.static.analysis import Analysis
from fixtures.static.findings import Findings, Place
from tests.unit.plugin.conftest import Ran

pytest_plugins = ["pytester"]

BEHAVIOURS = """
def step(id, level="core", needs=()):
    return behaviour(id, level=level, feature="x", hint="Look?", needs=needs)

@pytest.fixture
def cluster():
    raise RuntimeError("a cluster was asked for")

@step("dojo.05.scrape-interval")
def test_interval(cluster):
    "The interval is 5 s."

@step("dojo.05.selects-everything", needs=("dojo.05.scrape-interval",))
def test_selects(cluster):
    "It selects everything."

@step("dojo.05.targets-up")
def test_targets(cluster):
    "Only a cluster can tell."
"""
INTERVAL, SELECTS = "dojo.05.scrape-interval", "dojo.05.selects-everything"


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Findings:
    """What the checks will have said."""
    findings = Findings()
    for behaviour in (INTERVAL, SELECTS):
        findings.saw(behaviour, "looked", "at", "this")

    def analyse(*_given: Any) -> Analysis:
        verdicts = {name: findings.verdict(name) for name in (INTERVAL, SELECTS)}
        return Analysis(tuple(findings.found), verdicts)

    monkeypatch.setattr(static_tier, "_analyse", analyse)
    return findings


def test_all_met_is_partial_and_exit_code_0(judge: Callable[..., Ran], found: Findings) -> None:
    """Files that show nothing wrong are no conformant solution yet; a CI goes on all the same."""
    ran = judge(BEHAVIOURS, "--static")
    assert ran.code == 0
    assert ran.report["run"]["outcome"] == "partial"
    assert ran.report["run"]["tier"] == "static"
    assert "the rest needs a cluster" in ran.report["profiles"][0]["message"]


def test_what_only_a_cluster_can_tell_is_left_out_and_counted(
    judge: Callable[..., Ran], found: Findings
) -> None:
    """Behaviours with no static check are deselected, and the run says how many."""
    ran = judge(BEHAVIOURS, "--static")
    assert ran.outcomes == {"scrape-interval": "passed", "selects-everything": "passed"}
    assert "1 behaviours only a cluster can tell are left out" in ran.text
    assert "1 deselected" in ran.text


def test_a_finding_fails_its_behaviour_alone(judge: Callable[..., Ran], found: Findings) -> None:
    """The message names file and line; what needs the failed one is judged by its own files."""
    found.fail(INTERVAL, Place("helm/values/prometheus.yaml", 4), "the scrape interval is 15s", "Which?")
    ran = judge(BEHAVIOURS, "--static")
    assert ran.code == 1
    assert ran.outcomes == {"scrape-interval": "failed", "selects-everything": "passed"}
    assert ran.report["behaviours"][0]["message"] == (
        "helm/values/prometheus.yaml:4: the scrape interval is 15s"
    )
    assert ran.report["run"]["outcome"] == "non-conformant"
    assert ran.report["behaviours"][0]["hint"] == "Which?"


def test_no_hints_shows_none_of_a_finding(judge: Callable[..., Ran], found: Findings) -> None:
    """With --hints none the finding's own question is not shown either."""
    found.fail(INTERVAL, Place("helm/values/prometheus.yaml", 4), "the scrape interval is 15s", "Which?")
    ran = judge(BEHAVIOURS, "--static", "--hints", "none")
    assert "Which?" not in ran.text + str(ran.report)


def test_an_advisory_is_said_and_never_fails(judge: Callable[..., Ran], found: Findings) -> None:
    """What works by luck is in the terminal and in the report, and the exit code is 0."""
    found.advise(SELECTS, Place("helm/values/prometheus.yaml", 9), "this has no effect")
    ran = judge(BEHAVIOURS, "--static")
    assert ran.code == 0
    assert "advice: helm/values/prometheus.yaml:9: this has no effect" in ran.text
    evidence = ran.report["behaviours"][1]["evidence"]
    assert any(each["title"].startswith("works by luck") for each in evidence)


def test_not_told_is_an_error_and_blocked_names_its_cause(judge: Callable[..., Ran], found: Findings) -> None:
    """No promtool, no verdict: an error, which is not 0."""
    found.cannot_tell([INTERVAL], "could not tell: there is no promtool")
    found.block([SELECTS], INTERVAL)
    ran = judge(BEHAVIOURS, "--static")
    assert ran.code == 1
    assert ran.outcomes == {"scrape-interval": "error", "selects-everything": "blocked"}
    assert ran.report["behaviours"][1]["blockedBy"] == INTERVAL


def test_static_and_a_cluster_exclude_each_other(judge: Callable[..., Ran], found: Findings) -> None:
    """Files or a cluster: both at once is a usage error."""
    ran = judge(BEHAVIOURS, "--static", "--kubecontext", "somewhere")
    assert ran.code == 4
    assert "leave one of the two away" in ran.text
