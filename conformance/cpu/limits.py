"""Time limits of the resource-metrics path, as named sums: kubelet → metrics-server → HPA."""

from __future__ import annotations

from typing import Any, Final

from conformance.pod_metric.stage import Limit, limit

RESOLUTION: Final = 15.0
"""Seconds between two times that metrics-server asks the kubelets (its --metric-resolution, asked for)."""
HOUSEKEEPING: Final = 15.0
"""Seconds between two readings of a container's counters by the kubelet: 10, and up to half of it more."""
ANSWER: Final = 2.0
"""Seconds for an answer through the API server."""
LATE: Final = 0.5
"""A machine of two cores that serves and measures is late everywhere: half of the sum."""
SERVING: Final = 15.0
"""Seconds from the start of metrics-server's container to its first request of a kubelet."""


def _sum(name: str, **seconds: float) -> Limit:
    return limit(name, **seconds, machine=LATE * sum(seconds.values()))


def oldest() -> Limit:
    """How old a pod's usage may be when the API gives it."""
    return _sum("oldest", resolution=RESOLUTION, housekeeping=HOUSEKEEPING, answer=ANSWER)


def measured() -> Limit:
    """A new pod, or a new load, is in the API: two readings of the counters make a usage."""
    return _sum("measured", two_resolutions=2 * RESOLUTION, housekeeping=HOUSEKEEPING, answer=ANSWER)


def reads(intervals: Any) -> Limit:
    """The HPA has seen it, too; a sync may be missed once."""
    return limit("reads", measured(), two_syncs=2 * float(intervals.hpa_sync))


def to_max(intervals: Any, budgets: Any, begin: int) -> Limit:
    """From the load's start to the maximum's being Ready: seen, two steps (2 → 4 → 6), started."""
    more = budgets.pods_start(6 - min(begin, 5))
    return limit("at max", reads(intervals), more, steps=2 * float(intervals.hpa_sync))


def to_min(intervals: Any, budgets: Any) -> Limit:
    """From the load's end to the minimum: seen, remembered for the window, decided, gone."""
    window = float(intervals.downscale_window)
    return limit("at min", reads(intervals), budgets.pod_stops, downscale_window=window)


def recovers(intervals: Any, budgets: Any) -> Limit:
    """metrics-server serves again after it was away, and the HPA reads."""
    return limit("recovers", budgets.api_recovers, reads(intervals), serving=SERVING)
