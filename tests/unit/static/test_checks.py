"""Each check over a right solution that is changed in one place, with no helm and no promtool."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.static.exercise import JUDGED
from fixtures.static.promtool import CannotTell, Complaint, Sample
from tests.unit.static.chain_world import ADAPTER_RULES, EXPORTER, FakePromtool, change, judged, reference

TARGET = ("spec", "metrics", 0, "object", "target")
ARGS = ("spec", "template", "spec", "containers", 0, "args")
HPA = "HorizontalPodAutoscaler"


def test_right_solution_passes_everything(tmp_path: Path) -> None:
    """The right solution passes every behaviour that has a static check, and none of them without a look."""
    analysis = judged(reference(), tmp_path)
    assert {
        name: verdict.message for name, verdict in analysis.verdicts.items() if verdict.outcome != "passed"
    } == {}
    assert set(analysis.verdicts) == set(JUDGED)
    assert all(verdict.evidence for verdict in analysis.verdicts.values())


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
