from __future__ import annotations

import inspect
import re

import pytest

from conformance.pod_metric import adapter, hpa, names, rates, scrape
from conformance.pod_metric.shared import Shared
from fixtures.judge.outcomes import CouldNotTell
from tests.unit.pod_metric.conftest import driven
from tests.unit.pod_metric.world import Flaws

JUDGED = {
    shared.slug: shared
    for module in (scrape, adapter, rates, hpa)
    for shared in vars(module).values()
    if isinstance(shared, Shared) and "pod_cycle" in inspect.signature(shared.test).parameters
}
JUDGED["target"] = hpa.target
WRONG = {
    "probes are counted": ({"counts_probes": True}, {"counts-what-was-sent": "40 in 20.0 s, sent 26 to 3"}),
    "per minute": (
        {"factor": 60.0},
        {
            "sum-equals-rate-sent": "over no window",
            "below-target-holds": r"spec_replicas.*3.*under a load that 1 can bear",
        },
    ),
    "twice the rate": ({"factor": 2.0}, {"sum-equals-rate-sent": "over no window"}),
    "the count itself": ({"query": "raw"}, {"sum-equals-rate-sent": "over no window"}),
    "irate": ({"query": "irate"}, {"rate-window": "the window is 10 s, four scrapes are 20 s"}),
    "a window of three scrapes": ({"window": 15.0}, {"rate-window": "four scrapes are 20 s"}),
    "delta": ({"query": "delta"}, {"counter-reset-no-spike": "fell to"}),
    "rounded": ({"rounds": True}, {"milli-units": "all values are whole numbers"}),
    "zero for what was not measured": (
        {"fills": True},
        {"no-value-before-samples": "0, with 1 of 2 samples"},
    ),
    "no value at all": ({"query": "nothing"}, {"one-value-per-pod": "never gave a value"}),
    "two is the least": (
        {"minimum": 2},
        {
            "target": "minReplicas is 2, expected 1",
            "below-target-holds": r"\[2.0\].* under a load that 1 can bear",
            "returns-to-min": "the minimum is 1, found .*2.0",
        },
    ),
    "four is the most": (
        {"maximum": 4},
        {"target": "maxReplicas is 4", "never-exceeds-max": "was 4, the maximum is 3"},
    ),
    "another target": ({"target": 4}, {"target": "averageValue is 4.0, expected 2"}),
    "never more than two": (
        {"ceiling": 2},
        {"scales-up-under-load": "went to 2 replicas, not to 3", "follows-model": "the next decision is 3"},
    ),
    "lowered at once": (
        {"downscale": 0.5},
        {"scales-down-after-load": "the window is 20 s", "follows-model": "the next decision is 3"},
    ),
    "never lowered": (
        {"sticks": True},
        {
            "scales-down-after-load": "never got to 'idle held'",
            "returns-to-min": "never got to 'at min'",
            "follows-model": "the next decision is 1, due",
        },
    ),
    "up and down": (
        {"flaps": True},
        {
            "no-flapping": "expected one turn, at the top; found 1",
            "new-pods-are-missing": "replicas were lowered",
        },
    ),
}
CASES = [(what, slug) for what, (_, fails) in WRONG.items() for slug in fails]


@pytest.mark.parametrize("slug", JUDGED)
def test_a_right_solution_passes(judge, slug):
    """In a world without flaws every behaviour that is judged by the cycle passes."""
    judge(JUDGED[slug])


@pytest.mark.parametrize("slug", JUDGED)
def test_a_shorter_window_is_right_too(judge, slug):
    """A rate over one minute is a rate: only what it is over has to be four scrapes at least."""
    judge(JUDGED[slug], window=60.0)


@pytest.mark.parametrize(("what", "slug"), CASES, ids=[f"{what}: {slug}" for what, slug in CASES])
def test_a_wrong_solution_fails_for_its_reason(judge, what, slug):
    """Each flaw fails the behaviours that are about it, and each says what it saw."""
    flaws, fails = WRONG[what]
    with pytest.raises(AssertionError) as caught:
        judge(JUDGED[slug], **flaws)
    assert re.search(fails[slug], " ".join(str(caught.value).split()))


def test_every_behaviour_is_failed_by_a_flaw():
    """No behaviour of the cycle passes whatever is wrong."""
    assert {slug for _, slug in CASES} == set(JUDGED)


def test_without_an_adapter_the_count_is_still_judged(judge):
    """A solution that has got to step 2 is judged there: the cycle ends after the small load."""
    judge(JUDGED["counts-what-was-sent"], adapter=False)
    _, cycle = driven(Flaws(adapter=False))
    assert not cycle.record.has_event(names.ABOVE)
    assert cycle.record.ended - cycle.record.started < 60


@pytest.mark.parametrize("slug", ["scales-up-under-load", "no-flapping", "counter-reset-no-spike"])
def test_what_was_not_got_to_is_said(judge, slug):
    """Where the HPA never reads its metric no great load is driven, and what it is for fails saying so."""
    with pytest.raises(AssertionError, match="the cycle never got to"):
        judge(JUDGED[slug], reads=False)


def test_a_rate_that_nobody_can_read_is_no_verdict_on_its_window(judge):
    """Which window a rate has cannot be told from values that are no rate of what was sent."""
    with pytest.raises(CouldNotTell, match="over no window"):
        judge(JUDGED["rate-window"], factor=2.0)


def test_the_cycle_is_short():
    """A right solution is through in less than four minutes: most of it is the rate's own window."""
    _, cycle = driven(Flaws())
    assert cycle.record.ended - cycle.record.started < 240
