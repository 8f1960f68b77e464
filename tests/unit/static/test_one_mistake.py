"""One mistake in a right solution is named at its behaviour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.static.chain_world import change, judged, reference

SPEC = ("spec",)
TARGET = ("spec", "metrics", 0, "object", "target")
METRIC = ("spec", "metrics", 0, "object", "metric")
ENV = ("spec", "template", "spec", "containers", 0, "env")
ARGS = ("spec", "template", "spec", "containers", 0, "args")
HPA = "HorizontalPodAutoscaler"

WRONG: dict[str, tuple[tuple[Any, ...], Any, str, str]] = {
    "scrape interval": (
        ("prometheus", "Prometheus", *SPEC, "scrapeInterval"),
        "15s",
        "dojo.05.scrape-interval",
        "15s",
    ),
    "no scrape interval": (
        ("prometheus", "Prometheus", *SPEC, "scrapeInterval"),
        None,
        "dojo.05.scrape-interval",
        "30s",
    ),
    "own monitors only": (
        ("prometheus", "Prometheus", *SPEC, "serviceMonitorSelector"),
        {"matchLabels": {"release": "prometheus"}},
        "dojo.05.selects-everything",
        "serviceMonitorSelector",
    ),
    "own namespace only": (
        ("prometheus", "Prometheus", *SPEC, "ruleNamespaceSelector"),
        None,
        "dojo.05.selects-everything",
        "own namespace",
    ),
    "ingress host": (
        ("prometheus", "Ingress", *SPEC, "rules", 0, "host"),
        "x.vcap.me",
        "dojo.05.ingress",
        "x.vcap.me",
    ),
    "ingress class": (
        ("prometheus", "Ingress", *SPEC, "ingressClassName"),
        "traefik",
        "dojo.05.ingress",
        "traefik",
    ),
    "other Redis": (
        ("exporter", "Deployment", *ENV, 0, "value"),
        "redis://redis:6379",
        "dojo.06.target-up",
        "no Service",
    ),
    "other port": (
        ("exporter", "Deployment", *ENV, 0, "value"),
        "redis://redis-master:6380",
        "dojo.06.target-up",
        "6380",
    ),
    "other key": (
        ("exporter", "Deployment", *ENV, 1, "value"),
        "queue",
        "dojo.06.key-size-follows-queue",
        "queue",
    ),
    "other database": (
        ("exporter", "Deployment", *ENV, 1, "value"),
        "db1=padok",
        "dojo.06.key-size-follows-queue",
        "db1",
    ),
    "two keys": (("exporter", "Deployment", *ENV, 1, "value"), "padok,x", "dojo.06.single-key-only", "x"),
    "other service name": (
        ("exporter", "Service", "metadata", "name"),
        "redis-exporter",
        "dojo.06.labels",
        "redis-exporter",
    ),
    "no monitor picks it": (
        ("exporter", "ServiceMonitor", *SPEC, "selector"),
        {"matchLabels": {"app": "x"}},
        "dojo.06.target-up",
        "no Service",
    ),
    "other record": (
        ("solution", "PrometheusRule", *SPEC, "groups", 0, "rules", 0, "record"),
        "x",
        "dojo.07.rule-healthy",
        "'x'",
    ),
    "rule too rare": (
        ("solution", "PrometheusRule", *SPEC, "groups", 0, "interval"),
        "1m",
        "dojo.08.object-value",
        "60 s",
    ),
    "relist too often": (
        ("adapter", "Deployment", *ARGS, 1),
        "--metrics-relist-interval=2s",
        "dojo.08.exposes-redis-metrics",
        "2 s",
    ),
    "wrong url": (
        ("adapter", "Deployment", *ARGS, 0),
        "--prometheus-url=http://prometheus:9090",
        "dojo.08.api-available",
        "no Service",
    ),
    "wrong port": (
        ("adapter", "Deployment", *ARGS, 0),
        "--prometheus-url=http://prometheus-kube-prometheus-prometheus:80",
        "dojo.08.api-available",
        "9090",
    ),
    "other API": (
        ("adapter", "APIService", *SPEC, "group"),
        "external.metrics.k8s.io",
        "dojo.08.api-available",
        "custom",
    ),
    "target type": (("solution", HPA, *TARGET, "type"), "Value", "dojo.09.target", "expected AverageValue"),
    "type and value differ": (
        ("solution", HPA, *TARGET, "type"),
        "Value",
        "dojo.09.reads-metric",
        "never scales",
    ),
    "target 200": (("solution", HPA, *TARGET, "averageValue"), 200, "dojo.09.target", "200"),
    "load is not enough": (
        ("solution", HPA, *TARGET, "averageValue"),
        200,
        "dojo.09.scales-up-under-load",
        "3 consumers",
    ),
    "a fiftieth": (("solution", HPA, *TARGET, "averageValue"), "20m", "dojo.09.target", "20m"),
    "other metric": (
        ("solution", HPA, *METRIC, "name"),
        "redis_key_size",
        "dojo.09.target",
        "redis_key_size",
    ),
    "other key asked": (
        ("solution", HPA, *METRIC, "selector"),
        {"matchLabels": {"key": "x"}},
        "dojo.09.target",
        "key",
    ),
    "no selector": (("solution", HPA, *METRIC, "selector"), None, "dojo.09.target", "selector"),
    "other deployment": (
        ("solution", HPA, *SPEC, "scaleTargetRef", "name"),
        "producer",
        "dojo.09.target",
        "producer",
    ),
    "maximum": (("solution", HPA, *SPEC, "maxReplicas"), 10, "dojo.09.target", "10"),
    "minimum": (("solution", HPA, *SPEC, "minReplicas"), 1, "dojo.10.idles-at-zero", "may not go to 0"),
    "minimum not set": (
        ("solution", HPA, *SPEC, "minReplicas"),
        None,
        "dojo.10.idles-at-zero",
        "minReplicas is 1",
    ),
    "old API": (("solution", HPA, "apiVersion"), "autoscaling/v2beta2", "dojo.09.reads-metric", "1.26"),
    "never down": (
        ("solution", HPA, *SPEC, "behavior"),
        {"scaleDown": {"selectPolicy": "Disabled"}},
        "dojo.09.scales-down-after-drain",
        "disabled",
    ),
    "slow down": (
        ("solution", HPA, *SPEC, "behavior"),
        {"scaleDown": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 30}]}},
        "dojo.09.scales-down-after-drain",
        "570 s",
    ),
    "replicas beside an HPA": (
        ("solution", "Deployment", *SPEC, "replicas"),
        2,
        "dojo.09.follows-model",
        "resets",
    ),
    "created at zero": (
        ("solution", "Deployment", *SPEC, "replicas"),
        0,
        "dojo.09.scales-up-under-load",
        "1.36",
    ),
    "kept by Helm": (
        ("solution", "Deployment", "metadata", "annotations"),
        {"helm.sh/resource-policy": "keep"},
        "dojo.11.teardown-clean",
        "behind",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_in_one_place(name: str, tmp_path: Path) -> None:
    """A mistake is named at its behaviour, with the file and what was found there."""
    (piece, kind, *path), value, behaviour, says = WRONG[name]
    objects = reference()
    change(objects, piece, kind, *path, value=value)
    verdict = judged(objects, tmp_path).verdicts[behaviour]
    assert (verdict.outcome, says in verdict.message) == ("failed", True), verdict
    assert verdict.message.split(":")[0].endswith(".yaml")
