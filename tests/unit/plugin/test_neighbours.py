"""The plugin beside pytest's own and other people's: what they leave out is told, and nothing lies."""

from __future__ import annotations

import pytest

from tests.unit.plugin.test_outcomes import PASSES

pytest_plugins = ["pytester"]

CHAIN = '''
import os

@core("first")
def test_first():
    """It is mended by the environment."""
    assert os.environ.get("MENDED"), "not mended"

@core("second", needs=["dojo.01.first"])
def test_second():
    """It stands on the first."""

@core("third")
def test_third():
    """It stands alone."""
'''
SLOW = '''
import threading

@core("slow")
def test_slow():
    """It takes for ever."""
    threading.Event().wait(30)

@core("next")
def test_next():
    """It is judged all the same."""
'''


def test_workers_are_refused_before_anything_is_started(judge, pytester, monkeypatch):
    """-n with the conformance suite is a usage error that says why and what to do."""
    monkeypatch.setattr("fixtures.plugin.ROOT", pytester.path)
    ran = judge(PASSES, "-n", "2")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "Remedy: leave -n" in ran.text
    assert not ran.reports.exists()


def test_a_behaviour_in_a_worker_is_never_judged(judge):
    """Should behaviours get into a worker all the same, each fails with the reason, and makes no report."""
    ran = judge(PASSES, "-n", "1")
    assert ran.code == 1
    assert "they need one process" in ran.text
    assert not ran.reports.exists()


def test_plain_tests_may_have_workers(judge):
    """With the plugin loaded, xdist runs ordinary tests as ever."""
    ran = judge("def test_plain():\n    assert True\n", "-n", "1")
    assert (ran.code, ran.result.parseoutcomes()) == (0, {"passed": 1})


def test_a_timeout_is_an_error_and_the_run_goes_on(judge):
    """pytest-timeout ends one behaviour: nobody knows whether it would have been seen."""
    ran = judge(SLOW, "--timeout", "0.5")
    assert (ran.code, ran.outcomes) == (1, {"slow": "error", "next": "passed"})
    assert "pytest-timeout" in ran.report["behaviours"][0]["message"]


@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_stopping_early_says_how_much_was_left_out(judge, option):
    """The top of the report names the reason and the number; no such run passes."""
    ran = judge(CHAIN, option)
    assert ran.code == 1
    assert ran.report["run"]["message"] == "stopping after 1 failures: 2 behaviours were not judged"
    assert "2 behaviours were not judged" in ran.text


def test_a_run_stopped_beyond_core_is_no_pass(judge):
    """-x at an extended behaviour leaves core ones out: the verdict is not conformant."""
    text = CHAIN.replace('@core("first")', '@core("first", level="extended")')
    ran = judge(text, "-x")
    assert (ran.code, ran.report["run"]["outcome"]) == (1, "error")


def test_a_selection_is_told(judge):
    """A verdict on a part says so, in the report and in the terminal."""
    ran = judge(CHAIN, "-k", "third")
    assert (ran.code, ran.report["run"]["outcome"]) == (0, "conformant")
    told = "1 of 3 behaviours were asked for (-k third): the verdict is on these only"
    assert ran.report["run"]["message"] == told
    assert told in ran.text


def test_last_failed_are_judged_again_with_what_they_blocked(judge, monkeypatch):
    """--lf selects what failed and what was blocked behind it: both were not seen."""
    judge(CHAIN)
    assert judge("", "--lf").outcomes == {"first": "failed", "second": "blocked"}
    monkeypatch.setenv("MENDED", "1")
    ran = judge("", "--lf")
    assert ran.outcomes == {"first": "passed", "second": "passed"}
    assert ran.report["run"]["message"].startswith("2 behaviours were asked for (--lf)")


def test_failed_first_does_not_change_the_order(judge):
    """Steps build on each other, and the clean-up is last: --ff reorders plain tests only."""
    text = CHAIN + '@core("last")\ndef test_last():\n    """It cleans up."""\n    assert False\n'
    judge(text)
    assert list(judge("", "--ff").outcomes) == ["first", "second", "third", "last"]


def test_without_a_terminal_plugin_there_is_still_a_report(judge):
    """-p no:terminal: nothing is printed, everything is judged and written."""
    ran = judge(CHAIN, "-p", "no:terminal")
    assert (ran.code, ran.result.stdout.str()) == (1, "")
    assert ran.outcomes == {"first": "failed", "second": "blocked", "third": "passed"}


def test_without_the_cache_nothing_is_remembered(judge):
    """-p no:cacheprovider is no error."""
    assert judge(CHAIN, "-p", "no:cacheprovider").code == 1


def test_a_broken_plugin_leaves_a_report_that_says_so(judge, pytester):
    """An error inside pytest ends the run; what was judged by then is reported, with the reason."""
    pytester.makeconftest(
        "def pytest_runtest_logreport(report):\n"
        "    if 'second' in report.nodeid:\n        raise RuntimeError('a plugin breaks')\n"
    )
    ran = judge(CHAIN)
    assert ran.code == pytest.ExitCode.INTERNAL_ERROR
    assert ran.report["run"]["message"] == "pytest or a plugin broke: RuntimeError: a plugin breaks"
    assert ran.report["run"]["outcome"] != "conformant"
