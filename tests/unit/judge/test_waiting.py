"""Waiting with a clock that stands still between sleeps."""

from __future__ import annotations

import pytest

from fixtures.judge.budgets import Budget
from fixtures.judge.outcomes import CouldNotTell
from fixtures.judge.waiting import NotReached, Violated, consistently, eventually
from fixtures.observe import ReadFailed

TEN = Budget("ten", {"scrape": 10})
FAILS = ReadFailed("LLEN padok", "connection refused")


class World:
    """A clock, a sleep that moves it, and a read whose answers follow the clock."""

    def __init__(self, *answers, cost=0.0):
        self.now, self.cost = 100.0, cost
        self.answers = answers
        self.read_at = []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        assert seconds >= 0
        self.now += seconds

    def read(self):
        self.read_at.append(self.now - 100.0)
        self.now += self.cost
        answer = self.answers[min(len(self.read_at), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def eventually(self, accept, **more):
        return eventually(
            self.read, accept, **{"budget": TEN, "clock": self.clock, "sleep": self.sleep, **more}
        )

    def consistently(self, accept, **more):
        return consistently(
            self.read, accept, **{"during": TEN, "clock": self.clock, "sleep": self.sleep, **more}
        )


def test_returns_the_accepted_state():
    """The first accepted state is returned at once, with no further read."""
    world = World(0, 0, 4, 8)
    assert world.eventually(lambda n: n >= 4) == 4
    assert world.read_at == [0, 1, 2]


def test_accepted_at_first_read_needs_no_sleep():
    """What holds already costs one read."""
    world = World(4)
    assert world.eventually(bool) == 4
    assert world.read_at == [0]


def test_successes_are_counted_in_a_row():
    """A state that does not hold in between starts the row anew; so does a failed read."""
    world = World(4, 0, 4, FAILS, 4, 4)
    assert world.eventually(bool, successes=2) == 4
    assert len(world.read_at) == 6


def test_last_read_is_at_the_deadline():
    """A state reached just before the deadline is still seen."""
    world = World(*[0] * 4, 1)
    assert world.eventually(bool, every=3) == 1
    assert world.read_at == [0, 3, 6, 9, 10]


def test_deadline_is_time_not_attempts():
    """Slow reads use the time up; there are fewer of them."""
    world = World(0, cost=4)
    with pytest.raises(NotReached):
        world.eventually(bool)
    assert world.read_at == [0, 5, 10]


def test_error_tells_last_state_and_changes():
    """The error says what was waited for, how long and why, the last state, and each change once."""
    world = World(0, 0, 0, 4, 4, FAILS, 4)
    with pytest.raises(NotReached) as caught:
        world.eventually(lambda n: n >= 8, what="8 replicas")
    told = str(caught.value)
    assert "8 replicas: not within 10 s (ten)" in told
    assert "last: 4" in told
    assert [line.split() for line in told.splitlines()[4:6]] == [["0.0", "s", "0"], ["3.0", "s", "4"]]
    assert "read failed: LLEN padok: connection refused" in told
    assert "10 reads, 1 failed reads" in told
    assert len(told.splitlines()) == 8


def test_error_keeps_first_and_last_changes():
    """A state that changes all the time does not make an endless error."""
    with pytest.raises(NotReached) as caught:
        World(*range(1000)).eventually(lambda _: False, every=0.1)
    assert "more changes" in str(caught.value)
    assert len(str(caught.value).splitlines()) < 30


def test_assertion_in_accept_is_a_reason():
    """A condition may assert; its message is in the error."""

    def four(n):
        assert n == 4, f"{n} is not four"
        return True

    with pytest.raises(NotReached, match="0 is not four"):
        World(0).eventually(four)


def test_accept_that_returns_nothing_accepts_nothing():
    """A condition that forgot to answer is not taken for a yes."""
    with pytest.raises(NotReached):
        World(4).eventually(lambda _: None)


def test_no_read_is_no_verdict():
    """When no read ever worked it is not said that the state was wrong."""
    with pytest.raises(CouldNotTell, match="connection refused"):
        World(FAILS).eventually(bool)


def test_failed_read_is_not_a_state():
    """A failed read is never handed to the condition."""
    seen = []
    assert World(FAILS, FAILS, 7).eventually(lambda n: seen.append(n) or True) == 7
    assert seen == [7]


def test_other_errors_end_the_wait():
    """An error that is not a failed read is a bug: it is not retried."""
    with pytest.raises(ZeroDivisionError):
        World(ZeroDivisionError()).eventually(bool)


def test_consistently_reads_the_whole_time():
    """A state that holds is watched until the end, its last read at the end."""
    world = World(4)
    assert world.consistently(lambda n: n == 4) == 4
    assert (world.read_at[0], world.read_at[-1]) == (0, 10)


def test_consistently_stops_at_the_first_violation():
    """One violation is enough; the error tells it and when."""
    world = World(4, 4, FAILS, 3, 4)
    with pytest.raises(Violated, match=r"did not hold after 3.0 s of 10 s") as caught:
        world.consistently(lambda n: n == 4, what="stays at 4")
    assert "last: 3" in str(caught.value)
    assert len(world.read_at) == 4


def test_consistently_that_read_nothing_cannot_tell():
    """Nothing read is not "nothing wrong"."""
    with pytest.raises(CouldNotTell, match="nothing was read"):
        World(FAILS).consistently(lambda _: True)
