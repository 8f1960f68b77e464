"""A shop in memory, with a clock of its own: pods that count requests, Prometheus' rate of them, an HPA.

Scrapes and syncs come every 5 s. The faults of a solution are arguments, so that a behaviour can be shown to
fail for its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil
from types import SimpleNamespace
from typing import Any

from conformance.pod_metric.expect import Expect, Load
from conformance.pod_metric.stage import PodStage
from fixtures.drive.http_load import Requests
from fixtures.install.pieces import InstallFailed
from fixtures.judge.budgets import Budgets
from fixtures.judge.intervals import Intervals
from fixtures.observe.pod_chain import PodChain
from fixtures.observe.record import Event, Reading, Record

TICK, SCRAPE, SYNC, POD_START, RESTART = 0.1, 5.0, 5.0, 3.0, 2.0
BEGAN = 1_000_000.0
SHOP = Expect(
    scenario="shopfront",
    series="http_requests_total",
    metric="http_requests_per_second",
    target=2,
    minimum=1,
    maximum=3,
    window=120,
    below=Load(1.5, 300),
    above=Load(40, 60),
    application="shop",
)
CHAIN = PodChain.of(
    "shop",
    {
        "deployment": "shop",
        "service": "shop",
        "hpa": "shop",
        "host": "shop.vcap.me",
        "series": SHOP.series,
        "metric": SHOP.metric,
        "window": "2m",
    },
)
Samples = list[tuple[float, float]]


@dataclass(frozen=True)
class Flaws:
    """What is wrong with a solution. By default nothing is."""

    query: str = "rate"
    window: float = 120.0
    factor: float = 1.0
    rounds: bool = False
    fills: bool = False
    target: float = 2
    minimum: int = 1
    maximum: int = 3
    downscale: float = 20.0
    ceiling: int = 10
    counts_probes: bool = False
    adapter: bool = True
    reads: bool = True
    sticks: bool = False
    flaps: bool = False


@dataclass
class Pod:
    """One pod: when it is Ready, what it has counted, what was scraped of it."""

    name: str
    born: float
    ready_at: float
    count: float = 0.0
    restarts: int = 0
    samples: Samples = field(default_factory=list)


def rate(samples: Samples, now: float, window: float) -> float | None:
    """Prometheus' rate of a counter (promql/functions.go, extrapolatedRate); None below two samples."""
    inside = [(at, value) for at, value in samples if now - window < at <= now]
    if len(inside) < 2:
        return None
    (first_at, first), (last_at, last) = inside[0], inside[-1]
    grown = last - first
    grown += sum(a for (_, a), (_, b) in pairwise(inside) if b < a)
    sampled, apart = last_at - first_at, (last_at - first_at) / (len(inside) - 1)
    start, end = first_at - (now - window), now - last_at
    start, end = (gap if gap < 1.1 * apart else apart / 2 for gap in (start, end))
    if grown > 0 and first >= 0:
        start = min(start, sampled * first / grown)
    return grown * (sampled + start + end) / sampled / window


