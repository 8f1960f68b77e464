"""What a pod-metric scenario's cycle is driven with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.dojo.judging import RawSample, flat

from .expect import Expect

MARGIN = 30.0
"""Seconds before a record of which the raw samples are read as well: a window's first ones are before it."""


@dataclass(frozen=True)
class PodStage:
    """The kit's fixtures, as the cycle needs them."""

    expect: Expect
    recorder: Any
    installation: Any
    faults: Any
    http_load: Callable[..., Any]
    kube: Any
    prometheus: Any
    custom_metrics: Any
    budgets: Any
    intervals: Any
    chain: Any
    hands_on: Callable[[], None]
    """Called before anything is driven; raises where the cluster is not to be touched."""

    def bring(self, *pieces: str) -> None:
        """Wait for pieces, in that order."""
        for piece in pieces:
            self.installation.need(piece)

    def load(self, asked: Any) -> Any:
        """A load through the application's ingress, not begun yet."""
        return self.http_load(
            asked.path, per_second=asked.per_second, seconds=asked.seconds, host=self.chain.host
        )

    def hpa(self) -> Any:
        """The HPA as it is now; None when there is none."""
        return self.kube.hpa(*self.chain.hpa)

    def raw(self, seconds: float) -> list[RawSample]:
        """Prometheus' stored samples of the application's series, of the last so many seconds."""
        return flat(self.prometheus.raw_samples(self.chain.selector, seconds + MARGIN))


@dataclass(frozen=True)
class Limit:
    """A time limit made of others: its parts, name to seconds."""

    name: str
    parts: tuple[tuple[str, float], ...]

    @property
    def seconds(self) -> float:
        return sum(seconds for _, seconds in self.parts)

    def explain(self) -> str:
        """The sum in words."""
        told = " + ".join(f"{part} {seconds:.4g} s" for part, seconds in self.parts)
        return f"{told} = {self.seconds:g} s"

    def __str__(self) -> str:
        return f"{self.name} ({self.explain()})"


def limit(name: str, *budgets: Any, **seconds: float) -> Limit:
    """The sum of budgets and of times that are no budget (each with a name)."""
    parts = [(budget.name, float(budget.seconds)) for budget in budgets]
    return Limit(name, (*parts, *((part.replace("_", " "), value) for part, value in seconds.items())))
