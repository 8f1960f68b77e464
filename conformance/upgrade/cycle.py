"""An upgrade, and the way back, each driven once under a steady load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.dojo import names as dojo
from conformance.dojo.judging import CLOCKS, STALE_SCRAPES, Cycle
from conformance.dojo.stage import Hold, Stage, at_rest, hpa_reads, passed, sampled_since, value

from . import names
from .steady import steady

EVERYTHING = "all"


def drive_upgrade(stage: Stage, upgrade: Any) -> Cycle:
    """Chart by chart, each as soon as the chain has recovered from the one before. It is stopped, as a
    maintainer would, at the first one that does not install, or after which the chain does not recover.
    """

    def change(live: Any, seen: dict[str, Any]) -> bool:
        for each in upgrade.changes():
            live.mark(f"upgrade {each.piece}", kind="fault", what=each.piece)
            try:
                seconds = upgrade.upgrade(each.piece)
            except stage.installation.Failed as error:
                seen["failed"] = str(error)
                live.mark(f"{each.piece} failed", kind="fault", what=each.piece)
                return False
            if not _recovered(stage, live, f"{each.piece} upgraded", each.piece, seconds=round(seconds, 1)):
                return False
            seen["changed"].append(each.piece)
        return True

    return _drive(stage, "upgrade", change)


def drive_rollback(stage: Stage, upgrade: Any) -> Cycle:
    """All releases back to the revision before, the last one first."""

    def change(live: Any, seen: dict[str, Any]) -> bool:
        live.mark("roll back", kind="fault", what=EVERYTHING)
        try:
            seen["changed"] += upgrade.roll_back()
        except stage.installation.Failed as error:
            seen["failed"] = str(error)
            live.mark("roll back failed", kind="fault", what=EVERYTHING)
            return False
        return _recovered(stage, live, "rolled back", EVERYTHING)

    # What is rolled back may be an upgrade that broke the chain.
    return _drive(stage, "rollback", change, anyway=True)


def forgotten(stage: Stage, eventually: Callable[..., Any], say: Callable[[str], None]) -> None:
    """Wait until Prometheus has no sample any more of an exporter that is gone. One that was replaced while
    Prometheus was away is never marked as gone: a Prometheus with a volume gives its last sample for five
    minutes, and a whole run could not take the key away. Raises AssertionError when one stays for longer.
    """
    old = LEFT_OVER.format(metric=dojo.KEY_METRIC, seconds=int(STALE_SCRAPES * stage.intervals.scrape))
    what, budget = f"no old sample of {dojo.KEY_METRIC} is left", stage.budgets.forgotten
    say(f"waiting until {what}, at most {budget.seconds:.0f} s")
    eventually(lambda: stage.prometheus.query(old), lambda left: not left, budget=budget, what=what)


LEFT_OVER = "{metric} unless present_over_time({metric}[{seconds}s])"
"""Series that still have a value, and no sample of these last seconds."""


def _drive(
    stage: Stage, name: str, change: Callable[[Any, dict[str, Any]], bool], *, anyway: bool = False
) -> Cycle:
    """``anyway``: the change is made even if the load does not bring the consumers that it asks for."""
    stage.bring("adapter")
    stage.hands_on()
    hpa = stage.scaler()
    seen: dict[str, Any] = {"hpa": hpa, "changed": []}
    with stage.recorder.record(name) as live:
        # A whole run before may have replaced Redis: the connection to the one before it is gone.
        live.wait_until(_readable, stage.budgets.component_ready, "Redis answers")
        live.wait_until(lambda _: stage.producer_answers(), stage.budgets.component_ready, "producer answers")
        seen["before"] = stage.redis_queue.counts()
        with steady(stage) as load:
            live.mark(names.LOAD, kind="drive")
            enough = live.wait_until(_settled, stage.budgets.scale_to_max(0, names.WANTED), names.ENOUGH)
            settled = live.mark("settling", kind="phase").at
            # What an earlier, higher count of the queue left in the HPA's window goes first.
            window = stage.intervals.downscale_window + 2 * stage.intervals.hpa_sync
            live.wait_until(passed(dojo.HPA, settled + window), Hold("hold", window + CLOCKS), "settled")
            ready = live.wait_until(_steady, stage.budgets.scale_down, names.NO_MORE) and enough
            if ready:
                live.mark(names.BUSY, kind="phase")
            if ready or anyway:
                _changed(stage, live, change, seen)
        live.mark(names.ENDS, kind="drive")
        seen["published"], seen["refused"] = load.published, load.refused
        most = value(live.so_far(), dojo.READY) or names.WANTED
        budget = seen["budget drained"] = stage.budgets.drain(names.LEVEL, max(1, int(most)))
        live.wait_until(_drained, budget, names.DRAINED)
        # Judged by itself; and a whole run after it begins with one consumer, not with those that are going.
        live.wait_until(lambda r: at_rest(r, hpa.min), stage.budgets.scale_down, names.AT_REST)
    seen["after"] = stage.redis_queue.counts()
    return Cycle(live.record, seen=seen)


def _changed(stage: Stage, live: Any, change: Callable[[Any, dict[str, Any]], bool], seen: Any) -> None:
    """Make the change, and watch until all that came of it can be seen."""
    done = change(live, seen)
    changed, shows = live.mark("settling again", kind="phase").at, stage.budgets.change_shows.seconds
    live.wait_until(passed(dojo.HPA, changed + shows), Hold("hold", shows + CLOCKS), names.DONE)
    if done:  # what was allowed or known before is remembered for some seconds
        _recovered(stage, live, names.WORKS)


def _settled(record: Any) -> bool:
    return (value(record, dojo.READY) or 0) >= names.WANTED


def _steady(record: Any) -> bool:
    """As many as the load asks for are wanted and Ready, and none of those that were more is left."""
    counts = (dojo.SPEC, dojo.STATUS, dojo.READY, dojo.HPA_CURRENT)
    return all(value(record, signal) == names.WANTED for signal in counts)


def _readable(record: Any) -> bool:
    return value(record, dojo.QUEUE) is not None


def _drained(record: Any) -> bool:
    return value(record, dojo.QUEUE) == 0 and value(record, dojo.IN_HAND) == 0


def _recovered(stage: Stage, live: Any, name: str, what: str = "", **detail: float) -> bool:
    """Whether the chain gives values again, from the exporter on: what a scrape job gave that is gone stays
    as it was for five minutes (Prometheus' lookback, prometheus/prometheus#9221), and the rule goes on with
    it. ``what`` was changed: its stretch of the timeline ends here.
    """
    kind = {"kind": "fault", "what": what} if what else {"kind": "phase"}
    since = live.mark(f"{name}: ready", **kind, **detail).at

    def again(record: Any) -> bool:
        scraped = all(sampled_since(record, signal, since) for signal in (dojo.KEY_SIZE, dojo.RECORDED))
        return scraped and hpa_reads(record, since)

    return bool(live.wait_until(again, stage.budgets.chain_recovers, name))
