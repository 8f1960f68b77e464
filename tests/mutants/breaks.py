"""Deliberate breaks as data: how one is made, which behaviours it must fail, and whether it did."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "solutions" / "dojo" / "reference"
SUITE = Path("conformance", "dojo")
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "runs")
"""Hidden folders hold histories, environments and caches; runs are what the copy is to write itself."""
TOOK = "result.json"


class OutOfDate(AssertionError):
    """The break no longer fits the files it is made in."""


@dataclass(frozen=True)
class Break:
    """One entry of breaks.toml; see its head. ``fails`` maps a behaviour to a pattern of its message."""

    id: str
    base: str
    file: str
    fails: Mapping[str, str]
    why: str
    passes: tuple[str, ...] = ()
    replace: tuple[Mapping[str, str], ...] = ()
    append: str = ""
    executable: bool = False
    options: tuple[str, ...] = ()
    smoke: bool = False

    @property
    def turn(self) -> int:
        """When it is run: what empties the kept cluster comes late, what needs another cluster last."""
        return 2 if self.file == "kind-cluster.yaml" else int("dojo.11.teardown-clean" in self.fails)

    @property
    def asked(self) -> list[str]:
        """The behaviours that are run."""
        return sorted({*self.fails, *self.passes})

    def make(self, folder: Path) -> Path:
        """Make the broken copy in ``folder`` and return it. Raises OutOfDate."""
        source = {"reference": REFERENCE, "repository": ROOT}[self.base]
        copy = Path(shutil.copytree(source, folder / "copy", ignore=NOT_COPIED))
        path = copy / self.file
        text = path.read_text() if path.exists() else ""
        for change in self.replace:
            if change["old"] not in text:
                raise OutOfDate(f"{self.id}: {self.file} has no {change['old']!r} to be replaced")
            text = text.replace(change["old"], change["new"])
        path.write_text(text + self.append.lstrip("\n") if not text else text + self.append)
        if self.executable:
            path.chmod(0o755)
        return copy

    def arguments(self, copy: Path) -> list[str]:
        """What pytest is told: which solution and which behaviours, in the suite's own order."""
        suite = (copy if self.base == "repository" else ROOT) / SUITE
        solution = copy if self.base == "reference" else copy / REFERENCE.relative_to(ROOT)
        return [str(suite), "-k", only(self.asked), "--solution", str(solution)]


def only(behaviours: list[str]) -> str:
    """The expression for pytest's -k, which looks for parts of names, that selects just these behaviours."""
    asked = [f"test_{behaviour.split('.')[2].replace('-', '_')}" for behaviour in behaviours]
    files = (ROOT / SUITE).glob("test_step_*.py")
    every = {
        name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
    }
    if unknown := set(asked) - every:
        raise OutOfDate(f"the suite has no {', '.join(sorted(unknown))}")
    longer = {name: sorted(n for n in every - set(asked) if name in n) for name in asked}
    return " or ".join(
        f"({' and not '.join((name, *longer[name]))})" if longer[name] else name for name in asked
    )


def load() -> list[Break]:
    """All breaks, in the order in which they are run."""
    entries = tomllib.loads(Path(__file__).with_name("breaks.toml").read_text())["break"]
    made = [Break(**{key: tuple(v) if isinstance(v, list) else v for key, v in e.items()}) for e in entries]
    return sorted(made, key=lambda each: each.turn)


@dataclass(frozen=True)
class Result:
    """How a break's run ended: each behaviour's outcome and message, and its wall-clock seconds."""

    id: str
    seconds: float
    exit_code: int
    outcomes: Mapping[str, str]
    messages: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, wrong: Break, report: Mapping[str, Any], exit_code: int, seconds: float) -> Result:
        """Judge a run by its report."""
        outcomes = {each["id"]: each["outcome"] for each in report["behaviours"]}
        messages = {each["id"]: each.get("message", "") for each in report["behaviours"]}
        problems = []
        for name in wrong.asked:
            outcome, message = outcomes.get(name, "not judged"), messages.get(name, "")
            pattern = wrong.fails.get(name)
            wanted = "passed" if pattern is None else "failed"
            if outcome != wanted:
                problems.append(f"{name} is to be {wanted}, and was {outcome}: {message}")
            elif pattern is not None and not re.search(pattern, message):
                problems.append(f"{name} failed for another reason than /{pattern}/: {message}")
        judged = [each["outcome"] for each in report["behaviours"] if each["level"] != "advisory"]
        if (exit_code == 0) == any(outcome in {"failed", "error", "blocked"} for outcome in judged):
            problems.append(
                f"the exit code was {exit_code}; the behaviours that count were {', '.join(judged) or 'none'}"
            )
        return cls(wrong.id, round(seconds, 1), exit_code, outcomes, messages, problems)

    def save(self, folder: Path) -> None:
        """Keep it for the table."""
        (folder / TOOK).write_text(json.dumps(vars(self), indent=1))


def table(results: Path) -> str:
    """docs/mutants.md: the results in ``results/<break>/``, newest run of each."""
    head = (
        "# What the suite catches\n\n"
        "Each row is a solution (or application, or machine) that is wrong in one place, judged on a real\n"
        "cluster: the behaviours that failed, and what they said. Data: `tests/mutants/breaks.toml`;\n"
        "again: `tox -e mutants -- --mutants-table docs/mutants.md`. Seconds are of the whole run of the\n"
        "behaviours in question, on a cluster that was kept from the break before where that is possible.\n\n"
        "| break | what is wrong | caught by | message | s |\n| --- | --- | --- | --- | ---: |\n"
    )
    rows = []
    for wrong in sorted(load(), key=lambda each: each.id):
        path = results / wrong.id / TOOK
        if not path.exists():
            rows.append(f"| `{wrong.id}` | {wrong.why} | not run | | |")
            continue
        took = json.loads(path.read_text())
        caught = [name for name in wrong.fails if took["outcomes"].get(name) == "failed"]
        says = "<br>".join(cell(took["messages"][name], wrong.fails[name]) for name in caught)
        by = "<br>".join(f"`{name}`" for name in caught) or "**nothing**"
        if took["problems"]:
            by += " (**not as expected**)"
        rows.append(f"| `{wrong.id}` | {wrong.why} | {by} | {says} | {took['seconds']:.0f} |")
    return head + "\n".join(rows) + "\n"


AROUND = 80
"""Characters of a message that are shown on either side of what made it the expected one."""


def cell(message: str, pattern: str) -> str:
    """A message's first line and, if it is further down, what ``pattern`` finds: for a table."""
    first = message.partition("\n")[0]
    found = re.search(pattern, message)
    if found and found.start() > len(first):
        line = message[message.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
        at = line.find(found[0])
        first += " … " + line[max(at - AROUND, 0) : at + len(found[0]) + AROUND].strip()
    return " ".join(first.split()).replace("|", "\\|")
