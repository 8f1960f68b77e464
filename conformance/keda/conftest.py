"""The cycles: each is driven once, when the first behaviour asks for it, and judged by many."""

from __future__ import annotations

import pytest

from conformance.dojo.judging import Cycle
from conformance.dojo.stage import Stage
from conformance.dojo.staging import model, stage

from . import cycle_activation, cycle_fallback, cycle_load

__all__ = ["model", "stage"]  # fixtures


@pytest.fixture(scope="session")
def activation_cycle(stage: Stage) -> Cycle:
    """Step 5: items below and above the activation threshold."""
    return cycle_activation.drive_activation(stage)


@pytest.fixture(scope="session")
def load_cycle(stage: Stage) -> Cycle:
    """Steps 6 and 7: from nothing to the maximum, back to nothing, and awake again."""
    return cycle_load.drive_load(stage)


@pytest.fixture(scope="session")
def fallback_cycle(stage: Stage) -> Cycle:
    """Step 8: Prometheus is gone for a while."""
    return cycle_fallback.drive_fallback(stage)
