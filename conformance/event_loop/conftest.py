"""The scenario's numbers, and its two cycles: the shared one of load, and that of the adapter in
production.
"""

from __future__ import annotations

import pytest

from conformance.dojo.judging import Cycle
from conformance.dojo.staging import model
from conformance.pod_metric.expect import Expect, Load
from conformance.pod_metric.stage import PodStage
from conformance.pod_metric.staging import pod_cycle, pod_stage, teardown_last

from . import names
from .cycle import drive_production

__all__ = ["model", "pod_cycle", "pod_stage"]

BELOW = Load(per_second=names.burns(names.MINIMUM - 1), seconds=240, path=names.BURN)
"""A replica below the minimum: on a machine with more work than cores a loop is held longer than asked
for, and three quarters of what two can bear were too much with thirty waiting."""
ABOVE = Load(per_second=names.burns(names.MAXIMUM + 0.5), seconds=120, path=names.BURN)
"""With the load below, which goes on, one and a half replicas above the maximum."""


EXPECT = Expect(
    scenario=names.SCENARIO,
    series=names.SERIES,
    metric=names.SERIES,
    target=names.TARGET,
    minimum=names.MINIMUM,
    maximum=names.MAXIMUM,
    below=BELOW,
    above=ABOVE,
    kind="gauge",
    namespace_label=names.NAMESPACE_LABEL,
    pod_label=names.POD_LABEL,
    port="http",
    scrape=names.SCRAPE_SECONDS,
    restarts=False,
    application="event-loop",
    container="node",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The teardown stays the very last."""
    teardown_last(items)


@pytest.fixture(scope="session")
def expect() -> Expect:
    """What the scenario asks for."""
    return EXPECT


@pytest.fixture(scope="session")
def production(pod_stage: PodStage) -> Cycle:
    """The adapter's pods are deleted, evicted and rolled over under a steady load; then it is away."""
    return drive_production(pod_stage)
