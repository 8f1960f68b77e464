"""Upgrades with a fault, as data. A folder faults/NAME has a `fault.toml` and what the upgrade leads to:

stack.toml      the new stack; without it the versions stay, and only the solution changes
old.toml        the old stack; without it the default one
solution.patch  what the upgrade changes of the reference solution
old.patch       in what the old solution differs from the reference, to which the upgrade leads
"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from fixtures.install.stacks import DEFAULT_STACK
from tests.mutants import patches

ROOT = Path(__file__).parents[2]
FAULTS = Path(__file__).parent / "faults"
REFERENCE = ROOT / "solutions" / "dojo" / "reference"
FIRST = "upgrade.01.differs"
GIVEN_UP = 60.0
"""Seconds after which a chart of such an upgrade is given up: each is ready within twenty, or never."""


@dataclass(frozen=True)
class Fault:
    """``fails`` maps the behaviours that must find it to a part of what they say; ``passes`` stand beside.

    ``timeout``: seconds after which a chart's upgrade is given up. ``crd``: the CRD (``of``) that loses the
    field ``drop``; its stack takes CRDs from a folder `crds` beside it. ``spoils``: what it leaves is not
    mended by the next installation, and has to be removed before.
    """

    folder: Path
    why: str
    fails: Mapping[str, str]
    passes: tuple[str, ...]
    timeout: float = GIVEN_UP
    crd: Mapping[str, str] = field(default_factory=dict)
    spoils: bool = False

    @property
    def name(self) -> str:
        """Its folder's."""
        return self.folder.name

    @property
    def asked(self) -> list[str]:
        """The behaviours that are judged; where none is of the way back, it is not gone."""
        return sorted({FIRST, *self.fails, *self.passes})

    @property
    def step(self) -> str:
        """The phase in which it is to be seen first."""
        return min(self.fails).split(".")[1]

    def options(self, folder: Path, crds: Callable[[], Path]) -> list[str]:
        """The upgrade's options; what has to be made for it is made in ``folder``. ``crds`` gives the folder
        of the CRDs that there are.
        """
        shutil.copytree(self.folder, folder)
        old = self._stack(folder / "old.toml", DEFAULT_STACK)
        options = ["--from", old, "--to", self._stack(folder / "stack.toml", old)]
        options += ["--upgrade-timeout", f"{self.timeout:g}"]
        if self.crd:
            _without_field(crds(), folder / "crds", **self.crd)
        if (patch := folder / "solution.patch").is_file():
            options += ["--to-solution", str(self._patched(patch, folder / "solution"))]
        if (patch := folder / "old.patch").is_file():
            old_solution = self._patched(patch, folder / "old-solution")
            options += ["--solution", str(old_solution), "--to-solution", str(REFERENCE)]
        return options

    def _patched(self, patch: Path, to: Path) -> Path:
        solution = Path(shutil.copytree(REFERENCE, to))
        patches.apply(patches.parse(patch.read_text(), self.name), solution, self.name)
        return solution

    @staticmethod
    def _stack(path: Path, otherwise: str) -> str:
        return str(path) if path.is_file() else otherwise


def load() -> list[Fault]:
    """All of them, by name."""
    found = sorted(FAULTS.glob("*/fault.toml"))
    return [_read(path) for path in found]


def _read(path: Path) -> Fault:
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return Fault(path.parent, **{**data, "passes": tuple(data["passes"])})


def _without_field(crds: Path, folder: Path, *, of: str, drop: str) -> None:
    """A copy of the CRDs, in which one lacks a field, of each version that had it."""
    folder.mkdir()
    dropped = 0
    for file in crds.glob("*.y*ml"):
        text = file.read_text(encoding="utf-8")
        if f"\n  name: {of}\n" in text:
            crd = yaml.safe_load(text)
            for version in crd["spec"]["versions"]:
                dropped += _drop(version["schema"]["openAPIV3Schema"], drop.split("."))
            text = yaml.safe_dump(crd, sort_keys=False)
        (folder / file.name).write_text(text, encoding="utf-8")
    assert dropped, f"{of} has no field {drop}"


def _drop(schema: dict[str, Any], path: list[str]) -> bool:
    first, *rest = path
    name = first.removesuffix("[]")
    if not rest:
        return schema["properties"].pop(name, None) is not None
    below = schema["properties"][name]
    return _drop(below["items"] if first.endswith("[]") else below, rest)
