"""A record of the adapter in production, by a small world with a clock: what it does wrong is an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from conformance.event_loop import cycle, names
from conformance.event_loop.conftest import EXPECT
from conformance.pod_metric.stage import PodStage
from fixtures.drive.http_load import Requests
from fixtures.judge.budgets import Budgets
from fixtures.judge.intervals import Intervals
from fixtures.observe.pod_chain import PodChain
from fixtures.observe.record import Event, Reading, Record

BEGAN = 1_000_000.0
CHAIN = PodChain.of(
    "event-loop",
    {
        "deployment": "event-loop",
        "service": "event-loop",
        "hpa": "event-loop",
        "host": "event-loop.vcap.me",
        "series": "elu_utilization",
        "metric": "elu_utilization",
        "namespace_label": names.NAMESPACE_LABEL,
        "pod_label": names.POD_LABEL,
    },
)


@dataclass(frozen=True)
class Flaws:
    """What this world's solution does wrong."""

    adapters: int = 2
    lets_go: int = 1
    """Pods that the PodDisruptionBudget lets go at once."""
    recreates: bool = False
    starts: float = 4.0
    """Seconds until a new pod of the adapter is ready."""
    reads: bool = True
    zero_when_blind: bool = False
    never_climbs: bool = False


class World:
    """The adapter's pods, the replicas, and a clock that moves a second at a time."""

    def __init__(self, flaws: Flaws) -> None:
        self.flaws, self.now = flaws, BEGAN
        self.ready_at = [BEGAN] * flaws.adapters
        self.load: Load | None = None
        self.spec = 2
        self.lowered_at: float | None = None
        self.listeners: list[Callable[[], None]] = []

    @property
    def ready(self) -> int:
        return sum(at <= self.now for at in self.ready_at)

    @property
    def answers(self) -> bool:
        return self.ready > 0

    @property
    def shown(self) -> float | None:
        if self.answers and self.flaws.reads:
            return 1.25 if self.load else 0.02
        return 0.0 if self.flaws.zero_when_blind else None

    def advance(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.now += 1
            if self.now % 5 == 0 and self.shown is not None:
                climbs = bool(self.load) and not self.flaws.never_climbs
                self.spec = cycle.REPLICAS if climbs else 2
            for listener in self.listeners:
                listener()

    def replace(self, pods: int) -> None:
        self.ready_at = sorted(self.ready_at)[pods:] + [self.now + self.flaws.starts] * pods


class Load:
    """A load on the world's clock."""

    def __init__(self, world: World) -> None:
        self.world, self.sent = world, Requests()

    def __enter__(self) -> Load:
        self.world.load = self
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.world.load = None


class Live:
    """The sampler's live record on the world's clock: everything is read once a second."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name, self.started = world, name, world.now
        self.events: list[Event] = []
        self.readings: list[Reading] = []

    @property
    def last_event(self) -> Event:
        return self.events[-1]

    def sample(self) -> None:
        world, shown = self.world, self.world.shown
        error = None if world.answers else "the server is currently unable to handle the request"
        self._add(names.METRIC, (1.25 if world.load else 0.02) if world.answers else None, error=error)
        metric = None if shown is None else {"averageValue": "1", "average": shown / world.spec}
        state = {"ScalingActive": {"status": str(shown is not None), "reason": ""}}
        self._add(names.HPA, world.spec, {"conditions": state, "current_metric": metric})
        self._add(names.SPEC, world.spec)
        self._add(names.READY, world.spec)
        pods = {f"event-loop-{n}": {"ready": True, "phase": "Running", "deleting": False} for n in range(2)}
        self._add(names.READY_PODS, world.spec, {"pods": pods})
        total = len(world.ready_at)
        self._add(names.ADAPTER_READY, world.ready, {"updated": total, "total": total})

    def _add(self, signal: str, value: float | None, detail: Any = None, error: str | None = None) -> None:
        now = self.world.now
        self.readings.append(Reading(now, signal, value, error, detail or {}, now - 0.02))

    def mark(self, name: str, kind: str = "drive", **detail: Any) -> Event:
        self.events.append(Event(self.world.now, name, kind, detail))
        return self.events[-1]

    @property
    def record(self) -> Record:
        return Record(self.name, self.started, self.world.now, events=self.events, readings=self.readings)

    so_far = record.fget  # type: ignore[attr-defined]

    def wait_until(self, condition: Callable[[Record], bool], budget: Any, what: str) -> bool:
        until = self.world.now + budget.seconds
        while not condition(self.record):
            if self.world.now >= until:
                self.mark(f"gave up: {what}", kind="wait")
                return False
            self.world.advance(1)
        self.mark(what, kind="wait")
        return True


class Kit:
    """The fixtures that the cycle takes, over one world."""

    def __init__(self, flaws: Flaws) -> None:
        self.world, self.flaws = World(flaws), flaws
        self.intervals = Intervals.exercise().known("this world", config_sync=1, relist=10)
        self.budgets = Budgets(self.intervals)

    @contextmanager
    def record(self, name: str) -> Iterator[Live]:
        live = Live(self.world, name)
        self.world.listeners.append(live.sample)
        self.world.advance(1)
        yield live
        self.world.advance(1)
        self.world.listeners.remove(live.sample)

    def delete_pod(self, selector: str, namespace: str) -> str:
        assert (selector, namespace) == (CHAIN.adapter_pods, CHAIN.adapter.namespace)
        self.world.replace(1)
        self.world.advance(1)
        return "adapter-0"

    def evict(self, selector: str, namespace: str) -> dict[str, str]:
        assert (selector, namespace) == (CHAIN.adapter_pods, CHAIN.adapter.namespace)
        let = min(self.flaws.lets_go, self.flaws.adapters)
        self.world.replace(let)
        self.world.advance(1)
        kept = "Cannot evict pod as it would violate the pod's disruption budget."
        return {f"adapter-{n}": "" if n < let else kept for n in range(self.flaws.adapters)}

    def restart(self, workload: str, namespace: str) -> None:
        assert (workload, namespace) == (f"deployment/{CHAIN.adapter.name}", CHAIN.adapter.namespace)
        pods = self.flaws.adapters
        if self.flaws.recreates:
            self.world.ready_at = [self.world.now + 2 * self.flaws.starts] * pods
        self.world.advance(self.flaws.starts * pods)

    @contextmanager
    def gone(self, workload: str, namespace: str) -> Iterator[None]:
        assert workload == f"deployment/{CHAIN.adapter.name}"
        self.world.ready_at = []
        self.world.advance(1)
        yield
        self.world.ready_at = [self.world.now + self.flaws.starts] * self.flaws.adapters
        self.world.advance(self.flaws.starts)

    def stage(self) -> PodStage:
        target = {"type": "AverageValue", "averageValue": "500m"}
        metric = {"type": "Pods", "pods": {"metric": {"name": names.SERIES}, "target": target}}
        raw = {"spec": {"minReplicas": 2, "maxReplicas": 6, "metrics": [metric]}}
        hpa = SimpleNamespace(min=2, max=6, raw=raw)
        faults = SimpleNamespace(
            delete_pod=self.delete_pod, evict=self.evict, restart=self.restart, gone=self.gone
        )
        return PodStage(
            expect=EXPECT,
            recorder=SimpleNamespace(record=self.record),
            installation=SimpleNamespace(need=lambda _: None),
            faults=faults,
            http_load=self._http_load,
            kube=SimpleNamespace(hpa=lambda *_: hpa),
            prometheus=None,
            custom_metrics=None,
            budgets=self.budgets,
            intervals=self.intervals,
            chain=CHAIN,
            hands_on=lambda: None,
        )

    def _http_load(self, path: str, *, per_second: float, seconds: float, host: str) -> Load:
        assert (path, per_second, host) == ("/burn?ms=50", 25, CHAIN.host)
        return Load(self.world)
