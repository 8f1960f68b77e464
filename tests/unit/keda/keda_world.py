"""The dojo's world in memory, scaled by KEDA: its loop beside the HPA's, with cooldown and fallback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from types import SimpleNamespace
from typing import Any

from conformance.dojo.stage import Stage
from conformance.keda import names
from fixtures.observe.chain import Chain, Place
from fixtures.observe.keda_sources import KEDA_SIGNALS
from fixtures.observe.signals import ADAPTER
from tests.unit.dojo.world import Flaws, Kit, Live, World

PHASE = 2.2
"""Seconds of KEDA's polls within their interval."""


@dataclass
class KedaFlaws(Flaws):
    """What is wrong with a ScaledObject. By default nothing is."""

    activation: float = 5
    polling: float = 5
    cooldown: float = 20
    fallback: int | None = 3
    failure_threshold: int = 3
    factor: float = 1
    always_active: bool = False


class KedaWorld(World):
    """The chain with KEDA at its end."""

    flaws: KedaFlaws

    def __init__(self, flaws: KedaFlaws) -> None:
        super().__init__(flaws, chain=Chain(hpa=Place("default", "keda-hpa-consumer")))
        self.last_active: float | None = None
        self.failures = 0
        self.is_active = False

    @property
    def falls_back(self) -> bool:
        return self.flaws.fallback is not None and self.failures > self.flaws.failure_threshold

    def read(self) -> float | None:
        """One question to the trigger's source: its value, the fallback's, or None when it failed."""
        value = self.metric() if self.prometheus_up else None
        if value is not None:
            self.failures = 0
            return value * self.flaws.factor
        self.failures += 1
        return self.flaws.target * float(self.flaws.fallback or 0) if self.falls_back else None

    def _work(self) -> None:
        super()._work()
        every, before = self.flaws.polling, self.now - 0.1
        if (before - PHASE) // every != (self.now - PHASE) // every:
            self._poll()

    def _poll(self) -> None:
        flaws, value = self.flaws, self.read()
        self.is_active = value is not None and (value > flaws.activation or flaws.always_active)
        if self.is_active:
            if self.spec == 0:
                self.scale(1)
            self.last_active = float(int(self.now))
        elif value is not None and self.spec and not flaws.minimum and self._cooled():
            self.scale(0)

    def _cooled(self) -> bool:
        return self.last_active is None or self.now > self.last_active + self.flaws.cooldown

    def _sync(self) -> None:
        if self.spec == 0:
            self.active, self.memory = False, []
            return
        flaws, value = self.flaws, self.read()
        self.active = value is not None
        if value is None:
            return
        self.share = round(1000 * value / self.spec)  # type: ignore[assignment]
        wanted = flaws.target * self.spec
        desired = self.spec if 0.9 <= value / wanted <= 1.1 else ceil(value / flaws.target)
        self.memory = [(at, n) for at, n in self.memory if at > self.now - flaws.window]
        self.memory.append((self.now, desired))
        most = min(max(n for _, n in self.memory), max(2 * self.spec, 4), flaws.maximum)
        self.scale(max(most, 1))


class KedaLive(Live):
    """With the signals that the dojo has not; the External metric only where it was asked for."""

    world: KedaWorld
    external = True

    def _add(self, signal: str, value: float | None, error: str | None = None, detail: Any = None) -> None:
        if signal != ADAPTER:
            super()._add(signal, value, error, detail)
        elif self.external:
            super()._add(signal, value and value * self.world.flaws.factor, error)

    def _others(self, down: str | None) -> None:
        super()._others(down)
        world = self.world
        states = {"Active": world.is_active, "Fallback": world.falls_back, "Ready": True}
        conditions = {kind: {"status": str(state)} for kind, state in states.items()}
        detail = {"conditions": conditions, "last_active": world.last_active}
        self._add(names.SCALED_OBJECT, float(world.is_active), None, detail)
        self._add(names.FAILURES, world.failures)


class KedaKit(Kit):
    """The fixtures over that world."""

    world: KedaWorld

    @contextmanager
    def record(self, name: str, signals: Any = None) -> Iterator[Live]:
        assert signals is None or set(signals) <= set(KEDA_SIGNALS)
        live = KedaLive(self.world, name, self.intervals.seconds())
        live.external = signals is None or ADAPTER in signals
        self.world.listeners.append(live.sample)
        self.world.advance(1)
        yield live
        self.world.advance(1)
        self.world.listeners.remove(live.sample)
        live.ended = self.world.now

    @contextmanager
    def gone(self, workload: str, namespace: str) -> Iterator[None]:
        assert namespace == self.chain.prometheus.namespace
        prometheus = workload.startswith("statefulset/")
        self.world.prometheus_up &= not prometheus
        self.world.advance(2)
        yield
        self.world.prometheus_up |= prometheus
        self.world.advance(3)

    def hpa(self, *place: str) -> Any:
        assert place == self.chain.hpa
        flaws = self.world.flaws
        target = {"type": "AverageValue", "averageValue": f"{flaws.target:g}"}
        metric = {"metric": {"name": "s0-prometheus"}, "target": target}
        metrics = [{"type": "External", "external": metric}]
        raw = {"spec": {"minReplicas": 1, "maxReplicas": flaws.maximum, "metrics": metrics}}
        return SimpleNamespace(min=1, max=flaws.maximum, raw=raw)

    def stage(self) -> Stage:
        made: Stage = super().stage()
        made.kube.deployments = lambda _: [SimpleNamespace(name="prometheus-kube-prometheus-operator")]
        made.kube.items = lambda *_: [
            {"metadata": {"name": "prometheus-prometheus-kube-prometheus-prometheus"}}
        ]
        return made
