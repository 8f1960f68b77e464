"""How long KEDA's own loop may take, on top of the loops that the budgets know."""

from __future__ import annotations

from typing import Any

from conformance.dojo.stage import Hold

from . import names


class Together(Hold):
    """Time limits one after the other."""

    def __init__(self, name: str, *parts: Any) -> None:
        super().__init__(name, sum(part.seconds for part in parts))
        self._parts = parts

    def explain(self) -> str:
        """All sums."""
        parts = " + ".join(f"{part.name} ({part.explain()})" for part in self._parts)
        return f"{parts} = {self.seconds:g} s"


def polls(count: int) -> Hold:
    """That many turns of KEDA's loop."""
    return Hold(f"{count} polls of {names.POLLING} s", count * names.POLLING)


def activated(budgets: Any) -> Together:
    """From items to the first replica asked for: one poll may just have been, and one be late."""
    return Together("activated", budgets.rule_visible, polls(2))


def wakes(budgets: Any) -> Together:
    """From items to the first Ready replica."""
    return Together("wakes", activated(budgets), budgets.pod_starts)


def scale_to_max(budgets: Any, maximum: int) -> Together:
    """From items at 0 replicas to the maximum: KEDA wakes one, the HPA brings the others."""
    return Together("0 to the maximum", wakes(budgets), budgets.scale_to_max(1, maximum))


def to_zero(budgets: Any) -> Together:
    """From an empty queue to no replica asked for: the metric is 0, the cooldown passes, a poll sees that.

    The last poll that found the triggers active is up to one turn of the loop after the last item; one may be
    late.
    """
    cooldown = Hold("cooldown", names.COOLDOWN)
    return Together("to zero", budgets.rule_visible, polls(1), cooldown, polls(2))


def at_rest(budgets: Any) -> Together:
    """The same, until no pod is there either."""
    return Together("at rest", to_zero(budgets), budgets.pod_stops)


def falls_back(budgets: Any) -> Together:
    """From Prometheus' end to the first replica of the fallback: the failures that are borne, and one more; a
    read of a Prometheus that is just going may take its time to fail.
    """
    return Together("falls back", polls(names.FAILURE_THRESHOLD + 3), budgets.pod_starts)
