"""The sidecar's one cycle: nothing, a load below the target, one above the maximum, a steady one under which
one pod's sidecar dies and comes back, and the way down.

The pod whose sidecar dies stays Ready and goes on serving: its sidecar is replaced by a program that does
nothing. So a third of the requests are answered and no longer counted, as when an exporter hangs.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from conformance.dojo.judging import Cycle
from conformance.dojo.stage import Hold, passed, read_since, value
from conformance.pod_metric import names as shared
from conformance.pod_metric.expect import Load
from conformance.pod_metric.scrape import targets_of
from conformance.pod_metric.stage import PodStage, limit

from . import names
from .judging import dead_pod, pause_image, sidecar_of

STEADY = Load(per_second=23.5, seconds=300)
"""On top of the load below the target it makes 27.5 requests a second, 2.75 pods' worth: three pods are
wanted, and two if the requests of one of the three are taken for none."""
HELD_SYNCS = 3
"""HPA syncs for which a state is watched: one may fall on either side of its edges, one is surely inside."""
NEW_SCRAPES = 2
"""Scrapes until a rate knows of a sidecar that was started anew."""


def drive_sidecar(stage: PodStage) -> Cycle:
    """The whole cycle, in one record; what a wrong solution never gets to is left out."""
    expect = stage.expect
    stage.bring(expect.application, "prometheus", "wiring")
    stage.hands_on()
    seen: dict[str, Any] = {"below": Sent(), "above": Sent()}
    with stage.recorder.record(expect.scenario) as live:
        quiet = live.mark(names.QUIET, kind="phase")
        counted = live.wait_until(
            lambda r: value(r, shared.SERIES) is not None,
            stage.budgets.target_scraped,
            "Prometheus has a rate",
        )
        seen["pods"] = stage.kube.pods(stage.chain.namespace)
        if counted and _reads(stage, live, seen):
            _idle(stage, live, quiet.at)
            with ExitStack() as loads:
                if _climb(stage, live, seen, loads):
                    _fault(stage, live, seen)
            live.mark(shared.ENDS)
            _down(stage, live, seen)
        elif counted:
            _without_an_hpa(stage, live, seen)
    record = live.record
    return Cycle(record, raw={expect.series: stage.raw(record.ended - record.started)}, seen=seen)


def _reads(stage: PodStage, live: Any, seen: dict[str, Any]) -> bool:
    """Whether there is an HPA that reads its metric."""
    if not stage.installation.has("adapter"):
        return False
    try:
        stage.bring("adapter")
    except stage.installation.Failed:
        return False  # the behaviours of the adapter say why
    seen["hpa"] = stage.hpa()
    if seen["hpa"] is None:
        return False
    seen |= {"min": seen["hpa"].min, "max": seen["hpa"].max}
    budget = limit("HPA reads", stage.budgets.adapter_lists, stage.budgets.hpa_reacts)
    return bool(live.wait_until(_active, budget, shared.ACTIVE))


def _active(record: Any) -> bool:
    reading = record.recorded(shared.HPA).last()
    if reading is None or not reading.present:
        return False
    state = reading.detail.get("conditions", {}).get("ScalingActive", {}).get("status")
    return state == "True" and bool(reading.detail.get("current_metric"))


def _idle(stage: PodStage, live: Any, quiet: float) -> None:
    """Until a whole window lies in which nobody asked for anything, and the HPA has seen some of it."""
    expect = stage.expect
    seen_by_then = live.mark("the HPA is to see it", kind="phase").at + HELD_SYNCS * stage.intervals.hpa_sync
    until = max(quiet + expect.window + 2 * expect.scrape, seen_by_then)
    live.wait_until(passed(shared.METRIC, until), Hold("hold", expect.window + 4 * expect.scrape), names.IDLE)


@dataclass
class Sent:
    """What several loads sent, as one."""

    loads: list[Any] = field(default_factory=list)

    @property
    def times(self) -> list[float]:
        """When each request was answered, unix seconds."""
        return [at for load in self.loads for at in load.times]

    @property
    def failed(self) -> int:
        return sum(load.failed for load in self.loads)

    @property
    def failures(self) -> list[str]:
        return [text for load in self.loads for text in load.failures]


def _load(stage: PodStage, sent: Sent, loads: ExitStack, asked: Load) -> None:
    """A load that goes on until ``loads`` ends."""
    load = stage.load(asked)
    sent.loads.append(load.sent)
    loads.enter_context(load)


def _climb(stage: PodStage, live: Any, seen: dict[str, Any], loads: ExitStack) -> bool:
    """From below the target to more than the maximum can bear; whether the maximum was reached."""
    expect, budgets = stage.expect, stage.budgets
    live.mark(shared.BELOW, per_second=expect.below.per_second)
    _load(stage, seen["below"], loads, expect.below)
    until = live.last_event.at + expect.window + 2 * expect.scrape
    live.wait_until(
        passed(shared.METRIC, until), Hold("hold", expect.window + 3 * expect.scrape), shared.HELD
    )

    begin = int(value(live.so_far(), shared.SPEC) or seen["min"])
    demand = expect.target * (expect.maximum + 0.5)
    per_second = expect.below.per_second + expect.above.per_second
    behavior = "behavior" in seen["hpa"].raw["spec"]
    top = budgets.scale_to_max(begin, expect.maximum, behavior=behavior)
    seen["budget at max"] = limit(
        "at max", top, until_the_rate_is_that_high=demand * expect.window / per_second
    )
    live.mark(shared.ABOVE, per_second=per_second, replicas=begin)
    with ExitStack() as more:
        _load(stage, seen["above"], more, expect.above)
        there = live.wait_until(
            lambda r: (value(r, shared.READY) or 0) >= expect.maximum, seen["budget at max"], shared.AT_MAX
        )
        if there:
            live.wait_until(
                lambda r: (value(r, shared.METRIC) or 0) > demand, seen["budget at max"], shared.ENOUGH
            )
    if not there:
        return False
    live.mark(names.STEADY, per_second=expect.below.per_second + STEADY.per_second)
    _load(stage, seen["above"], loads, STEADY)
    until = live.last_event.at + expect.window + 3 * expect.scrape
    live.wait_until(
        passed(shared.METRIC, until), Hold("hold", expect.window + 4 * expect.scrape), names.SETTLED
    )
    seen["targets"] = targets_of(stage.kube, stage.prometheus, stage.chain)
    seen["up"] = stage.prometheus.latest(f"{names.UP}{{{stage.chain.pods_matcher}}}")
    seen["three pods"] = stage.kube.pods(stage.chain.namespace)
    return True


def _fault(stage: PodStage, live: Any, seen: dict[str, Any]) -> None:
    """One pod's sidecar is replaced by a program that does nothing, for longer than the HPA remembers."""
    expect, chain = stage.expect, stage.chain
    pod = dead_pod(live.so_far(), seen["three pods"])
    container = sidecar_of(pod)
    if pod is None or container is None:
        return
    seen["dead"] = pod.name
    image = pause_image(stage.kube.nodes()) or names.PAUSE
    live.mark(shared.STOPPED, kind="fault", what=f"sidecar of {pod.name}", pod=pod.name)
    with stage.faults.replaced_program(pod.name, container, image, chain.namespace):
        seen["budget missing"] = limit("missing", stage.budgets.outage_visible, rate_window=expect.window)

        def gone(record: Any) -> bool:
            answer = record.recorded(
                shared.METRIC
            ).last()  # the others' values: it was read, and this is not there
            return answer is not None and answer.present and not _value(record, pod.name)

        if live.wait_until(gone, seen["budget missing"], "its value is gone"):
            zero = _value(live.so_far(), pod.name) == 0
            live.mark(names.ZERO if zero else names.MISSING, kind="phase", pod=pod.name)
        remembered = _window(stage, seen["hpa"]) + HELD_SYNCS * stage.intervals.hpa_sync
        until = live.last_event.at + remembered
        live.wait_until(passed(shared.HPA, until), Hold("hold", remembered + expect.scrape), names.HELD)
    restored = live.mark(names.RESTORED, kind="fault", what=f"sidecar of {pod.name}", pod=pod.name)

    def back(record: Any) -> bool:
        return read_since(record, shared.METRIC, restored.at) is not None and bool(_value(record, pod.name))

    more = NEW_SCRAPES * expect.scrape
    live.wait_until(back, limit("back", stage.budgets.chain_recovers, two_samples=more), names.BACK)


