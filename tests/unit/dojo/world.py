"""A dojo in memory, with a clock of its own: enough of the chain to drive and judge cycles in no time.

Scrapes and syncs come every 5 s, evaluations every 2 s; a consumer takes an item a second. The faults of a
solution are arguments, so that a behaviour can be shown to fail for its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from types import SimpleNamespace
from typing import Any

from fixtures.drive.errors import DriveFailed
from fixtures.install.pieces import InstallFailed
from fixtures.judge import intervals as judge_intervals
from fixtures.judge.budgets import Budgets
from fixtures.observe.chain import Chain, Place
from fixtures.observe.record import Event, Reading, Record
from fixtures.observe.redis_queue import Counts
from fixtures.observe.signals import SIGNALS

TICK, SCRAPE, EVALUATION, SYNC, WINDOW, POD_START = 0.1, 5.0, 2.0, 5.0, 20.0, 1.5
WORLD_BEGAN = 1_000_000.0


@dataclass
class Flaws:
    """What is wrong with a solution. By default nothing is."""

    target: float = 20
    minimum: int = 0
    maximum: int = 20
    absent_to_zero: bool = True
    rule_labels: dict[str, str] | None = None
    second_series: bool = False
    adapter_lag: float = 0.0
    window: float = WINDOW
    missing_is_zero: bool = False
    key: str = "padok"
    item_seconds: float = 1.0
    lose_every: int = 0
    lose_on_stop: bool = False
    kept_labels: tuple[str, ...] | None = None
    ingress_lag: float = 0.0
    rule: bool = True
    measured_by_consumers: bool = False
    one_at_a_time: bool = False


class World:
    """The chain and its clock; ``advance`` moves it."""

    def __init__(
        self, flaws: Flaws | None = None, *, scaled: bool = True, chain: Chain | None = None
    ) -> None:
        self.flaws, self.scaled, self.chain = flaws or Flaws(), scaled, chain or Chain()
        self.labels = self.chain.labels
        self.now = WORLD_BEGAN
        self.queue = self.published = self.consumed = self.finished = 0
        self.hands: list[float] = []
        self.spec, self.pods = 1, [self.now]
        self.exporter_up = self.adapter_up = self.prometheus_up = self.redis_up = True
        self.sizes: list[tuple[float, float]] = []
        self.recorded: list[tuple[float, float, dict[str, str]]] = []
        self.series_gone = False
        self.scraped = True
        """Whether there is a scrape job: what one gave that is no more stays as it was."""
        self.memory: list[tuple[float, int]] = []
        self.active, self.slept, self.share = True, False, 0
        self.seen = 1
        """How many replicas there were at the HPA's last sync."""
        self.listeners: list[Callable[[], None]] = []

    def advance(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK)):
            before, self.now = self.now, round(self.now + TICK, 3)
            self._work()
            for every, phase, act in (
                (SCRAPE, 1.3, self._scrape),
                (EVALUATION, 0.7, self._evaluate),
                (SYNC, 3.1, self._sync),
            ):
                if (before - phase) // every != (self.now - phase) // every:
                    act()
            for listener in self.listeners:
                listener()

    @property
    def ready(self) -> int:
        return sum(start <= self.now for start in self.pods)

    def metric(self) -> float | None:
        """What an instant query for the recorded metric gives."""
        if not self.recorded or self.now - self.recorded[-1][0] > 2 * EVALUATION:
            return None
        return self.recorded[-1][1]

    def adapter(self) -> float | None:
        then = self.now - self.flaws.adapter_lag
        seen = [value for at, value, _ in self.recorded if at <= then]
        return None if self.metric() is None or not seen else seen[-1]

    def scale(self, replicas: int) -> None:
        self.spec = replicas
        self.pods = self.pods[:replicas] + [self.now + POD_START] * (replicas - len(self.pods))
        if self.flaws.lose_on_stop:
            del self.hands[replicas:]

    def _work(self) -> None:
        if not self.redis_up:
            return
        for done in [end for end in self.hands if end <= self.now]:
            self.hands.remove(done)
            self.finished += 1
            self.consumed += not (self.flaws.lose_every and self.finished % self.flaws.lose_every == 0)
        while self.queue and len(self.hands) < (
            min(self.ready, 1) if self.flaws.one_at_a_time else self.ready
        ):
            self.queue -= 1
            self.hands.append(self.now + self.flaws.item_seconds)

    def _scrape(self) -> None:
        if not self.prometheus_up or not self.scraped:
            return
        self.series_gone = not (self.exporter_up and self.redis_up)
        if not self.series_gone:
            self.sizes.append((self.now, float(self.queue if self.flaws.key == "padok" else 0)))

    def _evaluate(self) -> None:
        asleep = self.flaws.measured_by_consumers and not self.ready
        if not self.prometheus_up or not self.flaws.rule or asleep:
            return
        labels = {**self.labels, "pod": "exporter", "instance": "1.2.3.4:9121"}
        kept = labels if self.flaws.kept_labels is None else self.flaws.kept_labels
        labels = {name: text for name, text in labels.items() if name in kept}
        if self.sizes and not self.series_gone:
            self.recorded.append((self.now, self.sizes[-1][1], labels))
        elif self.flaws.absent_to_zero:
            self.recorded.append(
                (self.now, 0.0, self.labels if self.flaws.rule_labels is None else self.flaws.rule_labels)
            )

    def _sync(self) -> None:
        self.seen = len(self.pods)
        flaws = self.flaws
        if not self.scaled or (self.spec == 0 and not self.slept):
            return
        value = self.adapter() if self.adapter_up and self.prometheus_up else None
        if value is None and flaws.missing_is_zero:
            value = 0.0
        self.active = value is not None
        if value is None:
            return
        self.share = round(1000 * value / max(self.spec, 1))  # thousandths; the real one divides by zero, too
        wanted = flaws.target * self.spec
        desired = self.spec if wanted and 0.9 <= value / wanted <= 1.1 else ceil(value / flaws.target)
        self.memory = [(at, n) for at, n in self.memory if at > self.now - flaws.window] or [
            (self.now, desired)
        ]
        self.memory.append((self.now, desired))
        most = min(max(n for _, n in self.memory), max(2 * self.spec, 4), flaws.maximum)
        self.slept = max(most, flaws.minimum) == 0
        self.scale(max(most, flaws.minimum))


