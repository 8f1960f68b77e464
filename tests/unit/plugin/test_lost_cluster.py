"""A cluster that dies in the middle of a run: told once, at the top, and what is left ends soon."""

from __future__ import annotations

import threading
import time

import pytest

from fixtures.observe.errors import ReadFailed
from fixtures.pulse import ClusterLost, Pulse
from reports.__main__ import main

pytest_plugins = ["pytester"]

WITHIN = 20.0
"""Seconds for what takes a tenth on an idle machine."""

DIES = '''
import threading, time
from fixtures.judge.waiting import eventually
from fixtures.observe.errors import ReadFailed
from fixtures.pulse import Pulse

ALIVE = threading.Event()
ALIVE.set()

def ask():
    if not ALIVE.is_set():
        raise ReadFailed("GET /version", "Connection refused")

class Long:
    name, seconds = "long", 60.0

@pytest.fixture(scope="session", autouse=True)
def kube(keeper):
    with Pulse(ask, every=0.05, dead_after=0.3) as keeper.pulse:
        yield ask

@core("before")
def test_before():
    """It is judged while all is well."""

@core("fails-first")
def test_fails_first(kube):
    """It fails at once, because its read does."""
    ALIVE.clear()
    AT_ONCE

@core("waits")
def test_waits(kube):
    """It waits for a state that nobody can read any more."""
    eventually(ask, lambda _: False, budget=Long())

@core("later")
def test_later():
    """It would be judged later."""

@core("last", level="extended")
def test_last():
    """So would this."""
'''


def refused():
    raise ReadFailed("GET /version", "Connection refused")


@pytest.fixture
def dead(judge):
    """Runs with a cluster that dies when the second behaviour begins, which then does ``at_once``."""
    return lambda at_once: judge(DIES.replace("AT_ONCE", at_once))


def test_one_error_and_the_rest_is_blocked_by_it(dead):
    """The behaviour in which it was noticed is an error, whatever it thought; nothing else is judged."""
    ran = dead('assert False, "there is no HPA"')
    assert ran.outcomes == {
        "before": "passed",
        "fails-first": "error",
        "waits": "blocked",
        "later": "blocked",
        "last": "blocked",
    }
    first = ran.report["behaviours"][1]
    assert first["message"].startswith("the cluster stopped answering at ")
    assert "there is no HPA" in first["message"]
    assert not first["hint"], "what the behaviour asks leads nowhere now"
    assert {each["blockedBy"] for each in ran.report["behaviours"][2:]} == {"dojo.01.fails-first"}


def test_a_wait_ends_when_it_is_certain(dead):
    """A behaviour that waits with a budget of a minute is interrupted."""
    began = time.monotonic()
    ran = dead("pass")
    assert time.monotonic() - began < WITHIN
    assert (ran.outcomes["fails-first"], ran.outcomes["waits"]) == ("passed", "error")
    assert "Connection refused" in ran.report["behaviours"][2]["message"]


def test_the_top_says_what_happened(dead):
    """Report, page, summary and terminal: since when nothing answers, how much was judged, what to do."""
    ran = dead("pass")
    folder = ran.reports / "latest"
    told = ran.report["run"]["message"]
    assert "the cluster stopped answering at " in told
    assert "only 2 of 5 behaviours were judged. Remedy: see whether its nodes still run" in told
    assert ran.report["run"]["outcome"] == "error"
    top = "\n".join((folder / "summary.md").read_text().splitlines()[:8])
    assert "the cluster stopped answering at " in top
    assert "Remedy: see whether its nodes still run" in top
    assert "the cluster stopped answering at " in (folder / "report.html").read_text()
    assert any(line.startswith("the cluster stopped answering") for line in ran.result.outlines)
    assert ran.code == 1
    assert main(["validate", str(folder)]) == 0


def test_silence_that_ends_is_forgotten():
    """An API server that is restarted answers again before it is taken for dead."""
    asked = []

    def ask():
        asked.append(True)
        if len(asked) < 3:
            refused()

    assert Pulse(ask, every=0.01, dead_after=WITHIN).settle() is None
    assert len(asked) == 3


def test_an_answer_is_one_whatever_it_says():
    """Only silence counts: whoever answers 500 is alive."""
    asked = threading.Event()

    def ask():
        asked.set()
        return 500, "etcd is slow"

    with Pulse(ask, every=0.01, dead_after=0.0) as pulse:
        assert asked.wait(WITHIN)
        assert pulse.settle() is None


def test_nobody_is_interrupted_who_judges_nothing():
    """Between behaviours the death is noted, and no exception gets into pytest."""
    told = threading.Event()
    with Pulse(refused, lambda _lost: told.set(), every=0.01, dead_after=0.02) as pulse:
        assert told.wait(WITHIN)
        assert pulse.lost is not None
        assert pulse.settle() is pulse.lost


def test_who_judges_is_interrupted():
    """In the middle of a long wait in the main thread ClusterLost is raised."""
    with (
        Pulse(refused, every=0.01, dead_after=0.1) as pulse,
        pytest.raises(ClusterLost, match="stopped answering"),
        pulse.judging(),
    ):
        threading.Event().wait(WITHIN)
