"""Whether a mutant was caught, and for its reason; whether a variant was left alone."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.mutants.mutants import Difference

LIVE, STATIC = "live.json", "static.json"
BAD = frozenset({"failed", "error", "blocked"})


@dataclass(frozen=True)
class Result:
    """How one was judged: behaviours with outcome and message (static: with what was found), and seconds."""

    id: str
    seconds: float
    outcomes: Mapping[str, str]
    messages: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def save(self, folder: Path, name: str) -> None:
        """Keep it for the table."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def saved(cls, folder: Path, name: str) -> Result | None:
        """The one that was kept, or None: not judged yet."""
        path = folder / name
        return cls(**json.loads(path.read_text())) if path.is_file() else None


def live(
    name: str, judged: Collection[Difference], report: Mapping[str, Any], code: int, seconds: float
) -> Result:
    """Judge a run on a cluster by its report and exit code: of one mutant, or of variants together."""
    outcomes = {each["id"]: each["outcome"] for each in report["behaviours"]}
    messages = {each["id"]: each.get("message") or "" for each in report["behaviours"]}
    problems = []
    for behaviour in sorted({one for each in judged for one in each.passes}):
        outcome = outcomes.get(behaviour, "not judged")
        if outcome not in {"passed", "upstream-defect"}:
            said = messages.get(behaviour, "")
            problems.append(f"{behaviour} is to be passed, and was {outcome}: {said}")
    for behaviour, pattern in ((b, p) for each in judged for b, p in each.fails.items()):
        outcome, said = outcomes.get(behaviour, "not judged"), messages.get(behaviour, "")
        if outcome != "failed":
            problems.append(f"{behaviour} is to be failed, and was {outcome}: {said}")
        elif not re.search(pattern, said):
            problems.append(f"{behaviour} failed for another reason than /{pattern}/: {said}")
    expected = {one for each in judged for one in each.asked}
    if beside := sorted(b for b, outcome in outcomes.items() if outcome in BAD and b not in expected):
        problems.append(f"failed beside it: {', '.join(beside)}")
    counted = [each["outcome"] for each in report["behaviours"] if each["level"] != "advisory"]
    if (code == 0) == any(outcome in BAD for outcome in counted):
        problems.append(f"the exit code was {code}; what counts was {', '.join(counted) or 'nothing'}")
    return Result(name, round(seconds, 1), outcomes, messages, problems)


@dataclass(frozen=True)
class Finding:
    """What the static tier says about a behaviour; ``file``: within the solution, "" if it names none."""

    behaviour: str
    message: str
    file: str = ""
    line: int = 0
    level: str = "core"


def static(judged: Difference, findings: Collection[Finding], seconds: float) -> Result:
    """Judge what the static tier found in a mutant, in one that it cannot see, or in a variant.

    What it must find may be advice ("works by luck"); what it says beside that counts unless it is.
    """
    said: dict[str, str] = {}
    for each in findings:
        where = f"{each.file}:{each.line}: " if each.file else ""
        said[each.behaviour] = "\n".join(filter(None, (said.get(each.behaviour), where + each.message)))
    problems = [
        f"{behaviour} is to be found, and {f'it says {said[behaviour]}' if behaviour in said else 'is not'}"
        for behaviour, pattern in judged.static.items()
        if behaviour not in said or not re.search(pattern, said[behaviour], re.DOTALL)
    ]
    if judged.static and not problems:
        places = {each.file for each in findings if each.behaviour in judged.static and each.line}
        changed = {change.file for change in judged.changes} | {*judged.named_in}
        if not places & changed:
            problems.append(f"no finding names a line of {', '.join(sorted(changed))}, but {sorted(places)}")
    against = {each.behaviour for each in findings if each.level != "advisory"}
    if beside := sorted(against - {*judged.static, *judged.may_find}):
        problems.append("found beside it: " + "; ".join(f"{each}: {said[each]}" for each in beside))
    return Result(judged.id, round(seconds, 2), dict.fromkeys(said, "found"), said, problems)
