"""The sidecar's cycle and behaviours, in worlds that are wrong in one place each."""

from __future__ import annotations

import inspect
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.pod_metric import names as shared
from conformance.sidecar import (
    names,
    test_step_02_scrape,
    test_step_03_adapter,
    test_step_04_hpa,
    test_step_05_dead_sidecar,
)
from conformance.sidecar.cycle import drive_sidecar
from conformance.sidecar.expect import WEB
from fixtures.judge import hpa_model
from fixtures.judge.outcomes import CouldNotTell
from tests.unit.pod_metric.conftest import Evidence, could_not_tell
from tests.unit.pod_metric.world import Flaws
from tests.unit.sidecar.world import CHAIN, PAUSE, WebKit

RIGHT = {"window": 20.0, "target": 10.0}
JUDGED = {
    name.removeprefix("test_").replace("_", "-"): test
    for module in (
        *(test_step_02_scrape, test_step_03_adapter),
        *(test_step_04_hpa, test_step_05_dead_sidecar),
    )
    for name, test in vars(module).items()
    if name.startswith("test_") and "pod_cycle" in inspect.signature(test).parameters
}
WRONG = {
    "zero for what was not measured": (
        {"fills": True},
        {"dead-sidecar-is-missing": "has the value 0", "dead-sidecar-holds": "lowered though.*3→2"},
    ),
    "a window of two minutes": (
        {"window": 120.0},
        {"dead-sidecar-is-missing": "never got to 'its value is missing'"},
    ),
    "ten thousandths": ({"target": 0.01}, {"scrapes-are-no-load": "the minimum is 1"}),
    "the counter itself": (
        {"query": "raw"},
        {
            "scrapes-are-no-load": "from scrapes and probes",
            "sum-equals-rate-sent": r"a second by the API, 4\.\d+ sent",
        },
    ),
    "no value at all": ({"query": "nothing"}, {"one-value-per-pod": "never gave a value"}),
    "five is the most": ({"maximum": 5}, {"never-exceeds-max": "the maximum is 3"}),
    "never up": ({"ceiling": 1}, {"scales-up-under-load": "it went to 1 replicas, not to 3"}),
    "never down": ({"sticks": True}, {"returns-to-min": "never got to 'at min'"}),
}


@lru_cache
def driven(flaws: Flaws, *, sidecar: bool = True) -> tuple[WebKit, Any]:
    """A world with these flaws, and its cycle: each is driven once."""
    kit = WebKit(flaws, sidecar=sidecar)
    return kit, drive_sidecar(kit.stage())


def judge(slug: str, **flaws: Any) -> None:
    """Run a behaviour's test in a world with these flaws."""
    kit, cycle = driven(Flaws(**{**RIGHT, **flaws}))

    def model(hpa: Any) -> Any:
        return hpa_model.HpaModel(
            hpa_model.HpaSpec.from_object(hpa.raw), hpa_model.HpaTiming.of(kit.intervals)
        )

    there = {
        "expect": WEB,
        "chain": CHAIN,
        "pod_cycle": cycle,
        "model": model,
        "evidence": Evidence(),
        "could_not_tell": could_not_tell,
        "kube": SimpleNamespace(hpa=kit.hpa),
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


def test_the_dead_sidecar_is_one_programs_of_one_pod():
    """Only the exporter's container is replaced, by the node's own pause image, in the middle of the load."""
    kit, cycle = driven(Flaws(**RIGHT))
    assert kit.swapped == [(cycle.seen["dead"], "exporter", PAUSE)]
    record = cycle.record
    order = [
        shared.AT_MAX,
        names.SETTLED,
        shared.STOPPED,
        names.MISSING,
        names.HELD,
        names.RESTORED,
        names.BACK,
    ]
    assert [record.event(name).at for name in order] == sorted(record.event(name).at for name in order)
    assert record.event(names.BACK).at <= record.event(shared.ENDS).at


def test_the_cycle_is_no_longer_than_four_minutes():
    """What a right solution costs, beside its installation."""
    record = driven(Flaws(**RIGHT))[1].record
    assert record.ended - record.started < 240


def test_without_a_sidecar_nothing_is_replaced():
    """Where no pod has an exporter there is nothing to be taken away, and the load ends."""
    kit, cycle = driven(Flaws(**RIGHT), sidecar=False)
    assert not kit.swapped
    assert cycle.record.has_event(shared.ENDS)


def test_without_an_adapter_requests_are_counted_all_the_same():
    """Steps 1 and 2 are judged by a load of their own; what the HPA would do is left out."""
    _, cycle = driven(Flaws(**RIGHT, adapter=False))
    assert not cycle.record.has_event(shared.ABOVE)
    judge("counts-what-was-asked", adapter=False)
    with pytest.raises(AssertionError, match="never got to"):
        judge("dead-sidecar-holds", adapter=False)


def test_several_pods_before_the_load_cannot_be_told():
    """Requests of two pods are not to be told apart: that is no verdict."""
    with pytest.raises((CouldNotTell, AssertionError)):
        judge("counts-what-was-asked", minimum=2)
