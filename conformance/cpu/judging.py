"""Small pure judgments of usage and requests. None of them waits, reads or drives anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from conformance.dojo.judging import CLOCKS
from conformance.pod_metric import names as shared

from . import names


def living(reading: Any) -> set[str]:
    """The pods that run, by a reading of them."""
    return {
        name
        for name, pod in reading.detail.get("pods", {}).items()
        if pod["phase"] == "Running" and not pod.get("deleting")
    }


def measured_since(usage: Any, pods: Any, since: float) -> bool:
    """Whether every running pod has a usage whose whole window is after unix second ``since``."""
    measured, windows = usage.detail.get("measured", {}), usage.detail.get("windows", {})
    alive = living(pods)
    return bool(alive) and all(
        name in measured and measured[name] - windows[name] >= since - CLOCKS for name in alive
    )


def ages(record: Any) -> list[tuple[float, str, float]]:
    """``(at, pod, seconds)``: how old each usage was that the API gave."""
    return [
        (reading.at, name, reading.asked - at)
        for reading in record.recorded(names.USAGE).present()
        for name, at in reading.detail["measured"].items()
    ]


def unmeasured(record: Any, patience: float) -> list[str]:
    """Pods that ran for longer than ``patience`` and had no usage in some answer."""
    pods, left = record.recorded(shared.PODS), []
    for reading in record.recorded(names.USAGE).present():
        known = pods.at(reading.asked)
        if known is None or not known.present:
            continue
        for name in sorted(living(known)):
            started = known.detail["pods"][name].get("started")
            old = started is not None and reading.asked - started > patience
            if old and name not in reading.detail["pods"]:
                left.append(f"{name} at +{reading.at - record.started:.0f} s")
    return left


def without_request(pods: Iterable[Any]) -> list[str]:
    """Containers of pods that request no cpu."""
    return [
        f"{pod.name}, container {each['name']}"
        for pod in pods
        for each in pod.raw["spec"]["containers"]
        if "cpu" not in ((each.get("resources") or {}).get("requests") or {})
    ]


def strange_nodes(nodes: Iterable[Any], usages: Mapping[str, Any], now: float, oldest: float) -> list[str]:
    """Nodes with no usage, an old one, none at all of something, or more than they have."""
    found = []
    for node in nodes:
        used = usages.get(node.name)
        capacity = node.raw["status"]["capacity"]
        cores, memory = float(capacity["cpu"]), _bytes(capacity["memory"])
        if used is None:
            found.append(f"{node.name} is not measured")
        elif not (0 < used.cpu <= cores and 0 < used.memory <= memory):
            found.append(
                f"{node.name} uses {used.cpu:g} of {cores:g} cores, {used.memory:g} of {memory:g} bytes"
            )
        elif now - used.at > oldest:
            found.append(f"{node.name} was measured {now - used.at:.0f} s ago")
    return found


def _bytes(text: str) -> float:
    for suffix, factor in (("Ki", 2**10), ("Mi", 2**20), ("Gi", 2**30)):
        if text.endswith(suffix):
            return float(text.removesuffix(suffix)) * factor
    return float(text)


def lowered(record: Any) -> list[str]:
    """Where the replica count was lowered."""
    return [
        f"{before:g}→{after:g} at {at - record.started:.1f} s"
        for (_, before), (at, after) in pairwise(record.recorded(shared.SPEC).steps())
        if after < before
    ]


def first_above(record: Any, signal: str, bound: float) -> float | None:
    """When a signal was first seen above ``bound``; None if never."""
    return next((at for at, value in record.recorded(signal).numbers() if value > bound), None)
