"""What review would have to look for every time, and no linter we use can."""

from __future__ import annotations

import ast
import configparser
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ("bench", "conformance", "fixtures", "reports")
TEXT = {".py", ".toml", ".md", ".ini", ".txt", ".in", ".yaml", ".yml", ".json", ".sh", ".tpl", ".html", ""}
NOT_OURS = re.compile(r"\.git|\.tox|\.venv|runs|__pycache__|\..*cache|\.hypothesis|.*\.egg-info")
MOST_LINES = 400

# They take from a quarter of a second to a second to import: a unit test or a verdict must not pay for them.
HEAVY = {"jinja2", "kubernetes", "prometheus_api_client", "pykube", "pytest_kind", "redis"}

# In two pieces, so that this file does not name them either.
FOREIGN = [
    "pypi." + "org",
    "pythonhosted." + "org",
    "proxy.golang." + "org",
    "sum.golang." + "org",
    "registry.npmjs." + "org",
    "deb.debian." + "org",
    "/wo" + "rk/",
]


def files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for place, below, names in os.walk(ROOT / folder):
            below[:] = sorted(name for name in below if not NOT_OURS.fullmatch(name))
            yield from (Path(place, name) for name in sorted(names))


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for path in files(*folders):
        if path.suffix == ".py":
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def imported(tree: ast.Module) -> set[str]:
    """Top-level names of what the module imports when it is itself imported."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.partition(".")[0])
    return found


def name_of(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def test_every_test_states_its_behaviour():
    """A test without a docstring does not say what is promised, so nobody can tell when it is wrong."""
    silent = [
        f"{path}: {node.name}"
        for path, tree in modules("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_nothing_sleeps_by_itself():
    """Waiting is tenacity's business in fixtures/judge/waiting.py: everywhere else a sleep hides a guess."""
    sleeps = [
        f"{path}:{node.lineno}"
        for path, tree in modules(*CODE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name_of(node.func) == "sleep"
    ]
    assert sleeps == []


def test_heavy_libraries_are_imported_where_they_are_used():
    """Importing a room of ours stays fast, as no heavy library is imported with it."""
    heavy = {path: found for path, tree in modules(*CODE) if (found := imported(tree) & HEAVY)}
    assert heavy == {}


@pytest.mark.parametrize("package", ["fixtures", "reports"])
def test_a_package_imports_its_own_parts_relatively(package):
    """The tree can be shipped under any package name, as its parts do not name it."""
    assert [path for path, tree in modules(package) if package in imported(tree)] == []


def test_a_file_is_short_enough_to_be_read():
    """A file does one thing; one that has grown past this does two."""
    python = [path for path in files(*CODE, "images", "tests") if path.suffix == ".py"]
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in python}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_no_file_names_a_registry_or_a_machine():
    """Clients find registries by the machine's settings, and no path of one machine works on another."""
    named = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in files(".")
        if path.suffix in TEXT and not path.is_symlink()
        for text in [path.read_text(errors="replace")]
        for word in FOREIGN
        if word in text
    ]
    assert named == []


@pytest.mark.parametrize("name", ["run", "test", "lint", "browser"])
def test_a_lock_holds_every_requirement_with_hashes(name):
    """Each requirement of the .in file is pinned in the .txt file, and each pin has its hashes."""
    wanted = re.findall(r"^[A-Za-z][\w.-]*", (ROOT / f"requirements/{name}.in").read_text(), re.MULTILINE)
    lock = (ROOT / f"requirements/{name}.txt").read_text()
    hashed = set(re.findall(r"^([a-z0-9.-]+)==\S+ \\\n +--hash", lock, re.MULTILINE))
    assert {each.lower().replace("_", "-") for each in wanted} - hashed == set()
    assert len(hashed) == len(re.findall(r"^[a-z].*==", lock, re.MULTILINE))


def test_what_a_document_points_to_is_there():
    """Links to files of the repository lead somewhere, and every `tox -e` environment exists."""
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        text = path.read_text()
        links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
        broken += [f"{path.name}: {link}" for link in links if not (path.parent / link).exists()]
        asked = {env for group in re.findall(r"tox -e ([a-z,]+)", text) for env in group.split(",")}
        broken += [f"{path.name}: tox -e {env}" for env in asked if f"testenv:{env}" not in tox]
    assert broken == []
