"""What a load on the queue is judged by, whoever scales its consumers."""

from __future__ import annotations

from typing import Any

from . import names
from .judging import Cycle, part, reached, turns


def never_above(cycle: Cycle, maximum: int, each: float, evidence: Any) -> None:
    """Though the load asks for more, no count exceeds ``maximum``; ``each``: items asked of a consumer."""
    record = cycle.record
    evidence.record(record)
    demand = record.recorded(names.RECORDED).maximum() / each
    evidence("demand", f"greatest metric / {each:g}", f"{demand:.1f} replicas asked for, maximum {maximum}")
    for signal in (names.SPEC, names.HPA, names.STATUS):
        most = record.recorded(signal).maximum()
        assert most <= maximum, f"{signal} was {most:g}, the maximum is {maximum}"


def drained(cycle: Cycle, evidence: Any) -> None:
    """The queue is worked off in the time that many consumers need."""
    record, budget = cycle.record, cycle.seen["budget drained"]
    evidence.record(record)
    evidence.budget(budget)
    took = reached(record, "queue drained").at - reached(record, "load starts").at
    evidence.budget(budget, took)
    evidence.record(part(record, "load starts", "queue drained"))
    evidence("drain", "from the load to an empty queue", f"{took:.0f} s; {budget}")
    assert took <= budget.seconds, f"it took {took:.0f} s; {budget} are allowed"


def turns_once(cycle: Cycle, end: str, evidence: Any) -> None:
    """From the load to the event ``end`` the count of consumers turns once, at the top."""
    evidence.record(cycle.record)
    load = part(cycle.record, "load starts", end)
    evidence.record(load)
    steps = load.recorded(names.SPEC).steps()
    found = turns(steps)
    evidence("steps", "spec.replicas", str([(round(at - load.started, 1), count) for at, count in steps]))
    assert len(found) == 1, f"expected one turn, at the top; found {len(found)}: {'; '.join(found)}"
