"""A small right solution as it renders, to be changed in one place; a promtool that knows one rule."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fixtures.install.solutions import Solution
from fixtures.install.stacks import load_stack
from fixtures.static.analysis import Analysis, judge
from fixtures.static.exercise import LABELS
from fixtures.static.matching import matchers, matches
from fixtures.static.places import Source
from fixtures.static.promtool import Complaint, Sample
from fixtures.static.render import World
from fixtures.static.rendered import Object, Release

PROMETHEUS = "prometheus-kube-prometheus-prometheus"
EXPORTER = "prometheus-redis-exporter"
APP = {"app": "exporter"}
ADAPTER_RULES = """
rules:
- seriesQuery: '{__name__=~"^redis_.*"}'
  resources: {template: <<.Resource>>}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
"""
VALUES = {
    "prometheus": "prometheus:\n  prometheusSpec:\n    scrapeInterval: 5s\n",
    "exporter": "redisAddress: redis://redis-master:6379\nenv:\n  - name: REDIS_EXPORTER_CHECK_SINGLE_KEYS\n"
    "    value: padok\nserviceMonitor:\n  enabled: true\n",
    "adapter": "metricsRelistInterval: 15s\nrules:\n  custom:\n    - seriesQuery: x\n      metricsQuery: y\n",
}
RULE = """apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
spec:
  groups:
    - name: consumer
      rules:
        - record: redis_items_in_queue
          expr: {{ $anything }}
"""
HPA = """apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: consumer}
  minReplicas: 0
  maxReplicas: 20
  metrics:
    - type: Object
      object:
        describedObject: {kind: Service, name: prometheus-redis-exporter}
        metric: {name: redis_items_in_queue, selector: {matchLabels: {key: padok}}}
        target:
          type: AverageValue
          averageValue: 20
"""


def _named(kind: str, name: str, spec: Any = None, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, **more.pop("metadata", {})}, "spec": spec or {}, **more}


def reference() -> dict[str, list[dict[str, Any]]]:
    """Piece -> objects."""
    everything: dict[str, Any] = {"matchLabels": {}}
    backend = {"service": {"name": PROMETHEUS, "port": {"number": 9090}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "prometheus": [
            _named("Service", PROMETHEUS, {"ports": [{"port": 9090}]}),
            _named(
                "Prometheus",
                "prometheus",
                {
                    "replicas": 1,
                    "scrapeInterval": "5s",
                    "ruleSelector": everything,
                    "ruleNamespaceSelector": {},
                    "serviceMonitorSelector": everything,
                    "serviceMonitorNamespaceSelector": {},
                },
            ),
            _named(
                "Ingress",
                "prometheus",
                {
                    "ingressClassName": "nginx",
                    "rules": [{"host": "prometheus.vcap.me", "http": {"paths": [path]}}],
                },
            ),
        ],
        "redis": [_named("Service", "redis-master", {"ports": [{"port": 6379}]})],
        "exporter": [
            _named(
                "Deployment",
                EXPORTER,
                {
                    "template": {
                        "spec": {
                            "containers": [
                                {
                                    "env": [
                                        {"name": "REDIS_ADDR", "value": "redis://redis-master:6379"},
                                        {"name": "REDIS_EXPORTER_CHECK_SINGLE_KEYS", "value": "padok"},
                                    ]
                                }
                            ]
                        }
                    }
                },
            ),
            _named("Service", EXPORTER, {"ports": [{"name": "web", "port": 9121}]}, metadata={"labels": APP}),
            _named(
                "ServiceMonitor", EXPORTER, {"selector": {"matchLabels": APP}, "endpoints": [{"port": "web"}]}
            ),
        ],
        "solution": [
            _named("Deployment", "consumer"),
            _named(
                "PrometheusRule",
                "consumer",
                {
                    "groups": [
                        {
                            "name": "consumer",
                            "interval": "5s",
                            "rules": [
                                {"record": "redis_items_in_queue", "expr": "the rule"},
                            ],
                        }
                    ]
                },
            ),
            {
                "apiVersion": "autoscaling/v2",
                **_named(
                    "HorizontalPodAutoscaler",
                    "consumer",
                    {
                        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "consumer"},
                        "minReplicas": 0,
                        "maxReplicas": 20,
                        "metrics": [
                            {
                                "type": "Object",
                                "object": {
                                    "describedObject": {"kind": "Service", "name": EXPORTER},
                                    "metric": {
                                        "name": "redis_items_in_queue",
                                        "selector": {"matchLabels": {"key": "padok"}},
                                    },
                                    "target": {"type": "AverageValue", "averageValue": 20},
                                },
                            }
                        ],
                    },
                ),
            },
        ],
        "adapter": [
            {"kind": "ConfigMap", "metadata": {"name": "adapter"}, "data": {"config.yaml": ADAPTER_RULES}},
            _named(
                "Deployment",
                "adapter",
                {
                    "template": {
                        "spec": {
                            "containers": [
                                {
                                    "args": [
                                        f"--prometheus-url=http://{PROMETHEUS}.prometheus:9090",
                                        "--metrics-relist-interval=15s",
                                    ]
                                }
                            ]
                        }
                    }
                },
            ),
            _named("APIService", "custom", {"group": "custom.metrics.k8s.io"}),
        ],
    }


def right_rule(length: float | None) -> list[Sample]:
    """What a right rule gives: the length with all labels, else 0 with those that were asked for."""
    if length is None:
        return [Sample(dict(LABELS), 0.0)]
    return [Sample({**LABELS, "pod": "exporter-1", "db": "db0"}, length)]


class FakePromtool:
    """Answers as promtool would for a rule that is a Python function of the queue's length."""

    def __init__(self, rule: Callable[[float | None], list[Sample]] = right_rule) -> None:
        self._rule = rule
        self.complaints: list[Complaint] = []

    def check(self, _groups: object) -> list[Complaint]:
        return self.complaints

    def evaluate(
        self,
        _groups: object,
        series: Mapping[str, str],
        queries: Sequence[tuple[str, float]],
        *,
        step: float,
        every: float,
    ) -> list[list[Sample]]:
        words = next(values for name, values in series.items() if name.startswith("redis_key_size")).split()
        return [self._answer(expr, words[min(int(at / step), len(words) - 1)]) for expr, at in queries]

    def _answer(self, expr: str, word: str) -> list[Sample]:
        samples = self._rule(None if word in ("_", "stale") else float(word))
        found = re.search(r"redis_items_in_queue\{[^}]*\}", expr)
        if found is None:
            return samples
        wanted = [each for each in matchers(found[0]) if each[0] != "__name__"]
        picked = [sample for sample in samples if matches(sample.labels, wanted)]
        service = {"service": picked[0].labels.get("service", "")} if picked else {}
        return [Sample(service, sum(sample.value for sample in picked))] if picked else []


