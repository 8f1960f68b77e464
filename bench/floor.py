"""The floor: the seconds that a run spends waiting for control loops, whoever wrote the suite.

Counted from the records of a run, not from its plan, so that a suite which waits twice for the
same thing gains no higher floor by it: a part counts once per reaction that was really waited for,
and no record's floor is longer than the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from fixtures.observe.record import Record, Series
from fixtures.observe.signals import CONSUMED, READY, SPEC

# What the recorder puts before the name of a wait that was not met: nobody reacted there.
GAVE_UP = "gave up"

REACTION = ("scrape", "evaluation", "hpa_sync")
"""The loops between a change of the queue and the controller's answer to it, one turn of each."""

CONFIGURATION = ("config_sync", "scrape", "evaluation")
"""The loops between a new rule file and its first value: once per run, however it is installed."""


@dataclass(frozen=True)
class Part:
    """One share of a run that nobody could avoid: what it is, and its seconds."""

    what: str
    seconds: float


def interval(record: Record, name: str) -> float:
    """Seconds of one control loop as the record has it; 0 when the record does not know it."""
    return record.intervals.get(name, 0.0)


def reactions(record: Record) -> int:
    """How many times something was waited for in this record, and came."""
    return sum(event.kind == "wait" and not event.name.startswith(GAVE_UP) for event in record.events)


def descents(replicas: Series) -> int:
    """How many times the replica count turned from rising, or standing, to falling."""
    count, falling = 0, False
    for (_, before), (_, after) in pairwise(replicas.steps()):
        count += after < before and not falling
        falling = after < before
    return count


def drain_seconds(record: Record) -> float:
    """The least time in which the items that were consumed can be, by the most replicas seen ready."""
    consumed = [value for _, value in record.recorded(CONSUMED).numbers()]
    replicas = [value for _, value in record.recorded(READY).numbers()]
    most = max(replicas, default=0.0)
    if not consumed or most < 1:
        return 0.0
    # A Redis that was restarted counts from 0 again: only what was added is work.
    done = sum(max(after - before, 0.0) for before, after in pairwise(consumed))
    return done * interval(record, "item") / most


def of_record(record: Record) -> list[Part]:
    """The parts of one record's floor, scaled down together when they exceed its own length."""
    waits, turns = reactions(record), descents(record.recorded(SPEC))
    parts = [
        Part(
            f"{waits} × scrape + evaluation + sync", waits * sum(interval(record, name) for name in REACTION)
        ),
        Part(f"{turns} × downscale window", turns * interval(record, "downscale_window")),
        Part("drain", drain_seconds(record)),
    ]
    total = sum(part.seconds for part in parts)
    lasted = (record.ended if record.ended is not None else record.started) - record.started
    share = min(1.0, lasted / total) if total else 1.0
    return [
        Part(f"{record.name}: {part.what}", part.seconds * share)
        for part in parts
        if part.seconds * share > 0
    ]


def of_run(records: Iterable[Record]) -> list[Part]:
    """The floor of a whole run: one configuration on its way, and each record's parts."""
    kept = list(records)
    once = max((sum(interval(record, name) for name in CONFIGURATION) for record in kept), default=0.0)
    parts = [part for record in kept for part in of_record(record)]
    if once:
        parts.insert(0, Part("installation: rule file + scrape + evaluation", once))
    return parts
