"""The cycles: each is driven once, when the first behaviour asks for it, and judged by many."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from conformance.dojo.judging import Cycle
from conformance.dojo.names import ZERO_REMEMBERED
from conformance.dojo.stage import Stage

from . import cycle_activation, cycle_fallback, cycle_load


@pytest.fixture(scope="session")
def stage(
    *,
    recorder: Any,
    installation: Any,
    solution: Any,
    producer: Any,
    faults: Any,
    kube: Any,
    prometheus: Any,
    redis_queue: Any,
    budgets: Any,
    intervals: Any,
    chain: Any,
    hands_on: Any,
) -> Stage:
    """The kit's fixtures in one hand, for the cycles."""
    return Stage(
        recorder=recorder,
        installation=installation,
        solution=solution,
        producer=producer,
        faults=faults,
        kube=kube,
        prometheus=prometheus,
        redis_queue=redis_queue,
        budgets=budgets,
        intervals=intervals,
        chain=chain,
        hands_on=hands_on,
    )


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


@pytest.fixture(scope="session")
def model(hpa_model: Any, intervals: Any, kube: Any) -> Callable[[Any], Any]:
    """Makes the oracle for an HPA as it was read: what its controller was allowed to do, with its timing."""

    def of(hpa: Any) -> Any:
        major, minor = (int(number) for number in re.findall(r"\d+", kube.version())[:2])
        spec = hpa_model.HpaSpec.from_object(hpa.raw, remembers_zero=(major, minor) >= ZERO_REMEMBERED)
        return hpa_model.HpaModel(spec, hpa_model.HpaTiming.of(intervals))

    return of
