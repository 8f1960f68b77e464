"""The charts and solutions as files: no helm, no cluster."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from fixtures.install.overlays import merge
from fixtures.install.solutions import Solution
from fixtures.install.stacks import load_stack

REPO = Path(__file__).resolve().parents[3]
CHARTS = sorted(file.parent for file in (REPO / "charts").glob("*/Chart.yaml"))
DOJO = REPO / "solutions/dojo"
VALUES = {
    "prometheus": "kube-prometheus-stack",
    "prometheus-redis-exporter": "prometheus-redis-exporter",
    "prometheus-adapter": "prometheus-adapter",
    "redis": "redis",
}

by_name = pytest.mark.parametrize("chart", CHARTS, ids=lambda path: path.name)


def complaints(chart: str, values: dict) -> list[str]:
    """What the schema says against ``values`` laid over the defaults, as `path: message`."""
    folder = REPO / "charts" / chart
    merged = yaml.safe_load((folder / "values.yaml").read_text(encoding="utf-8"))
    merge(merged, values)
    schema = json.loads((folder / "values.schema.json").read_text(encoding="utf-8"))
    errors = jsonschema.Draft7Validator(schema).iter_errors(merged)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


@by_name
def test_chart_is_whole(chart):
    """A chart is of API version 2, names itself after its folder, and its schema is a valid one."""
    about = yaml.safe_load((chart / "Chart.yaml").read_text(encoding="utf-8"))
    assert (about["apiVersion"], about["name"]) == ("v2", chart.name)
    assert not about.get("dependencies"), "a chart must render with no registry"
    assert not (chart / "crds").exists(), "the kit applies CRDs itself"
    schema = json.loads((chart / "values.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["additionalProperties"] is False


@by_name
def test_defaults_satisfy_the_schema(chart):
    """The chart's own values are values it accepts."""
    assert complaints(chart.name, {}) == []


@by_name
def test_unknown_value_is_named(chart):
    """A key nobody knows is an error that names it."""
    assert any("misspelt" in line for line in complaints(chart.name, {"misspelt": 1}))


@pytest.mark.parametrize(
    ("chart", "values", "words"),
    [
        (
            "kube-prometheus-stack",
            {"prometheus": {"prometheusSpec": {"scrapeIntervall": "5s"}}},
            ["prometheus.prometheusSpec", "scrapeIntervall"],
        ),
        (
            "kube-prometheus-stack",
            {"prometheus": {"prometheusSpec": {"scrapeInterval": 5}}},
            ["prometheusSpec.scrapeInterval"],
        ),
        (
            "kube-prometheus-stack",
            {"prometheus": {"prometheusSpec": {"scrapeInterval": "5 sec"}}},
            ["prometheusSpec.scrapeInterval"],
        ),
        (
            "kube-prometheus-stack",
            {"prometheus": {"prometheusSpec": {"ruleSelector": {"matchLabel": {}}}}},
            ["ruleSelector", "matchLabel"],
        ),
        (
            "kube-prometheus-stack",
            {"prometheus": {"ingress": {"enabled": "yes"}}},
            ["prometheus.ingress.enabled", "boolean"],
        ),
        ("prometheus-redis-exporter", {"env": [{"value": "padok"}]}, ["env.0", "name"]),
        ("prometheus-redis-exporter", {"serviceMonitor": {"enable": True}}, ["serviceMonitor", "enable"]),
        ("prometheus-redis-exporter", {"redisTlsConfig": {"enabled": True}}, ["redisTlsConfig.enabled"]),
        (
            "prometheus-adapter",
            {"rules": {"custom": [{"seriesquery": "x", "metricsQuery": "y"}]}},
            ["rules.custom.0", "seriesquery"],
        ),
        ("prometheus-adapter", {"metricsRelistInterval": 15}, ["metricsRelistInterval"]),
        ("prometheus-adapter", {"prometheus": {"port": "http"}}, ["prometheus.port"]),
        ("redis", {"auth": {"enabled": "false"}}, ["auth.enabled", "boolean"]),
        ("redis", {"architecture": "cluster"}, ["architecture", "cluster"]),
        ("redis", {"master": {"persistance": {}}}, ["master", "persistance"]),
        ("consumer", {"version": ["1"]}, ["version"]),
        ("ingress", {"hostPorts": {"http": 99999}}, ["hostPorts.http"]),
        ("storage", {"path": "var"}, ["path"]),
    ],
)
def test_wrong_value_is_named(chart, values, words):
    """A misspelt or ill-typed value is an error that names its path."""
    lines = complaints(chart, values)
    assert any(all(word in line for word in words) for line in lines), lines


