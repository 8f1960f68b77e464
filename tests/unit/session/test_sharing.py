"""What sessions on one cluster tell each other."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from fixtures.cluster.state import INSTALLED, LEAVING, MADE, THERE, ClusterState
from fixtures.install.beside import Beside
from fixtures.install.pieces import InstallFailed
from fixtures.install.scenarios import known, load_scenario
from fixtures.install.stacks import load_stack
from fixtures.install.turns import Turns
from fixtures.session.sharing import Sharing

RUN = "run-1"
WITHIN = 20.0
"""Seconds for what takes no time on an idle machine."""


@pytest.fixture
def state(tmp_path):
    return ClusterState(tmp_path, "kit")


def sharing(state, name) -> Sharing:
    return Sharing(Beside.read(f"{RUN}:{','.join(known())}", load_scenario(name), load_stack()), state)


def test_a_cluster_that_was_kept_is_cleaned(state):
    """What is on it nobody of this run knows."""
    assert not sharing(state, "dojo").nothing_there()
    state.do(MADE, "an earlier run")
    assert not sharing(state, "dojo").nothing_there()
    state.do(MADE, RUN)
    assert sharing(state, "dojo").nothing_there()


def test_what_one_that_was_in_the_way_has_left_is_cleaned(state):
    """The dojo that ended without a teardown is found by KEDA, and is nobody else's concern."""
    state.do(MADE, RUN)
    dojo, keda = sharing(state, "dojo"), sharing(state, "keda")
    dojo.begins()
    assert not keda.nothing_there()
    assert sharing(state, "cpu").nothing_there()
    dojo.ends(SimpleNamespace(gone=False))
    assert not keda.nothing_there()
    dojo.ends(SimpleNamespace(gone=True))
    assert keda.nothing_there()
    assert not state.done(THERE.format("dojo"), RUN)


def test_a_place_is_waited_for(state, tmp_path):
    """KEDA gets ready while the dojo leaves, and takes its namespaces when that is gone; cpu has its own."""
    dojo, others = Turns(tmp_path, "kit"), Turns(tmp_path, "kit")
    sharing(state, "dojo").take_place(dojo)
    sharing(state, "cpu").take_place(others)
    waiting = threading.Thread(target=sharing(state, "keda").take_place, args=(others,), daemon=True)
    waiting.start()
    sharing(state, "dojo").leaves()
    assert state.done(LEAVING.format("dojo"), RUN)
    waiting.join(0.2)
    assert waiting.is_alive()
    for namespace in ("default", "prometheus"):
        dojo.give_back(f"namespace {namespace}")
    waiting.join(WITHIN)
    assert not waiting.is_alive()


def test_it_is_told_when_all_that_can_be_is_installed(state):
    """The gated solution, the adapter behind it, and what waits for its turn are not waited for; what fails
    keeps nobody waiting.
    """
    asked, told = [], threading.Event()
    do = state.do

    def tell(what, run):
        do(what, run)
        told.set()

    state.do = tell
    told.clear()

    def need(piece):
        asked.append(piece)
        if piece == "redis":
            raise InstallFailed(piece, "no")

    pieces = load_scenario("dojo").pieces
    sharing(state, "dojo").watch(SimpleNamespace(pieces=lambda: tuple(pieces), need=need))
    assert told.wait(WITHIN)
    assert asked == ["prometheus", "redis", "producer", "consumer", "exporter"]
    assert state.done(INSTALLED.format("dojo"), RUN)
