from __future__ import annotations

import json

import pytest

from fixtures.machine.bundle import npm
from fixtures.machine.bundle.recipes import load_all
from fixtures.machine.errors import KitError
from fixtures.machine.process import CommandError
from tests.unit.machine.programs import program


def test_what_the_lock_file_names_is_installed_and_nothing_is_run(tmp_path, monkeypatch):
    """npm takes the lock file as it is, runs no package's script, and is told where to put the packages."""
    program(tmp_path / "bin", "npm", f'echo "$@" > {tmp_path}/asked')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    npm.install(tmp_path / "app", lambda _: None)
    asked = (tmp_path / "asked").read_text().split()
    assert asked[0] == "ci"
    assert "--ignore-scripts" in asked
    assert asked[-2:] == ["--prefix", str(tmp_path / "app")]


def test_a_failed_install_says_what_npm_said(tmp_path, monkeypatch):
    """A hash that is not the lock file's ends the build, in npm's words."""
    program(tmp_path / "bin", "npm", "echo EINTEGRITY >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(CommandError, match="EINTEGRITY"):
        npm.install(tmp_path, lambda _: None)


def test_without_npm_the_remedy_is_named(tmp_path, monkeypatch):
    """Where npm is missing and can't be installed, the error says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KitError) as caught:
        npm.find(lambda _: None)
    assert "apt-get install -y npm" in caught.value.remedy


def test_a_missing_npm_is_installed_where_that_can_be_done(tmp_path, monkeypatch):
    """As root with apt-get it is installed, and that is said."""
    made = tmp_path / "npm"
    program(tmp_path, "apt-get", f"echo '#!/bin/sh' > {made}; /bin/chmod +x {made}")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    said = []
    assert npm.find(said.append) == str(made)
    assert said == ["installing npm"]


def test_every_lock_file_pins_by_hash_and_names_no_registry():
    """Each package of an image's lock file has a hash; where it is had from is the machine's own setting."""
    recipes = [recipe for recipe in load_all().values() if recipe.npm]
    assert recipes
    for recipe in recipes:
        lock = json.loads((recipe.folder / recipe.npm / "package-lock.json").read_text())
        packages = {name: package for name, package in lock["packages"].items() if name}
        assert packages
        for name, package in packages.items():
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, name
