"""`summary.md`: what a pull request or a GitHub step summary should show, well under its 1 MiB."""

from __future__ import annotations

import re
from itertools import groupby

from .grade import summary
from .model import PASSED, RUNNING, BehaviourResult, Report
from .profile import count, first_look
from .upgrade import away, changes, step_name
from .words import SIGNS, counted, duration, named, one_line

# A message in a summary is for finding the case; the whole of it is in report.html.
MESSAGE_LIMIT = 300


def safe(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """Untrusted text for one cell: one line, nothing that Markdown or HTML would act upon."""
    text = one_line(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~#@!])", r"\\\1", text)


def _code(text: str) -> str:
    return f"`{one_line(text).replace('`', chr(0x2BC))}`" if text else "–"


def markdown(report: Report) -> str:
    """The report as Markdown."""
    run = report.run
    parts = [
        f"# {SIGNS[run.outcome]} {run.scenario}: {run.outcome}",
        f"{counted(count(report.behaviours))} in {duration(run.seconds)}"
        + (f" ({len(report.behaviours)} of {run.asked} behaviours)" if run.asked else ""),
        *_warnings(report),
        *_first(report),
        _grade(report),
        _profiles(report),
        _not_passed(report),
        _away(report),
        _by_step(report),
        _environment(report),
        f"Run it again: {_code(run.command)}" if run.command else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _warnings(report: Report) -> list[str]:
    run = report.run
    notes = []
    if run.outcome == RUNNING:
        notes.append(
            "> **Unfinished.** This was written while the run went on. If it no longer runs, it was killed."
        )
    if run.interrupted:
        notes.append(
            f"> **Stopped** by {safe(run.interrupted)}: what was not judged by then is missing here."
        )
    if run.message:
        notes.append(f"> {safe(run.message)}")
    return notes


def _first(report: Report) -> list[str]:
    look = first_look(report)
    if look is None:
        return []
    lines = [f"**Look first at** {_code(look.id)} ({look.outcome}): {safe(look.message or look.statement)}"]
    return [*lines, "\n".join(f"- {safe(hint)}" for hint in named(look.all_hints))]


def _grade(report: Report) -> str:
    """Points, what is beside them, and what is next; its hints, where they do not stand above already."""
    grade, look = report.grade, first_look(report)
    if grade is None:
        return ""
    said = summary(grade)
    if grade.next and (look is None or look.id != grade.next.id):
        said += named(grade.next.hints)[1:]
    return "\n".join(f"- {safe(line)}" for line in said)


def _profiles(report: Report) -> str:
    rows = [
        f"| {safe(p.name)} | {p.outcome} | {counted(p.counts)} | {safe(p.message)} |" for p in report.profiles
    ]
    return (
        "\n".join(["| profile | outcome | behaviours | |", "| --- | --- | --- | --- |", *rows])
        if rows
        else ""
    )


def _not_passed(report: Report) -> str:
    rows = [_row(b) for b in report.behaviours if b.outcome != PASSED]
    head = ["## Not passed", "", "| behaviour | level | outcome | why |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows]) if rows else ""


def _row(b: BehaviourResult) -> str:
    why = safe(b.message)
    if b.blocked_by:
        why = f"blocked by {_code(b.blocked_by)}{safe(b.message.removeprefix(f'blocked by {b.blocked_by}'))}"
    return f"| {_code(b.id)} | {b.level} | {SIGNS[b.outcome]} {b.outcome} | {why} |"


def _away(report: Report) -> str:
    """For how long each change of an upgrade kept each link of the chain away."""
    rows = away(report)
    if not rows:
        return ""
    names = changes(rows)
    head = " | ".join(safe(name) for name in names)
    lines = ["## Longest time", "", f"| | {head} | allowed |", f"|{' --- |' * (len(names) + 2)}"]
    for row in rows:
        told = " | ".join(safe(row.by_change.get(name, "")) for name in names)
        allowed = "" if row.allowed is None else duration(row.allowed)
        lines.append(f"| {safe(row.link)} | {told} | {allowed} |")
    return "\n".join(lines)


def _by_step(report: Report) -> str:
    ordered = sorted(report.behaviours, key=lambda b: (b.scenario, b.step))
    rows = []
    for (scenario, step), group in groupby(ordered, key=lambda b: (b.scenario, b.step)):
        found = list(group)
        took = duration(sum(b.seconds for b in found))
        rows.append(f"| {step_name(scenario, step)} | {counted(count(found))} | {took} |")
    return (
        "\n".join(["## By step", "", "| step | behaviours | time |", "| --- | --- | --- |", *rows])
        if rows
        else ""
    )


def _environment(report: Report) -> str:
    env, run = report.environment, report.run
    charts = ", ".join(f"{c.name} {c.versions} ({c.source})" for c in env.charts)
    images = f"{env.images_source}: {env.images_reason}" if env.images_source else ""
    facts = {
        "solution": run.solution,
        "stack": run.stack,
        "Kubernetes": env.kubernetes,
        "provider": env.provider,
        "engine": env.engine,
        "charts": charts,
        "images": images,
        "started": run.started,
    }
    rows = [f"| {name} | {safe(value, 2000)} |" for name, value in facts.items() if value]
    return "\n".join(["## Environment", "", "| | |", "| --- | --- |", *rows])