class World:
    """The chain and its clock; ``advance`` moves it."""

    def __init__(self, flaws: Flaws) -> None:
        self.flaws, self.now, self.born = flaws, BEGAN, 0
        self.pods: list[Pod] = []
        self.gone: list[Pod] = []
        self.loads: list[RunningLoad] = []
        self.memory: list[tuple[float, int]] = []
        self.shown: float | None = None
        self.listeners: list[Callable[[], None]] = []
        self.spec = 0
        self.scale(flaws.minimum)
        self.turn = 0

    def scale(self, replicas: int) -> None:
        for _ in range(replicas - len(self.pods)):
            self.born += 1
            self.pods.append(Pod(f"shop-abc-{self.born:05d}", self.now, self.now + POD_START))
        self.gone += self.pods[replicas:]
        self.pods, self.spec = self.pods[:replicas], replicas

    def advance(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK)):
            before, self.now = self.now, round(self.now + TICK, 3)
            for load in self.loads:
                load.send()
            for every, phase, act in ((SCRAPE, 1.3, self._scrape), (SYNC, 3.1, self._sync)):
                if (before - phase) // every != (self.now - phase) // every:
                    act()
            for listener in self.listeners:
                listener()

    @property
    def ready(self) -> list[Pod]:
        return [pod for pod in self.pods if pod.ready_at <= self.now]

    def request(self) -> bool:
        if not self.ready:
            return False
        self.turn += 1
        self.ready[self.turn % len(self.ready)].count += 1
        return True

    def values(self) -> dict[str, float]:
        """What the API says of each pod."""
        found = {pod.name: self._value(pod) for pod in self.pods}
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, pod: Pod) -> float | None:
        flaws, past = self.flaws, pod.samples
        if not past or not flaws.adapter:
            return None
        inside = [sample for sample in past if sample[0] > self.now - flaws.window]
        if flaws.query == "delta":
            value = None if len(inside) < 2 else (inside[-1][1] - inside[0][1]) / flaws.window
        elif flaws.query == "raw":
            value = past[-1][1]
        elif flaws.query == "irate":
            value = rate(past, self.now, 2 * SCRAPE + 0.1)
        elif flaws.query == "nothing":
            value = None
        else:
            value = rate(past, self.now, flaws.window)
        if value is None:
            return 0.0 if flaws.fills else None
        value *= flaws.factor
        return float(ceil(value)) if flaws.rounds else round(value, 3)

    def _scrape(self) -> None:
        for pod in self.ready:
            pod.count += 2.5 if self.flaws.counts_probes else 0
            pod.samples.append((self.now, pod.count))

    def _sync(self) -> None:
        flaws, values = self.flaws, self.values()
        self.shown = sum(values.values()) / len(values) if values and flaws.reads else None
        if self.shown is None:
            return
        ratio, missing = self.shown / flaws.target, len(self.pods) - len(values)
        if missing and ratio != 1:
            filled = flaws.target if ratio < 1 else 0.0
            ratio = (sum(values.values()) + missing * filled) / (len(values) + missing) / flaws.target
        wanted = self.spec if 0.9 <= ratio <= 1.1 else ceil(ratio * len(self.pods))
        self.memory = [(at, n) for at, n in self.memory if at > self.now - flaws.downscale]
        self.memory = [*self.memory, (self.now, wanted)]
        most = min(max(n for _, n in self.memory), max(2 * self.spec, 4), flaws.maximum, flaws.ceiling)
        if flaws.flaps and self.spec == flaws.maximum and self.now % 20 < SYNC:
            most = flaws.maximum - 1
        if not (flaws.sticks and most < self.spec):
            self.scale(max(most, flaws.minimum))


class RunningLoad:
    """A load on the world's clock."""

    def __init__(self, world: World, per_second: float, seconds: float) -> None:
        self.world, self.per_second, self.seconds = world, per_second, seconds
        self.sent, self.started = Requests(), 0.0

    def __enter__(self) -> RunningLoad:
        self.started = self.world.now
        self.world.loads.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.world.loads.remove(self)

    def send(self) -> None:
        elapsed = min(self.world.now - self.started, self.seconds)
        for _ in range(int(elapsed * self.per_second) - self.sent.asked):
            self.sent.asked += 1
            if self.world.request():
                self.sent.times.append(self.world.now)
            else:
                self.sent.failed += 1


