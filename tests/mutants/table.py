"""docs/mutants.md: which mutant each behaviour catches, and what is said of each mutant."""

from __future__ import annotations

import importlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fixtures.install.scenarios import known
from tests.mutants.mutants import ROOT, Difference, mutants, variants
from tests.mutants.verdicts import LIVE, STATIC, Result

AROUND = 80
"""Characters of a message that are shown on either side of what made it the expected one."""
HEAD = """# What the suite catches

Generated: `tox -e mutants -- --mutants-table docs/mutants.md`. A *mutant* is a solution (or cluster, or
application) that is wrong in one place; a *variant* is right, and not the reference. Each is a folder in
`solutions/<scenario>/mutants` or `solutions/<scenario>/variants` with its change and what is to be seen.

static: the static tier names it, with no cluster. live: judged on a cluster, with the seconds that took.
A core behaviour that no mutant fails on a cluster, a mutant that is not caught, or by another behaviour or
for another reason than it names, and a variant that fails anything: each fails the run.
"""


def levels(scenario: str) -> dict[str, str]:
    """Every behaviour of a scenario with its level, in order."""
    found = {}
    for file in sorted((ROOT / "conformance" / scenario).glob("test_step_*.py")):
        module = importlib.import_module(f"conformance.{scenario}.{file.stem}")
        for name, test in vars(module).items():
            for mark in getattr(test, "pytestmark", ()):
                if name.startswith("test_") and mark.name == "behaviour":
                    found[mark.kwargs["id"]] = mark.kwargs["level"]
    return dict(sorted(found.items()))


def uncovered(scenario: str, judged: Iterable[Difference]) -> list[str]:
    """The core behaviours of a scenario that no mutant is to fail on a cluster."""
    killed = {behaviour for each in judged for behaviour in each.fails}
    return [name for name, level in levels(scenario).items() if level == "core" and name not in killed]


def table(results: Path) -> str:
    """The page, from the results kept in ``results/<mutant>/`` and ``results/<scenario>/<mutant>/``."""
    return "\n".join([HEAD, *(part for scenario in known() for part in _of(scenario, results))])


def _of(scenario: str, results: Path) -> Iterator[str]:
    """A scenario's section."""
    wrong = sorted(mutants(scenario), key=lambda mutant: mutant.id)
    right = sorted(variants(scenario), key=lambda variant: variant.id)
    yield f"## {scenario}\n"
    yield _summary(wrong, right, results)
    yield _by_behaviour(scenario, wrong, results)
    yield _by_mutant(wrong, results)
    if right:
        yield _by_variant(right, results)


def _summary(wrong: list[Difference], right: list[Difference], results: Path) -> str:
    took = [found.seconds for each in wrong if (found := Result.saved(results / each.place, LIVE))]
    each = f", {sum(took) / len(took):.0f} s each on average" if took else ""
    count = sum(one.live for one in wrong)
    return (
        f"{len(wrong)} mutants, {sum(m.tier == 'static' for m in wrong)} of them seen by the static tier;"
        f" {count} are judged on a cluster ({len(took)} in the runs this page is made of{each})."
        f" {len(right)} variants.\n"
    )


def _by_behaviour(scenario: str, wrong: list[Difference], results: Path) -> str:
    rows = _head("By behaviour", "behaviour", "level", "fails on a cluster", "named by the static tier")
    for name, level in levels(scenario).items():
        killers = [f"`{each.id}`{_mark(each, name, results)}" for each in wrong if name in each.fails]
        named = [f"`{each.id}`" for each in wrong if name in each.static]
        rows.append(f"| `{name}` | {level} | {', '.join(killers)} | {', '.join(named)} |")
    return "\n".join(rows) + "\n"


def _mark(mutant: Difference, behaviour: str, results: Path) -> str:
    found = Result.saved(results / mutant.place, LIVE)
    if found is None:
        return " (not run)"
    return "" if found.outcomes.get(behaviour) == "failed" else " (**not as expected**)"


def _by_mutant(wrong: list[Difference], results: Path) -> str:
    rows = _head("By mutant", "mutant", "what is wrong", "static", "live", "s")
    for each in wrong:
        why = f"{each.why} ([thread]({each.thread}))" if each.thread else each.why
        seen, judged = (Result.saved(results / each.place, name) for name in (STATIC, LIVE))
        static = _said(each.static, seen) if each.tier == "static" else "cannot see it"
        live = _said(each.fails, judged) if each.live else ""
        seconds = f"{judged.seconds:.0f}" if judged else ""
        rows.append(f"| `{each.id}` | {why} | {static} | {live} | {seconds} |")
    return "\n".join(rows) + "\n"


def _by_variant(right: list[Difference], results: Path) -> str:
    rows = _head("Right, and not the reference", "variant", "what is different", "static", "live")
    for each in right:
        found = [Result.saved(results / each.place, name) for name in (STATIC, LIVE)]
        told = ["not run" if one is None else "; ".join(one.problems) or "nothing found" for one in found]
        live = told[1] if each.live else "needs a cluster of its own"
        rows.append(f"| `{each.id}` | {each.why} | {_plain(told[0])} | {_plain(live)} |")
    return "\n".join(rows) + "\n"


def _head(title: str, *columns: str) -> list[str]:
    return [f"### {title}", "", f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]


def _said(patterns: Mapping[str, str], found: Result | None) -> str:
    names = "<br>".join(f"`{name}`" for name in patterns)
    if found is None:
        return f"{names} (not run)"
    cells = [
        f"`{name}`: {cell(found.messages[name], pattern)}"
        for name, pattern in patterns.items()
        if name in found.messages
    ]
    return ("<br>".join(cells) or "**nothing**") + (" (**not as expected**)" if found.problems else "")


def cell(message: str, pattern: str) -> str:
    """A message's first line and, if it is further down, what ``pattern`` finds: for a table."""
    first = message.partition("\n")[0]
    found = re.search(pattern, message)
    if found and found.start() > len(first):
        line = message[message.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
        at = line.find(found[0])
        first += " … " + line[max(at - AROUND, 0) : at + len(found[0]) + AROUND].strip()
    return _plain(first)


def _plain(text: str) -> str:
    """One line for a table cell, with no folder of the machine in it."""
    for folder, shown in ((f"{ROOT}/", ""), (f"{Path.home()}/", "~/")):
        text = text.replace(folder, shown)
    text = re.sub(rf"{re.escape(tempfile.gettempdir())}/\S*/", "…/", text)
    return " ".join(text.split()).replace("|", "\\|")
