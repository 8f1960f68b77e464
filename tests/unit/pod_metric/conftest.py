from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.pod_metric.cycle import drive_pods
from fixtures.judge import hpa_model
from fixtures.judge.outcomes import CouldNotTell
from tests.unit.pod_metric.world import CHAIN, SHOP, Flaws, Kit


class Evidence(list[tuple[str, str, str]]):
    """Takes what a behaviour tells, as the report would."""

    def __call__(self, title: str, asked: str, answer: str) -> None:
        assert isinstance(answer, str), f"{title}: an answer is text"
        self.append((title, asked, answer))

    def record(self, record: Any) -> None:
        record.to_dict()

    def band(self, record: Any, band: list[tuple[float, float, int, int]]) -> None:
        assert all(start <= end and low <= high for start, end, low, high in band), record.name

    def budget(self, budget: Any, took: float | None = None) -> None:
        assert took is None or took >= 0
        assert f"{budget.seconds:g} s" in budget.explain()


def could_not_tell(reason: str) -> None:
    raise CouldNotTell(reason)


@lru_cache
def driven(flaws: Flaws) -> tuple[Kit, Any]:
    """A world with these flaws, and its cycle: each is driven once."""
    kit = Kit(flaws)
    return kit, drive_pods(kit.stage())


@pytest.fixture
def judge() -> Callable[..., None]:
    """Runs a shared behaviour's test in a world with the given flaws."""

    def run(shared: Any, **flaws: Any) -> None:
        kit, cycle = driven(Flaws(**flaws))

        def model(hpa: Any) -> Any:
            timing = hpa_model.HpaTiming.of(kit.intervals)
            return hpa_model.HpaModel(hpa_model.HpaSpec.from_object(hpa.raw), timing)

        there = {
            "expect": SHOP,
            "chain": CHAIN,
            "pod_cycle": cycle,
            "model": model,
            "evidence": Evidence(),
            "could_not_tell": could_not_tell,
            "budgets": kit.budgets,
            "kube": SimpleNamespace(hpa=kit.hpa),
            "solution": SimpleNamespace(has=lambda _: True, missing=str),
            "installation": SimpleNamespace(need=lambda _: None),
        }
        wanted = inspect.signature(shared.test).parameters
        shared.test(**{name: there[name] for name in wanted})

    return run