class Live:
    """The sampler's live record, on the world's clock: everything is read once a second."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name, self.started = world, name, world.now
        self.events: list[Event] = []
        self.readings: list[Reading] = []
        self.ended: float | None = None
        self._due, self._seen = world.now, (-1, -1)
        self._record = Record(name)

    @property
    def last_event(self) -> Event:
        return self.events[-1]

    def sample(self) -> None:
        world = self.world
        if world.now < self._due:
            return
        self._due += 1.0
        values, rates = world.values(), {pod.name: rate(pod.samples, world.now, 120) for pod in world.pods}
        raw = {name: f"{round(value * 1000)}m" for name, value in values.items()}
        detail = {"pods": values, "raw": raw, "values": len(values)}
        self._add("pod_metric", sum(values.values()) if values else None, detail)
        known = {name: value for name, value in rates.items() if value is not None}
        self._add("pod_series", sum(known.values()) if known else None, {"pods": known})
        pods = {
            pod.name: {
                "ready": pod in world.ready,
                "started": pod.born,
                "phase": "Running",
                "deleting": False,
                "restarts": pod.restarts,
            }
            for pod in world.pods
        }
        self._add("ready_pods", len(world.ready), {"pods": pods})
        active, share = str(world.shown is not None), f"{round((world.shown or 0) * 1000)}m"
        metric = {"averageValue": share, "average": world.shown} if world.shown is not None else None
        state = {"conditions": {"ScalingActive": {"status": active, "reason": ""}}, "current_metric": metric}
        self._add("hpa_desired_replicas", world.spec, state)
        for signal, count in (("spec", world.spec), ("status", len(world.pods)), ("ready", len(world.ready))):
            self._add(f"{signal}_replicas", count)

    def _add(self, signal: str, value: float | None, detail: Any = None) -> None:
        now = round(self.world.now, 3)
        known = None if value is None else float(value)
        self.readings.append(Reading(now, signal, known, None, detail or {}, round(now - 0.02, 3)))

    def mark(self, name: str, kind: str = "drive", **detail: Any) -> Event:
        self.events.append(Event(self.world.now, name, kind, detail))
        return self.events[-1]

    def so_far(self) -> Record:
        if self._seen != (len(self.events), len(self.readings)):
            self._seen = (len(self.events), len(self.readings))
            self._record = Record(
                self.name, self.started, self.ended, events=self.events, readings=self.readings
            )
        return self._record

    @property
    def record(self) -> Record:
        return Record(self.name, self.started, self.ended, events=self.events, readings=self.readings)

    def wait_until(self, condition: Callable[[Record], bool], budget: Any, what: str) -> bool:
        until = self.world.now + budget.seconds
        while not condition(self.so_far()):
            if self.world.now >= until:
                self.mark(f"gave up: {what}", kind="wait")
                return False
            self.world.advance(1.0)
        self.mark(what, kind="wait")
        return True


class Kit:
    """The fixtures that the cycle takes, over one world."""

    def __init__(self, flaws: Flaws) -> None:
        self.world, self.flaws = World(flaws), flaws
        self.intervals = Intervals.exercise().known("this world", config_sync=1, relist=15, evaluation=5)
        self.budgets = Budgets(self.intervals)

    @contextmanager
    def record(self, name: str, signals: Any = None) -> Iterator[Live]:
        live = Live(self.world, name)
        self.world.listeners.append(live.sample)
        self.world.advance(1)
        yield live
        self.world.advance(1)
        self.world.listeners.remove(live.sample)
        live.ended = self.world.now

    def http_load(self, path: str, *, per_second: float, seconds: float, host: str) -> RunningLoad:
        assert (path, host) == ("/", CHAIN.host)
        return RunningLoad(self.world, per_second, seconds)

    def stop_container(self, pod: str, namespace: str, *, container: str = "") -> None:
        found = next(each for each in self.world.pods if each.name == pod)
        found.count, found.restarts, found.ready_at = 0, found.restarts + 1, self.world.now + RESTART

    def raw_samples(self, selector: str, seconds: float) -> list[Any]:
        assert selector == CHAIN.selector
        since = self.world.now - seconds
        return [
            SimpleNamespace(labels={"pod": p.name}, samples=[s for s in p.samples if s[0] >= since])
            for p in (*self.world.pods, *self.world.gone)
        ]

    def hpa(self, *place: str) -> Any:
        flaws = self.flaws
        target = {"type": "AverageValue", "averageValue": str(flaws.target)}
        metric = {"type": "Pods", "pods": {"metric": {"name": SHOP.metric}, "target": target}}
        spec = {"minReplicas": flaws.minimum, "maxReplicas": flaws.maximum, "metrics": [metric]}
        spec["scaleTargetRef"] = {"kind": "Deployment", "name": "shop"}
        return SimpleNamespace(min=flaws.minimum, max=flaws.maximum, raw={"spec": spec}, conditions={})

    def stage(self) -> PodStage:
        """What the cycle takes."""
        nothing = lambda *_: None  # noqa: E731
        has = lambda piece: piece != "adapter" or self.flaws.adapter  # noqa: E731
        return PodStage(
            expect=SHOP,
            recorder=SimpleNamespace(record=self.record),
            installation=SimpleNamespace(need=nothing, has=has, Failed=InstallFailed),
            faults=SimpleNamespace(stop_container=self.stop_container),
            http_load=self.http_load,
            kube=SimpleNamespace(hpa=self.hpa),
            prometheus=SimpleNamespace(raw_samples=self.raw_samples),
            custom_metrics=None,
            budgets=self.budgets,
            intervals=self.intervals,
            chain=CHAIN,
            hands_on=nothing,
        )
