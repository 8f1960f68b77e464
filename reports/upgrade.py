"""What a maintainer asks of an upgrade, in one line: may it be shipped?"""

from __future__ import annotations

from .model import BehaviourResult, Report
from .profile import first_look

UPGRADE = "upgrade"
"""What the behaviours of an upgrade begin with, in the place of a scenario: they are about any one."""
MANUAL_STEPS = "manual steps"
"""The title of the evidence that says what Helm does not do by itself."""
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


def _manual_steps(behaviours: list[BehaviourResult]) -> str:
    found = (each.answer for one in behaviours for each in one.evidence if each.title == MANUAL_STEPS)
    return "; ".join(_line(answer) for answer in found if answer and answer != "none")


def _line(text: str) -> str:
    return " ".join(text.split("\n", maxsplit=1)[0].split())
