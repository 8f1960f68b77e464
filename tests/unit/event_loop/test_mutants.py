"""The wrong solutions of the scenario, as data: each fits the reference, and names what there is."""

from __future__ import annotations

import re
import shutil
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from tests.mutants import patches

ROOT = Path(__file__).resolve().parents[3]
SOLUTIONS = ROOT / "solutions" / "event_loop"
FOLDERS = sorted(file.parent for file in SOLUTIONS.glob("*/*/*.toml"))
MUTANTS = [folder for folder in FOLDERS if folder.parent.name == "mutants"]
KEYS = {"why", "thread", "tier", "smoke", "passes", "may_fail", "static", "fails"}


def behaviours() -> dict[str, str]:
    """The scenario's behaviours: id to level."""
    found = {}
    for file in (ROOT / "conformance" / "event_loop").glob("test_*.py"):
        module = import_module(f"conformance.event_loop.{file.stem}")
        for name in dir(module):
            for mark in getattr(getattr(module, name), "pytestmark", ()):
                if name.startswith("test_") and mark.name == "behaviour":
                    found[mark.kwargs["id"]] = mark.kwargs["level"]
    return found


def told(folder: Path) -> dict:
    return tomllib.loads(next(folder.glob("*.toml")).read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_fits_the_reference(folder, tmp_path):
    """A patch applies to the reference as it is now, changes something, and leaves files that are YAML."""
    copy = shutil.copytree(SOLUTIONS / "reference", tmp_path / "solution")
    patch = folder / "change.patch"
    if not patch.is_file():
        objects = list(yaml.safe_load_all((folder / "objects.yaml").read_text(encoding="utf-8")))
        assert all(each["metadata"]["namespace"] == "event-loop" for each in objects)
        return
    changes = patches.parse(patch.read_text(encoding="utf-8"), str(patch))
    patches.apply(changes, copy, folder.name)
    for file in copy.rglob("*.yaml"):
        assert list(yaml.safe_load_all(file.read_text(encoding="utf-8"))), file


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_names_behaviours_that_there_are(folder):
    """What must fail, may fail and must pass are behaviours of the scenario; what must fail says how."""
    data, known = told(folder), behaviours()
    assert set(data) <= KEYS
    fails = data.get("fails", {})
    assert {*fails, *data.get("static", ()), *data.get("passes", ()), *data.get("may_fail", ())} <= set(known)
    assert bool(fails) == (folder.parent.name == "mutants")
    assert not set(fails) & {*data.get("passes", ()), *data.get("may_fail", ())}
    for pattern in fails.values():
        assert re.compile(pattern)


def test_every_core_behaviour_has_a_mutant():
    """Each core behaviour fails with one wrong solution at least."""
    core = {name for name, level in behaviours().items() if level == "core"}
    named = {name for folder in MUTANTS for name in told(folder)["fails"]}
    assert not core - named
