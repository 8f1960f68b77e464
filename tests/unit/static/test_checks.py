"""Each check over a right solution that is changed in one place, with no helm and no promtool."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.static.exercise import JUDGED
from fixtures.static.promtool import CannotTell, Complaint, Sample
from tests.unit.static.chain_world import ADAPTER_RULES, EXPORTER, FakePromtool, change, judged, reference

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


def test_right_solution_passes_everything(tmp_path: Path) -> None:
    """The right solution passes every behaviour that has a static check, and none of them without a look."""
    analysis = judged(reference(), tmp_path)
    assert {
        name: verdict.message for name, verdict in analysis.verdicts.items() if verdict.outcome != "passed"
    } == {}
    assert set(analysis.verdicts) == set(JUDGED)
    assert all(verdict.evidence for verdict in analysis.verdicts.values())


@pytest.mark.parametrize("name", WRONG)
def test_wrong_in_one_place(name: str, tmp_path: Path) -> None:
    """A mistake is named at its behaviour, with the file and what was found there."""
    (piece, kind, *path), value, behaviour, says = WRONG[name]
    objects = reference()
    change(objects, piece, kind, *path, value=value)
    verdict = judged(objects, tmp_path).verdicts[behaviour]
    assert (verdict.outcome, says in verdict.message) == ("failed", True), verdict
    assert verdict.message.split(":")[0].endswith(".yaml")


def test_line_of_a_value_and_of_a_template(tmp_path: Path) -> None:
    """A finding names the line in the learner's own file: of the values, or of the template."""
    objects = reference()
    change(objects, "prometheus", "Prometheus", "spec", "scrapeInterval", value="15s")
    change(objects, "solution", HPA, *TARGET, "averageValue", value=30)
    verdicts = judged(objects, tmp_path).verdicts
    assert verdicts["dojo.05.scrape-interval"].message.startswith("values/prometheus.yaml:3: ")
    assert verdicts["dojo.09.target"].message.startswith("helm/hpa.yaml:14: ")


def test_what_follows_from_a_mistake_is_blocked_by_it(tmp_path: Path) -> None:
    """A selector that misses the exporter's monitor is told once; the unseen target is blocked by it."""
    objects = reference()
    change(
        objects,
        "prometheus",
        "Prometheus",
        "spec",
        "serviceMonitorSelector",
        value={"matchLabels": {"a": "b"}},
    )
    verdicts = judged(objects, tmp_path).verdicts
    assert (verdicts["dojo.06.target-up"].outcome, verdicts["dojo.06.target-up"].by) == (
        "blocked",
        "dojo.05.selects-everything",
    )


def test_missing_pieces_are_steps_not_done_yet(tmp_path: Path) -> None:
    """Without a piece its first behaviour says 'not there yet', and what is behind it is blocked."""
    objects = reference()
    del objects["adapter"]
    verdicts = judged(objects, tmp_path).verdicts
    assert "not there yet" in verdicts["dojo.08.api-available"].message
    assert verdicts["dojo.08.object-value"].by == "dojo.08.api-available"
    assert verdicts["dojo.07.one-series"].outcome == "passed"


FLAG_OF_15_S = """nodes:
  - kubeadmConfigPatches:
      - |
        controllerManager:
          extraArgs:
            horizontal-pod-autoscaler-sync-period: 15s
"""


@pytest.mark.parametrize(
    ("text", "kubernetes", "behaviour", "line"),
    [
        ("featureGates:\n  HPAScaleToZero: false\n", "", "dojo.02.scale-to-zero-allowed", 2),
        ("nodes: []\n", "1.36.3", "dojo.02.scale-to-zero-allowed", 1),
        (
            FLAG_OF_15_S,
            "",
            "dojo.02.controller-flags",
            6,
        ),
    ],
)
def test_cluster_file(text: str, kubernetes: str, behaviour: str, line: int, tmp_path: Path) -> None:
    """kind-cluster.yaml must set the exercise's flags, and the feature gate where the version needs it."""
    found = [
        each
        for each in judged(reference(), tmp_path, kind_cluster=text, kubernetes=kubernetes).findings
        if each.behaviour == behaviour
    ]
    assert found
    assert found[0].line == line


