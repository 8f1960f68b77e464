"""Small pure judgments over records of KEDA's scaling. None of them waits, reads or drives anything."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from conformance.dojo import names as dojo
from conformance.dojo.judging import CLOCKS, reached

from . import names

STAMP = 1.0
"""Seconds that a time in a ScaledObject's status may be off: it has no fractions."""


def state(reading: Any, kind: str) -> str:
    """The status of a condition of the ScaledObject in a reading; "" when it is not there."""
    return str(reading.detail.get("conditions", {}).get(kind, {}).get("status", ""))


def states(record: Any, kind: str) -> list[tuple[float, str]]:
    """When a condition was first seen in a state, and in each other one after that."""
    found: list[tuple[float, str]] = []
    for reading in record.recorded(names.SCALED_OBJECT):
        if reading.present and (not found or found[-1][1] != state(reading, kind)):
            found.append((reading.at, state(reading, kind)))
    return found


def active_polls(record: Any) -> list[float]:
    """When KEDA found its triggers active, by the time that it keeps of that (unix seconds, in order)."""
    times = {r.detail.get("last_active") for r in record.recorded(names.SCALED_OBJECT).present() if r.detail}
    return sorted(time for time in times if time is not None and time >= record.started - STAMP)


def gaps_between(times: list[float], most: float) -> list[str]:
    """The pairs of successive times that are more than ``most`` seconds apart."""
    return [f"{after - before:.0f} s" for before, after in pairwise(times) if after - before > most]


def cooled(record: Any, event: str) -> float:
    """Seconds from the last poll that found the triggers active to the sight of no replica, ``event``.

    An AssertionError tells when the record has neither.
    """
    zero = reached(record, event)
    polls = [at for at in active_polls(record) if at <= zero.at]
    assert polls, f"the ScaledObject's status had no lastActiveTime before {event!r}"
    return float(zero.at - polls[-1])


def differing(record: Any, slack: float) -> list[str]:
    """Values of the External metric that Redis and Prometheus did not give around the question."""
    given, wrong = record.recorded(dojo.RECORDED), []
    queue = record.recorded(dojo.QUEUE)
    for answer in record.recorded(dojo.ADAPTER).present():
        near = {
            value
            for series in (given, queue)
            for at, value in series.numbers()
            if answer.asked - slack <= at <= answer.at + slack
        }
        if near and answer.value not in near:
            wrong.append(
                f"at {answer.at - record.started:.1f} s it was {answer.value:g}, not of {sorted(near)}"
            )
    return wrong


def failures_before(record: Any, at: float) -> float:
    """The most failed reads in a row that the ScaledObject told of up to unix second ``at``."""
    told = [value for when, value in record.recorded(names.FAILURES).numbers() if when <= at + CLOCKS]
    return max(told, default=0.0)


def first_failure(record: Any) -> float | None:
    """The earliest that a read can have failed: when none was last told of, before the first one was. None if
    none ever was.
    """
    earliest = record.started
    for at, value in record.recorded(names.FAILURES).numbers():
        if value > 0:
            return float(earliest)
        earliest = at
    return None
