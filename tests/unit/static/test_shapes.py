"""Objects that the API server refuses: each is one clear finding, whatever stands where."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.static.matching import Unknown, relabelled
from tests.unit.static import test_keda
from tests.unit.static.pod_world import change, judged, reference

ODD = ("text", [None], {"a": {}})
"""What may stand where something else is to."""


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in an object."""
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in below:
        yield (*at, key)
        yield from places(value, (*at, key))


@pytest.mark.parametrize(
    ("kind", "path", "value", "behaviour", "says"),
    [
        (
            "ServiceMonitor",
            ("spec", "endpoints"),
            {"port": "x"},
            "01.monitor-loaded",
            "spec.endpoints is",
        ),
        ("Role", ("rules", 0, "verbs"), "list", "01.prometheus-may-read", "rules.0.verbs is to be a list"),
        ("HorizontalPodAutoscaler", ("spec", "maxReplicas"), "3", "04.target", "to be a whole number"),
        (
            "HorizontalPodAutoscaler",
            ("spec", "metrics"),
            [None],
            "04.target",
            "metrics.0 is to be a mapping",
        ),
    ],
)
def test_what_is_refused_is_told_once(kind: str, path: Any, value: Any, behaviour: str, says: str) -> None:
    """It is told at its kind's behaviour, with its line, and all others are blocked by that."""
    objects = reference("shopfront")
    change(objects, "wiring", kind, path, value)
    analysis = judged("shopfront", objects)
    (found,) = analysis.findings
    assert (found.behaviour, found.file) == (f"shopfront.{behaviour}", "objects.yaml")
    assert found.line > 1
    assert says in found.found
    others = {name: verdict.by for name, verdict in analysis.verdicts.items() if name != found.behaviour}
    assert set(others.values()) == {found.behaviour}


@pytest.mark.parametrize("scenario", ["shopfront", "cpu", "keda"])
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_anything_anywhere_is_no_crash(scenario: str, odd: Any) -> None:
    """Whatever stands in a field of an object, there are verdicts."""
    base = test_keda.reference() if scenario == "keda" else reference(scenario)
    for number, each in enumerate(base["wiring"]):
        for path in places(each):
            if path in {("kind",), ("apiVersion",)}:
                continue
            objects = {**base, "wiring": copy.deepcopy(base["wiring"])}
            place = objects["wiring"][number]
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = odd
            promtool = test_keda.FakePromtool() if scenario == "keda" else None
            assert judged(scenario, objects, promtool).verdicts


def test_relabelings_that_are_no_patterns() -> None:
    """A regular expression that is none, and a group that is not there, are not understood; not guessed."""
    for step in ({"regex": "("}, {"sourceLabels": ["a"], "targetLabel": "b", "replacement": "$7"}):
        with pytest.raises(Unknown):
            relabelled({"a": "x"}, [step])


def test_labelmap() -> None:
    """Labels are copied under the names that a pattern makes of theirs."""
    steps = [{"action": "labelmap", "regex": "__meta_(.+)"}]
    assert relabelled({"__meta_a": "x", "b": "y"}, steps) == {"__meta_a": "x", "b": "y", "a": "x"}
