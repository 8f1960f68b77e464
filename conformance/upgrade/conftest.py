"""The two changes, each driven once when the first behaviour asks for it; and the whole runs between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.dojo.judging import Cycle
from conformance.dojo.stage import Stage
from conformance.dojo.staging import model, stage

from .cycle import drive_rollback, drive_upgrade, forgotten

__all__ = ["model", "stage"]  # fixtures


@pytest.fixture(scope="session")
def conformant_before(stage: Stage, graded: Callable[[str], Any]) -> Any:
    """How the old version was judged, all of it being installed."""
    stage.bring("adapter")
    return graded("before")


@pytest.fixture(scope="session")
def inventory_before(stage: Stage, upgrade: Any) -> Any:
    """What was on the cluster before the upgrade, the old version being installed."""
    stage.bring("adapter")
    return upgrade.inventory()


@pytest.fixture(scope="session")
def claims_before(stage: Stage) -> list[str]:
    """The volumes that the old version's Prometheus keeps its samples on, by their claims; none, if it keeps
    them in its pod.
    """
    stage.bring("adapter")
    chain = stage.chain
    pods = stage.kube.items("v1", "pods", chain.prometheus.namespace, chain.prometheus_pods)
    volumes = [volume for pod in pods for volume in pod["spec"].get("volumes") or ()]
    return sorted(
        volume["persistentVolumeClaim"]["claimName"]
        for volume in volumes
        if "persistentVolumeClaim" in volume
    )


@pytest.fixture(scope="session")
def upgrade_cycle(stage: Stage, upgrade: Any, inventory_before: Any, claims_before: list[str]) -> Cycle:
    """The upgrade under load."""
    return drive_upgrade(stage, upgrade)


@pytest.fixture(scope="session")
def graded_anew(
    stage: Stage, eventually: Callable[..., Any], say: Callable[[str], None], graded: Callable[[str], Any]
) -> Callable[[str], Any]:
    """Judges what stands by a whole run, once Prometheus has forgotten what was replaced."""

    def grade(name: str) -> Any:
        forgotten(stage, eventually, say)
        return graded(name)

    return grade


@pytest.fixture(scope="session")
def conformant_after(upgrade_cycle: Cycle, graded_anew: Callable[[str], Any]) -> Any:
    """How the new version was judged, as it stands."""
    return graded_anew("after")


@pytest.fixture(scope="session")
def rollback_cycle(stage: Stage, upgrade: Any, upgrade_cycle: Cycle) -> Cycle:
    """The way back under load."""
    return drive_rollback(stage, upgrade)


@pytest.fixture(scope="session")
def conformant_back(rollback_cycle: Cycle, graded_anew: Callable[[str], Any]) -> Any:
    """How the old version was judged, as the rollback left it."""
    return graded_anew("back")
