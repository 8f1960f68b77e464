"""Fixtures that the conftest.py of a scenario with a queue, or with an HPA, takes over."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from . import names
from .stage import Stage


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
    cluster: Any,
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
        alone=cluster.alone,
    )


@pytest.fixture(scope="session")
def model(hpa_model: Any, intervals: Any, kube: Any) -> Callable[[Any], Any]:
    """Makes the oracle for an HPA as it was read: what its controller was allowed to do, with its timing."""

    def of(hpa: Any) -> Any:
        major, minor = (int(number) for number in re.findall(r"\d+", kube.version())[:2])
        spec = hpa_model.HpaSpec.from_object(hpa.raw, remembers_zero=(major, minor) >= names.ZERO_REMEMBERED)
        return hpa_model.HpaModel(spec, hpa_model.HpaTiming.of(intervals))

    return of
