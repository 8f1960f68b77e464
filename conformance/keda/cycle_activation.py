"""The cycle of step 5: a few items that wake nobody, some more that wake one consumer, and back to sleep."""

from __future__ import annotations

from typing import Any

from conformance.dojo import names as dojo
from conformance.dojo.judging import CLOCKS, Cycle
from conformance.dojo.stage import Hold, Stage, passed, read_since

from . import cycles, limits, names

FEW = names.ACTIVATION - 1
"""Items that are not enough to wake anybody."""
MORE = 10
"""Items on top of them: enough to wake one consumer, and not for two."""
HELD_POLLS = 3
"""Polls of KEDA during which the few items are watched."""


def drive_activation(stage: Stage) -> Cycle:
    """4 items at no replica, then 10 more."""
    cycles.begin(stage)
    with stage.recorder.record("activation") as live:
        if cycles.at_rest(stage, live):
            _few(stage, live)
            _enough(stage, live)
    return Cycle(live.record)


def _few(stage: Stage, live: Any) -> None:
    sent = stage.publish(live, "few items", FEW)

    def seen(record: Any) -> bool:
        reading = read_since(record, dojo.ADAPTER, sent.at)
        return reading is not None and reading.value == FEW

    live.wait_until(seen, stage.budgets.adapter_visible, "few items are seen")
    held = HELD_POLLS * names.POLLING
    until = live.mark("holding", kind="phase").at + held
    live.wait_until(passed(cycles.SPEC, until), Hold("hold", held + CLOCKS), "few items held")


def _enough(stage: Stage, live: Any) -> None:
    budgets = stage.budgets
    stage.publish(live, "enough items", MORE)
    if not cycles.woken(stage, live, limits.activated(budgets)):
        return
    live.wait_until(cycles.idle, budgets.drain(FEW + MORE, 1), "worked off")
    if live.wait_until(cycles.asked_for_none, limits.to_zero(budgets), "asleep"):
        cycles.by_keda(live, "KEDA has put it to sleep", 0)