LABELS = {"service": EXPORTER, "namespace": "default", "key": "padok"}
RULES = {
    "nothing when absent": (
        lambda n: [] if n is None else [Sample(LABELS, n)],
        "dojo.07.absent-series-becomes-zero",
    ),
    "one when absent": (
        lambda n: [Sample(LABELS, 1.0 if n is None else n)],
        "dojo.07.absent-series-becomes-zero",
    ),
    "zero without labels": (
        lambda n: [Sample({}, 0.0)] if n is None else [Sample(LABELS, n)],
        "dojo.07.absent-series-becomes-zero",
    ),
    "vector(0) beside it": (
        lambda n: [Sample({}, 0.0), *([] if n is None else [Sample(LABELS, n)])],
        "dojo.07.one-series",
    ),
    "always zero": (lambda n: [Sample(LABELS, 0.0)], "dojo.07.follows-key-size"),
    "without the key": (
        lambda n: [Sample({"service": EXPORTER, "namespace": "default"}, n or 0.0)],
        "dojo.07.follows-key-size",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_rule_semantics(name: str, tmp_path: Path) -> None:
    """What the rule gives over the made-up day decides, with the line of its expression."""
    rule, behaviour = RULES[name]
    verdict = judged(reference(), tmp_path, FakePromtool(rule)).verdicts[behaviour]
    assert verdict.outcome == "failed"
    assert verdict.message.startswith("helm/rule.yaml:8: ")


def test_labels_may_be_summed_away(tmp_path: Path) -> None:
    """A rule that aggregates to the labels that are asked for is right."""
    verdicts = judged(reference(), tmp_path, FakePromtool(lambda n: [Sample(LABELS, n or 0.0)])).verdicts
    assert {verdict.outcome for verdict in verdicts.values()} == {"passed"}


def test_without_promtool_nothing_is_passed(tmp_path: Path) -> None:
    """Where promtool can't be had its part is an error, could not tell, and never a pass."""

    class Missing(FakePromtool):
        def check(self, _groups: object) -> list[Complaint]:
            raise CannotTell("there is no promtool")

    verdicts = judged(reference(), tmp_path, Missing()).verdicts
    assert verdicts["dojo.07.one-series"].outcome == "error"
    assert verdicts["dojo.08.object-value"].outcome == "blocked"
    assert verdicts["dojo.09.reads-metric"].outcome == "blocked"


def test_promtools_complaint_is_at_the_expression(tmp_path: Path) -> None:
    """A rule that promtool refuses is named with its line, and what it would give is blocked."""
    tool = FakePromtool()
    tool.complaints = [Complaint("parse error: unexpected end of input", "consumer/consumer", 1)]
    verdicts = judged(reference(), tmp_path, tool).verdicts
    assert verdicts["dojo.07.rule-healthy"].message.startswith("helm/rule.yaml:8: promtool: parse error")
    assert verdicts["dojo.07.one-series"].by == "dojo.07.rule-healthy"


def test_luck_is_an_advisory(tmp_path: Path) -> None:
    """A rule without resources does nothing; the chart's default rules expose the metric all the same."""
    objects = reference()
    default = ADAPTER_RULES.replace("rules:\n", "")
    own = "- seriesQuery: '{__name__=~\"^redis_.*\"}'\n  metricsQuery: <<.Series>>{<<.LabelMatchers>>}\n"
    change(objects, "adapter", "ConfigMap", "data", "config.yaml", value=f"rules:{default}{own}")
    verdict = judged(objects, tmp_path).verdicts["dojo.08.object-value"]
    assert verdict.outcome == "passed"
    assert ["no effect" in verdict.advice[0].found, "default rules" in verdict.advice[1].found] == [
        True,
        True,
    ]
    assert verdict.advice[0].level == "advisory"


def test_relist_equal_to_the_scrape_interval_is_luck(tmp_path: Path) -> None:
    """An interval that fits to the second is said, and never fails."""
    objects = reference()
    change(objects, "adapter", "Deployment", *ARGS, 1, value="--metrics-relist-interval=5s")
    verdict = judged(objects, tmp_path).verdicts["dojo.08.exposes-redis-metrics"]
    assert verdict.outcome == "passed"
    assert "to the second" in verdict.advice[0].found


@pytest.mark.parametrize(
    ("rule", "behaviour", "says"),
    [
        ("name: {as: redis_items_in_queue}\n  ", "dojo.08.exposes-redis-metrics", "not exposed"),
        ("name: {matches: ^redis_(.*)$}\n  ", "dojo.08.exposes-redis-metrics", "items_in_queue"),
        ("seriesFilters: [{isNot: queue}]\n  ", "dojo.08.exposes-redis-metrics", "No rule finds"),
    ],
)
def test_adapter_names(rule: str, behaviour: str, says: str, tmp_path: Path) -> None:
    """A rule that renames, collapses or leaves out series is named."""
    objects = reference()
    text = ADAPTER_RULES.replace("  resources:", f"  {rule}resources:")
    change(objects, "adapter", "ConfigMap", "data", "config.yaml", value=text)
    verdict = judged(objects, tmp_path).verdicts[behaviour]
    assert says in verdict.message


def test_query_without_the_requests_matchers(tmp_path: Path) -> None:
    """A query that leaves the request's selector out answers for every key."""
    objects = reference()
    text = ADAPTER_RULES.replace("<<.LabelMatchers>>", 'service="prometheus-redis-exporter"')
    change(objects, "adapter", "ConfigMap", "data", "config.yaml", value=text)
    assert judged(objects, tmp_path).verdicts["dojo.08.selector-filters"].outcome == "failed"
