"""What each release on the shared cluster is made of, so that a mutant installs only what it changes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fixtures.install.layout import CHART
from fixtures.install.platform import PLATFORM_CHARTS
from fixtures.install.scenario_solutions import ScenarioSolution, load_solution
from fixtures.install.scenarios import load_scenario
from tests.mutants.mutants import Copy

BARE, SOLVED = "consumer", "solution"
"""One release, in two states: the exercise's consumer, and the same with the solution's rule and HPA."""
WIRING = "wiring"
"""The objects of a solution, in the other scenarios: an HPA, or a ScaledObject, among them."""
APPLICATION = "dojo.03."
"""Behaviours of the bare application: nothing may scale it while it is measured."""


def wanted(copy: Copy) -> dict[str, str]:
    """Every piece of a copy with a digest of what it would be installed from."""
    scenario = load_scenario(copy.scenario)
    solution = load_solution(copy.solution, scenario)
    digests = {}
    for name, piece in scenario.pieces.items():
        if piece.part is not None and not solution.brings(piece.part):
            continue
        sources = [copy.charts / piece.chart] if piece.chart else []
        if isinstance(solution, ScenarioSolution):
            sources += solution.manifests.get(name, ())
        elif name == SOLVED:
            sources += [copy.solution / CHART]
        sources += [solution.values[name]] if name in solution.values else []
        digests[name] = digest(sources)
    return digests | {name: digest([copy.charts / name]) for name in PLATFORM_CHARTS}


def digest(sources: Iterable[Path]) -> str:
    """Of files, and of folders with all that is in them."""
    made = hashlib.sha256()
    for source in sources:
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        for file in (each for each in files if each.is_file()):
            made.update(
                f"{file.relative_to(source)}\0{len(file.read_bytes())}\0".encode() + file.read_bytes()
            )
    return made.hexdigest()


@dataclass
class Installed:
    """Piece to digest, as far as it is known what is on the cluster."""

    pieces: dict[str, str] = field(default_factory=dict)

    def kept(self, wanted: dict[str, str], asked: Collection[str]) -> set[str]:
        """The pieces that need not be installed again for these behaviours to be judged."""
        same = {name for name, made_of in wanted.items() if self.pieces.get(name) == made_of}
        if any(each.startswith(APPLICATION) for each in asked):
            return same - {SOLVED}
        there = {BARE, SOLVED} & self.pieces.keys()
        return same | {BARE} if there and SOLVED in wanted else same

    def done(self, wanted: dict[str, str], installed: Collection[str], tried: Collection[str]) -> None:
        """Note what a run installed, and forget what it tried in vain or what it removed."""
        for name in {*tried, *self.pieces} - {*installed}:
            if name in tried or name not in wanted:
                self.pieces.pop(name, None)
        for name in sorted(installed):  # the bare consumer before the solved one
            self.pieces[name] = wanted[name]
            self.pieces.pop({BARE: SOLVED, SOLVED: BARE}.get(name, ""), None)
