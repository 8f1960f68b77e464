"""The floor: the seconds that a run spends waiting for control loops, whoever wrote the suite.

Counted from the records of a run, not from its plan: every change that was driven (a load, a fault)
goes once through the control loops, each of which is met in the middle of its interval on average;
every descent waits for the downscale window; and items take the time that consumers need for them.
No record's floor is longer than the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from fixtures.observe.record import Record, Series
from fixtures.observe.signals import CONSUMED, READY, SPEC

ON_AVERAGE = 0.5
"""The share of an interval that a change waits for, when it comes at any time."""
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


def changes(record: Record) -> int:
    """How many times something was done in this record that the chain had to answer."""
    return sum(event.kind in ("drive", "fault") for event in record.events)


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
    done, turns = changes(record), descents(record.recorded(SPEC))
    reaction = ON_AVERAGE * sum(interval(record, name) for name in REACTION)
    parts = [
        Part(f"{done} × (scrape + evaluation + sync) / 2", done * reaction),
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
    # The last record knows the intervals of the chain that was installed, the first one may not yet.
    once = ON_AVERAGE * sum(interval(kept[-1], name) for name in CONFIGURATION) if kept else 0.0
    parts = [part for record in kept for part in of_record(record)]
    if once:
        parts.insert(0, Part("installation: (rule file + scrape + evaluation) / 2", once))
    return parts
