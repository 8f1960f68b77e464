from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from fixtures.judge import hpa_model
from tests.unit.dojo.conftest import Evidence, could_not_tell
from tests.unit.keda.keda_world import KedaFlaws, KedaKit, KedaWorld


@pytest.fixture
def kit() -> Callable[..., KedaKit]:
    """Makes a world with the given flaws, and the kit's fixtures over it."""
    return lambda **flaws: KedaKit(KedaWorld(KedaFlaws(**flaws)))


@pytest.fixture
def judge() -> Callable[..., None]:
    """Runs a behaviour's function with the cycle it takes, whatever it is called, and the kit's fixtures."""

    def run(test: Callable[..., None], kit: KedaKit, cycle: Any) -> None:
        def model(hpa: Any) -> Any:
            return hpa_model.HpaModel(
                hpa_model.HpaSpec.from_object(hpa.raw), hpa_model.HpaTiming.of(kit.intervals)
            )

        there = {
            "evidence": Evidence(),
            "could_not_tell": could_not_tell,
            "budgets": kit.budgets,
            "model": model,
        }
        test(**{name: there.get(name, cycle) for name in inspect.signature(test).parameters})

    return run
