"""Shared behaviours of a metric that is a rate: what it is the rate of, over which time, and counters that
begin anew.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from conformance.dojo.judging import CLOCKS, part, reached

from . import names, reading
from .judging import Times, by_pod, fit, lowered_at, values_of
from .shared import shared

FEW = 10
"""Answers from which on a share of them means something: the API is asked once a second."""
WINDOW_SCRAPES = 4
"""Scrapes that a rate's window is to hold: with one late and one lost there are still two to make a rate
of."""


@shared(
    "sum-equals-rate-sent",
    feature="adapter",
    hint="By which factor does the sum of the pods' values differ from the requests a second that are sent?",
    look="The rule's metricsQuery, piece by piece in Prometheus: the counter, its rate, the sum by pod. "
    "Which unit does each step have, and over which time?",
    read=reading.RATE,
)
def sum_equals_rate_sent(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """The sum of the pods' values is the rate of the requests sent, within a tenth, over one window."""
    fitted = _fitted(pod_cycle, expect, evidence, could_not_tell)
    best = fitted.best
    assert fitted.windows, (
        f"the sum is the rate of what was sent over no window: at best {fitted.shares[best]:.0%} of "
        f"{fitted.answers} answers fit, over {best} s"
    )


def _fitted(pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any, *, whole: bool = True) -> Any:
    """Over which windows the answers are what was sent: before a container was stopped, and (`whole`)
    after.
    """
    record, seen = pod_cycle.record, pod_cycle.seen
    evidence.record(record)
    sent = Times(seen["below"].times, seen["above"].times)
    start = reached(record, names.BELOW).at
    end = min([record.ended, *lowered_at(record)])
    stopped = min(record.event(names.STOPPED).at, end) if record.has_event(names.STOPPED) else end
    before, after = (
        [r for r in record.between(*ends).recorded(names.METRIC).present() if sent.within(start, r.asked)]
        for ends in ((start, stopped), (stopped, end))
    )
    if len(before) < FEW:
        could_not_tell(f"only {len(before)} answers while requests were sent")
    parts = [before, after] if whole and len(after) >= FEW else [before]
    fitted = fit(parts, sent, expect.scrape)
    shares = {window: f"{share:.0%}" for window, share in fitted.shares.items() if share > 0.5}
    evidence("windows", f"share of {fitted.answers} answers that are what was sent, by window", str(shares))
    return fitted


@shared(
    "rate-window",
    feature="adapter",
    hint="How many scrapes lie in the window of the rate, and what is left of it when one is lost?",
    look="The number in brackets in the rule's metricsQuery beside the scrape interval. In the plot: how "
    "soon after the load's end is the metric 0?",
    read=reading.RATE,
)
def rate_window(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """The rate is taken over a window of four scrapes at least."""
    least = WINDOW_SCRAPES * expect.scrape
    windows = _fitted(pod_cycle, expect, evidence, could_not_tell).windows
    if not windows:
        could_not_tell("the sum is the rate of what was sent over no window")
    told = f"{min(windows)} to {max(windows)} s" if len(windows) > 1 else f"{windows[0]} s"
    evidence("window", "over which the answers are what was sent", told)
    assert max(windows) >= least, f"the window is {told}, four scrapes are {least:g} s"


@shared(
    "counter-reset-no-spike",
    feature="adapter",
    hint="What does the rule make of a counter that falls to 0 and begins again?",
    look="The counter of the pod that was restarted, and beside it the rule's metricsQuery, in Prometheus "
    "over those minutes. Which functions know counters, and which take the fall for what it is not?",
    read=reading.RATE,
)
def counter_reset_no_spike(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """When a container begins anew, and its counter with it, its pod's value neither jumps nor falls below
    what the requests of the window make it.
    """
    record, seen = pod_cycle.record, pod_cycle.seen
    evidence.record(record)
    if "stopped" not in seen:
        reached(record, names.AT_MAX)
        could_not_tell("no pod had a value when one was to be stopped")
    pod, stopped = seen["stopped"], reached(record, names.STOPPED).at
    after = part(record, names.STOPPED, names.SEEN)
    evidence.record(record.between(stopped - 2 * expect.scrape, after.ended))
    count = [(at, v) for at, v in by_pod(pod_cycle.raw[expect.series], expect.pod_label).get(pod, [])]
    falls = [at for (_, a), (at, b) in pairwise(count) if b < a and at > stopped]
    if not falls:
        could_not_tell(f"the counter of {pod} did not begin anew in Prometheus: {count[-5:]}")
    before = [value for at, value in values_of(record, pod) if at <= stopped]
    found = values_of(after, pod)
    assert before, f"{pod} had no value before it was stopped"
    assert found, f"{pod} had no value any more after it was stopped"
    sent = Times(seen["below"].times, seen["above"].times)
    late = expect.scrape + CLOCKS
    fitted = _fitted(pod_cycle, expect, evidence, could_not_tell, whole=False)
    window = fitted.best if fitted.windows else expect.window
    gained = sent.within(stopped - late, after.ended) / window
    lost = sent.within(stopped - window - late, after.ended - window + late) / window
    least, most = (1 - SLACK) * before[-1] - gained - lost, (1 + SLACK) * before[-1] + gained
    shown = [round(value, 3) for _, value in found]
    evidence("restart", f"{pod}: {before[-1]:.3f} before; allowed {least:.3f} to {most:.3f}", str(shown))
    high, low = max(shown), min(shown)
    assert high <= most, f"{pod} jumped to {high:g} when its counter began anew; {most:.3f} is what was sent"
    assert low >= least, f"{pod} fell to {low:g} when its counter began anew; {least:.3f} is what was sent"


SLACK = 0.15
"""Share by which a rate may change over a restart: an extrapolated window, and what the stop itself lost."""