class Live:
    """The sampler's live record, on the world's clock."""

    def __init__(self, world: World, name: str, intervals: dict[str, float]) -> None:
        self.world, self.name, self.intervals = world, name, intervals
        self.started, self.events, self.readings = world.now, [], []  # type: ignore[var-annotated]
        self.ended: float | None = None
        self._due = dict.fromkeys(("redis", "others"), world.now)

    def sample(self) -> None:
        world, failed = self.world, "no answer"
        down = None if world.redis_up else failed
        if world.now >= self._due["redis"]:
            self._due["redis"] += 0.5
            counts = {"queue_length": world.queue, "in_hand": len(world.hands)}
            counts |= {"published_total": world.published, "consumed_total": world.consumed}
            for signal, value in counts.items():
                self._add(signal, value, down)
        if world.now >= self._due["others"]:
            self._due["others"] += 1.0
            self._others(None if world.prometheus_up else failed)

    def _others(self, down: str | None) -> None:
        world = self.world
        size = world.sizes[-1] if world.sizes and not world.series_gone else None
        self._add("redis_key_size", size and size[1], down, {"sample_at": size[0]} if size else {})
        at = {"sample_at": world.recorded[-1][0]} if world.recorded else {}
        self._add("redis_items_in_queue", world.metric(), down, at)
        reachable = world.adapter_up and world.prometheus_up
        described = {"described": f"Service/{world.chain.exporter.name}"}
        self._add("adapter_value", world.adapter(), None if reachable else "HTTP 500", described)
        self._add("api_available", float(world.adapter_up))
        self._add("hpa_desired_replicas", world.spec if world.scaled else None, None, self._hpa())
        self._add("hpa_current_replicas", world.seen if world.scaled else None)
        for signal, count in (("spec", world.spec), ("status", len(world.pods)), ("ready", world.ready)):
            self._add(f"{signal}_replicas", count)

    def _hpa(self) -> dict[str, Any]:
        thousandths = self.world.share
        states = {"ScalingActive": self.world.active, "ScaledToZero": self.world.slept}
        conditions = {kind: {"status": str(state), "reason": ""} for kind, state in states.items()}
        metric = {"averageValue": f"{thousandths}m", "average": thousandths / 1000}
        return {"conditions": conditions, "current_metric": metric}

    def _add(self, signal: str, value: float | None, error: str | None = None, detail: Any = None) -> None:
        now = round(self.world.now, 3)
        known = None if value is None or error else float(value)
        self.readings.append(Reading(now, signal, known, error, detail or {}, round(now - 0.02, 3)))

    def mark(self, name: str, kind: str = "drive", **detail: Any) -> Event:
        self.events.append(Event(self.world.now, name, kind, detail))
        return self.events[-1]  # type: ignore[no-any-return]

    def so_far(self) -> Record:
        return Record(
            self.name,
            self.started,
            self.ended,
            events=self.events,
            readings=self.readings,
            intervals=self.intervals,
        )

    @property
    def record(self) -> Record:
        if self.ended is None:
            raise RuntimeError(f"record {self.name!r} is still being sampled; so_far() shows what there is")
        return self.so_far()

    def wait_until(self, condition: Callable[[Record], bool], budget: Any, what: str) -> bool:
        until = self.world.now + budget.seconds
        while not condition(self.so_far()):
            if self.world.now >= until:
                last = {reading.signal: reading.value for reading in self.readings}
                self.mark(f"gave up: {what}", kind="wait", last=last, budget_seconds=budget.seconds)
                return False
            self.world.advance(0.5)
        self.mark(what, kind="wait")
        return True


