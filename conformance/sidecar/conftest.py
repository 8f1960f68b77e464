"""The sidecar's fixtures: those that all pod-metric scenarios share, and a cycle of its own."""

from __future__ import annotations

import pytest

from conformance.dojo.judging import Cycle
from conformance.dojo.staging import model
from conformance.pod_metric.expect import Expect
from conformance.pod_metric.stage import PodStage
from conformance.pod_metric.staging import pod_stage, teardown_last

from .cycle import drive_sidecar
from .expect import WEB

__all__ = ["expect", "model", "pod_cycle", "pod_stage"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The teardown stays the very last."""
    teardown_last(items)


@pytest.fixture(scope="session")
def expect() -> Expect:
    """What the scenario asks for."""
    return WEB


@pytest.fixture(scope="session")
def pod_cycle(pod_stage: PodStage) -> Cycle:
    """The cycle that most behaviours are judged by."""
    return drive_sidecar(pod_stage)
