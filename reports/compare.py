"""What changed between two reports: outcomes, latencies and versions, and whether it got worse.

A regression is a behaviour that was fine (passed or an upstream defect) and no longer is, a core
behaviour that is gone from the new report, or a worse verdict. Slower links are said, not judged:
two runs differ by a scrape interval for no reason at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .chain import chain
from .model import CORE, BehaviourResult, Report
from .profile import GOOD, WORST_FIRST
from .words import one_line


@dataclass
class Comparison:
    """The changes, one line each, by kind; `regressed` decides the exit code."""

    title: str
    worse: list[str] = field(default_factory=list)
    better: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    latencies: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)

    @property
    def regressed(self) -> bool:
        """Whether anything got worse."""
        return bool(self.worse)

    def sections(self) -> list[tuple[str, list[str]]]:
        """The kinds of change that occurred, the worst first."""
        named = {
            "Worse": self.worse,
            "Better": self.better,
            "Otherwise changed": self.other,
            "Latencies (median)": self.latencies,
            "Versions": self.versions,
        }
        return [(name, lines) for name, lines in named.items() if lines]

    def text(self) -> str:
        """Plain lines for a terminal."""
        parts = [f"{name}:\n" + "".join(f"  {line}\n" for line in lines) for name, lines in self.sections()]
        return "".join([f"{self.title}\n", *parts, f"{self.verdict()}\n"])

    def markdown(self) -> str:
        """The same for a pull request; lines are code, as they hold text of the runs."""
        parts = [
            f"## {name}\n\n" + "".join(f"- `{line.replace('`', chr(0x2BC))}`\n" for line in lines)
            for name, lines in self.sections()
        ]
        return "\n".join([f"# {self.verdict()}\n", f"{self.title}\n", *parts])

    def verdict(self) -> str:
        """The conclusion in one line."""
        if self.regressed:
            return f"regression: {len(self.worse)} worse, {len(self.better)} better"
        return f"no regression: {len(self.better)} better"


def compare(old: Report, new: Report) -> Comparison:
    """Everything that differs between `old` and `new`."""
    found = Comparison(f"{old.run.id} ({old.run.outcome}) -> {new.run.id} ({new.run.outcome})")
    _verdict(found, old, new)
    before, after = ({b.id: b for b in r.behaviours} for r in (old, new))
    for key in [*before, *(k for k in after if k not in before)]:
        _behaviour(found, before.get(key), after.get(key))
    _latencies(found, old, new)
    _versions(found, old, new)
    return found


def _verdict(found: Comparison, old: Report, new: Report) -> None:
    ranks = {outcome: rank for rank, outcome in enumerate(("running", *WORST_FIRST))}
    change = ranks[new.run.outcome] - ranks[old.run.outcome]
    if change:
        (found.worse if change < 0 else found.better).append(
            f"verdict: {old.run.outcome} -> {new.run.outcome}"
        )


def _behaviour(found: Comparison, old: BehaviourResult | None, new: BehaviourResult | None) -> None:
    if new is None:
        assert old is not None
        lost = old.level == CORE and old.outcome in GOOD
        (found.worse if lost else found.other).append(f"{old.id}: {old.outcome} -> not in the new report")
    elif old is None:
        found.other.append(f"{new.id}: new, {new.outcome}")
    elif old.outcome != new.outcome:
        why = f": {one_line(new.message)}" if new.message and new.outcome not in GOOD else ""
        line = f"{new.id}: {old.outcome} -> {new.outcome}{why}"
        was, is_now = old.outcome in GOOD, new.outcome in GOOD
        kind = found.worse if was and not is_now else found.better if is_now and not was else found.other
        kind.append(line)


def _latencies(found: Comparison, old: Report, new: Report) -> None:
    before = {link.name: link for link in chain(old.records)}
    for link in chain(new.records):
        if (was := before.get(link.name)) and round(was.median, 1) != round(link.median, 1):
            found.latencies.append(
                f"{link.name}: {was.median:.1f} s -> {link.median:.1f} s (worst {link.worst:.1f} s)"
            )


def _versions(found: Comparison, old: Report, new: Report) -> None:
    before, after = _facts(old), _facts(new)
    for name in [*before, *(n for n in after if n not in before)]:
        was, is_now = before.get(name, "absent"), after.get(name, "absent")
        if was != is_now:
            found.versions.append(f"{name}: {was} -> {is_now}")


def _facts(report: Report) -> dict[str, str]:
    env, run = report.environment, report.run
    facts = {"Kubernetes": env.kubernetes, "engine": env.engine, "stack": run.stack, "solution": run.solution}
    facts |= {f"chart {c.name}": f"{c.version} ({c.source})" for c in env.charts}
    facts |= {f"image {i.name}": i.version or i.id for i in env.images}
    facts |= {f"tool {name}": version for name, version in env.tools.items()}
    return {name: value for name, value in facts.items() if value}
