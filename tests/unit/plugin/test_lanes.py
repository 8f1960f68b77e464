"""Scenarios at the same time: which begin when, what their lines look like, and how all of them end."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures import lanes
from fixtures.children import Ended
from fixtures.lanes import Lanes, Order, Process, at_once, planned

ROOT = Path(__file__).parents[3]
WITHIN = 30.0
"""Seconds for what takes one or two on an idle machine."""
NAMES = ["dojo", "shop", "web", "keda", "cpu"]
ORDER = [["shop", "web"], ["dojo", "keda"], ["cpu"]]


class World:
    """Runs that end when they are told to."""

    def __init__(self, folder: Path, most: int = 3) -> None:
        self.begun: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.codes: dict[str, queue.SimpleQueue[int]] = {name: queue.SimpleQueue() for name in NAMES}
        self.said: list[str] = []
        self.to_come: list[list[str]] = []
        self.told: list[str] = []
        self.settled: set[str] = set(NAMES)
        self.leaving: set[str] = set()
        self.lanes = Lanes(
            Order(ORDER, most),
            NAMES,
            folder,
            folder,
            lambda name: ["run", name],
            self.said.append,
            lambda rows, left: self.to_come.append(list(left)),
            lambda name: name in self.settled,
            lambda name: name in self.leaving,
            self.begin,
        )

    def begin(self, name: str, command: object, cwd: Path) -> SimpleNamespace:
        assert command == ["run", name]
        self.begun.put(name)
        return SimpleNamespace(
            ended=lambda: Ended(self.codes[name].get(timeout=WITHIN)),
            tell=lambda: self.told.append(name),
            end=lambda: self.end(name),
        )

    def end(self, name: str) -> None:
        self.told.append(f"waited for {name}")
        self.codes[name].put(-signal.SIGTERM)  # who waits for it in a thread is told, too

    def run(self):
        """Run in a thread; what it gives is put into a queue."""
        came: queue.SimpleQueue = queue.SimpleQueue()
        threading.Thread(target=lambda: came.put(self.lanes.run()), daemon=True).start()
        return came

    def next(self, count: int) -> set[str]:
        return {self.begun.get(timeout=WITHIN) for _ in range(count)}


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setattr(lanes, "interrupting", nullcontext)  # signals are the main thread's
    return World(tmp_path)


def test_each_begins_when_nobody_is_in_its_way(world):
    """One of each lane at once; the next of a lane when the one before it has ended, whoever still runs."""
    came = world.run()
    assert world.next(3) == {"shop", "dojo", "cpu"}
    assert world.begun.empty()
    world.codes["dojo"].put(0)
    assert world.next(1) == {"keda"}
    for name in ("cpu", "shop", "keda", "web"):
        world.codes[name].put(0)
    code, rows = came.get(timeout=WITHIN)
    assert world.next(1) == {"web"}
    assert (code, [row.name for row in rows]) == (0, NAMES)
    assert world.to_come[0] == ["shop", "web", "keda", "cpu"]
    assert world.to_come[-1] == []
    assert world.said[:3] == ["shop begins", "dojo begins, beside shop", "cpu begins, beside shop, dojo"]


def test_two_do_not_install_at_the_same_time(world, monkeypatch):
    """The next one begins when the one before it has installed what it can."""
    monkeypatch.setattr(lanes, "LOOK", 0.02)
    world.settled.clear()
    came = world.run()
    assert world.next(1) == {"shop"}
    world.codes["cpu"].put(0)
    for name, then in (("shop", "dojo"), ("dojo", "cpu")):
        assert world.begun.empty()
        world.settled.add(name)
        assert world.next(1) == {then}
    world.codes["dojo"].put(0)  # whoever has ended is in nobody's way, settled or not
    assert world.next(1) == {"keda"}
    for name in ("shop", "keda", "web"):
        world.codes[name].put(0)
    assert came.get(timeout=WITHIN)[0] == 0


def test_the_next_one_gets_ready_while_the_one_before_it_leaves(world, monkeypatch):
    """Its place is not free yet, which it sees itself; what is leaving takes no room of the others."""
    monkeypatch.setattr(lanes, "LOOK", 0.02)
    world.lanes.order = Order(ORDER, 2)
    came = world.run()
    assert world.next(2) == {"shop", "dojo"}
    world.leaving.add("shop")
    assert world.next(1) == {"web"}
    world.leaving.add("dojo")
    assert world.next(1) == {"keda"}
    world.codes["shop"].put(0)
    world.codes["web"].put(0)
    assert world.next(1) == {"cpu"}
    for name in ("dojo", "keda", "cpu"):
        world.codes[name].put(0)
    assert came.get(timeout=WITHIN)[0] == 0


def test_no_more_than_the_machine_bears(tmp_path, monkeypatch):
    """The others wait for room, and the exit code is that of the worst."""
    monkeypatch.setattr(lanes, "interrupting", nullcontext)
    world = World(tmp_path, most=1)
    came = world.run()
    for name in ("shop", "web", "dojo", "keda", "cpu"):
        assert world.next(1) == {name}
        assert world.begun.empty()
        world.codes[name].put(1 if name == "web" else 0)
    assert came.get(timeout=WITHIN)[0] == 1


def test_ctrl_c_ends_all_and_leaves_the_table(world, monkeypatch):
    """The table says which were judged; a child that the terminal has told is waited for, not told again."""
    for by, told in ((KeyboardInterrupt(), []), (KeyboardInterrupt("SIGTERM"), ["shop", "dojo", "cpu"])):
        world.told.clear()
        world.to_come.clear()
        for name in NAMES:
            if (world.lanes.folder / name).is_dir():
                (world.lanes.folder / name).rmdir()

        def interrupted(timeout, by=by):
            raise by

        monkeypatch.setattr(
            lanes.queue, "SimpleQueue", lambda stop=interrupted: SimpleNamespace(get=stop, put=print)
        )
        code, rows = world.lanes.run()
        assert code == 2
        assert {row.name for row in rows} == {"shop", "dojo", "cpu"}
        assert all("interrupt" in row.next for row in rows)
        assert world.told == [*told, *(f"waited for {name}" for name in ("shop", "dojo", "cpu"))]
        assert world.to_come == [["web", "keda"]]


def test_lines_say_whose_they_are(tmp_path, capsys):
    """Each line has its scenario before it, errors too; what a CI's runner reads stands as it is."""
    text = "print('hello\\n\\n::error file=a::b'); import sys; sys.stderr.write('ERROR: no\\n'); sys.exit(4)"
    ended = Process("dojo", [sys.executable, "-c", text], tmp_path).ended()
    assert ended == Ended(4, "no")
    said = capsys.readouterr()
    assert said.out.splitlines() == ["dojo       │ hello", "", "::error file=a::b"]
    assert said.err == "dojo       │ ERROR: no\n"


