"""What is judged alike on the way there and on the way back."""

from __future__ import annotations

import itertools
from typing import Any

from conformance.dojo import names as dojo
from conformance.dojo.judging import Cycle, part, reached

from . import names


def under_way(cycle: Cycle, evidence: Any) -> Any:
    """The record from the steady load on until the last change was settled."""
    evidence.record(cycle.record)
    during = part(cycle.record, names.BUSY, names.DONE)
    evidence.record(during)
    return during


def gap(cycle: Cycle, signal: str, budget: Any, evidence: Any) -> None:
    """No time without a value of ``signal`` was longer than the budget."""
    during = under_way(cycle, evidence)
    longest = during.recorded(signal).longest_gap((during.started, during.ended))
    evidence.budget(budget, longest)
    evidence("gap", f"longest time without a value of {signal}", f"{longest:.1f} s; {budget}")
    assert longest <= budget.seconds, (
        f"{longest:.0f} s without a value of {signal}; {budget} are allowed. {stages(cycle, signal)}"
    )


def stages(cycle: Cycle, signal: str) -> str:
    """In which change the longest gap of ``signal`` lies."""
    during = part(cycle.record, names.BUSY, names.DONE)
    begun = (event for event in during.events if event.kind == "fault")
    marks = [event for event in begun if event.name.startswith(("upgrade ", "roll back"))]
    ends = [event.at for event in marks[1:]] + [during.ended]
    gaps = {
        event.name: during.between(event.at, end).recorded(signal).longest_gap((event.at, end))
        for event, end in zip(marks, ends, strict=True)
    }
    return "; ".join(f"{name}: {seconds:.0f} s" for name, seconds in gaps.items())


def holds(cycle: Cycle, evidence: Any) -> None:
    """Under a load that stays the same nobody is taken away."""
    during = under_way(cycle, evidence)
    steps = during.recorded(dojo.SPEC).steps()
    evidence("steps", "spec.replicas", str([(round(at - during.started, 1), n) for at, n in steps]))
    assert steps, "the replicas were not read"
    lowered = [
        f"{before:g} to {after:g} after {at - during.started:.0f} s"
        for (_, before), (at, after) in itertools.pairwise(steps)
        if after < before
    ]
    assert not lowered, f"replicas were lowered though the load stayed: {'; '.join(lowered)}"
    least = during.recorded(dojo.READY).minimum()
    queue = during.recorded(dojo.QUEUE)
    evidence("load", "queue length, least and greatest", f"{queue.minimum():g}, {queue.maximum():g}")
    assert least > 0, "at one time no consumer was Ready"


def follows(cycle: Cycle, model: Any, evidence: Any) -> None:
    """Each decision of the HPA follows from what it could read."""
    during = under_way(cycle, evidence)
    wrong = model(cycle.seen["hpa"]).violations(during)
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


def conformant(graded: Any, evidence: Any) -> None:
    """A whole run on what stands passed."""
    told = (f"{graded.outcome}: {graded.passed} passed", *graded.wrong)
    evidence("whole run", str(graded.page), "\n".join(told))
    assert graded.outcome == "conformant", (
        f"{graded.outcome}: {len(graded.wrong)} behaviours did not pass, first {graded.wrong[0]}"
        if graded.wrong
        else f"{graded.outcome}: not every behaviour was judged"
    )
