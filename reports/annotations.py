"""What a run says to GitHub Actions: an annotation for each failure, and the step's summary.

Nothing is said elsewhere. Both are made from the written report, so what is said there has been
redacted here. Workflow commands, their escaping and the limits are GitHub's:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .errors import ReportError
from .model import ADVISORY, CONFORMANT, CORE, ERROR, FAILED, BehaviourResult, Report
from .write import SUMMARY, read

# GitHub shows ten annotations of a kind for a step and drops the others without a word.
MOST_ANNOTATIONS = 10
# A step's summary over 1024 KiB is refused as a whole.
SUMMARY_LIMIT = 1024 * 1024
# An annotation is read in a narrow box beside the code; the whole message is in the report.
MESSAGE_LIMIT = 2000
CUT = "\n\n… the rest does not fit into a step's summary: see the run's report.\n"


def publish(directory: Path, environment: Mapping[str, str] = os.environ) -> list[str]:
    """The lines to print for GitHub Actions, the run's summary appended to the step's; [] elsewhere.

    What does not work is a line of its own: a run's outcome never depends on it.
    """
    if environment.get("GITHUB_ACTIONS") != "true":
        return []
    try:
        lines = commands(read(directory), environment.get("GITHUB_WORKSPACE", ""))
    except ReportError as error:
        lines = [_command("error", "the report cannot be read", str(error))]
    try:
        _append_summary(directory / SUMMARY, environment.get("GITHUB_STEP_SUMMARY", ""))
    except OSError as error:
        lines.append(_command("warning", "no summary", f"the step's summary was not written: {error}"))
    return lines


def commands(report: Report, workspace: str = "") -> list[str]:
    """A workflow command for each core or extended behaviour that failed or could not be told.

    Core comes first. Blocked ones are left out, as what blocks them is there. A run that ended
    badly with no such behaviour is one annotation of its own.
    """
    bad = [b for b in report.behaviours if b.outcome in (FAILED, ERROR) and b.level != ADVISORY]
    bad.sort(key=lambda b: (b.level != CORE, b.outcome != FAILED))
    if not bad:
        return [] if report.run.outcome == CONFORMANT else [_of_run(report)]
    shown = bad if len(bad) <= MOST_ANNOTATIONS else bad[: MOST_ANNOTATIONS - 1]
    lines = [_of_behaviour(b, workspace) for b in shown]
    if left := bad[len(shown) :]:
        names = ", ".join(b.id for b in left)
        lines.append(_command("error", f"{len(left)} more behaviours", names))
    return lines


def _of_run(report: Report) -> str:
    run = report.run
    why = run.message or (f"stopped by {run.interrupted}" if run.interrupted else "")
    why = why or "; ".join(p.message for p in report.profiles) or "no behaviour was judged"
    return _command("error", f"{run.scenario}: {run.outcome}", why)


def _of_behaviour(b: BehaviourResult, workspace: str) -> str:
    message = f"{b.message}\nHint: {b.hint}" if b.hint else b.message
    return _command(
        "error", f"{b.id} {b.outcome}", message, file=_in_workspace(b.file, workspace), line=b.line
    )


def _in_workspace(file: str, workspace: str) -> str:
    """`file` as GitHub finds it: the kit may be checked out into a folder of the workspace."""
    root = Path.cwd()
    if not file or not workspace or not root.is_relative_to(workspace):
        return file
    return (root.relative_to(workspace) / file).as_posix()


def _command(kind: str, title: str, message: str, *, file: str = "", line: int | None = None) -> str:
    places = {"file": file, "line": str(line or "") if file else "", "title": title}
    properties = ",".join(f"{key}={_property(value)}" for key, value in places.items() if value)
    if len(message) > MESSAGE_LIMIT:
        message = f"{message[:MESSAGE_LIMIT]}…"
    return f"::{kind} {properties}::{_data(message)}"


def _data(text: str) -> str:
    """A message of a workflow command: what would end it is escaped, the percent sign first."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A property's value: what separates properties is escaped, too."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _append_summary(summary: Path, target: str) -> None:
    if not target:
        return
    text = summary.read_text(encoding="utf-8").encode()
    path = Path(target)
    left = SUMMARY_LIMIT - (path.stat().st_size if path.exists() else 0)
    if len(text) > left:
        room = left - len(CUT.encode())
        if room <= 0:
            return  # others of the same step have filled it
        # At a line's end: half a row would break the table it is in.
        text = text[:room].rpartition(b"\n")[0] + CUT.encode()
    with path.open("ab") as file:
        file.write(text)
