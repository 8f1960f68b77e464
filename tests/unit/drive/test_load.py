"""Steady load."""

from __future__ import annotations

import threading

import pytest

from fixtures.drive import load
from fixtures.drive.errors import DriveFailed
from fixtures.drive.load import SteadyLoad

WITHIN = 5.0
"""Seconds after which a thread that should have ended hangs."""


class Clock:
    """Seconds that pass only when a request is made: ``step`` a request."""

    def __init__(self, step: float) -> None:
        self.seconds, self.step = 0.0, step

    def __call__(self) -> float:
        return self.seconds


class Producer:
    """Confirms what is asked for; the requests numbered in ``failing`` (from 0) fail."""

    def __init__(self, clock: Clock, failing: tuple[int, ...] = ()) -> None:
        self.clock, self.failing = clock, failing
        self.requests: list[int] = []
        self.busy = threading.Event()

    def publish(self, count: int = 1) -> int:
        self.requests.append(count)
        self.clock.seconds += self.clock.step
        self.busy.set()
        if len(self.requests) - 1 in self.failing:
            raise DriveFailed("POST /publish", "503")
        return count


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The load's own pause is a hundredth of a second."""
    monkeypatch.setattr(load, "TICK", 0.01)


def run(producer: Producer, clock: Clock, seconds: float) -> load.Sent:
    clock.seconds = 0.0
    with SteadyLoad(producer, 4, seconds, clock=lambda: advance(clock)) as steady:
        steady._thread.join(WITHIN)
        assert not steady.running
    return steady.sent


def advance(clock: Clock) -> float:
    clock.seconds += 0.25
    return clock.seconds


def test_sends_the_rate_times_the_time():
    """4 items a second for 10 s are 40 items, all confirmed, in small requests; then it ends by itself."""
    clock = Clock(0)
    producer = Producer(clock)
    sent = run(producer, clock, 10)
    assert (sent.asked, sent.confirmed, sent.failures) == (40, 40, [])
    assert max(producer.requests) <= 2


def test_a_slow_answer_is_made_up_for():
    """When a request takes 2 s, the next one asks for the items of that time: the rate holds."""
    clock = Clock(2)
    assert run(Producer(clock), clock, 10).confirmed == 40


def test_a_failed_request_is_counted_and_not_repeated():
    """Items of a failed request are missing in what was confirmed, and are not asked for again."""
    clock = Clock(0)
    producer = Producer(clock, failing=(1, 2))
    sent = run(producer, clock, 10)
    assert sent.asked == sum(producer.requests) == 40
    assert sent.confirmed == 40 - sum(producer.requests[1:3])
    assert sent.failures == ["POST /publish: 503"] * 2


def test_stops_early():
    """Leaving the block ends the load, long before its time; what was sent is known."""
    clock = Clock(0)
    producer = Producer(clock)
    with SteadyLoad(producer, 4, 1e9, clock=lambda: advance(clock)) as steady:
        assert producer.busy.wait(WITHIN)
    assert not steady.running
    assert steady.sent.confirmed == sum(producer.requests) > 0


def test_an_unforeseen_error_is_not_swallowed():
    """An error that is no DriveFailed ends the load and is raised where the block ends."""

    class Broken:
        def publish(self, count: int = 1) -> int:
            raise TypeError("a defect of ours")

    clock = Clock(0)
    with (
        pytest.raises(TypeError, match="a defect of ours"),
        SteadyLoad(Broken(), 4, 10, clock=lambda: advance(clock)) as steady,
    ):
        steady._thread.join(WITHIN)


@pytest.mark.parametrize("per_second", [0, -1, 10_000_000])
def test_a_rate_that_makes_no_sense(per_second):
    """A rate of nothing, or beyond what the producer takes, is refused."""
    with pytest.raises(ValueError, match="per_second"):
        SteadyLoad(Producer(Clock(0)), per_second, 10)
