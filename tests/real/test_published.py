"""The published path for real, with nothing beyond this machine: charts and images come from 127.0.0.1."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.install.helm import Helm
from fixtures.machine import engine as engines
from fixtures.machine.bundle import bundle as bundles
from fixtures.machine.bundle.cache import Cache
from fixtures.machine.tools import ensure_tools
from tests.real.local_sources import (
    MIRRORED,
    REGISTRY,
    chart_repository,
    image_registry,
    package_charts,
    push_images,
    stack_file,
)

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = "1.37.1"
SCENARIO = "dojo"
RUN = 1800
"""Seconds for a whole run: 7 minutes were seen, and every image is pulled."""

pytestmark = pytest.mark.skipif(
    shutil.which(REGISTRY) is None, reason=f"needs an image registry: apt-get install -y {REGISTRY}"
)


@pytest.fixture(scope="module")
def builder():
    """The kit's own images, built now or before: they are what is published here."""
    engine = engines.ensure(Cache().root, print)
    made = bundles.make_builder(engine, KUBERNETES, print)
    bundles.built(made, SCENARIO, "published from here", print)
    return made


@pytest.fixture(scope="module")
def registry(builder, tmp_path_factory):
    """The registry's address, the references of what was pushed to it, and its log."""
    with image_registry(tmp_path_factory.mktemp("registry")) as (address, log):
        images = push_images(builder, address)
        yield address, images, log
        builder.engine.run("rmi", "-f", *images.values(), check=False)  # those that were pulled from it


def test_applications_on_published_bases(builder, registry):
    """What nobody publishes is built on published images, under the names that the exercise uses."""
    _, images, _ = registry
    bundle = bundles.published(
        KUBERNETES, images, "asked for", scenario=SCENARIO, engine=builder.engine, say=print
    )
    assert bundle.archive is not None
    assert bundle.archived == {"padok.fr/producer:1.0.0", "padok.fr/consumer:1.0.0"}
    assert "python" not in bundle.images
    loaded = builder.engine.run("load", "-i", str(bundle.archive(bundle.archived))).stdout
    assert all(reference in loaded for reference in bundle.archived)


def test_published_charts_and_images(builder, registry, tmp_path):
    """A run on published charts and images is conformant, and the nodes pulled every image themselves.

    ``REAL_ARGS`` are further arguments of the inner pytest, e.g. ``-k step_02``.
    """
    address, images, log = registry
    # The charts name a registry that is nowhere but in its mirror; platform and node come from 127.0.0.1.
    named = {name: reference.replace(address, MIRRORED) for name, reference in images.items()}
    helm = Helm(ensure_tools(KUBERNETES, lambda: builder, {})["helm"].path)
    versions = package_charts(helm, builder, named, tmp_path)
    with chart_repository(tmp_path) as repository:
        stack = stack_file(tmp_path / "local.toml", KUBERNETES, images, repository, versions, address)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "conformance/dojo", "--cluster-name", "published"),
                *("--images", "published", "--charts", "published", "--stack", str(stack)),
                *("--report-dir", str(tmp_path / "runs"), *shlex.split(os.environ.get("REAL_ARGS", ""))),
            ],
            cwd=ROOT,
            timeout=RUN,
            check=False,
        )
    report = json.loads((tmp_path / "runs" / "latest" / "report.json").read_text())
    environment = report["environment"]
    assert environment["imagesSource"] == "published"
    kinds = {chart["name"]: chart["source"] for chart in environment["charts"]}
    assert {name for name, kind in kinds.items() if kind == "published"} == set(versions)
    assert done.returncode == 0, f"exit code {done.returncode}"
    pulled = _pulled_by_nodes(log.read_text())
    wanted = {"prometheus", "prometheus-operator", "prometheus-adapter", "redis", "redis-exporter", "ingress"}
    paths = {name: images[name].removeprefix(f"{address}/").rpartition(":")[0] for name in wanted}
    assert {name for name, path in paths.items() if path in pulled} == wanted


def _pulled_by_nodes(log: str) -> set[str]:
    """Repositories whose manifests containerd asked for: the kit's engine pulls under another name."""
    asked = [line for line in log.splitlines() if "containerd/" in line and "/manifests/" in line]
    return {line.partition("/v2/")[2].partition("/manifests/")[0] for line in asked}
