"""Fixtures that a scenario's conftest.py takes over; the scenario gives `expect` itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.dojo.judging import Cycle

from .cycle import drive_pods
from .expect import Expect
from .stage import PodStage


@pytest.fixture(scope="session")
def pod_stage(
    *,
    expect: Expect,
    recorder: Any,
    installation: Any,
    faults: Any,
    http_load: Callable[..., Any],
    kube: Any,
    prometheus: Any,
    custom_metrics: Any,
    budgets: Any,
    intervals: Any,
    chain: Any,
    hands_on: Callable[[], None],
) -> PodStage:
    """The kit's fixtures in one hand, for the cycle."""
    return PodStage(
        expect=expect,
        recorder=recorder,
        installation=installation,
        faults=faults,
        http_load=http_load,
        kube=kube,
        prometheus=prometheus,
        custom_metrics=custom_metrics,
        budgets=budgets,
        intervals=intervals,
        chain=chain,
        hands_on=hands_on,
    )


@pytest.fixture(scope="session")
def pod_cycle(pod_stage: PodStage) -> Cycle:
    """The cycle that most behaviours are judged by."""
    return drive_pods(pod_stage)


def teardown_last(items: list[pytest.Item]) -> None:
    """The behaviour that takes everything away is judged last."""
    items.sort(key=lambda item: item.name == "test_teardown_clean")
