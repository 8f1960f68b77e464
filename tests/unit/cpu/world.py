"""The cpu scenario in memory: pods that use processor time, an HPA that follows their share of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from conformance.cpu import names
from conformance.cpu.cycle import CpuStage
from fixtures.install.pieces import InstallFailed
from fixtures.observe.chain import Place
from tests.unit.pod_metric.world import Flaws, Kit, Live, Pod, RunningLoad, World

RESOLUTION = 15.0
REQUEST = 0.05
RIGHT = {"target": names.UTILIZATION * REQUEST / 100, "minimum": 2, "maximum": 6}


@dataclass(frozen=True)
class CpuFlaws(Flaws):
    """What is wrong beside the HPA: seconds between two readings, cores that a pod gets at most, and what
    an HPA is told while nothing is measured (as if it were nothing).
    """

    resolution: float = RESOLUTION
    limit: float = 1.0
    blind_is_idle: bool = False


class CpuWorld(World):
    """Counts are processor time; a usage is made of the last two readings of it."""

    flaws: CpuFlaws
    away = False
    away_since = 0.0

    def request(self) -> bool:
        if not self.ready:
            return False
        self.turn += 1
        pod = self.ready[self.turn % len(self.ready)]
        pod.count += names.COST_MS / 1000 + 0.002
        return True

    def advance(self, seconds: float) -> None:
        before = self.now
        super().advance(seconds)
        if (before - 2.2) // self.flaws.resolution != (self.now - 2.2) // self.flaws.resolution:
            self._measure()

    def _scrape(self) -> None:
        """Nobody scrapes; it is asked each ``resolution``."""

    def _measure(self) -> None:
        for pod in self.ready:
            if not self.away:
                pod.samples.append((self.now, pod.count))

    def usage(self, pod: Pod) -> tuple[float, float, float] | None:
        """Cores, when, and over how many seconds; None before two readings since metrics-server began."""
        seen = [sample for sample in pod.samples if sample[0] > self.away_since]
        if self.away or len(seen) < 2:
            return None
        (start, before), (end, after) = seen[-2:]
        return min((after - before) / (end - start), self.flaws.limit), end, end - start

    def values(self) -> dict[str, float]:
        found = {pod.name: self.usage(pod) for pod in self.pods}
        if self.away and self.flaws.blind_is_idle:
            return dict.fromkeys(found, 0.0)
        return {name: each[0] for name, each in found.items() if each is not None}


class CpuLive(Live):
    """Reads usage in place of a pod metric."""

    world: CpuWorld

    def _add(self, signal: str, value: float | None, detail: Any = None) -> None:
        if signal == "pod_metric":
            read = {pod.name: self.world.usage(pod) for pod in self.world.pods}
            known = {name: each for name, each in read.items() if each is not None}
            detail = {
                "pods": {name: each[0] for name, each in known.items()},
                "measured": {name: each[1] for name, each in known.items()},
                "windows": {name: each[2] for name, each in known.items()},
            }
            super()._add(names.USAGE, sum(detail["pods"].values()) if known else None, detail)
        elif signal != "pod_series":
            super()._add(signal, value, detail)


class CpuKit(Kit):
    """The fixtures that the cpu cycle takes."""

    def __init__(self, flaws: CpuFlaws) -> None:
        super().__init__(flaws)
        self.world: CpuWorld = CpuWorld(flaws)
        self.world.advance(40)  # what was installed before is measured

    @contextmanager
    def record(self, name: str, signals: Any = None) -> Iterator[Live]:
        live = CpuLive(self.world, name)
        self.world.listeners.append(live.sample)
        self.world.advance(1)
        yield live
        self.world.advance(1)
        self.world.listeners.remove(live.sample)
        live.ended = self.world.now

    def http_load(self, path: str, *, per_second: float, seconds: float, host: str = "") -> RunningLoad:
        assert path == f"/?ms={names.COST_MS:g}"
        return RunningLoad(self.world, per_second, seconds)

    @contextmanager
    def gone(self, workload: str, namespace: str) -> Iterator[None]:
        assert (workload, namespace) == ("deployment/metrics-server", "metrics")
        self.world.away = True
        yield
        self.world.away, self.world.away_since = False, self.world.now

    def cpu_stage(self) -> CpuStage:
        """What the cycle takes."""
        registered = SimpleNamespace(service=("metrics", "metrics-server"))
        return CpuStage(
            recorder=SimpleNamespace(record=self.record),
            installation=SimpleNamespace(need=lambda _: None, Failed=InstallFailed),
            faults=SimpleNamespace(gone=self.gone),
            http_load=self.http_load,
            kube=SimpleNamespace(hpa=self.hpa, apiservice=lambda _: registered),
            budgets=self.budgets,
            intervals=self.intervals,
            chain=SimpleNamespace(hpa=Place("cpu", "cpu-app")),
            hands_on=lambda: None,
        )
