"""What is judged alike on the way there and on the way back."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.dojo import names as dojo
from conformance.dojo.judging import Cycle, is_active, part, reached

from . import names

OLD = 30.0
"""Seconds after which the age of a sample is told: several scrapes, and none came."""


def under_way(cycle: Cycle, evidence: Any) -> Any:
    """The record for as long as the steady load was on."""
    evidence.record(cycle.record)
    busy(cycle.record)
    during = part(cycle.record, names.BUSY, names.ENDS)
    evidence.record(during)
    return during


def busy(record: Any) -> None:
    """The load brought as many consumers as it asks for: nothing is said of a chain that nobody uses."""
    for name in (names.ENOUGH, names.NO_MORE):
        _met(record, name, f"under the load there were not {name}")
    reached(record, names.BUSY)


def recovered(record: Any, name: str) -> None:
    """After what ``name`` calls the chain gave values again; else what it gave when that was given up."""
    _met(record, name, f"{name}: the chain did not recover")
    reached(record, name)


def _met(record: Any, name: str, otherwise: str) -> None:
    """The wait ``name`` was not given up; else what was wrong, and what the chain gave at last."""
    for event in record.events:
        if event.name == f"gave up: {name}":
            last, limit = event.detail["last"], event.detail["budget_seconds"]
            signals = (dojo.QUEUE, dojo.KEY_SIZE, dojo.RECORDED, dojo.ADAPTER, dojo.READY)
            read = (f"{each} {last.get(each, 'not read')}{_age(record, each, event.at)}" for each in signals)
            told = ", ".join(read)
            raise AssertionError(f"{otherwise} within {limit:g} s; at last {told}")


def _age(record: Any, signal: str, at: float) -> str:
    reading = record.recorded(signal).at(at)
    sampled = reading.detail.get("sample_at") if reading is not None else None
    return f" ({at - sampled:.0f} s old)" if sampled is not None and at - sampled > OLD else ""


@dataclass(frozen=True)
class Link:
    """A link of the chain that may be away for a while: the signal that shows it, what it gives as a reader
    calls it, and which readings say that it gives it.
    """

    signal: str
    gives: str
    fills: Callable[[Any], bool] = lambda reading: bool(reading.present)


PROMETHEUS = Link(dojo.RECORDED, f"a value of {dojo.RECORDED}")
ADAPTER = Link(dojo.ADAPTER, f"a value of {dojo.ADAPTER}")
API_SERVICE = Link(dojo.API_AVAILABLE, "an APIService that is Available", lambda reading: reading.value == 1)
HPA = Link(dojo.HPA, "an HPA that reads its metric", is_active)


def gap(cycle: Cycle, link: Link, budget: Any, evidence: Any) -> None:
    """At no time the link was away for longer than the budget."""
    during = under_way(cycle, evidence)
    longest = _away(during, link, during.started, during.ended)
    evidence.budget(budget, longest)
    evidence("gap", f"longest time without {link.gives}", f"{longest:.1f} s; {budget}")
    changes = by_change(cycle, link)
    told = [f"{name}: {seconds:.1f} s" for name, seconds in changes.items()]
    evidence(names.BY_CHANGE, f"longest time without {link.gives}", "\n".join(told))
    assert longest <= budget.seconds, (
        f"{longest:.0f} s without {link.gives}, {budget.seconds:g} s are allowed ({budget.name});"
        f" {', '.join(told)}"
    )


def by_change(cycle: Cycle, link: Link) -> dict[str, float]:
    """For each change, until the next one: the longest time in seconds in which the link was away."""
    during = part(cycle.record, names.BUSY, names.ENDS)
    marks = [event for event in during.events if event.name.startswith(("upgrade ", "roll back"))]
    ends = [event.at for event in marks[1:]] + [during.ended]
    return {
        event.name: _away(during.between(event.at, end), link, event.at, end)
        for event, end in zip(marks, ends, strict=True)
    }


def _away(record: Any, link: Link, start: float, end: float) -> float:
    longest: float = record.recorded(link.signal).longest_gap((start, end), link.fills)
    return longest


def holds(cycle: Cycle, evidence: Any) -> None:
    """Under a load that stays the same nobody is taken away."""
    during = under_way(cycle, evidence)
    queue = during.recorded(dojo.QUEUE)
    evidence("load", "queue length, least and greatest", f"{queue.minimum():g}, {queue.maximum():g}")
    # A count that the HPA mends at once may not be read in between: its own word of it stays for a sync.
    known = _until_the_end(cycle, during)
    for signal, says in ((dojo.SPEC, "spec.replicas"), (dojo.HPA_CURRENT, "the HPA's status")):
        steps = _steps(known.recorded(signal), during.started)
        evidence("steps", says, str([(round(at - during.started, 1), n) for at, n in steps]))
        assert steps, f"the replicas were not read ({says})"
        moves = list(itertools.pairwise(steps))
        # A move up before it tells of what was too much.
        told = ", ".join(
            f"{before:g} to {after:g} after {at - during.started:.0f} s ({_read(during, at)})"
            for (_, before), (at, after) in moves
        )
        lowered = any(after < before for (_, before), (_, after) in moves)
        assert not lowered, f"replicas were lowered though the load stayed: {told}"
    assert during.recorded(dojo.READY).minimum() > 0, "at one time no consumer was Ready"


def _steps(series: Any, start: float) -> list[tuple[float, float]]:
    """The counts from ``start`` on, with the one that the first of them changed."""
    counts: list[tuple[float, float]] = series.steps()
    # The reading that makes the load steady arrives before that is marked, at times in the same millisecond.
    before = sum(at <= start for at, _ in counts)
    return counts[max(0, before - 1) :]


def _read(record: Any, at: float) -> str:
    """What there was to be read when a decision was seen: the first link with a dent is the cause."""
    links = ((dojo.QUEUE, "the queue"), (dojo.RECORDED, "the metric"), (dojo.ADAPTER, "the API"))
    readings = ((name, record.recorded(signal).at(at)) for signal, name in links)
    return ", ".join(f"{name} {_said(reading)}" for name, reading in readings)


def _said(reading: Any) -> str:
    if reading is None or reading.failed:
        return "could not be read"
    return "nothing" if reading.value is None else f"{reading.value:g}"


def _until_the_end(cycle: Cycle, during: Any) -> Any:
    """The record with what was before the first change, which comes at once: the counts that it changed, and
    what the HPA remembers from then.
    """
    return cycle.record.between(cycle.record.started, during.ended)


def follows(cycle: Cycle, model: Any, evidence: Any) -> None:
    """Each decision of the HPA follows from what it could read."""
    during = under_way(cycle, evidence)
    found = model(cycle.seen["hpa"]).violations(_until_the_end(cycle, during))
    wrong = [violation for violation in found if violation.at >= during.started]
    evidence("decisions", "that do not follow from the metric", "\n".join(map(str, wrong)) or "none")
    assert not wrong, f"{len(wrong)} decisions do not follow from the metric, the first: {wrong[0]}"


def complete(cycle: Cycle, evidence: Any) -> None:
    """What was published is consumed in the end."""
    record, before, after = cycle.record, cycle.seen["before"], cycle.seen["after"]
    evidence.record(record)
    reached(record, names.DRAINED)
    published = (after.published or 0) - (before.published or 0)
    consumed = (after.consumed or 0) - (before.consumed or 0)
    waiting = before.queued + before.in_hand
    evidence("books", "before and after", f"{before}\n{after}; asked for {cycle.seen['published']}")
    assert published > 0, "nothing was published: that nothing was lost proves nothing"
    assert consumed == published + waiting, (
        f"{published} items were published, {waiting} were waiting before, and {consumed} were consumed"
    )
    assert published >= cycle.seen["published"], (
        f"the producer took {cycle.seen['published']} items, and only {published} were published"
    )


def comes_to_rest(cycle: Cycle, budget: Any, evidence: Any) -> None:
    """When the load is over, as few consumers are left as the HPA may leave."""
    record = cycle.record
    evidence.record(record)
    busy(record)
    drained = reached(record, names.DRAINED).at
    _met(record, names.AT_REST, "the queue was empty, and consumers were left")
    evidence.budget(budget, reached(record, names.AT_REST).at - drained)


def conformant(graded: Any, evidence: Any) -> None:
    """A whole run on what stands passed."""
    told = (f"{graded.outcome}: {graded.passed} passed", *graded.wrong)
    evidence("whole run", graded.page, "\n".join(told))
    assert graded.outcome == "conformant", (
        f"{graded.outcome}: {len(graded.wrong)} behaviours did not pass, first {graded.wrong[0]}"
        if graded.wrong
        else f"{graded.outcome}: not every behaviour was judged"
    )
