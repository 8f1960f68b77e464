"""The keda scenario's chain: the reference passes, and a mistake in one place is named at its behaviour."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from fixtures.static.analysis import Analysis
from fixtures.static.scenario_analysis import JUDGED
from tests.unit.static import chain_world, pod_world
from tests.unit.static.chain_world import FakePromtool
from tests.unit.static.pod_world import Objects, change

SCALED, RULE = "ScaledObject", "PrometheusRule"
TRIGGER = ("spec", "triggers", 0)
ASKED = (*TRIGGER, "metadata")
CONFIG = ("spec", "advanced", "horizontalPodAutoscalerConfig")
ARGS = ("spec", "template", "spec", "containers", 0, "args")


def reference() -> Objects:
    """The dojo's world with KEDA in the place of the adapter's HPA."""
    dojo = copy.deepcopy(chain_world.reference())
    found = {piece: dojo[piece] for piece in ("prometheus", "redis", "exporter", "adapter")}
    wiring = pod_world.objects_of("keda")
    return {**found, "keda": pod_world.keda(), **wiring}


def judged(objects: Objects, promtool: Any = None) -> Analysis:
    """The verdicts on these objects."""
    return pod_world.judged("keda", objects, promtool or FakePromtool())


def test_reference_passes_everything() -> None:
    """The reference passes every behaviour that files answer."""
    analysis = judged(reference())
    assert {name: v for name, v in analysis.verdicts.items() if v.outcome != "passed"} == {}
    assert set(analysis.verdicts) == JUDGED["keda"]


WRONG = {
    "no operator": (("keda", "Deployment", ("spec", "replicas"), 0), "01.operator-ready", "no replica"),
    "API not registered": (("keda", "APIService", (), None), "02.external-api-available", "not registered"),
    "neighbour takes the API": (
        ("adapter", "APIService", ("spec", "group"), "external.metrics.k8s.io"),
        "02.no-conflict",
        "one of it in a cluster",
    ),
    "another name recorded": (
        ("wiring", RULE, ("spec", "groups", 0, "rules", 0, "record"), "x"),
        "03.metric-recorded",
        "records ['x']",
    ),
    "nobody watches the queue": (
        ("exporter", "Deployment", ("spec", "template", "spec", "containers", 0, "env", 1, "value"), "x"),
        "03.metric-recorded",
        "the exporter watches x",
    ),
    "another target": (
        ("wiring", SCALED, ("spec", "scaleTargetRef", "name"), "producer"),
        "04.scaled-object-ready",
        "Deployment/producer",
    ),
    "number for text": (
        ("wiring", SCALED, (*ASKED, "threshold"), 20),
        "04.scaled-object-ready",
        "quotes",
    ),
    "no query": (("wiring", SCALED, (*ASKED, "query"), None), "04.scaled-object-ready", "needs query"),
    "another scaler": (("wiring", SCALED, (*TRIGGER, "type"), "cpu"), "04.trigger", "is a cpu"),
    "no poll": (
        ("wiring", SCALED, ("spec", "pollingInterval"), None),
        "04.trigger",
        "is 30, expected 5",
    ),
    "another HPA's name": (("wiring", SCALED, (*CONFIG, "name"), "x"), "04.hpa-made", "called x"),
    "for all together": (("wiring", SCALED, (*TRIGGER, "metricType"), "Value"), "04.hpa-made", "Value"),
    "another namespace's Prometheus": (
        ("wiring", SCALED, (*ASKED, "serverAddress"), "http://prometheus:9090"),
        "04.external-value",
        "no Service of Prometheus",
    ),
    "paused": (
        ("wiring", SCALED, ("metadata", "annotations"), {"autoscaling.keda.sh/paused": "true"}),
        "05.wakes",
        "paused",
    ),
    "never up": (
        ("wiring", SCALED, (*CONFIG, "behavior"), {"scaleUp": {"selectPolicy": "Disabled"}}),
        "06.scales-up",
        "disabled",
    ),
    "no fallback": (("wiring", SCALED, ("spec", "fallback"), None), "08.falls-back", "no fallback"),
    "fallback at once": (
        ("wiring", SCALED, ("spec", "fallback", "failureThreshold"), 1),
        "08.not-at-once",
        "is 1, expected 3",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_in_one_place(name: str) -> None:
    """A mistake is named at its behaviour, and nothing else fails."""
    (piece, kind, path, value), behaviour, says = WRONG[name]
    objects = reference()
    change(objects, piece, kind, path, value)
    analysis = judged(objects)
    verdict = analysis.verdicts[f"keda.{behaviour}"]
    assert (verdict.outcome, says in verdict.message) == ("failed", True), verdict
    assert {f.behaviour for f in analysis.findings if f.level != "advisory"} == {f"keda.{behaviour}"}


def test_a_rule_without_a_value_for_an_absent_queue() -> None:
    """The recorded metric is right, and its absence is told at the behaviour that asks for a 0."""
    promtool = FakePromtool(lambda n: [] if n is None else chain_world.right_rule(n))
    verdicts = judged(reference(), promtool).verdicts
    assert verdicts["keda.03.absent-is-zero"].outcome == "failed"
    assert verdicts["keda.03.metric-recorded"].outcome == "passed"


def test_redis_list_is_as_good() -> None:
    """A trigger that asks Redis itself passes; one that asks for another list does not."""
    objects = reference()
    asked = {
        "address": "redis-master.default:6379",
        "listName": "padok",
        "listLength": "20",
        "activationListLength": "5",
    }
    change(objects, "wiring", SCALED, TRIGGER, {"type": "redis", "metadata": asked})
    assert {v.outcome for v in judged(objects).verdicts.values()} == {"passed"}
    asked["listName"] = "other"
    assert "counts other" in judged(objects).verdicts["keda.04.external-value"].message


def test_without_a_neighbour_there_is_no_conflict() -> None:
    """prometheus-adapter is no part that a solution must have."""
    objects = reference()
    del objects["adapter"]
    assert judged(objects).verdicts["keda.02.no-conflict"].outcome == "passed"
