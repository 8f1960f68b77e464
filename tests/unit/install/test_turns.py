"""An API that a cluster has once, between processes and threads."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fixtures.install import turns as room
from fixtures.install.turns import Turns
from fixtures.machine.errors import KitError

ROOT = Path(__file__).parents[3]
API = "custom.metrics.k8s.io"
WITHIN = 20.0
"""Seconds for what takes one on an idle machine."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(room, "LOOK", 0.02)


def test_one_has_it_at_a_time(tmp_path):
    """The second one waits, says so once, and has it when it is given back, by whatever thread."""
    said: list[str] = []
    first, second = Turns(tmp_path, "kit"), Turns(tmp_path, "kit", said.append)
    taking = threading.Thread(target=first.take, args=(API,))
    taking.start()
    taking.join(WITHIN)
    first.take(API)  # it has it
    waiting = threading.Thread(target=second.take, args=(API,))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    first.give_back(API)
    waiting.join(WITHIN)
    assert not waiting.is_alive()
    assert [line.partition(":")[0] for line in said][:1] == [f"waiting for {API}"]
    assert len(said) == 2
    second.give_back(API)
    second.give_back(API)
    first.take(API)


def test_other_apis_and_other_clusters_are_nobodys_concern(tmp_path):
    """Who has one API of one cluster keeps nobody from another one."""
    mine, others = Turns(tmp_path, "kit"), [Turns(tmp_path, "kit"), Turns(tmp_path, "other")]
    mine.take(API)
    others[0].take("metrics.k8s.io", lambda: True)
    others[1].take(API, lambda: True)


def test_who_is_to_end_does_not_wait(tmp_path):
    """An installation that is stopped gives up its place, with the reason."""
    holder = Turns(tmp_path, "kit")
    holder.take(API)
    with pytest.raises(KitError, match="another scenario had"):
        Turns(tmp_path, "kit").take(API, lambda: True)


def test_who_waits_too_long_is_told_what_to_do(tmp_path, monkeypatch):
    """There is an end to it, and another way."""
    monkeypatch.setattr(room, "LONGEST_WAIT", 0.0)
    holder = Turns(tmp_path, "kit")
    holder.take(API)
    with pytest.raises(KitError) as caught:
        Turns(tmp_path, "kit").take(API)
    assert "--lanes 1" in caught.value.remedy


def test_a_process_that_dies_loses_it(tmp_path):
    """A run that is killed keeps nobody waiting."""
    text = (
        "import pathlib, sys, os\n"
        "from fixtures.install.turns import Turns\n"
        f"Turns(pathlib.Path({str(tmp_path)!r}), 'kit').take({API!r})\n"
        "print('has it', flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=WITHIN, check=False
    )
    assert done.stdout == "has it\n", done.stderr
    Turns(tmp_path, "kit").take(API, lambda: True)
