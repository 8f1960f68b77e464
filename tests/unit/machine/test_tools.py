from __future__ import annotations

import pytest

from fixtures.machine import tools
from fixtures.machine.bundle.progress import EVERY, Progress
from fixtures.machine.errors import KitError
from fixtures.machine.tools import ensure_tools, fits
from tests.unit.machine.programs import program


@pytest.mark.parametrize(
    ("name", "version", "fit"),
    [
        ("kubectl", (1, 37, 0), True),
        ("kubectl", (1, 36, 9), True),
        ("kubectl", (1, 38, 0), True),
        ("kubectl", (1, 35, 0), False),
        ("kubectl", (1, 39), False),
        ("kubectl", (2, 37, 0), False),
        ("kubectl", (1,), False),
        ("kind", (0, 33, 0), True),
        ("kind", (0, 32, 9), False),
        ("helm", (3, 15, 0), True),
        ("helm", (4, 0, 1), True),
        ("helm", (3, 14, 9), False),
    ],
)
def test_versions_fit_by_each_tools_rule(name, version, fit):
    """kubectl: one minor either side of the cluster's; kind and helm: from the oldest on."""
    assert fits(name, version, "1.37.1") is fit


class Builder:
    """Builds whatever it is asked for."""

    def __init__(self, folder):
        self.folder = folder

    def tool_version(self, name, package):
        return "v9.9.9"

    def tool(self, name, package):
        assert package == tools.PACKAGES[name]
        return self.folder / name


def test_a_tool_comes_from_path_or_is_built(tmp_path, monkeypatch):
    """One on PATH that fits is used; one too old, or none, is built."""
    folder = program(tmp_path / "bin", "kubectl", "echo Client Version: v1.37.0").parent
    program(folder, "kind", "echo kind v0.20.0 go1.21 linux/amd64")
    monkeypatch.setenv("PATH", str(folder))
    found = ensure_tools("1.37.1", lambda: Builder(tmp_path), {})
    assert {name: (tool.version, tool.source) for name, tool in found.items()} == {
        "kind": ("v9.9.9", "built from its module"),
        "helm": ("v9.9.9", "built from its module"),
        "kubectl": ("1.37.0", "PATH"),
    }


def test_a_tool_that_the_user_named_is_used(tmp_path, monkeypatch):
    """It is taken whatever its version, which is asked for and told."""
    monkeypatch.setenv("PATH", str(tmp_path))
    own = program(tmp_path / "own", "my-kind", "echo kind v0.20.0")
    found = ensure_tools("1.37.1", lambda: Builder(tmp_path), {"kind": str(own)})["kind"]
    assert (found.path, found.version, found.source) == (own, "0.20.0", "named by the user")


def test_a_named_tool_that_is_not_there_is_refused(tmp_path):
    """The error names the program and the option."""
    with pytest.raises(KitError, match="no/such/kubectl") as caught:
        ensure_tools("1.37.1", lambda: Builder(tmp_path), {"kind": "sh", "kubectl": "no/such/kubectl"})
    assert caught.value.where == "--kind-kubectl-bin"


def test_progress_is_calm_about_one_piece_of_work():
    """A new piece of work is said at once; the same one again only after a while, with the time passed."""
    now, lines = [0.0], []
    say = Progress(lines.append, lambda: now[0])
    say("node: compiled 1 of 9 packages")
    say("node: compiled 2 of 9 packages")
    say("building image redis")
    now[0] = EVERY
    say("node: compiled 8 of 9 packages")
    assert lines == [
        "[00:00] node: compiled 1 of 9 packages",
        "[00:00] building image redis",
        "[00:15] node: compiled 8 of 9 packages",
    ]
