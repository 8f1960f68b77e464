"""JUnit XML that Jenkins and GitLab show well: a suite a step, classname `scenario.step`.

Failed behaviours are `<failure>`, those that could not be told `<error>`; blocked and skipped ones
are `<skipped>` (their cause is a case of its own); an upstream defect is a passed case that says so
in its properties and output.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from .model import BLOCKED, ERROR, FAILED, SKIPPED, UPSTREAM_DEFECT, BehaviourResult, Report
from .words import one_line

# What XML 1.0 cannot hold, not even escaped; text from a cluster may have it.
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def junit(report: Report) -> str:
    """The report as the text of `junit.xml`."""
    run = report.run
    root = ET.Element(
        "testsuites", {"name": run.id, **_totals(report.behaviours), "time": f"{run.seconds:.3f}"}
    )
    ordered = sorted(report.behaviours, key=lambda b: (b.scenario, b.step))
    for (scenario, step), group in groupby(ordered, key=lambda b: (b.scenario, b.step)):
        cases = list(group)
        name = f"{scenario}.{step:02d}"
        time = f"{sum(b.seconds for b in cases):.3f}"
        suite = ET.SubElement(root, "testsuite", {"name": name, **_totals(cases), "time": time})
        suite.set("timestamp", run.started.split(".")[0].removesuffix("Z"))
        _properties(
            suite, {"kubernetes": report.environment.kubernetes, "solution": run.solution, "stack": run.stack}
        )
        for behaviour in cases:
            _case(suite, name, behaviour)
    if not report.behaviours:
        _no_result(root, report)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _totals(behaviours: Sequence[BehaviourResult]) -> dict[str, str]:
    outcomes = [b.outcome for b in behaviours]
    return {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count(FAILED)),
        "errors": str(outcomes.count(ERROR)),
        "skipped": str(outcomes.count(BLOCKED) + outcomes.count(SKIPPED)),
    }


def _no_result(root: ET.Element, report: Report) -> None:
    """A run with no result must be red in CI: many readers take an empty file for success."""
    root.set("tests", "1")
    root.set("errors", "1")
    totals = {"tests": "1", "failures": "0", "errors": "1", "skipped": "0"}
    suite = ET.SubElement(root, "testsuite", {"name": report.run.scenario, **totals})
    case = ET.SubElement(suite, "testcase", {"classname": report.run.scenario, "name": "run", "time": "0"})
    message = _clean(report.run.message or report.run.interrupted or "no behaviour was judged")
    ET.SubElement(case, "error", {"message": one_line(message), "type": ERROR}).text = message


def _properties(parent: ET.Element, values: dict[str, str]) -> None:
    holder = ET.SubElement(parent, "properties")
    for name, value in values.items():
        if value:
            ET.SubElement(holder, "property", {"name": name, "value": _clean(value)})


def _case(suite: ET.Element, classname: str, b: BehaviourResult) -> None:
    case = ET.SubElement(
        suite, "testcase", {"classname": classname, "name": b.name, "time": f"{b.seconds:.3f}"}
    )
    budget = "" if b.budget_seconds is None else f"{b.budget_seconds:g}"
    _properties(
        case,
        {
            "id": b.id,
            "level": b.level,
            "feature": b.feature,
            "outcome": b.outcome,
            "budgetSeconds": budget,
            "link": b.link,
        },
    )
    text = _clean("\n".join(part for part in (b.message, b.hint and f"Hint: {b.hint}") if part))
    if b.outcome in (FAILED, ERROR):
        kind = "failure" if b.outcome == FAILED else "error"
        ET.SubElement(case, kind, {"message": one_line(text), "type": b.outcome}).text = text
    elif b.outcome == BLOCKED:
        ET.SubElement(case, "skipped", {"message": f"blocked by {b.blocked_by or 'an earlier step'}"})
    elif b.outcome == SKIPPED:
        ET.SubElement(case, "skipped", {"message": one_line(text)})
    if output := _output(b):
        ET.SubElement(case, "system-out").text = _clean(output)


def _output(b: BehaviourResult) -> str:
    parts = [b.statement]
    if b.outcome == UPSTREAM_DEFECT:
        parts.append(f"Upstream defect: {b.message} {b.link}".rstrip())
    parts += [f"== {e.title}\n{e.asked}\n-- answer\n{e.answer}" for e in b.evidence]
    return "\n\n".join(part for part in parts if part)