def change(objects: dict[str, list[dict[str, Any]]], piece: str, kind: str, *path: Any, value: Any) -> None:
    """Set (or with None remove) one field of the first object of a kind."""
    place: Any = next(each for each in objects[piece] if each["kind"] == kind)
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value


def world(
    objects: Mapping[str, list[dict[str, Any]]], folder: Path, kind_cluster: str = "", kubernetes: str = ""
) -> World:
    """Pieces as they would be rendered, with the files they are from."""
    stack = load_stack()
    if kubernetes:
        stack = type(stack)(**{**vars(stack), "kubernetes": kubernetes})
    cluster = folder / "kind-cluster.yaml"
    if kind_cluster:
        cluster.write_text(kind_cluster)
    templates = {
        f"consumer/templates/{name}.yaml": Source(f"helm/{name}.yaml", text, template=True)
        for name, text in (("rule", RULE), ("hpa", HPA))
    }
    where = {
        "PrometheusRule": "consumer/templates/rule.yaml",
        "HorizontalPodAutoscaler": "consumer/templates/hpa.yaml",
    }
    releases = {
        piece: Release(
            piece,
            piece,
            "prometheus" if piece in ("prometheus", "adapter") else "default",
            tuple(Object(each, where.get(each["kind"], "chart/templates/x.yaml")) for each in made),
            Source(f"values/{piece}.yaml", VALUES[piece]) if piece in VALUES else None,
            templates if piece == "solution" else {},
        )
        for piece, made in objects.items()
    }
    solution = Solution(folder, {}, folder, {}, border=folder, kind_cluster=cluster if kind_cluster else None)
    return World(stack, releases, solution)


def judged(
    objects: Mapping[str, list[dict[str, Any]]], folder: Path, promtool: Any = None, **more: str
) -> Analysis:
    """The verdicts on these objects."""
    tool = promtool or FakePromtool()
    return judge(world(copy.deepcopy(dict(objects)), folder, **more), lambda: tool)
