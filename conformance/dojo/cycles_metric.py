"""The cycles of steps 6 to 8: bursts to be measured, and the exporter's outage."""

from __future__ import annotations

from typing import Any

from . import names
from .judging import CLOCKS, Blocked, Cycle, is_active
from .stage import Hold, Stage, passed, read_since, sampled_since, value

BURSTS = (8, 7, 7)
"""Items for each consumer there is: with a scrape after each, another length is left every time, and none is
worked for by one consumer more (that would take more than 20), so that the queue is soon empty again."""
UNSEEN = 30
"""Items published while the exporter is gone: enough for two consumers, had anybody seen them."""
UNSEEN_BY_AWAKE = 60
"""The same where consumers stay awake and take items meanwhile: some must be left when the exporter is
back."""
ADAPTER_READS = 3.0
"""Seconds in which the adapter is read at least twice: about once a second, later on a busy machine."""


def drive_queue(stage: Stage) -> Cycle:
    """Three bursts, each published after the one before was scraped; then the queue runs empty."""
    stage.bring("exporter")
    stage.hands_on()
    stage.comes("solution")  # while its rollout is under way there are twice as many consumers
    budgets = stage.budgets
    with stage.recorder.record("queue") as live:
        # One, unless the HPA of an earlier run on this cluster left more, who would be done before a scrape.
        begun = live.mark("looking for consumers", kind="phase").at
        live.wait_until(passed(names.READY, begun), budgets.adapter_visible, "consumers counted")
        consumers = max(int(value(live.so_far(), names.READY) or 0), 1)
        for count in (each * consumers for each in BURSTS):
            sent = stage.publish(live, f"burst of {count}", count)
            live.wait_until(
                lambda r, at=sent.at: sampled_since(r, names.KEY_SIZE, at + CLOCKS),
                budgets.key_size_visible,
                f"burst of {count} scraped",
            )
        live.wait_until(
            lambda r: value(r, names.QUEUE) == 0,
            budgets.drain(sum(BURSTS) * consumers, consumers),
            "queue empty",
        )
        raw = stage.raw_of_both(live.so_far().started)  # in time: what is compared are the lengths up to here
        _scraped_empty(live, budgets)
    return Cycle(live.record, raw=raw)


def _scraped_empty(live: Any, budgets: Any) -> None:
    """The queue is empty, and that was scraped: a new sample, or none any more."""
    empty = live.mark("scrape after empty", kind="phase").at + CLOCKS

    def scraped(record: Any) -> bool:
        reading = read_since(record, names.KEY_SIZE, empty)
        return reading is not None and (reading.absent or reading.detail.get("sample_at", 0.0) > empty)

    live.wait_until(scraped, budgets.key_size_visible, "empty and scraped")
    since = live.mark("looking", kind="phase").at
    live.wait_until(passed(names.KEY_SIZE, since), budgets.key_size_visible, "seen empty")
    live.mark("end", kind="phase")


def drive_outage(stage: Stage) -> Cycle:
    """From idle: the exporter goes, items come that nobody can see, the exporter comes back."""
    if not stage.solution.has("exporter"):
        raise Blocked("dojo.06.target-up", stage.solution.missing("exporter"))
    adapted = stage.comes("adapter")
    if not adapted:
        stage.bring()
    stage.hands_on()
    scaled = stage.hpa() is not None
    seen: dict[str, Any] = {}
    with stage.recorder.record("exporter outage") as live:
        if live.wait_until(
            lambda r: value(r, names.RECORDED) is not None, stage.budgets.config_reload, "metric is there"
        ):
            _idle(stage, live, scaled)
            _outage(stage, live, seen, adapted=adapted, scaled=scaled)
    return Cycle(live.record, raw=stage.raw_of_both(live.record.started), seen=seen)


def _idle(stage: Stage, live: Any, scaled: bool) -> None:
    queued = stage.redis_queue.counts().queued
    live.wait_until(
        lambda r: value(r, names.QUEUE) == 0, stage.budgets.drain(queued, 1), "empty before the outage"
    )
    if not scaled:
        return
    minimum = stage.hpa().min

    def reads(record: Any) -> bool:
        reading = record.recorded(names.HPA).last()
        return reading is not None and is_active(reading)

    if live.wait_until(reads, stage.budgets.chain_recovers, "HPA reads its metric"):
        live.wait_until(lambda r: value(r, names.STATUS) == minimum, stage.budgets.scale_down, "idle")


def _outage(stage: Stage, live: Any, seen: dict[str, Any], *, adapted: bool, scaled: bool) -> None:
    budgets, intervals, evaluation = stage.budgets, stage.intervals, stage.evaluation()
    seen["evaluation"] = evaluation
    awake = (value(live.so_far(), names.SPEC) or 0) > 0
    exporter = stage.chain.exporter_deployment
    workload = f"deployment/{exporter.name}"
    live.mark("exporter down", kind="fault", what=workload)
    with stage.faults.gone(workload, exporter.namespace):
        live.wait_until(
            lambda r: (reading := r.recorded(names.KEY_SIZE).last()) is not None and reading.absent,
            budgets.outage_visible,
            "redis_key_size is absent",
        )
        sent = stage.publish(live, "items nobody can see", UNSEEN_BY_AWAKE if awake else UNSEEN)
        if adapted:
            # The metric was 0 before, too: only what is read after another evaluation says anything.
            since = sent.at + evaluation
            live.wait_until(
                lambda r: (reading := read_since(r, names.ADAPTER, since)) is not None and reading.value == 0,
                budgets.adapter_visible,
                "adapter says 0",
            )
        hold = 2 * evaluation + (intervals.hpa_sync if scaled else 0)
        until = sent.at + hold
        if adapted:  # its answers are judged from here on, and a rule of 1 s would not hold the outage
            until = max(until, live.so_far().events[-1].at + ADAPTER_READS)
        limit = Hold("hold", hold + ADAPTER_READS + CLOCKS)
        live.wait_until(passed(names.QUEUE, until), limit, "outage held")
        restored = live.mark("exporter restored", kind="fault", what=workload)
    since = restored.at
    live.wait_until(
        lambda r: sampled_since(r, names.KEY_SIZE, since), budgets.chain_recovers, "redis_key_size is back"
    )
    live.wait_until(lambda r: (value(r, names.RECORDED) or 0) > 0, budgets.rule_visible, "metric is back")
    if adapted:
        live.wait_until(
            lambda r: (value(r, names.ADAPTER) or 0) > 0, budgets.adapter_visible, "adapter is back"
        )
    if scaled:
        minimum = stage.hpa().min
        seen["budget recovery"] = _Both("recovery", budgets.chain_recovers, budgets.wakes)
        live.wait_until(lambda r: (value(r, names.READY) or 0) > minimum, budgets.wakes, "consumers are back")
    # One evaluation more with items in the queue, for the rule to be compared with.
    again = live.mark("compare", kind="phase").at + evaluation
    live.wait_until(passed(names.QUEUE, again), budgets.rule_visible, "compared")


class _Both(Hold):
    """Two budgets, one after the other."""

    def __init__(self, name: str, first: Any, second: Any) -> None:
        super().__init__(name, first.seconds + second.seconds)
        self._parts = (first, second)

    def explain(self) -> str:
        """Both sums."""
        return f"{' + '.join(f'({part.explain()})' for part in self._parts)} = {self.seconds:g} s"
