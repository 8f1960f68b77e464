from __future__ import annotations

import threading

import pytest

from fixtures.install.schedule import Blocked, GateClosed, Schedule, Stopped, Task

PROMPT = 5.0  # seconds: far over what a thread needs, so that a hang fails and does not hang


def _note(order: list[str], name: str):
    def run() -> str:
        order.append(name)
        return name

    return run


def test_dependencies_come_first():
    """A task starts when all it depends on are done, and what is independent does not wait for it."""
    order: list[str] = []
    tasks = {name: Task(_note(order, name), after) for name, after in
             {"d": ("b", "c"), "b": ("a",), "c": ("a",), "a": ()}.items()}  # fmt: skip
    schedule = Schedule(tasks)
    schedule.start()
    assert schedule.wait("d", PROMPT) == "d"
    assert order[0] == "a"
    assert order[-1] == "d"
    assert schedule.before("d") == {"a", "b", "c"}


def test_independent_tasks_run_side_by_side():
    """Two tasks that do not depend on each other are under way at the same time."""
    meet = threading.Barrier(2, timeout=PROMPT)
    schedule = Schedule({name: Task(meet.wait) for name in "ab"})
    schedule.start()
    assert {schedule.wait("a", PROMPT), schedule.wait("b", PROMPT)} == {0, 1}


def test_gate():
    """A gated task runs only once released; waiting for it before that is said to be a fault."""
    order: list[str] = []
    schedule = Schedule({"a": Task(_note(order, "a"), gated=True), "b": Task(_note(order, "b"), ("a",))})
    schedule.start()
    for name in "ab":
        with pytest.raises(GateClosed, match="a, which was never released"):
            schedule.wait(name, PROMPT)
    assert order == []
    schedule.release("a")
    assert schedule.wait("b", PROMPT) == "b"


def test_failure_blocks_what_depends_on_it():
    """The error reaches who waits for the task; all behind it, gated or not, are blocked by that task."""

    def fail() -> str:
        raise OSError("no")

    schedule = Schedule(
        {
            "a": Task(fail),
            "b": Task(lambda: "b", ("a",), gated=True),
            "c": Task(lambda: "c", ("b",)),
            "d": Task(lambda: "d"),
        }
    )
    schedule.start()
    with pytest.raises(OSError, match="no"):
        schedule.wait("a", PROMPT)
    for name in "bc":
        with pytest.raises(Blocked) as raised:
            schedule.wait(name, PROMPT)
        assert raised.value.by == "a"
    assert schedule.wait("d", PROMPT) == "d"


def test_stop():
    """After a stop nothing more starts, what runs is waited for, and nobody waits in vain."""
    go = threading.Event()
    schedule = Schedule({"a": Task(lambda: go.wait(PROMPT)), "b": Task(lambda: True, ("a",))})
    schedule.start()
    assert schedule.stop(timeout=0) == ["a"]
    go.set()
    assert schedule.stop(timeout=PROMPT) == []
    with pytest.raises(Stopped):
        schedule.wait("b", PROMPT)


def test_unknown_dependency():
    """A dependency on no task is refused at once, not waited for."""
    with pytest.raises(KeyError, match="no tasks"):
        Schedule({"a": Task(lambda: 1, ("x",))})
