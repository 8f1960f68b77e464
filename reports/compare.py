"""What changed between two reports: outcomes, latencies and versions, and whether it got worse.

A regression is one of these, and nothing else:
- a core or extended behaviour that was fine (passed or an upstream defect) and no longer is;
- a core behaviour that was fine and is not in the new report at all;
- a worse verdict;
- a link of the chain whose median is over its budget and longer than before by more than noise.

A link that became slower within its budget is said and not judged: two runs differ by a scrape
interval for no reason at all. Nor is one of few changes, whose median is an anecdote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from .chain import Link, chain
from .errors import ReportError
from .model import ADVISORY, API_VERSION, CORE, BehaviourResult, Report
from .profile import GOOD, WORST_FIRST
from .words import one_line

KIND = "ConformanceComparison"
WORSE, BETTER, OTHER = "worse", "better", "other"
VERDICT, BEHAVIOUR, LATENCY, VERSION = "verdict", "behaviour", "latency", "version"
# Each end of a latency is as exact as its signal is sampled: readings are up to a second apart.
NOISE_SECONDS = 2.0
# A median of fewer changes moves with each of them.
FEWEST_CHANGES = 5
ABSENT = "absent"


@dataclass(frozen=True)
class Change:
    """One thing that differs: `what` it is, its name, before and after, and which way it went."""

    what: str
    name: str
    old: str
    new: str
    trend: str = OTHER
    why: str = ""

    def __str__(self) -> str:
        why = f": {one_line(self.why)}" if self.why else ""
        return f"{self.name}: {self.old} -> {self.new}{why}"


@dataclass(frozen=True)
class Comparison:
    """All changes between two runs; `regressed` decides the exit code."""

    old: str
    new: str
    changes: tuple[Change, ...]

    def of(self, trend: str) -> list[Change]:
        """The changes that went this way."""
        return [change for change in self.changes if change.trend == trend]

    @property
    def regressed(self) -> bool:
        """Whether anything got worse."""
        return bool(self.of(WORSE))

    def sections(self) -> list[tuple[str, list[Change]]]:
        """The kinds of change that occurred, the worst first."""
        other = self.of(OTHER)
        named = {
            "Worse": self.of(WORSE),
            "Better": self.of(BETTER),
            "Otherwise changed": [c for c in other if c.what not in (LATENCY, VERSION)],
            "Latencies (median), within what is allowed": [c for c in other if c.what == LATENCY],
            "Versions": [c for c in other if c.what == VERSION],
        }
        return [(name, changes) for name, changes in named.items() if changes]

    def verdict(self) -> str:
        """The conclusion in one line."""
        better = f"{len(self.of(BETTER))} better"
        return (
            f"regression: {len(self.of(WORSE))} worse, {better}"
            if self.regressed
            else f"no regression: {better}"
        )

    def text(self) -> str:
        """Plain lines for a terminal, the conclusion last."""
        parts = [f"{name}:\n" + "".join(f"  {c}\n" for c in changes) for name, changes in self.sections()]
        return "".join([f"{self.old} -> {self.new}\n", *parts, f"{self.verdict()}\n"])

    def markdown(self) -> str:
        """The same for a pull request; lines are code, as they hold text of the runs."""
        parts = [
            f"## {name}\n\n" + "".join(f"- `{str(c).replace('`', chr(0x2BC))}`\n" for c in changes)
            for name, changes in self.sections()
        ]
        return "\n".join([f"# {self.verdict()}\n", f"`{self.old}` -> `{self.new}`\n", *parts])

    def to_dict(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "old": self.old,
            "new": self.new,
            "regressed": self.regressed,
            "changes": [asdict(change) for change in self.changes],
        }


def compare(old: Report, new: Report) -> Comparison:
    """Everything that differs between `old` and `new`. Raises ReportError for runs of different scenarios."""
    if old.run.scenario != new.run.scenario:
        raise ReportError(
            f"{old.run.id} is a run of {old.run.scenario} and {new.run.id} one of {new.run.scenario}: "
            "compare two runs of one scenario"
        )
    changes = (*_verdict(old, new), *_behaviours(old, new), *_latencies(old, new), *_versions(old, new))
    names = [f"{r.run.id} ({r.run.outcome})" for r in (old, new)]
    return Comparison(names[0], names[1], changes)


def _verdict(old: Report, new: Report) -> Iterator[Change]:
    ranks = {outcome: rank for rank, outcome in enumerate(("running", *WORST_FIRST))}
    change = ranks[new.run.outcome] - ranks[old.run.outcome]
    if change:
        trend = WORSE if change < 0 else BETTER
        yield Change(VERDICT, "verdict", old.run.outcome, new.run.outcome, trend, new.run.message)


def _behaviours(old: Report, new: Report) -> Iterator[Change]:
    before, after = ({b.id: b for b in r.behaviours} for r in (old, new))
    for key in [*before, *(k for k in after if k not in before)]:
        was, is_now = before.get(key), after.get(key)
        if was is None and is_now is not None:
            yield Change(BEHAVIOUR, key, ABSENT, is_now.outcome, OTHER, _why(is_now))
        elif was is not None and is_now is None:
            lost = was.level == CORE and was.outcome in GOOD
            yield Change(BEHAVIOUR, key, was.outcome, ABSENT, WORSE if lost else OTHER)
        elif was is not None and is_now is not None and was.outcome != is_now.outcome:
            yield Change(BEHAVIOUR, key, was.outcome, is_now.outcome, _trend(was, is_now), _why(is_now))


def _trend(was: BehaviourResult, is_now: BehaviourResult) -> str:
    good = was.outcome in GOOD, is_now.outcome in GOOD
    if good[0] == good[1] or is_now.level == ADVISORY:
        return OTHER  # what is advisory is said and never a regression
    return WORSE if good[0] else BETTER


def _why(b: BehaviourResult) -> str:
    if b.outcome in GOOD:
        return ""
    return f"blocked by {b.blocked_by}" if b.blocked_by else one_line(b.message)


def _latencies(old: Report, new: Report) -> Iterator[Change]:
    before = {link.name: link for link in chain(old.records)}
    for link in chain(new.records):
        was = before.get(link.name)
        if was is None or round(was.median, 1) == round(link.median, 1):
            continue
        worse, better = _too_slow(link, was), _too_slow(was, link)
        allowed = "budget unknown" if link.most is None else f"budget {link.most:.1f} s"
        why = f"worst {was.worst:.1f} s -> {link.worst:.1f} s, {allowed}"
        trend = WORSE if worse else BETTER if better else OTHER
        yield Change(LATENCY, link.name, f"{was.median:.1f} s", f"{link.median:.1f} s", trend, why)


def _too_slow(link: Link, other: Link) -> bool:
    """Whether `link` is over its budget, and slower than `other` by more than noise, and often enough."""
    if link.most is None or min(link.changes, other.changes) < FEWEST_CHANGES:
        return False
    return link.median > link.most and link.median > other.median + NOISE_SECONDS


def _versions(old: Report, new: Report) -> Iterator[Change]:
    before, after = _facts(old), _facts(new)
    for name in [*before, *(n for n in after if n not in before)]:
        was, is_now = before.get(name, ABSENT), after.get(name, ABSENT)
        if was != is_now:
            yield Change(VERSION, name, was, is_now)


def _facts(report: Report) -> dict[str, str]:
    env, run = report.environment, report.run
    facts = {
        "Kubernetes": env.kubernetes,
        "engine": env.engine,
        "provider": env.provider,
        "kit": run.kit_version,
        "stack": run.stack,
        "solution": run.solution,
    }
    facts |= {f"chart {c.name}": f"{c.version} ({c.source})" for c in env.charts}
    facts |= {f"image {i.name}": i.version or i.id for i in env.images}
    facts |= {f"tool {name}": version for name, version in env.tools.items()}
    return {name: value for name, value in facts.items() if value}
