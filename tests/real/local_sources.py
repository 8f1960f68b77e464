"""Charts and images served on 127.0.0.1, made of what the kit builds, and a stack that names both."""

from __future__ import annotations

import functools
import http.server
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from fixtures.install.chart_sources import bundled_chart
from fixtures.install.helm import Helm
from fixtures.install.overlays import merge, overlay
from fixtures.install.stacks import load_stack
from fixtures.judge.waiting import eventually
from fixtures.machine.bundle.build import Builder
from fixtures.machine.bundle.bundle import crds_of
from fixtures.machine.engine import Engine

REGISTRY = "docker-registry"
PUSH = 900.0
"""Seconds to push the node image: about 2 GB to compress."""
MIRRORED = "registry.example.org"
"""A registry that is nowhere: what is asked of it can only come through its mirror."""
CHARTS = ("kube-prometheus-stack", "prometheus-redis-exporter", "prometheus-adapter", "redis")


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RegistryStarts:
    """The time limit for the registry: it opens its port in well under a second."""

    name, seconds = "registry starts", 10.0


@contextmanager
def image_registry(folder: Path) -> Iterator[tuple[str, Path]]:
    """Debian's docker-registry on 127.0.0.1: yields ``127.0.0.1:port`` and its log of requests."""
    address, log = f"127.0.0.1:{free_port()}", folder / "registry.log"
    config = {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": False}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        "http": {"addr": address},
    }
    (folder / "registry.yml").write_text(yaml.safe_dump(config))
    with log.open("w") as out:
        command = [REGISTRY, "serve", str(folder / "registry.yml")]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        try:
            eventually(lambda: _answers(address), bool, budget=RegistryStarts(), what="the registry answers")
            yield address, log
        finally:
            process.terminate()
            process.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/v2/", timeout=RegistryStarts.seconds) as answer:
            return bool(answer.status == 200)
    except urllib.error.URLError:
        return False


@contextmanager
def chart_repository(folder: Path) -> Iterator[str]:
    """``folder`` over http on 127.0.0.1: yields its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=folder)
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def push_images(builder: Builder, address: str) -> dict[str, str]:
    """Push all that has a published form, under the path it is published at; name -> reference there."""
    references = {}
    for recipe in builder.recipes.values():
        if recipe.published:
            path = recipe.published.replace("{kubernetes}", builder.kubernetes).partition("/")[2]
            references[recipe.name] = f"{address}/{path}"
            _push(builder.engine, builder.local(recipe), references[recipe.name])
    return references


def _push(engine: Engine, local: str, reference: str) -> None:
    if engine.name == "podman":
        # Not zstd, though it is faster: podman would remember the compressed copies, and refuse to save
        # the same layers into an archive ever after ("zstd compression is not supported").
        plain = ["--tls-verify=false"]
        engine.run("push", "-q", *plain, local, f"docker://{reference}", timeout=PUSH)
    else:
        engine.run("tag", local, reference)
        engine.run("push", "-q", reference, timeout=PUSH)


def package_charts(helm: Helm, builder: Builder, images: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The kit's charts as if published, with CRDs and naming published images: name -> version."""
    versions = {}
    for name in CHARTS:
        source = bundled_chart(name)
        chart = folder / "sources" / name
        shutil.copytree(source.location, chart)
        values = yaml.safe_load((chart / "values.yaml").read_text())
        merge(values, overlay(source, images, values, images_built=True))
        (chart / "values.yaml").write_text(yaml.safe_dump(values))
        if name == "kube-prometheus-stack":
            write_crds(crds_of(builder), chart / "crds")
        run_helm(helm, "package", str(chart), "--destination", str(folder))
        versions[name] = source.version
    run_helm(helm, "repo", "index", str(folder))
    return versions


class _Plain(yaml.CSafeLoader):
    """Takes the `=` of a CRD's enumeration for the text it is; PyYAML knows no value of that kind."""


_Plain.add_constructor("tag:yaml.org,2002:value", lambda loader, node: loader.construct_scalar(node))


def write_crds(source: Path, target: Path) -> None:
    """CRDs without descriptions: with them a release outgrows the Secret that helm keeps it in."""
    target.mkdir()
    for file in source.glob("*.yaml"):
        (target / file.name).write_text(yaml.safe_dump(_bare(yaml.load(file.read_text(), _Plain))))


def _bare(node: Any) -> Any:
    if isinstance(node, list):
        return [_bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    # A property of that name is a mapping, and stays.
    return {k: _bare(v) for k, v in node.items() if not (k == "description" and isinstance(v, str))}


def run_helm(helm: Helm, *args: str) -> None:
    """One helm command that the kit itself has no use for."""
    subprocess.run([str(helm.binary), *args], check=True, capture_output=True)


def stack_file(
    path: Path,
    kubernetes: str,
    images: Mapping[str, str],
    repository: str,
    versions: Mapping[str, str],
    mirror: str,
) -> Path:
    """A stack whose charts come from ``repository`` and whose images come from their references."""
    lines = [f'name = "local"\n[kubernetes]\nversion = "{kubernetes}"']
    for name, chart in load_stack().charts.items():
        lines.append(f'[charts.{name}]\nrelease = "{chart.release}"\nnamespace = "{chart.namespace}"')
        if name in versions:
            lines.append(f'source = "published"\nrepository = "{repository}"\nversion = "{versions[name]}"')
    for name, reference in images.items():
        place, _, version = reference.rpartition(":")
        lines.append(f'[images.{name}]\nrepository = "{place}"\nversion = "{version}"')
    lines.append(f'[registries."{MIRRORED}"]\nmirror = "http://{mirror}"')
    path.write_text("\n".join(lines) + "\n")
    return path
