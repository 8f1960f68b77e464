"""What a maintainer asks of an upgrade, in one line: may it be shipped?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .model import BehaviourResult, Report
from .profile import first_look

UPGRADE = "upgrade"
"""What the behaviours of an upgrade begin with, in the place of a scenario: they are about any one."""
MANUAL_STEPS = "manual steps"
"""The title of the evidence that says what Helm does not do by itself."""
BY_CHANGE = "by change"
"""The title of the evidence that says for how long each change kept a link of the chain away, a line each."""
ALONE = "longest time "
"""What its question begins with; the rest names the link."""
WHERE = {
    1: "before the upgrade",
    2: "while the charts were upgraded",
    3: "after the upgrade",
    4: "on the way back",
}


def verdict(report: Report) -> str:
    """*safe*, *safe with manual steps* (which) or *breaks* (what, where first); "" where no upgrade was
    judged. What was not judged to its end is never called safe.
    """
    ours = [each for each in report.behaviours if each.scenario == UPGRADE]
    if not ours:
        return ""
    look = first_look(report)
    if look is not None:
        first = f"{look.id} {look.outcome}: {_line(look.message or look.statement)}"
        if look.step == 1:
            return f"nothing is said of the upgrade: {first}"
        return f"breaks {WHERE.get(look.step, '')}: {first}"
    if report.run.outcome != "conformant":
        return (
            f"nothing is said of the upgrade: only {len(ours)} of {report.run.asked} behaviours were judged"
        )
    steps = _manual_steps(ours)
    return f"safe with manual steps: {steps}" if steps else "safe"


@dataclass
class Away:
    """For how long a link of the chain was away in each change, as it was told; ``allowed``: seconds."""

    link: str
    allowed: float | None
    by_change: dict[str, str] = field(default_factory=dict)


def away(report: Report) -> list[Away]:
    """Each link of the chain with the changes of both ways; nothing where no upgrade was judged."""
    found: dict[str, Away] = {}
    for behaviour in report.behaviours:
        for each in behaviour.evidence:
            if behaviour.scenario == UPGRADE and each.title == BY_CHANGE:
                link = each.asked.removeprefix(ALONE)
                row = found.setdefault(link, Away(link, behaviour.budget_seconds))
                row.by_change |= _lines(each.answer)
    return list(found.values())


def changes(rows: list[Away]) -> list[str]:
    """The changes that any of the rows has, in their order."""
    return list(dict.fromkeys(change for row in rows for change in row.by_change))


def step_name(scenario: str, step: int) -> str:
    """What a step is called: of an upgrade it is a phase."""
    phase = f", {WHERE[step]}" if scenario == UPGRADE and step in WHERE else ""
    return f"{scenario} {step:02d}{phase}"


def _lines(told: str) -> Mapping[str, str]:
    parts = (line.rpartition(": ") for line in told.splitlines())
    return {change: seconds for change, _, seconds in parts if change}


def _manual_steps(behaviours: list[BehaviourResult]) -> str:
    found = (each.answer for one in behaviours for each in one.evidence if each.title == MANUAL_STEPS)
    return "; ".join(_line(answer) for answer in found if answer and answer != "none")


def _line(text: str) -> str:
    return " ".join(text.split("\n", maxsplit=1)[0].split())
