"""Mutants and variants as data: what each changes, who must see it, and a copy with the change made."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from fixtures.install.solutions import PARTS, START, Solution
from tests.mutants import patches
from tests.mutants.mounted import mount_applications
from tests.mutants.patches import OutOfDate

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = Path("solutions", "dojo", "reference")
MUTANTS = ROOT / "solutions" / "dojo" / "mutants"
VARIANTS = ROOT / "solutions" / "dojo" / "variants"
COPIED = ("charts", "images/apps", "images/consumer", "images/producer", str(REFERENCE))
"""What of the repository a patch may change: what is installed."""
PATCH, OBJECTS, KUBECTL, CLUSTER = "change.patch", "objects.yaml", "kubectl", "kind-cluster.yaml"
TEARDOWN = "dojo.11.teardown-clean"


@dataclass(frozen=True)
class Copy:
    """A changed copy: the solution, and the folder with the kit's charts."""

    solution: Path
    charts: Path


@dataclass(frozen=True)
class Difference:
    """A folder of solutions/dojo/mutants or variants; solutions/dojo/README.md tells what is in one.

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
        return (2 if self.own_cluster else int(TEARDOWN in self.fails), self.id)

    def finished_to_its_step(self, folder: Path) -> Copy:
        """The changed copy without the files of later steps: fewer loops to wait for. Raises OutOfDate."""
        copy = self.make(folder)
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
    """A copy with these differences in it, which must be of one base. Raises OutOfDate."""
    differences = list(differences)
    if {each.base for each in differences} == {"repository"}:
        for part in COPIED:
            # Links stay links, so that what the reference takes from a chart changes with it.
            shutil.copytree(ROOT / part, folder / part, symlinks=True)
        for each in differences:
            patches.apply(each.changes, folder, each.id)
            if applications := {change.file for change in each.changes if change.file.startswith("images/")}:
                mount_applications(folder, applications)
        # A solution's links may not leave it, and these lead to the copy's charts.
        return Copy(Path(shutil.copytree(folder / REFERENCE, folder / "solution")), folder / "charts")
    solution = Path(shutil.copytree(ROOT / REFERENCE, folder / "solution"))
    for each in differences:
        if each.base != "reference":
            raise OutOfDate(f"{each.id} changes the repository, and others with it the reference")
        patches.apply(each.changes, solution, each.id)
    return Copy(solution, ROOT / "charts")


def load(root: Path, kind: str) -> list[Difference]:
    """All that are in ``root``, in the order in which they are judged; ``kind`` names their TOML files."""
    found = [read(folder / f"{kind}.toml") for folder in root.iterdir() if folder.is_dir()]
    return sorted(found, key=lambda each: each.turn)


def read(path: Path) -> Difference:
    """One of them. Raises OutOfDate for a file with a field that means nothing."""
    fields: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        return Difference(
            path.parent, **{key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()}
        )
    except TypeError as error:
        raise OutOfDate(f"{path}: {error}") from None


def mutants() -> list[Difference]:
    """Wrong solutions."""
    return load(MUTANTS, "mutant")


def variants() -> list[Difference]:
    """Right solutions that are not the reference."""
    return load(VARIANTS, "variant")
