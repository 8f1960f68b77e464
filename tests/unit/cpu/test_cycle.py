"""The cpu scenario's cycle and behaviours, in worlds that are wrong in one place each."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

import pytest

from conformance.cpu import names, test_step_02_metrics_server, test_step_03_hpa, test_step_04_beyond
from conformance.cpu.conftest import CpuExpect
from conformance.cpu.cycle import drive_cpu
from conformance.pod_metric import names as shared
from tests.unit.cpu.world import RIGHT, CpuFlaws, CpuKit
from tests.unit.pod_metric.conftest import Evidence, could_not_tell

JUDGED = {
    name.removeprefix("test_").replace("_", "-"): test
    for module in (test_step_02_metrics_server, test_step_03_hpa, test_step_04_beyond)
    for name, test in vars(module).items()
    if name.startswith("test_")
    and "pod_cycle" in inspect.signature(test).parameters
    and "model" not in inspect.signature(test).parameters
}
WRONG = {
    "a limit below the target": (
        {"limit": 0.02},
        {"scales-up-under-load": "it went to 2 replicas", "usage-is-what-it-costs": "0.040 cores used"},
    ),
    "asked once a minute": ({"resolution": 60.0}, {"pod-metrics": "s old"}),
    "a request of a whole core": ({"target": 0.25}, {"scales-up-under-load": "it went to 2 replicas"}),
    "eight are the most": ({"maximum": 8}, {"never-exceeds-max": "the maximum is 6"}),
    "never fewer than three": (
        {"minimum": 3},
        {"rests-at-min": "the minimum is 2", "returns-to-min": "the minimum is 2"},
    ),
    "never up": ({"ceiling": 2}, {"scales-up-under-load": "it went to 2 replicas"}),
    "never down": ({"sticks": True}, {"returns-to-min": "never got to 'at min'"}),
    "nothing measured is nothing used": (
        {"blind_is_idle": True},
        {"outage-holds": "replicas were lowered while no usage could be read"},
    ),
    "the HPA reads nothing": ({"reads": False}, {"rests-at-min": "never got to"}),
}


@lru_cache
def driven(flaws: CpuFlaws) -> tuple[CpuKit, Any]:
    """A world with these flaws, and its cycle: each is driven once."""
    kit = CpuKit(flaws)
    return kit, drive_cpu(kit.cpu_stage())


def judge(slug: str, **flaws: Any) -> None:
    """Run a behaviour's test in a world with these flaws."""
    _, cycle = driven(CpuFlaws(**{**RIGHT, **flaws}))
    there = {
        "expect": CpuExpect(),
        "pod_cycle": cycle,
        "evidence": Evidence(),
        "could_not_tell": could_not_tell,
    }
    test = JUDGED[slug]
    test(**{name: there[name] for name in inspect.signature(test).parameters})


@pytest.mark.parametrize("slug", JUDGED)
def test_a_right_solution_passes(slug):
    """Every behaviour that is judged by the cycle passes where nothing is wrong."""
    judge(slug)


@pytest.mark.parametrize(
    ("flaws", "slug", "words"),
    [(flaws, slug, words) for flaws, told in WRONG.values() for slug, words in told.items()],
    ids=[f"{slug}: {name}" for name, (_, told) in WRONG.items() for slug in told],
)
def test_a_wrong_one_fails_for_its_reason(flaws, slug, words):
    """What is wrong is what is told."""
    with pytest.raises(AssertionError, match=words):
        judge(slug, **flaws)


def test_the_order_of_the_cycle():
    """Rest, load, maximum, metrics-server away and back, every pod measured under the load, end, minimum."""
    record = driven(CpuFlaws(**RIGHT))[1].record
    order = [
        *(shared.ACTIVE, shared.HELD, names.STARTS, shared.AT_MAX, names.GONE, names.HELD, names.RESTORED),
        *(names.RECOVERED, names.MEASURED, shared.ENDS, shared.AT_MIN, shared.IDLE),
    ]
    times = [record.event(name).at for name in order]
    assert times == sorted(times)
    assert record.ended - record.started < 240
