"""What a pod-metric scenario asks for, in numbers; its names on a cluster are the fixture `chain`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Load:
    """Requests a second for a path, and the most seconds they go on."""

    per_second: float
    seconds: float
    path: str = "/"


@dataclass(frozen=True)
class Expect:
    """One scenario: application pod → ServiceMonitor → Prometheus → adapter → HPA with a Pods metric.

    scenario: the prefix of the behaviours' ids. series, metric: in Prometheus, and in the custom metrics API.
    kind: whether the API's value is the rate of the series (then over `window` seconds) or its value.
    namespace_label, pod_label: the labels by which the series say whose they are.
    target: what each pod is to have on average (metric units). minimum, maximum: of the HPA.
    port: the name of the port that is scraped. scrape: seconds between two scrapes.
    below: a load that `minimum` pods can bear. above: one on top of it that asks for more than `maximum`.
    restarts: whether a container is stopped under load, to see a counter begin again.
    application: the piece of charts/scenarios/NAME.toml that is the application.
    container: of the application's pods, the one whose counter begins again; empty: the first.
    """

    scenario: str
    series: str
    metric: str
    target: float
    minimum: int
    maximum: int
    below: Load
    above: Load
    kind: Literal["rate", "gauge"] = "rate"
    window: float = 0.0
    namespace_label: str = "namespace"
    pod_label: str = "pod"
    port: str = "http-metrics"
    scrape: float = 5.0
    restarts: bool = True
    application: str = "application"
    container: str = ""

    def __post_init__(self) -> None:
        if (self.kind == "rate") != (self.window > 0):
            raise ValueError(f"{self.scenario}: a rate has a window, and nothing else has")

    @property
    def needed(self) -> int:
        """Samples that a pod must have before it can have a value."""
        return 2 if self.kind == "rate" else 1

    @property
    def listed(self) -> str:
        """The metric as the API lists it for pods."""
        return f"pods/{self.metric}"
