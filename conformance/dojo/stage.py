"""What a cycle is driven with, and the few moves all cycles share."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from . import names, web
from .judging import Blocked, RawSample, flat, is_active

LOOKBACK = 300.0
"""Seconds of raw samples that are read: longer than the longest cycle and MARGIN."""
MARGIN = 30.0
"""Seconds before a record that are read of what a rule was made from, to explain its first samples, too."""


@dataclass(frozen=True)
class Stage:
    """The kit's fixtures, as the cycles need them."""

    recorder: Any
    installation: Any
    solution: Any
    producer: Any
    faults: Any
    kube: Any
    prometheus: Any
    redis_queue: Any
    budgets: Any
    intervals: Any
    chain: Any
    hands_on: Any
    """Called before anything is driven; raises where the cluster is not to be touched."""
    alone: bool = True
    """Whether no other scenario is judged on the cluster at the same time."""

    def bring(self, piece: str = "solution") -> str:
        """Wait for a piece, and return the note on its chart: what was left out of it, or "". The solution's
        gate is opened: the bare application was measured, or is not asked for.
        """
        self.installation.release("solution")
        installed = self.installation.need(piece)  # where it stands already, what was found: a text
        return str(getattr(getattr(installed, "source", None), "note", ""))

    def comes(self, piece: str) -> bool:
        """Wait for a piece, however that ends: False where there is none, or it could not be installed."""
        try:
            self.bring(piece)
        except self.installation.Failed:
            return False
        return True

    def producer_answers(self) -> bool:
        """Whether the producer says, through its ingress, that it serves. An ingress controller learns of a
        pod some time after Kubernetes calls it ready, and forgets it when it is not.
        """
        try:
            return bool(self.producer.health().status == web.OK)
        except self.producer.Failed:
            return False

    def publish(self, live: Any, name: str, count: int) -> Any:
        """Publish through the ingress and mark it, with how long the request took: a burst is no instant."""
        began = time.monotonic()
        self.producer.publish(count)
        return live.mark(name, kind="drive", count=count, seconds=round(time.monotonic() - began, 3))

    def raw(self, selector: str, seconds: float = LOOKBACK) -> list[RawSample]:
        """Prometheus' stored samples of a selector, with their own timestamps."""
        return flat(self.prometheus.raw_samples(selector, seconds))

    def raw_of_both(self, since: float) -> dict[str, list[RawSample]]:
        """The samples after unix second ``since`` of the exporter's metric and of the rule's, by the
        exercise's labels and by name alone. What is older may be of another solution, on a kept cluster.
        """
        earlier = since - MARGIN
        return {
            names.KEY_METRIC: after(earlier, self.raw(self.chain.key_query)),
            names.RULE_METRIC: after(since, self.raw(self.chain.rule_query)),
            f"every {names.KEY_METRIC}": after(earlier, self.raw(names.KEY_METRIC)),
            f"every {names.RULE_METRIC}": after(since, self.raw(names.RULE_METRIC)),
        }

    def evaluation(self) -> float:
        """Seconds between two evaluations of the rule, as it is loaded now."""
        loaded = [rule.interval for rule in self.prometheus.rules() if rule.name == names.RULE_METRIC]
        return float(min(loaded, default=self.intervals.evaluation))

    def hpa(self) -> Any:
        """The consumer's HPA as it is now; None when there is none."""
        return self.kube.hpa(*self.chain.hpa)

    def scaler(self) -> Any:
        """The consumer's HPA, for a cycle that is about it."""
        found = self.hpa()
        if found is None:
            where = self.chain.hpa
            raise Blocked(
                "dojo.09.reads-metric", f"there is no HPA {where.name} in namespace {where.namespace}"
            )
        return found


def after(since: float, samples: list[RawSample]) -> list[RawSample]:
    """The samples that were taken at or after unix second ``since``."""
    return [sample for sample in samples if sample.at >= since]


def value(record: Any, signal: str) -> float | None:
    """The signal's newest value; None when the newest reading failed or found nothing there."""
    reading = record.recorded(signal).last()
    return None if reading is None else reading.value


def read_since(record: Any, signal: str, start: float) -> Any:
    """The newest reading of a signal if it was asked for after unix second ``start``, else None."""
    reading = record.recorded(signal).last()
    return reading if reading is not None and not reading.failed and reading.asked > start else None


def sampled_since(record: Any, signal: str, start: float) -> bool:
    """Whether Prometheus has a sample of the signal that was taken after unix second ``start``."""
    reading = read_since(record, signal, start)
    return bool(reading is not None and reading.present and reading.detail.get("sample_at", 0.0) > start)


def hpa_reads(record: Any, since: float) -> bool:
    """Whether the API answers and the HPA has read it, both after unix second ``since``."""
    answer, hpa = read_since(record, names.ADAPTER, since), read_since(record, names.HPA, since)
    return bool(answer is not None and answer.present and hpa is not None and is_active(hpa))


def at_rest(record: Any, minimum: int) -> bool:
    """As few consumers as the HPA may leave, and none of those that were more still there."""
    counts = [value(record, signal) for signal in (names.SPEC, names.STATUS, names.READY)]
    return all(count is not None and count <= minimum for count in counts)


def passed(signal: str, until: float) -> Callable[[Any], bool]:
    """A condition: the clock of the readings is past unix second ``until``. A hold, not a wait for a
    state.
    """
    return lambda record: read_since(record, signal, until) is not None


class Hold:
    """A time that is held, as a limit: the wait ends with it by itself."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name, self.seconds = name, float(seconds)

    def explain(self) -> str:
        """What it is made of."""
        return f"{self.seconds:g} s"

    def __str__(self) -> str:
        return f"{self.name} ({self.explain()})"


class Background:
    """A context manager entered and left in a thread of its own, so that the run goes on meanwhile."""

    def __init__(self, enter: Callable[[ExitStack], Any]) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._stack = ExitStack()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="background")
        self._entered = self._pool.submit(enter, self._stack)

    def result(self) -> Any:
        """What was entered; raises what entering raised. Waits for it."""
        return self._entered.result()

    def close(self) -> Any:
        """Leave it, once it has been entered; again: nothing happens. The future tells when that is done."""
        return self._pool.submit(self._stack.close)