def _value(record: Any, pod: str) -> float | None:
    """What the newest answer of the API has for a pod; None where it has nothing."""
    reading = record.recorded(shared.METRIC).last()
    found: float | None = None if reading is None else reading.detail.get("pods", {}).get(pod)
    return found


def _window(stage: PodStage, hpa: Any) -> float:
    down = (hpa.raw["spec"].get("behavior") or {}).get("scaleDown") or {}
    return float(down.get("stabilizationWindowSeconds", stage.intervals.downscale_window))


def _down(stage: PodStage, live: Any, seen: dict[str, Any]) -> None:
    ended = live.last_event.at
    seen["window"] = _window(stage, seen["hpa"])
    seen["budget down"] = limit("at min", stage.budgets.scale_down, rate_window=stage.expect.window)

    def at_min(record: Any) -> bool:
        if read_since(record, shared.STATUS, ended) is None:
            return False
        return bool(value(record, shared.SPEC) == seen["min"] == value(record, shared.STATUS))

    if live.wait_until(at_min, seen["budget down"], shared.AT_MIN):
        held = live.mark("holding", kind="phase").at + HELD_SYNCS * stage.intervals.hpa_sync
        live.wait_until(passed(shared.HPA, held), stage.budgets.hpa_reacts, shared.IDLE)


def _without_an_hpa(stage: PodStage, live: Any, seen: dict[str, Any]) -> None:
    """Enough requests to be counted, where nothing scales yet."""
    expect = stage.expect
    with ExitStack() as loads:
        live.mark(shared.BELOW, per_second=expect.below.per_second)
        _load(stage, seen["below"], loads, expect.below)
        until = live.last_event.at + expect.window + expect.scrape
        live.wait_until(
            passed(shared.SERIES, until), Hold("hold", expect.window + 2 * expect.scrape), shared.HELD
        )
    live.mark(shared.ENDS)
    more = live.last_event.at + 2 * expect.scrape
    live.wait_until(passed(shared.SERIES, more), Hold("hold", 3 * expect.scrape), "all is scraped")
