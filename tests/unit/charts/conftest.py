"""The charts as helm sees them, rendered by a real helm where there is one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from fixtures.machine.bundle.cache import Cache

REPO = Path(__file__).resolve().parents[3]
CHARTS = REPO / "charts"
REFERENCE = REPO / "solutions/dojo/reference/helm"

RENDER_TIMEOUT = 30
"""Seconds for one `helm template`; it takes 0.1 to 0.3."""


class Rendered:
    """The objects of a rendered chart, to be had by kind and name."""

    def __init__(self, text: str) -> None:
        self.objects = [doc for doc in yaml.safe_load_all(text) if doc]

    def one(self, kind: str, name: str | None = None) -> dict:
        """The object of this kind (and name). Fails when there is none, or more than one."""
        found = [o for o in self.objects if o["kind"] == kind and name in (None, o["metadata"]["name"])]
        assert len(found) == 1, f"{len(found)} of {kind} {name or ''} in {self.names()}"
        return found[0]

    def names(self) -> list[str]:
        """Kind/name of all."""
        return sorted(f"{o['kind']}/{o['metadata']['name']}" for o in self.objects)


@pytest.fixture(scope="session")
def helm() -> str:
    """A helm to render with: from KIT_HELM, PATH or the kit's cache; without one these tests are skipped."""
    built = next((str(found) for found in sorted((Cache().root / "bin").glob("kubernetes-*/helm"))), None)
    path = os.environ.get("KIT_HELM") or shutil.which("helm") or built
    if not path:
        pytest.skip("no helm: put it on PATH or name it with KIT_HELM")
    return path


@pytest.fixture(scope="session")
def render(helm: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Rendered]:
    """`helm template` with values as a mapping or a file; raises AssertionError with helm's words."""
    known: dict[str, Rendered] = {}

    def run(chart: str | Path, values: dict | Path | None = None, *, release: str = "") -> Rendered:
        key = f"{chart} {release} {values}"
        if key not in known:
            known[key] = template(CHARTS / chart, values, release)
        return known[key]

    def template(path: Path, values: dict | Path | None, release: str) -> Rendered:
        argv = [helm, "template", release or path.name, str(path), "--namespace", "somewhere"]
        argv += ["--api-versions", "monitoring.coreos.com/v1"]
        if isinstance(values, dict):
            file = tmp_path_factory.mktemp("values") / "values.yaml"
            file.write_text(json.dumps(values), encoding="utf-8")
            values = file
        argv += ["--values", str(values)] if values else []
        done = subprocess.run(argv, capture_output=True, text=True, timeout=RENDER_TIMEOUT, check=False)
        assert done.returncode == 0, done.stderr
        return Rendered(done.stdout)

    return run