@pytest.mark.parametrize(
    "values",
    [
        {"grafana": {"enabled": True, "adminPassword": "x"}, "alertmanager": {"config": {"route": {}}}},
        {"kubelet": {"serviceMonitor": {"cAdvisor": True}}, "kube-state-metrics": {"image": {"tag": "v2"}}},
        {"prometheusOperator": {"admissionWebhooks": {"enabled": False}, "tls": {"enabled": False}}},
        {"prometheus": {"prometheusSpec": {"enforcedSampleLimit": False, "additionalScrapeConfigs": []}}},
        {"prometheus": {"prometheusSpec": {"ruleSelector": None, "ruleSelectorNilUsesHelmValues": False}}},
    ],
)
def test_public_values_are_accepted(values):
    """What values files for the public chart commonly set is accepted, carried or not."""
    assert complaints("kube-prometheus-stack", values) == []


@pytest.mark.parametrize(("file", "chart"), VALUES.items())
def test_reference_values_satisfy_the_schemas(file, chart):
    """The reference solution's values are values of the bundled charts."""
    values = yaml.safe_load((DOJO / f"reference/helm/values/{file}.yaml").read_text(encoding="utf-8"))
    assert complaints(chart, values) == []


@pytest.mark.parametrize(
    ("folder", "parts", "step"),
    [
        ("checkpoints/step-05", ("prometheus",), 5),
        ("checkpoints/step-06", ("prometheus", "exporter"), 6),
        ("checkpoints/step-07", ("prometheus", "exporter", "rule"), 7),
        ("checkpoints/step-08", ("prometheus", "exporter", "rule", "adapter"), 8),
        ("checkpoints/step-09", ("prometheus", "exporter", "rule", "adapter", "hpa"), 9),
        ("checkpoints/step-10", ("prometheus", "exporter", "rule", "adapter", "hpa"), 10),
        ("reference", ("prometheus", "exporter", "rule", "adapter", "hpa"), 10),
    ],
)
def test_checkpoint_holds_its_step(folder, parts, step):
    """Each checkpoint is a solution of its own with what its learner has done, and no more."""
    solution = Solution.load(DOJO / folder)
    assert (solution.parts, solution.step) == (parts, step)


def test_no_link_leads_nowhere():
    """Every link in the solutions leads to a file of this repository."""
    links = [path for path in DOJO.rglob("*") if path.is_symlink()]
    assert links
    assert [path for path in links if not path.exists()] == []
    assert all(path.resolve().is_relative_to(REPO) and not path.readlink().is_absolute() for path in links)


def test_default_stack_names_every_chart():
    """The default stack or a scenario installs each chart of the kit; its images are those the kit builds."""
    stack = load_stack()
    assert stack.kubernetes == "1.37.1"
    scenarios = (tomllib.loads(file.read_text()) for file in (REPO / "charts/scenarios").glob("*.toml"))
    pieces = {piece.get("chart") for scenario in scenarios for piece in scenario["pieces"].values()} - {None}
    assert set(stack.charts) <= {chart.name for chart in CHARTS} <= {*stack.charts, *pieces}
    assert all((REPO / "images" / name).is_dir() for name in stack.images)
    prometheus = stack.chart("kube-prometheus-stack")
    assert (prometheus.release, prometheus.namespace) == ("prometheus", "prometheus")
