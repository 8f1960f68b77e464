"""The scenario's wrong solutions as files: each can be made, and no core behaviour is without one."""

from __future__ import annotations

import importlib
import re
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.mutants import patches

ROOT = Path(__file__).resolve().parents[3]
KEDA = ROOT / "solutions" / "keda"
MUTANTS = sorted((KEDA / "mutants").iterdir())
VARIANTS = sorted((KEDA / "variants").iterdir())


def behaviours() -> dict[str, str]:
    """Each behaviour of the scenario, with its level."""
    found = {}
    for file in sorted((ROOT / "conformance" / "keda").glob("test_step_*.py")):
        for test in vars(importlib.import_module(f"conformance.keda.{file.stem}")).values():
            for mark in getattr(test, "pytestmark", ()):
                found[mark.kwargs["id"]] = mark.kwargs["level"]
    return found


def about(folder: Path) -> dict:
    """What is said of a mutant or variant."""
    kind = folder.parent.name.removesuffix("s")
    return tomllib.loads((folder / f"{kind}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", [*MUTANTS, *VARIANTS], ids=lambda folder: folder.name)
def test_fits_todays_files(folder, tmp_path):
    """Each can be made of the reference as it is today, is YAML, and names only behaviours that exist."""
    said, known = about(folder), behaviours()
    named = {*said.get("fails", {}), *said.get("passes", ()), *said.get("may_fail", ())}
    assert named <= known.keys()
    assert all(re.compile(pattern) for pattern in said.get("fails", {}).values())
    patch = folder / "change.patch"
    assert patch.is_file() or (folder / "objects.yaml").is_file(), "it changes nothing"
    if patch.is_file():
        made = Path(shutil.copytree(KEDA / "reference", tmp_path / "made"))
        patches.apply(patches.parse(patch.read_text(encoding="utf-8"), str(patch)), made, folder.name)
        for file in made.rglob("*.yaml"):
            assert list(yaml.safe_load_all(file.read_text(encoding="utf-8")))


def test_every_core_behaviour_has_a_mutant():
    """No core behaviour is there that no wrong solution is to fail."""
    killed = {behaviour for folder in MUTANTS for behaviour in about(folder)["fails"]}
    assert [name for name, level in behaviours().items() if level == "core" and name not in killed] == []


def test_a_variant_names_nothing_that_fails():
    """A variant is right in another way: nothing may fail with it."""
    assert not [folder.name for folder in VARIANTS if about(folder).get("fails")]
