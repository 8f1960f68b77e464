"""JUnit XML that Jenkins and GitLab show well: a suite a step, classname `scenario.step`.

Failed behaviours are `<failure>`, those that could not be told `<error>`. Blocked and skipped ones,
upstream defects and advisory ones that failed are `<skipped>` with the reason: a CI turns red for
what the run's exit code is red for, and for nothing else.

Jenkins' schema (xunit-plugin, junit-10.xsd) allows properties on a suite only, so what is known of a
case stands at the head of its system-out. GitLab shows the text inside `<failure>`, `<error>` and
`<skipped>` and no attribute of it, and no system-out: the text therefore says all, the evidence shortened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from .model import ADVISORY, BLOCKED, ERROR, FAILED, PASSED, SKIPPED, UPSTREAM_DEFECT, BehaviourResult, Report
from .words import named, one_line

# What XML 1.0 cannot hold, not even escaped; text from a cluster may have it.
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The whole evidence is in system-out; this much of it makes a failure understood where that is not shown.
EXCERPT = 2000
ELEMENTS = {FAILED: "failure", ERROR: "error", PASSED: ""}


def _clean(text: str) -> str:
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def junit(report: Report) -> str:
    """The report as the text of `junit.xml`."""
    run = report.run
    totals = _totals(report.behaviours)
    del totals["skipped"]  # Jenkins' schema knows it on a suite only
    root = ET.Element("testsuites", {"name": run.id, **totals, "time": f"{run.seconds:.3f}"})
    ordered = sorted(report.behaviours, key=lambda b: (b.scenario, b.step))
    for (scenario, step), group in groupby(ordered, key=lambda b: (b.scenario, b.step)):
        _suite(root, report, f"{scenario}.{step:02d}", list(group))
    if not report.behaviours:
        _no_result(root, report)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def element(behaviour: BehaviourResult) -> str:
    """What a case holds: `failure`, `error`, `skipped`, or "" for a passed one."""
    advice = behaviour.level == ADVISORY and behaviour.outcome != PASSED
    return "skipped" if advice else ELEMENTS.get(behaviour.outcome, "skipped")


def _totals(behaviours: Sequence[BehaviourResult]) -> dict[str, str]:
    kinds = [element(b) for b in behaviours]
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(kinds))} | {name: str(kinds.count(kind)) for name, kind in counts.items()}


def _suite(root: ET.Element, report: Report, name: str, cases: Sequence[BehaviourResult]) -> None:
    run, environment = report.run, report.environment
    suite = ET.SubElement(root, "testsuite", {"name": name, **_totals(cases)})
    suite.set("time", f"{sum(b.seconds for b in cases):.3f}")
    suite.set("timestamp", run.started.split(".")[0].removesuffix("Z"))
    if len(files := {b.file for b in cases}) == 1 and (file := files.pop()):
        suite.set("file", _clean(file))
    facts = {
        "run": run.id,
        "outcome": run.outcome,
        "solution": run.solution,
        "stack": run.stack,
        "kubernetes": environment.kubernetes,
        "provider": environment.provider,
        "engine": environment.engine,
        "images": environment.images_source,
    } | {f"chart.{c.name}": f"{c.version} ({c.source})" for c in environment.charts}
    holder = ET.SubElement(suite, "properties")
    for key, value in facts.items():
        if value:
            ET.SubElement(holder, "property", {"name": _clean(key), "value": _clean(value)})
    for behaviour in cases:
        _case(suite, name, behaviour)


def _no_result(root: ET.Element, report: Report) -> None:
    """A run with no result must be red in CI: many readers take an empty file for success."""
    root.set("tests", "1")
    root.set("errors", "1")
    totals = {"tests": "1", "failures": "0", "errors": "1", "skipped": "0"}
    suite = ET.SubElement(root, "testsuite", {"name": report.run.scenario, **totals})
    case = ET.SubElement(suite, "testcase", {"classname": report.run.scenario, "name": "run", "time": "0"})
    message = _clean(report.run.message or report.run.interrupted or "no behaviour was judged")
    ET.SubElement(case, "error", {"message": one_line(message), "type": ERROR}).text = message


def _case(suite: ET.Element, classname: str, b: BehaviourResult) -> None:
    attributes = {"classname": classname, "name": b.name, "time": f"{b.seconds:.3f}"}
    case = ET.SubElement(suite, "testcase", attributes)
    if kind := element(b):
        text = _clean(_reason(b))
        body = "\n\n".join(part for part in (text, _hint(b), _excerpt(b)) if part)
        attributes = {"message": one_line(text), "type": b.outcome}
        ET.SubElement(case, kind, attributes).text = _clean(body)
    ET.SubElement(case, "system-out").text = _clean(_output(b))


def _reason(b: BehaviourResult) -> str:
    if b.outcome == BLOCKED:
        return f"blocked by {b.blocked_by or 'an earlier step'}"
    if b.outcome == UPSTREAM_DEFECT:
        return f"upstream defect: {b.message} {b.link}".rstrip()
    if b.level == ADVISORY:
        return f"advisory, {b.outcome}: {b.message}"
    return b.message or f"{b.outcome}: no reason was given"


def _hint(b: BehaviourResult) -> str:
    return "\n".join(named(b.all_hints)) if b.outcome in (FAILED, ERROR) else ""


def _evidence(b: BehaviourResult) -> str:
    return "\n\n".join(f"== {e.title}\n{e.asked}\n-- answer\n{e.answer}" for e in b.evidence)


def _excerpt(b: BehaviourResult) -> str:
    if b.outcome not in (FAILED, ERROR):
        return ""
    text = _evidence(b)
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}\n… the rest of it is in system-out"


def _output(b: BehaviourResult) -> str:
    """What is known of the case, the statement, and the evidence in full."""
    budget = (
        "" if b.budget_seconds is None else f"{b.budget_seconds:g} s" + (f" = {b.budget}" if b.budget else "")
    )
    facts = {
        "id": b.id,
        "level": b.level,
        "feature": b.feature,
        "outcome": b.outcome,
        "budget": budget,
        "source": b.source,
        "link": b.link,
    }
    head = "\n".join(f"{key}: {value}" for key, value in facts.items() if value)
    reason = _reason(b) if b.outcome not in (PASSED, SKIPPED) else ""
    return "\n\n".join(part for part in (head, b.statement, reason, _evidence(b)) if part)
