"""The cycles: each is driven once, when the first behaviour asks for it, and judged by many."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from conformance.dojo.judging import Cycle
from conformance.dojo.stage import Stage
from conformance.dojo.staging import model, stage

from . import cycle_activation, cycle_fallback, cycle_load
from .neighbour import Neighbour

__all__ = ["model", "stage"]  # fixtures


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may have to wait for other scenarios is judged when all is driven; the teardown comes last."""
    last = {"test_no_conflict": 1, "test_teardown_clean": 2}
    items.sort(key=lambda item: last.get(item.name, 0))


@pytest.fixture(scope="session")
def neighbour(
    installation: Any, kube: Any, chain: Any, eventually: Any, budgets: Any
) -> Callable[[], Neighbour]:
    """Begins to look at the adapter beside KEDA, once."""

    @cache
    def begin() -> Neighbour:
        return Neighbour(
            installation=installation, kube=kube, chain=chain, eventually=eventually, budgets=budgets
        )

    return begin


@pytest.fixture(scope="session")
def activation_cycle(stage: Stage, neighbour: Callable[[], Neighbour]) -> Cycle:
    """Step 5: items below and above the activation threshold. The adapter is looked at meanwhile."""
    if stage.solution.has("adapter"):
        neighbour()
    return cycle_activation.drive_activation(stage)


@pytest.fixture(scope="session")
def load_cycle(stage: Stage) -> Cycle:
    """Steps 6 and 7: from nothing to the maximum, back to nothing, and awake again."""
    return cycle_load.drive_load(stage)


@pytest.fixture(scope="session")
def fallback_cycle(stage: Stage) -> Cycle:
    """Step 8: Prometheus is gone for a while."""
    return cycle_fallback.drive_fallback(stage)
