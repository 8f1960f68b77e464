"""The shop front's fixtures: those that all pod-metric scenarios share, and what this one expects."""

from __future__ import annotations

import pytest

from conformance.dojo.staging import model
from conformance.pod_metric.expect import Expect
from conformance.pod_metric.staging import pod_cycle, pod_stage, teardown_last

from .expect import SHOP

__all__ = ["expect", "model", "pod_cycle", "pod_stage"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The teardown stays the very last."""
    teardown_last(items)


@pytest.fixture(scope="session")
def expect() -> Expect:
    """What the scenario asks for."""
    return SHOP
