"""What one sync makes of one value, and how an HPA object is read."""

from __future__ import annotations

import pytest

from fixtures.judge.hpa_arithmetic import (
    Behavior,
    HpaSpec,
    HpaTiming,
    NeverScales,
    Policy,
    Rules,
    limit_down,
    limit_up,
    step_limit,
)
from fixtures.judge.intervals import Intervals
from fixtures.judge.outcomes import Unsupported

SPEC = HpaSpec(target=20, max_replicas=20)


def an_hpa(target, *, behavior=None, kind="Object", name=None, **spec):
    metric = {"type": kind, kind[:1].lower() + kind[1:]: {"target": target, "name": name}}
    more = {} if behavior is None else {"behavior": behavior}
    return {"spec": {"maxReplicas": 20, "metrics": [metric], **more, **spec}}


@pytest.mark.parametrize(
    ("value", "status", "wanted"),
    [
        (0, 0, 0),
        (1, 0, 1),
        (80, 0, 4),
        (400, 4, 20),
        (0, 20, 0),
        (210, 10, 10),
        (221, 10, 12),
        (179, 10, 9),
        (180, 10, 10),
    ],
)
def test_average_value(value, status, wanted):
    """The replicas stay within 10 % of the target, else are metric by target, rounded up."""
    assert SPEC.recommend(value, spec=7, status=status, ready=7) == wanted


@pytest.mark.parametrize(
    ("value", "spec", "ready", "wanted"),
    [(40, 0, 0, 2), (21, 5, 5, 5), (40, 5, 4, 8), (10, 4, 4, 2), (0, 4, 4, 0)],
)
def test_value(value, spec, ready, wanted):
    """With a Value target the ready replicas are multiplied by the ratio."""
    hpa = HpaSpec(target=20, max_replicas=20, kind="Value")
    assert hpa.recommend(value, spec=spec, status=9, ready=ready) == wanted


def test_step_limit():
    """Without behavior a sync doubles, or goes to 4."""
    assert [step_limit(count) for count in (0, 1, 2, 3, 8, 20)] == [4, 4, 4, 6, 16, 40]


def test_policies():
    """With behavior the policies count from the start of their period; Max takes the boldest."""
    both = Behavior().up
    assert limit_up(both, 8, lambda _: 8) == 16
    assert limit_up(both, 8, lambda _: 1) == 5
    assert limit_up(Rules(both.policies, "Min"), 8, lambda _: 8) == 12
    assert limit_up(Rules(both.policies, "Disabled"), 8, lambda _: 8) == 8
    down = (Policy("Pods", 2, 60), Policy("Percent", 50, 60))
    assert limit_down(Rules(down), 9, lambda _: 9) == 4
    assert limit_down(Rules(down, "Min"), 9, lambda _: 9) == 7


def test_hpa_is_read_from_the_api():
    """Target, bounds and kind are read; an HPA without behavior has none."""
    hpa = HpaSpec.from_object(an_hpa({"type": "AverageValue", "averageValue": "20"}, minReplicas=0))
    assert hpa == HpaSpec(target=20, min_replicas=0, max_replicas=20)
    assert HpaSpec.from_object(an_hpa({"type": "Value", "value": "1500m"})) == HpaSpec(
        target=1.5, max_replicas=20, kind="Value"
    )


def test_behavior_is_filled_in():
    """What behavior leaves out has the API server's defaults; a tolerance of its own is read."""
    behavior = {
        "scaleUp": {"stabilizationWindowSeconds": 10, "tolerance": "50m"},
        "scaleDown": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}], "selectPolicy": "Min"},
    }
    hpa = HpaSpec.from_object(an_hpa({"type": "AverageValue", "averageValue": "20"}, behavior=behavior))
    assert hpa.behavior == Behavior(
        up=Rules(Behavior().up.policies, "Max", 10), down=Rules((Policy("Pods", 1, 60),), "Min", None)
    )
    assert (hpa.tolerance_up, hpa.tolerance_down) == (0.05, 0.1)


def test_target_that_never_scales():
    """The exercise's published target is accepted by the API and never scales: a failure, and said so."""
    with pytest.raises(NeverScales, match="never scales"):
        HpaSpec.from_object(an_hpa({"type": "Value", "averageValue": "20"}))


@pytest.mark.parametrize(
    ("kind", "target", "expected", "signal"),
    [
        ("Pods", {"type": "AverageValue", "averageValue": "10"}, ("AverageValue", 10), "pod_metric"),
        ("Pods", {"type": "Value", "averageValue": "500m"}, ("AverageValue", 0.5), "pod_metric"),
        ("External", {"type": "AverageValue", "averageValue": "7"}, ("AverageValue", 7), "adapter_value"),
        ("External", {"type": "Value", "value": "7"}, ("Value", 7), "adapter_value"),
        ("External", {"type": "Value", "averageValue": "7"}, ("AverageValue", 7), "adapter_value"),
        ("Resource", {"type": "Utilization", "averageUtilization": 60}, ("Utilization", 60), "pod_usage"),
        ("Resource", {"type": "AverageValue", "averageValue": "250m"}, ("AverageValue", 0.25), "pod_usage"),
    ],
)
def test_other_sources_are_read(kind, target, expected, signal):
    """But for an Object metric the field that is set counts, whatever the target's type says."""
    hpa = HpaSpec.from_object(an_hpa(target, kind=kind, name="cpu"))
    assert (hpa.source, hpa.kind, hpa.target) == (kind, *expected)
    assert hpa.signal == signal


def test_external_is_like_object():
    """An External metric has the arithmetic of an Object metric, and may go to 0."""
    for kind in ("AverageValue", "Value"):
        external = HpaSpec(target=20, max_replicas=20, min_replicas=0, kind=kind, source="External")
        other = HpaSpec(target=20, max_replicas=20, min_replicas=0, kind=kind)
        for value in (0, 1, 39, 210, 500):
            for count in (0, 2, 10):
                given = {"spec": count, "status": count, "ready": count}
                assert external.recommend(value, **given) == other.recommend(value, **given)


@pytest.mark.parametrize(
    ("hpa", "has"),
    [
        (an_hpa({}, kind="ContainerResource", name="cpu"), "ContainerResource cpu"),
        (an_hpa({}, kind="Resource", name="memory"), "Resource memory"),
        (an_hpa({}, metrics=[]), "none"),
        (an_hpa({}, metrics=[{"type": "Pods"}, {"type": "Object"}]), "Pods, Object"),
    ],
)
def test_other_metrics_are_unsupported(hpa, has):
    """Any other set of metrics is beyond this model, and what there is is said."""
    with pytest.raises(Unsupported, match=f"one Object metric, or one .*; this HPA has: {has}"):
        HpaSpec.from_object(hpa)


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": 0},
        {"min_replicas": 30},
        {"min_replicas": -1},
        {"source": "Pods", "min_replicas": 0},
        {"source": "Pods", "kind": "Value"},
        {"kind": "Utilization"},
    ],
)
def test_impossible_specifications(wrong):
    """What the API server would refuse is refused."""
    with pytest.raises(ValueError, match="no HPA"):
        HpaSpec(**{"target": 20, "max_replicas": 20, **wrong})


def test_timing_is_that_in_force():
    """Sync period and window are those of the cluster."""
    timing = HpaTiming.of(Intervals.exercise())
    assert (timing.sync, timing.window) == (5, 20)
