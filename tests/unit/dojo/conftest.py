from __future__ import annotations

import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.judge import hpa_model
from fixtures.judge.outcomes import CouldNotTell
from tests.unit.dojo.world import Flaws, Kit, World


def pytest_configure(config: pytest.Config) -> None:
    """The behaviours' files are imported here, and carry the dojo's own marker."""
    config.addinivalue_line("markers", "end_of_run: see conformance/dojo/conftest.py")


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


@pytest.fixture
def kit() -> Callable[..., Kit]:
    """Makes a world with the given flaws, and the kit's fixtures over it."""
    return lambda scaled=True, chain=None, **flaws: Kit(World(Flaws(**flaws), scaled=scaled, chain=chain))


@pytest.fixture
def judge() -> Callable[..., None]:
    """Runs a behaviour's function with the cycle it takes, whatever it is called, and the kit's fixtures."""

    def run(test: Callable[..., None], kit: Kit, cycle: Any, **more: Any) -> None:
        def model(hpa: Any) -> Any:
            timing = hpa_model.HpaTiming.of(kit.intervals)
            return hpa_model.HpaModel(hpa_model.HpaSpec.from_object(hpa.raw), timing)

        there = {
            "evidence": Evidence(),
            "could_not_tell": could_not_tell,
            "budgets": kit.budgets,
            "intervals": kit.intervals,
            "chain": kit.chain,
            "model": model,
            "kube": SimpleNamespace(version=lambda: "v1.37.1"),
            **more,
        }
        wanted = inspect.signature(test).parameters
        test(**{name: there.get(name, cycle) for name in wanted})

    return run