def test_a_run_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    """A scenario that hangs costs its own row, not the others'."""
    monkeypatch.setattr(lanes, "LONGEST_RUN", 0.2)
    command = [sys.executable, "-c", f"import threading; threading.Event().wait({WITHIN})"]
    assert Process("dojo", command, tmp_path).ended().code == -signal.SIGTERM


def test_sigterm_is_passed_on_to_all(tmp_path):
    """SIGTERM reaches every inner run, which has the time to end well; then the outer one ends, too."""
    inner = (
        "import pathlib, signal, sys, threading\n"
        "def end(*_):\n    pathlib.Path(sys.argv[1] + '-ended').touch()\n    sys.exit(2)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "print('begun', flush=True)\n"
        f"threading.Event().wait({WITHIN})\n"
    )
    (tmp_path / "inner.py").write_text(inner)
    outer = (
        "import pathlib, sys\n"
        "from fixtures.lanes import Lanes, Order, Process\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        "command = lambda name: [sys.executable, 'inner.py', 'is-' + name]\n"
        "wrote = lambda rows, left: None\n"
        "order = Order([['a'], ['b']], 2)\n"
        "yes, no = lambda name: True, lambda name: False\n"
        "lanes = Lanes(order, ['a', 'b'], folder, folder, command, print, wrote, yes, no, Process)\n"
        "print(lanes.run()[0])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", outer],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        begun = 0
        while begun < 2:
            line = process.stdout.readline()
            assert line
            begun += "│ begun" in line
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=WITHIN)
    finally:
        process.kill()
        process.wait()
    assert {path.name for path in tmp_path.glob("is-*-ended")} == {"is-a-ended", "is-b-ended"}
    assert said.splitlines()[-1] == "2"


@pytest.mark.parametrize(("asked", "cores", "most"), [(None, 1, 1), (None, 2, 3), (2, 1, 2), (1, 8, 1)])
def test_how_many_at_once(asked, cores, most):
    """What was asked for, else what the processors bear."""
    assert at_once(asked, cores) == most


def config(**given):
    options = {
        "lanes": 3, "kubecontext": None, "static": False, "usepdb": False, "trace": False, "stack": "default"
    }  # fmt: skip
    return SimpleNamespace(option=SimpleNamespace(**(options | given)))


def test_the_plan_of_all_scenarios():
    """Three lanes, of one cluster that is the kit's."""
    plan = planned(config(), ["dojo", "cpu", "keda"])
    assert plan == Order([["dojo", "keda"], ["cpu"]], 3)


@pytest.mark.parametrize(
    "given", [{"lanes": 1}, {"kubecontext": "theirs"}, {"static": True}, {"usepdb": True}, {"trace": True}]
)
def test_one_after_another_where_it_must_be(given):
    """On somebody's cluster, by files, with a debugger, or because it was asked for."""
    assert planned(config(**given), ["dojo", "cpu", "keda"]) is None


def test_scenarios_that_are_all_in_each_others_way_are_no_lanes():
    """Then there is nothing to be won."""
    assert planned(config(), ["dojo", "keda"]) is None
