"""The cpu scenario's fixtures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from conformance.dojo.judging import Cycle
from conformance.dojo.staging import model
from conformance.pod_metric.staging import teardown_last

from . import names
from .cycle import CpuStage, drive_cpu

__all__ = ["expect", "model", "pod_cycle"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The teardown stays the very last."""
    teardown_last(items)


@dataclass(frozen=True)
class CpuExpect:
    """What the shared behaviours ask of a scenario, as far as it has a meaning here."""

    minimum: int = names.MINIMUM
    maximum: int = names.MAXIMUM


@pytest.fixture(scope="session")
def expect() -> CpuExpect:
    """What the scenario asks for."""
    return CpuExpect()


@pytest.fixture(scope="session")
def pod_cycle(
    *,
    recorder: Any,
    installation: Any,
    faults: Any,
    http_load: Callable[..., Any],
    kube: Any,
    budgets: Any,
    intervals: Any,
    chain: Any,
    hands_on: Callable[[], None],
) -> Cycle:
    """The cycle that most behaviours are judged by; of that name, so that shared behaviours find it."""
    return drive_cpu(
        CpuStage(
            recorder=recorder,
            installation=installation,
            faults=faults,
            http_load=http_load,
            kube=kube,
            budgets=budgets,
            intervals=intervals,
            chain=chain,
            hands_on=hands_on,
        )
    )
