from __future__ import annotations

import pytest

from fixtures.install.chart_sources import ChartSource
from fixtures.install.helm import ChartAddress
from fixtures.install.overlays import merge, overlay, split_reference, write_values
from fixtures.install.yaml_files import load_mapping
from fixtures.machine.errors import KitError

IMAGES = {
    "prometheus": "kit.local/prometheus:v3.15.0",
    "prometheus-operator": "kit.local/prometheus-operator:v0.93.1",
    "prometheus-config-reloader": "kit.local/prometheus-config-reloader:v0.93.1",
    "prometheus-adapter": "kit.local/prometheus-adapter:v0.12.0",
    "redis": "kit.local/redis:7.0.15",
}
STACK_DEFAULTS = {
    "prometheusOperator": {
        "image": {"registry": "quay.io", "repository": "a", "tag": "", "sha": "1", "pullPolicy": "Always"},
        "prometheusConfigReloader": {"image": {"registry": "quay.io", "repository": "a", "tag": ""}},
    },
    "prometheus": {"prometheusSpec": {"image": {"registry": "quay.io", "repository": "a", "tag": "v1"}}},
}


def _source(name, kind):
    return ChartSource(name, kind, "1.0.0", "x", ChartAddress("x"))


@pytest.mark.parametrize("kind", ["bundled", "archive"])
def test_images_of_the_stack(kind):
    """Every image is put at upstream's value path; a pinned digest would win over the tag and is emptied."""
    values = overlay(_source("kube-prometheus-stack", kind), IMAGES, STACK_DEFAULTS, images_built=True)
    operator = values["prometheusOperator"]
    assert operator["image"] == {
        "registry": "kit.local", "repository": "prometheus-operator", "tag": "v0.93.1",
        "pullPolicy": "IfNotPresent", "sha": "",
    }  # fmt: skip
    assert operator["prometheusConfigReloader"]["image"]["repository"] == "prometheus-config-reloader"
    assert values["prometheus"]["prometheusSpec"]["image"]["tag"] == "v3.15.0"
    off = {"grafana", "alertmanager", "nodeExporter", "kubeStateMetrics"}
    assert off & set(values) == (off if kind == "archive" else set())
    assert ("admissionWebhooks" in operator) is (kind == "archive")


def test_bitnami_chart_on_debians_redis():
    """Without Bitnami's start scripts Redis still gets its chart's configuration, append-only file too."""
    values = overlay(_source("redis", "archive"), IMAGES, {"image": {"registry": "r"}}, images_built=True)
    assert values["master"]["command"] == ["redis-server"]
    args = values["master"]["args"]
    assert args[0].endswith("/redis.conf")
    assert any(arg.endswith("/master.conf") for arg in args)
    assert values["global"]["security"]["allowInsecureImages"] is True


def test_chart_without_a_registry_key():
    """A chart that knows no registry key gets the registry as part of the repository."""
    defaults = {"image": {"repository": "a", "tag": "", "pullPolicy": "Always"}}
    values = overlay(_source("prometheus-adapter", "folder"), IMAGES, defaults, images_built=True)
    assert values["image"]["repository"] == "kit.local/prometheus-adapter"
    assert "registry" not in values["image"]


def test_upstream_on_published_images():
    """An upstream chart whose own images can be had keeps them."""
    assert overlay(_source("prometheus-adapter", "published"), IMAGES, {}, images_built=False) == {}


def test_chart_with_no_place_for_an_image():
    """A chart version that lacks the value is an error, not an install that pulls in vain."""
    with pytest.raises(KitError, match=r"no value image, so the image kit\.local/prometheus-adapter"):
        overlay(_source("prometheus-adapter", "folder"), IMAGES, {}, images_built=True)


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("kit.local/a/b:v1", ("kit.local", "a/b", "v1")),
        ("localhost:5000/a:1", ("localhost:5000", "a", "1")),
        ("redis:8", ("", "redis", "8")),
        ("oliver/redis:8", ("", "oliver/redis", "8")),
    ],
)
def test_split_reference(reference, parts):
    """Registry, repository and tag come apart as container engines take them apart."""
    assert split_reference(reference) == parts


@pytest.mark.parametrize("reference", ["redis", "localhost:5000/redis", ":1"])
def test_reference_without_a_tag(reference):
    """An image without a tag is refused: it would be whatever is newest."""
    with pytest.raises(KitError, match="needs a tag"):
        split_reference(reference)


def test_merge_and_write(tmp_path):
    """Overlays are merged key by key, leave the tables they come from alone, and read back as written."""
    base = {"a": {"b": 1}}
    values: dict = {}
    merge(values, base)
    merge(values, {"a": {"c": 2}})
    assert base == {"a": {"b": 1}}
    assert load_mapping(write_values(values, tmp_path / "new", "v")) == {"a": {"b": 1, "c": 2}}
