"""The one cycle of a pod-metric scenario: a load below the target, one above what the maximum can bear, a
container that begins anew, the end of the load and the way down.

A part that a wrong solution never gets to is not waited for beyond its limit, and what would follow from it
is left out: the events tell how far it got.
"""

from __future__ import annotations

from typing import Any

from conformance.dojo.judging import Cycle
from conformance.dojo.stage import Hold, passed, read_since, value

from . import names
from .stage import PodStage, limit

HELD_SYNCS = 3
"""HPA syncs for which a state is watched: one may fall on either side of its edges, one is surely inside."""
HELD_SCRAPES = 5
"""Scrapes for which the load below the target goes on at least, so that its count can be told from its
rest."""
SETTLED = 1.6
"""Scrapes between the end of the great load and the stop of a container: its last requests are in Prometheus,
and what the stop loses is next to nothing."""
ANSWERED = 5.0
"""Seconds that a reading may come after the moment it is waited for."""
SEEN_SCRAPES = 3
"""Scrapes after a restart until a rate knows of it: two samples of the new count, and one that may be
late."""


def drive_pods(stage: PodStage) -> Cycle:
    """The whole cycle, in one record."""
    expect = stage.expect
    stage.bring(expect.application, "prometheus", "wiring")
    stage.hands_on()
    below, above = stage.load(expect.below), stage.load(expect.above)
    seen: dict[str, Any] = {"below": below.sent, "above": above.sent}
    with stage.recorder.record(expect.scenario) as live:
        counted = live.wait_until(
            lambda r: value(r, names.SERIES) is not None,
            stage.budgets.target_scraped,
            "Prometheus has a rate",
        )
        if counted:
            live.mark(names.BELOW, per_second=expect.below.per_second)
            with below:
                at_max = _below(stage, live, seen) and _above(stage, live, seen, above)
                if at_max and expect.restarts:
                    _restart(stage, live, seen)
            live.mark(names.ENDS, asked=below.sent.asked + above.sent.asked)
            if at_max:
                _down(stage, live, seen)
    record = live.record
    return Cycle(record, raw={expect.series: stage.raw(record.ended - record.started)}, seen=seen)


def _below(stage: PodStage, live: Any, seen: dict[str, Any]) -> bool:
    """Hold while the HPA reads; whether it does."""
    budgets, expect = stage.budgets, stage.expect
    counted = live.last_event.at + HELD_SCRAPES * expect.scrape
    active = _adapter(stage) and live.wait_until(
        _active, limit("HPA reads", budgets.adapter_lists, budgets.hpa_reacts), names.ACTIVE
    )
    if active:
        # Only now: what is there before may be another HPA's last word, on a cluster that was kept.
        seen["hpa"] = stage.hpa()
    _hold(live, names.HPA, HELD_SYNCS * stage.intervals.hpa_sync, names.HELD, until=counted)
    return bool(active and seen["hpa"] is not None)


def _hold(live: Any, signal: str, seconds: float, name: str, until: float = 0.0) -> None:
    """Go on for so long after the last event, and at least until unix second `until`."""
    since = live.last_event.at
    until = max(until, since + seconds)
    live.wait_until(passed(signal, until), Hold(name, until - since + ANSWERED), name)


def _adapter(stage: PodStage) -> bool:
    if not stage.installation.has("adapter"):
        return False
    try:
        stage.bring("adapter")
    except stage.installation.Failed:
        return False  # the behaviours of the adapter say why
    return True


def _active(record: Any) -> bool:
    reading = record.recorded(names.HPA).last()
    if reading is None or not reading.present:
        return False
    state = reading.detail.get("conditions", {}).get("ScalingActive", {}).get("status")
    return state == "True" and bool(reading.detail.get("current_metric"))


def _above(stage: PodStage, live: Any, seen: dict[str, Any], above: Any) -> bool:
    """Load until the maximum is Ready and more is asked for; whether the maximum was reached."""
    expect, hpa = stage.expect, seen["hpa"]
    seen |= {"min": hpa.min, "max": hpa.max, "window": _window(stage, hpa)}
    begin = int(value(live.so_far(), names.SPEC) or hpa.min)
    demand = expect.target * (expect.maximum + 0.5)
    ramp = demand * expect.window / expect.above.per_second
    behavior = "behavior" in hpa.raw["spec"]
    top = stage.budgets.scale_to_max(begin, expect.maximum, behavior=behavior)
    seen["budget at max"] = limit("at max", top, until_the_rate_is_that_high=ramp)
    live.mark(names.ABOVE, per_second=expect.above.per_second, replicas=begin)
    with above:
        there = live.wait_until(
            lambda r: (value(r, names.READY) or 0) >= expect.maximum, seen["budget at max"], names.AT_MAX
        )
        if there:
            live.wait_until(
                lambda r: (value(r, names.METRIC) or 0) > demand, seen["budget at max"], names.ENOUGH
            )
    return bool(there)


def _window(stage: PodStage, hpa: Any) -> float:
    down = (hpa.raw["spec"].get("behavior") or {}).get("scaleDown") or {}
    return float(down.get("stabilizationWindowSeconds", stage.intervals.downscale_window))


def _restart(stage: PodStage, live: Any, seen: dict[str, Any]) -> None:
    """Stop a container of the pod that has counted most, while requests go on."""
    expect, chain = stage.expect, stage.chain
    _hold(live, names.METRIC, SETTLED * expect.scrape, "settled")
    pods = _pods(live.so_far(), names.METRIC)
    if not pods:
        return
    pod = max(sorted(pods), key=lambda name: pods[name])
    seen["stopped"] = pod
    restarts = _pods(live.so_far(), names.PODS).get(pod, {}).get("restarts", 0)
    live.mark(names.STOPPED, kind="fault", pod=pod)
    stage.faults.stop_container(pod, chain.namespace, container=expect.container)

    def runs(record: Any) -> bool:
        state = _pods(record, names.PODS).get(pod, {})
        return bool(state.get("ready")) and state.get("restarts", 0) > restarts

    if live.wait_until(runs, stage.budgets.component_ready, names.AGAIN):
        _hold(live, names.METRIC, SEEN_SCRAPES * expect.scrape, names.SEEN)


def _pods(record: Any, signal: str) -> dict[str, Any]:
    """What the newest reading of a signal says of each pod."""
    reading = record.recorded(signal).last()
    found: dict[str, Any] = {} if reading is None else reading.detail.get("pods", {})
    return found


def _down(stage: PodStage, live: Any, seen: dict[str, Any]) -> None:
    budgets, expect = stage.budgets, stage.expect
    ended = live.last_event.at
    seen["budget down"] = limit("at min", budgets.scale_down, rate_window=expect.window)

    def at_min(record: Any) -> bool:
        if read_since(record, names.STATUS, ended) is None:
            return False
        return bool(value(record, names.SPEC) == seen["min"] == value(record, names.STATUS))

    if live.wait_until(at_min, seen["budget down"], names.AT_MIN):
        _hold(live, names.HPA, HELD_SYNCS * stage.intervals.hpa_sync, names.IDLE)
