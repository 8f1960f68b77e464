"""helm and promtool for what needs no cluster: where they are taken from, in which order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.machine import programs
from fixtures.machine.bundle.cache import Cache
from fixtures.machine.process import Completed
from fixtures.machine.programs import Programs

IMAGE = "quay.io/prometheus/prometheus:v3.15.0"


class Engine:
    """A container engine that has the image."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def run(self, *args: str, **_options: Any) -> Completed:
        self.calls.append(args[0])
        if args[0] == "cp":
            Path(args[2]).write_text("promtool")
        return Completed(args, 0, "pulled\nc0ffee\n", "")


@pytest.fixture
def nothing_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs.shutil, "which", lambda _name: None)
    monkeypatch.setattr(programs, "on_path", lambda _name, _version: None)


def make(cache: Cache, said: list[str], engine: Engine | None = None, images: str = "auto") -> Programs:
    return Programs(
        "1.37.1", said.append, images=images, image=IMAGE, cache=cache, engine=lambda: engine or Engine()
    )


def test_what_was_built_for_the_bundle_is_taken_silently(tmp_path: Path, nothing_on_path: None) -> None:
    """A promtool in the cache is found at once, and nothing is said."""
    cache, said = Cache(tmp_path), []
    made = make(cache, said)
    with cache.publish("bin", made._modules("promtool").key()) as draft:
        (draft / "promtool").write_text("")
        (draft / "helm").write_text("")
    assert made.promtool().name == "promtool"
    assert made.helm().name == "helm"
    assert said == []


def test_a_stack_with_no_module_set_takes_the_newest(tmp_path: Path, nothing_on_path: None) -> None:
    """A rule is the same on each Kubernetes: another version's promtool will do."""
    assert (
        Programs("1.30.0", print, cache=Cache(tmp_path))._modules("promtool").name.startswith("kubernetes-")
    )
    assert Programs("1.36.3", print, cache=Cache(tmp_path))._modules("promtool").name == "kubernetes-1.37.1"


def test_promtool_is_taken_out_of_the_published_image_once(tmp_path: Path, nothing_on_path: None) -> None:
    """With published images it is extracted, said, and kept for the next run."""
    cache, said, engine = Cache(tmp_path), [], Engine()
    path = make(cache, said, engine, images="published").promtool()
    assert path.read_text() == "promtool"
    assert engine.calls == ["pull", "create", "cp", "rm"]
    assert IMAGE in said[0]
    assert make(cache, said, engine, images="published").promtool() == path
    assert len(said) == 1


def test_what_has_to_be_built_is_said(
    tmp_path: Path, nothing_on_path: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build says what it builds, before it takes minutes."""
    said: list[str] = []
    monkeypatch.setattr(programs, "find_go", lambda *_args: "go")
    monkeypatch.setattr(programs.Go, "build_one", lambda *_args: tmp_path)
    assert make(Cache(tmp_path), said, images="built").promtool() == tmp_path / "promtool"
    assert "building it from its Go module" in said[0]
