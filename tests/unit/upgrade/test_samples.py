"""What Prometheus had on a volume before an upgrade, it has after it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from conformance.dojo.judging import Cycle
from conformance.upgrade import names
from conformance.upgrade.conftest import claims_before
from conformance.upgrade.test_step_03_after import test_keeps_samples as keeps_samples
from fixtures.observe.record import Event, Reading, Record
from tests.unit.dojo.conftest import Evidence


def upgraded() -> Cycle:
    """The load came on at 100, and there were as many as it asks for 40 s later."""
    readings = [Reading(float(at), "redis_items_in_queue", 70.0) for at in range(100, 160)]
    events = [Event(100.0, names.LOAD), Event(140.0, names.BUSY)]
    return Cycle(Record("upgrade", 90.0, 200.0, events=events, readings=readings))


def judged(claims: list[str], samples: tuple[Any, ...]) -> list[Any]:
    asked: list[Any] = []

    def query_range(*question: Any) -> list[Any]:
        asked.append(question)
        return [SimpleNamespace(samples=samples)] if samples else []

    def unsupported(reason: str) -> None:
        pytest.skip(reason)

    prometheus = SimpleNamespace(query_range=query_range)
    keeps_samples(upgraded(), claims, prometheus, Evidence(), unsupported)
    return asked


def test_samples_of_before_the_first_change():
    """They are asked for where they were taken: none of after it counts."""
    ((what, start, end, _),) = judged(["data-0"], ((105.0, 70.0),))
    assert (what, start, end) == ("redis_items_in_queue", 100.0, 140.0)


def test_an_empty_store():
    """The claim that had them is named."""
    with pytest.raises(AssertionError, match="no sample of before the upgrade is left, and data-0 had them"):
        judged(["data-0"], ())


def test_nothing_was_kept():
    """Without a volume no sample is asked for."""
    with pytest.raises(pytest.skip.Exception, match="no volume"):
        judged([], ())


def test_claims_of_prometheus():
    """The volumes of its pods that outlive them."""
    kept = {"name": "db", "persistentVolumeClaim": {"claimName": "db-prometheus-0"}}
    pods = [{"spec": {"volumes": [kept, {"name": "config", "secret": {}}]}}, {"spec": {}}]
    asked: list[Any] = []

    def items(*question: Any) -> list[Any]:
        asked.append(question)
        return pods

    chain = SimpleNamespace(prometheus=SimpleNamespace(namespace="prometheus"), prometheus_pods="its=own")
    stage = SimpleNamespace(bring=lambda _: "", kube=SimpleNamespace(items=items), chain=chain)
    assert claims_before.__wrapped__(stage) == ["db-prometheus-0"]
    assert asked == [("v1", "pods", "prometheus", "its=own")]
