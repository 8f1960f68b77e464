"""Small judgments of usage and requests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from conformance.cpu.judging import ages, measured_since, strange_nodes, unmeasured, without_request
from fixtures.observe.record import Reading, Record


def running(*names: str, started: float = 0.0, phase: str = "Running") -> Reading:
    pods = {name: {"phase": phase, "started": started, "deleting": False} for name in names}
    return Reading(100.0, "ready_pods", float(len(names)), None, {"pods": pods}, 99.9)


def usage(at: float = 100.0, **measured: float) -> Reading:
    detail = {
        "pods": dict.fromkeys(measured, 0.02),
        "measured": measured,
        "windows": dict.fromkeys(measured, 15.0),
    }
    return Reading(at, "pod_usage", 0.02 * len(measured) if measured else None, None, detail, at - 0.1)


def test_a_load_is_measured_when_every_window_is_inside():
    """All running pods, each with a window that began after the moment; a pod that is not there counts."""
    assert measured_since(usage(a=95.0, b=96.0), running("a", "b"), 80.0)
    assert not measured_since(usage(a=95.0, b=90.0), running("a", "b"), 80.0)
    assert not measured_since(usage(a=95.0), running("a", "b"), 80.0)
    assert not measured_since(usage(), running(), 80.0)
    assert measured_since(usage(a=95.0), running("a"), 80.0)


def test_the_age_of_a_usage_is_that_of_its_last_reading():
    """From the moment the usage is of to when it was asked for."""
    record = Record("cpu", 90.0, 110.0, readings=[usage(a=70.0)])
    assert ages(record) == [(100.0, "a", pytest.approx(29.9))]


def test_a_pod_that_runs_for_long_is_to_be_measured():
    """One that has just started may be without; one that ends, too."""
    late = [running("a", "b", started=-20.0), usage(at=101.0, a=95.0)]
    assert unmeasured(Record("cpu", 90.0, 110.0, readings=late), 60.0) == ["b at +11 s"]
    young = [running("a", "b", started=60.0), usage(at=101.0, a=95.0)]
    assert unmeasured(Record("cpu", 90.0, 110.0, readings=young), 60.0) == []


def test_every_container_requests_cpu():
    """One that requests only memory is named with its pod."""
    some = {"name": "app", "resources": {"requests": {"cpu": "50m"}}}
    none = {"name": "side", "resources": {"requests": {"memory": "1Mi"}}}
    pods = [SimpleNamespace(name="p", raw={"spec": {"containers": [some, none, {"name": "bare"}]}})]
    assert without_request(pods) == ["p, container side", "p, container bare"]


def node(**used: Any) -> tuple[list[Any], dict[str, Any]]:
    there = SimpleNamespace(name="n", raw={"status": {"capacity": {"cpu": "2", "memory": "4Gi"}}})
    usages = {"n": SimpleNamespace(**{"cpu": 0.5, "memory": 2.0**30, "at": 95.0} | used)} if used else {}
    return [there], usages


@pytest.mark.parametrize(
    ("used", "said"),
    [
        ({"cpu": 0.5}, ""),
        ({}, "n is not measured"),
        ({"cpu": 0.0}, "n uses 0 of 2 cores"),
        ({"cpu": 2.5}, "n uses 2.5 of 2 cores"),
        ({"memory": 2.0**33}, "bytes"),
        ({"at": 20.0}, "n was measured 80 s ago"),
    ],
)
def test_a_nodes_usage_is_more_than_nothing_and_no_more_than_it_has(used, said):
    """Absent, zero, more than the node has, and old are four different findings."""
    found = strange_nodes(*node(**used), 100.0, 48.0)
    assert [said in text for text in found] == ([True] if said else [])
