"""Mutants and variants as data: what each changes, who must see it, and a copy with the change made."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from fixtures.install.scenarios import DOJO, known
from fixtures.install.solutions import PARTS, START, Solution
from tests.mutants import patches
from tests.mutants.mounted import mount_applications
from tests.mutants.patches import OutOfDate

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = "solutions"
COPIED = ("charts", "images/apps", "images/consumer", "images/producer")
"""What of the repository a patch may change, beside the reference: what is installed."""
PATCH, OBJECTS, KUBECTL, CLUSTER = "change.patch", "objects.yaml", "kubectl", "kind-cluster.yaml"
TEARDOWN = ".teardown-clean"
"""How the behaviour of each scenario ends that leaves the cluster empty."""


@dataclass(frozen=True)
class Copy:
    """A changed copy: the solution, and the folder with the kit's charts."""

    solution: Path
    charts: Path
    scenario: str = DOJO


@dataclass(frozen=True)
class Difference:
    """A folder solutions/SCENARIO/{mutants,variants}/NAME; solutions/dojo/README.md tells what is in one.

    ``static`` and ``fails`` map a behaviour to a pattern (re.search) of what is said about it by the
    static tier or on a cluster. ``passes`` are judged on a cluster, too; ``may_fail`` may fail there, and are
    not judged. The static tier names a line of a changed file, or of one in ``named_in``, and may say
    something on ``may_find``.
    """

    folder: Path
    why: str
    base: Literal["reference", "repository"] = "reference"
    tier: Literal["static", "live"] = "live"
    thread: str = ""
    smoke: bool = False
    together: str = ""
    static: Mapping[str, str] = field(default_factory=dict)
    fails: Mapping[str, str] = field(default_factory=dict)
    passes: tuple[str, ...] = ()
    may_fail: tuple[str, ...] = ()
    may_find: tuple[str, ...] = ()
    named_in: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its folder's name: the step it is about, and what is wrong."""
        return self.folder.name

    @property
    def scenario(self) -> str:
        """The scenario whose reference it changes."""
        return self.folder.parents[1].name

    @property
    def place(self) -> Path:
        """Where its results are, among all results. The dojo's were there first."""
        return Path(self.id) if self.scenario == DOJO else Path(self.scenario, self.id)

    @property
    def case(self) -> str:
        """What its test case is called: NAME, or SCENARIO:NAME."""
        return ":".join(self.place.parts)

    @property
    def step(self) -> int:
        """The exercise's step it is about, or the one before the first that leaves a file."""
        return max(int(self.id[:2]), START)

    @property
    def live(self) -> bool:
        """Whether it is judged on a cluster."""
        return bool(self.fails or self.passes)

    @property
    def asked(self) -> list[str]:
        """The behaviours that are judged on a cluster."""
        return sorted({*self.fails, *self.passes})

    @cached_property
    def changes(self) -> list[patches.Change]:
        """What its patch does; nothing when it has none."""
        path = self.folder / PATCH
        return patches.parse(path.read_text(encoding="utf-8"), str(path)) if path.is_file() else []

    @property
    def own_cluster(self) -> bool:
        """Whether it is about how the cluster is made, so that no other can be used."""
        return any(change.file == CLUSTER for change in self.changes)

    @property
    def turn(self) -> tuple[int, str]:
        """When it is judged: what empties the cluster comes late, what needs another cluster last."""
        empties = any(behaviour.endswith(TEARDOWN) for behaviour in self.fails)
        return (2 if self.own_cluster else int(empties), self.id)

    def finished_to_its_step(self, folder: Path) -> Copy:
        """The changed copy; of the dojo without the files of later steps: fewer loops to wait for.

        Raises OutOfDate.
        """
        copy = self.make(folder)
        if self.scenario != DOJO:
            return copy
        solution = Solution.load(copy.solution)
        for part, (step, _) in PARTS.items():
            file = solution.values.get(part) or solution.templates.get(part)
            if step > self.step and file is not None:
                file.unlink()
        return copy

    def part(self, name: str) -> Path | None:
        """A file beside the patch, if there is one."""
        path = self.folder / name
        return path if path.is_file() else None

    def make(self, folder: Path) -> Copy:
        """The changed copy in ``folder``. Raises OutOfDate."""
        return make([self], folder)


def make(differences: Iterable[Difference], folder: Path) -> Copy:
    """A copy with these differences in it, which must be of one base and scenario. Raises OutOfDate."""
    differences = list(differences)
    (scenario,) = {each.scenario for each in differences}
    reference = Path(SOLUTIONS, scenario, "reference")
    if {each.base for each in differences} == {"repository"}:
        for part in (*COPIED, reference):
            # Links stay links, so that what the reference takes from a chart changes with it.
            shutil.copytree(ROOT / part, folder / part, symlinks=True)
        for each in differences:
            patches.apply(each.changes, folder, each.id)
            if applications := {change.file for change in each.changes if change.file.startswith("images/")}:
                mount_applications(folder, applications)
        # A solution's links may not leave it, and these lead to the copy's charts.
        solution = Path(shutil.copytree(folder / reference, folder / "solution"))
        return Copy(solution, folder / "charts", scenario)
    solution = Path(shutil.copytree(ROOT / reference, folder / "solution"))
    for each in differences:
        if each.base != "reference":
            raise OutOfDate(f"{each.id} changes the repository, and others with it the reference")
        patches.apply(each.changes, solution, each.id)
    return Copy(solution, ROOT / "charts", scenario)


def load(kind: str, scenarios: Iterable[str]) -> list[Difference]:
    """All of a ``kind`` ("mutant", "variant") of these scenarios, in the order in which they are judged."""
    found: list[Difference] = []
    for scenario in scenarios:
        folders = filter(Path.is_dir, (ROOT / SOLUTIONS / scenario).glob(f"{kind}s/*"))
        found += sorted((read(folder / f"{kind}.toml") for folder in folders), key=lambda each: each.turn)
    return found


def read(path: Path) -> Difference:
    """One of them. Raises OutOfDate for a file with a field that means nothing."""
    fields: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        return Difference(
            path.parent, **{key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()}
        )
    except TypeError as error:
        raise OutOfDate(f"{path}: {error}") from None


def mutants(*scenarios: str) -> list[Difference]:
    """Wrong solutions of these scenarios, or of all."""
    return load("mutant", scenarios or known())


def variants(*scenarios: str) -> list[Difference]:
    """Right solutions that are not the reference."""
    return load("variant", scenarios or known())
