"""The dojo's cycles: each is driven once, when the first behaviour asks for it, and judged by many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from . import cycles_application, cycles_faults, cycles_load, cycles_metric
from .judging import Cycle
from .stage import Background, Stage
from .staging import model, stage

__all__ = ["model", "stage"]  # fixtures

END = "end_of_run"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{END}: judged last, just before the teardown, over the whole run")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is judged over the whole run goes to its end; the teardown stays the very last."""

    def place(item: pytest.Item) -> int:
        return 2 if item.name == "test_teardown_clean" else int(item.get_closest_marker(END) is not None)

    items.sort(key=place)


@pytest.fixture(scope="session")
def solved(stage: Stage) -> Callable[..., str]:
    """Waits for a piece ("solution" if none is named), opens the gate that held the solution back, and says
    what was left out of it.
    """
    return stage.bring


@pytest.fixture(scope="session")
def unlabelled_monitor(installation: Any, fresh_namespace_probe: Any) -> Iterator[Background]:
    """A ServiceMonitor and a PrometheusRule without labels in a new namespace, made as soon as there is a
    Prometheus: until it has loaded them takes longest of all, so it is begun before step 3.
    """

    def enter(stack: ExitStack) -> Any:
        installation.need("prometheus")
        installation.need("producer")  # whose metrics the probe has scraped
        return stack.enter_context(fresh_namespace_probe())

    probe = Background(enter)
    yield probe
    probe.close().result()


@pytest.fixture(scope="session")
def application_cycle(stage: Stage, request: pytest.FixtureRequest) -> Cycle:
    """Step 3. The probe of step 5 is begun with it, if the solution has a Prometheus to be probed."""
    if _is_there(stage.installation, "prometheus"):
        request.getfixturevalue("unlabelled_monitor")
    return cycles_application.drive_application(stage)


def _is_there(installation: Any, piece: str) -> bool:
    try:
        return bool(installation.has(piece))
    except installation.Failed:  # on a cluster that does not let us look, step 5 says so
        return False


@pytest.fixture(scope="session")
def queue_cycle(stage: Stage) -> Cycle:
    """Step 6: bursts of items against the exporter's samples."""
    return cycles_metric.drive_queue(stage)


@pytest.fixture(scope="session")
def outage_cycle(stage: Stage) -> Cycle:
    """Steps 7, 8 and 11: the exporter is taken away and given back."""
    return cycles_metric.drive_outage(stage)


@pytest.fixture(scope="session")
def load_cycle(stage: Stage) -> Cycle:
    """Steps 9 and 10: up to the maximum, down to the minimum, and awake again."""
    return cycles_load.drive_load(stage)


@pytest.fixture(scope="session")
def adapter_restart(stage: Stage) -> Cycle:
    """Step 11: the adapter is restarted under load."""
    return cycles_faults.drive_adapter_restart(stage)


@pytest.fixture(scope="session")
def redis_restart(stage: Stage, diary: dict[str, Any]) -> Cycle:
    """Step 11: Redis is restarted under load."""
    cycle = cycles_faults.drive_redis_restart(stage)
    diary["before Redis was restarted"] = cycle.seen["books before"]
    diary["kept"] = cycle.seen.get("kept", False)
    return cycle


@pytest.fixture(scope="session")
def prometheus_restart(stage: Stage) -> Cycle:
    """Step 11: Prometheus is restarted under load."""
    return cycles_faults.drive_prometheus_restart(stage)


@pytest.fixture(scope="session")
def diary() -> dict[str, Any]:
    """What cycles leave for the books."""
    return {}


@pytest.fixture(scope="session")
def books(
    application_cycle: Cycle, diary: dict[str, Any], redis_queue: Any, eventually: Any, budgets: Any
) -> dict[str, Any]:
    """All counts after step 3 and at the end. A Redis that forgot everything when it was restarted
    (dojo.11.redis-restart tells) has forgotten its counts too: then the last ones before that stand.
    """
    kept = diary.pop("kept", True)
    counts = {"after step 3": application_cycle.seen["books"], **diary}
    if not kept:
        return counts
    read = eventually(redis_queue.counts, bool, budget=budgets.component_ready, what="the books can be read")
    return {**counts, "at the end": read}