@dataclass
class Kit:
    """The fixtures a cycle and a behaviour take, over one world."""

    world: World
    by_hand: list[tuple[int, int]] = field(default_factory=list)
    """The replica counts that the cycles set, each with the one before it."""

    def __post_init__(self) -> None:
        self.chain = self.world.chain
        self.intervals = judge_intervals.Intervals.exercise().known(
            "this world", evaluation=EVALUATION, config_sync=1, relist=15
        )
        self.budgets = Budgets(self.intervals)

    @contextmanager
    def record(self, name: str, signals: Any = None) -> Iterator[Live]:
        assert signals is None or set(signals) <= set(SIGNALS)
        live = Live(self.world, name, self.intervals.seconds())
        self.world.listeners.append(live.sample)
        self.world.advance(1)
        yield live
        self.world.advance(1)
        self.world.listeners.remove(live.sample)
        live.ended = self.world.now

    def health(self) -> SimpleNamespace:
        started = self.world.now - WORLD_BEGAN >= self.world.flaws.ingress_lag
        return SimpleNamespace(status=200 if started else 502)

    def publish(self, count: int = 1) -> int:
        if self.health().status != 200:
            raise DriveFailed("POST /publish", "502 'no endpoints'")
        self.world.queue += count
        self.world.published += count
        return count

    def counts(self) -> Counts:
        world = self.world
        return Counts(world.queue, len(world.hands), world.published, world.consumed)

    def set_scale(self, workload: str, replicas: int, namespace: str) -> None:
        assert (namespace, f"deployment/{self.chain.consumer.name}") == (
            self.chain.consumer.namespace,
            workload,
        )
        self.by_hand.append((self.world.spec, replicas))
        self.world.scale(replicas)
        self.world.advance(2)

    def restore(self, workload: str, namespace: str) -> None:
        self.set_scale(workload, self.by_hand[0][0], namespace)

    @contextmanager
    def gone(self, workload: str, namespace: str) -> Iterator[None]:
        parts = {self.chain.exporter_deployment: "exporter", self.chain.adapter: "adapter"}
        part = parts[Place(namespace, workload.removeprefix("deployment/"))]
        setattr(self.world, f"{part}_up", False)
        self.world.advance(2)
        yield
        setattr(self.world, f"{part}_up", True)
        self.world.advance(3)

    def delete_pods(self, selector: str, namespace: str) -> float:
        chain = self.chain
        part = {
            (chain.redis_pods, chain.redis.namespace): "redis",
            (chain.prometheus_pods, chain.prometheus.namespace): "prometheus",
        }[selector, namespace]
        setattr(self.world, f"{part}_up", False)
        self.world.advance(26)  # longer than the window: whoever takes nothing for 0 scales down in it
        if part == "prometheus":
            self.world.recorded.clear()
            self.world.sizes.clear()
        setattr(self.world, f"{part}_up", True)
        return 26.0

    def raw_samples(self, selector: str, seconds: float) -> list[Any]:
        since, world = self.world.now - seconds, self.world
        if selector.startswith("redis_key_size"):
            labels = {
                "__name__": "redis_key_size",
                **world.labels,
                "pod": "exporter",
                "instance": "1.2.3.4:9121",
            }
            labels["key"] = world.flaws.key
            return [SimpleNamespace(labels=labels, samples=[s for s in world.sizes if s[0] >= since])]
        rows = [r for r in world.recorded if r[0] >= since]
        if "{" in selector:
            rows = [row for row in rows if world.labels.items() <= row[2].items()]
        found = [SimpleNamespace(labels=row[2], samples=[row[:2]]) for row in rows]
        extra = [SimpleNamespace(labels={}, samples=[(row[0], 0.0)]) for row in rows]
        return found + extra * world.flaws.second_series

    def hpa(self, *place: str) -> Any:
        assert place == self.chain.hpa
        flaws = self.world.flaws
        metric = {"target": {"type": "AverageValue", "averageValue": str(flaws.target)}}
        spec = {"minReplicas": flaws.minimum, "maxReplicas": flaws.maximum}
        raw = {"spec": {**spec, "metrics": [{"type": "Object", "object": metric}]}}
        active = {"ScalingActive": {"status": str(self.world.active)}}
        found = SimpleNamespace(min=flaws.minimum, max=flaws.maximum, raw=raw, conditions=active)
        return found if self.world.scaled else None

    def stage(self) -> Any:
        """What the cycles take."""
        from conformance.dojo.stage import Stage

        yes, nothing = (lambda *_: True), (lambda *_: None)
        deployment = SimpleNamespace(spec=self.world.spec)
        return Stage(
            recorder=SimpleNamespace(record=self.record),
            installation=SimpleNamespace(need=nothing, release=nothing, has=yes, Failed=InstallFailed),
            solution=SimpleNamespace(has=yes, missing=str),
            producer=SimpleNamespace(publish=self.publish, health=self.health, Failed=DriveFailed),
            faults=SimpleNamespace(
                scale=self.set_scale, restore=self.restore, gone=self.gone, delete_pods=self.delete_pods
            ),
            kube=SimpleNamespace(hpa=self.hpa, get=lambda _: (200, {}), deployment=lambda *_: deployment),
            prometheus=SimpleNamespace(raw_samples=self.raw_samples, rules=list),
            redis_queue=SimpleNamespace(counts=self.counts),
            budgets=self.budgets,
            intervals=self.intervals,
            chain=self.chain,
            hands_on=nothing,
        )
