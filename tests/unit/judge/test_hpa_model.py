"""The oracle accepts every right controller and rejects every wrong one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.judge.budgets import Budget
from fixtures.judge.hpa_arithmetic import Behavior, HpaSpec, HpaTiming, Policy, Rules
from fixtures.judge.hpa_model import HpaModel
from fixtures.judge.hpa_simulator import Controller, Sampling, simulate
from fixtures.judge.outcomes import CouldNotTell
from fixtures.observe.record import Event, Reading, Record

TIMING = HpaTiming(sync=5, window=20)
DOJO = HpaSpec(target=20, min_replicas=0, max_replicas=20)
ONE = replace(DOJO, min_replicas=1)
SLOW_UP = Behavior(up=Rules((Policy("Pods", 2, 10),), window=0), down=Rules((Policy("Percent", 50, 15),)))
WINDOWED = Behavior(up=replace(Behavior().up, window=12), down=replace(Behavior().down, window=10))
SPECS = [
    DOJO,
    ONE,
    replace(ONE, behavior=Behavior()),
    replace(ONE, behavior=SLOW_UP),
    replace(DOJO, behavior=WINDOWED),
    replace(ONE, kind="Value", target=40),
    replace(DOJO, remembers_zero=False),
]
COUNTS = ("spec_replicas", "status_replicas", "ready_replicas")
FEW = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def steps_of(*steps):
    """A metric that has each value from its second on; None: it cannot be read."""

    def metric(at):
        return next(value for since, value in reversed(steps) if since <= at)

    return metric


LOAD = steps_of((0, 0), (40, 390), (60, 290), (70, 150), (80, 30), (85, 0))


def judge(controller, metric=LOAD, *, seconds=140, spec=None, **more):
    model = HpaModel(spec or controller.spec, TIMING)
    return model.violations(simulate(controller, metric, seconds=seconds, **more))


metrics = st.lists(
    st.tuples(st.floats(2, 25), st.one_of(st.none(), st.integers(0, 500))), min_size=1, max_size=8
)


@FEW
@given(
    spec=st.sampled_from(SPECS),
    pieces=metrics,
    phase=st.floats(0, 5),
    seed=st.integers(0, 10_000),
    replicas=st.integers(0, 24),
    failing=st.sampled_from([(0, 0), (0.2, 0), (0, 0.2), (0.3, 0.3)]),
    asleep=st.booleans(),
)
def test_right_controllers_are_accepted(spec, pieces, phase, seed, replicas, failing, asleep):
    """Whatever the metric does, whenever the syncs are, whichever reads fail: nothing is held against it."""
    at, steps = 0.0, []
    for length, value in pieces:
        steps.append((at, value))
        at += length
    controller = Controller(spec, TIMING, scaled_to_zero=asleep)
    sampling = Sampling(failing_reads=failing[0], failing_syncs=failing[1])
    record = simulate(
        controller,
        steps_of(*steps),
        seconds=at + 30,
        replicas=replicas,
        phase=phase,
        seed=seed,
        sampling=sampling,
    )
    try:
        found = HpaModel(spec, TIMING).violations(record)
    except CouldNotTell:
        return
    assert [str(violation) for violation in found] == []


@dataclass
class Leaps(Controller):
    """Goes up as far as it likes in one sync."""

    def limit(self, replicas):
        return 1000


@dataclass
class Hasty(Controller):
    """Scales down at once: no stabilization."""

    def window(self):
        return 0.0


@dataclass
class HalfWindow(Controller):
    """Scales down after a quarter of the window."""

    def window(self):
        return self.timing.window / 4


@dataclass
class DropsOnFailure(Controller):
    """Takes a failed read for 0."""

    def unreadable(self, replicas):
        return self.spec.min_replicas


@dataclass
class Stuck(Controller):
    """Never changes anything."""

    def changed(self, now, before, after):
        return before


@dataclass
class WakesAnything(Controller):
    """Wakes what was set to 0 by hand."""

    def asleep(self):
        return False


@dataclass
class Overshoots(Controller):
    """Asks for one replica more than the metric does."""

    def changed(self, now, before, after):
        return super().changed(now, before, after + 1 if after > before else after)


@dataclass
class NeverDown(Controller):
    """Scales up only."""

    def changed(self, now, before, after):
        return super().changed(now, before, max(before, after))


@dataclass
class TwiceASync(Controller):
    """Takes two steps in one."""

    def limit(self, replicas):
        return super().limit(super().limit(replicas))


phases = pytest.mark.parametrize("phase", [0.0, 1.3, 2.6, 3.9])


@phases
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (Leaps, "the next decision is"),
        (TwiceASync, "the next decision is"),
        (Hasty, "the next decision is"),
        (HalfWindow, "the next decision is"),
        (Stuck, "due for"),
        (NeverDown, "due for"),
    ],
)
def test_wrong_controllers_are_rejected(wrong, says, phase):
    """Beyond the step limit, before the window, stuck, or never down: each is found, and why is said."""
    found = judge(wrong(ONE, TIMING), phase=phase)
    assert found
    assert any(says in violation.why for violation in found)


@phases
def test_right_controller_on_the_same_load(phase):
    """The same load, played by a right controller, has no violation: the wrong ones are found by merit."""
    assert judge(Controller(ONE, TIMING), phase=phase) == []
    assert judge(Controller(DOJO, TIMING, scaled_to_zero=True), replicas=0, phase=phase) == []


@phases
def test_drop_on_failed_reads_is_rejected(phase):
    """While the metric cannot be read the count is frozen; dropping to the minimum is wrong."""
    outage = steps_of((0, 390), (40, None), (70, 390))
    assert judge(Controller(ONE, TIMING), outage, replicas=20, phase=phase) == []
    assert judge(DropsOnFailure(ONE, TIMING), outage, replicas=20, phase=phase)


@pytest.mark.parametrize("away", [True, False])
def test_two_syncs_after_an_outage(away):
    """A sync that waits for a metric that is away is followed by the next one at once: 4, 8 and 10 within a
    second. Where nothing was away, a sync goes up to 8.
    """
    readings = []
    for second in range(30):
        gone = away and 10 <= second < 16
        readings.append(Reading(second, "adapter_value", None if gone else 189.0))
        readings += [Reading(second, name, 4.0 if second < 17 else 10.0) for name in COUNTS]
    found = HpaModel(DOJO, TIMING).violations(Record("outage", 0.0, 30.0, readings=readings))
    ups = [violation for violation in found if violation.observed == 10]
    assert not ups if away else [violation.allowed[1] for violation in ups] == [8]


@phases
def test_drop_on_our_own_failed_reads_is_rejected(phase):
    """An outage in which our reads fail, not answer "nothing", freezes the count as well."""
    record = simulate(
        DropsOnFailure(ONE, TIMING), steps_of((0, 390), (40, None), (70, 390)), seconds=90, replicas=20
    )
    readings = [
        Reading(r.at, r.signal, None, "HTTP 500", {}, r.asked)
        if r.signal == "adapter_value" and r.absent
        else r
        for r in record.readings
    ]
    failing = Record("failing", 0.0, 90.0, readings=readings)
    assert failing.recorded("adapter_value").failed()
    assert HpaModel(ONE, TIMING).violations(failing)


@phases
def test_above_the_maximum_is_rejected(phase):
    """A controller with a greater maximum than the HPA has is found."""
    roomy = replace(ONE, max_replicas=30)
    assert judge(Controller(roomy, TIMING), steps_of((0, 0), (40, 600)), spec=ONE, phase=phase, seconds=90)


@phases
def test_below_the_minimum_is_rejected(phase):
    """A controller that goes to 0 where the minimum is 1 is found."""
    assert judge(Controller(DOJO, TIMING), spec=ONE, phase=phase)


@phases
def test_ignored_metric_is_rejected(phase):
    """A controller that follows another metric is found."""
    other = simulate(Controller(ONE, TIMING), steps_of((0, 0), (30, 100)), seconds=90, phase=phase)
    quiet = [
        Reading(r.at, r.signal, 0.0, None, {}, r.asked) if r.signal == "adapter_value" else r
        for r in other.readings
    ]
    assert HpaModel(ONE, TIMING).violations(Record("other", 0.0, 90.0, readings=quiet))


def test_overshoot_is_rejected():
    """One replica more than the metric asks for is one too many."""
    assert judge(Overshoots(ONE, TIMING), steps_of((0, 0), (40, 50)), seconds=90)


@phases
def test_waking_what_was_set_to_zero_by_hand_is_rejected(phase):
    """Since 1.36 a Deployment set to 0 by hand stays there; before, it woke."""
    metric = steps_of((0, 90), (60, 150))
    right = {"replicas": 5, "by_hand": (40, 0), "phase": phase}
    assert judge(Controller(DOJO, TIMING), metric, **right) == []
    assert judge(WakesAnything(DOJO, TIMING), metric, **right)
    older = replace(DOJO, remembers_zero=False)
    assert judge(Controller(older, TIMING), metric, **right) == []


def test_scaling_by_hand_unannounced_is_rejected():
    """The same hand scaling without an event is nothing the HPA could have done."""
    record = simulate(Controller(ONE, TIMING), steps_of((0, 90)), seconds=80, replicas=5, by_hand=(40, 2))
    silent = Record("silent", 0.0, 80.0, readings=record.readings)
    assert HpaModel(ONE, TIMING).violations(record) == []
    assert HpaModel(ONE, TIMING).violations(silent)


def test_two_changes_within_a_sync_are_rejected():
    """Steps that are each allowed may still come too quickly."""
    found = judge(Controller(ONE, HpaTiming(sync=1, window=20)), steps_of((0, 0), (40, 390)), seconds=80)
    assert any("two changes within" in violation.why for violation in found)


def reading(at, signal, value, **more):
    return Reading(at, signal, value, asked=at - 0.1, **more)


def made(metric, replicas, events=()):
    """A record made by hand, a reading a second each; a metric of "failed" is a failed read."""
    rows = [reading(at, "spec_replicas", float(count)) for at, count in enumerate(replicas)]
    rows += [reading(at, "status_replicas", float(count)) for at, count in enumerate(replicas)]
    rows += [
        reading(at, "adapter_value", None, error="HTTP 500")
        if value == "failed"
        else reading(at, "adapter_value", value)
        for at, value in enumerate(metric)
    ]
    return Record("by hand", 0.0, float(len(replicas)), readings=rows, events=events)


def test_violation_tells_when_what_and_why():
    """A violation names the second, the counts, the allowed range and what the metric was."""
    record = made([0.0] * 40 + [60.0] * 20, [1] * 50 + [9] * 10)
    (found,) = HpaModel(ONE, TIMING).violations(record)
    assert (found.at, found.observed, found.allowed) == (50, 9, (1, 3))
    assert "1→9 by +50.0 s" in found.why
    assert "metric at 60" in found.why
    assert str(found).startswith("9 replicas, allowed 1…3")


def test_being_stuck_is_told_once():
    """A count that stays too low is one violation, however long it lasts."""
    (found,) = HpaModel(ONE, TIMING).violations(made([0.0] * 30 + [200.0] * 60, [1] * 90))
    assert found.observed == 1
    assert "due for" in found.why


def test_tolerance_holds_the_count():
    """At 10 replicas a metric of 210 is within 10 %: staying is right, 11 is wrong."""
    model = HpaModel(ONE, TIMING)
    assert model.violations(made([200.0] * 30 + [210.0] * 40, [10] * 70)) == []
    assert model.violations(made([200.0] * 30 + [210.0] * 40, [10] * 45 + [11] * 25))


def test_what_was_not_read_may_have_been_anything():
    """A Prometheus that starts anew says 0 for a moment in which our reads still fail: a drop after that is
    right, and without such a time it is wrong.
    """
    model, drop = HpaModel(DOJO, TIMING), [4] * 49 + [0] * 11
    assert model.violations(made([60.0] * 20 + ["failed"] * 30 + [60.0] * 10, drop)) == []
    assert model.violations(made([60.0] * 60, drop))


def test_nothing_read_is_no_verdict():
    """A record without the metric, or without the count, is not judged clean."""
    model = HpaModel(ONE, TIMING)
    with pytest.raises(CouldNotTell, match="metric was never read"):
        model.violations(made(["failed"] * 30, [1] * 30))
    with pytest.raises(CouldNotTell, match="replica count"):
        model.violations(made([1.0] * 30, [1]))


def test_band_is_one_piece_after_the_other():
    """The band's pieces follow each other, contain a right run's counts, and stay within the maximum."""
    record = simulate(Controller(ONE, TIMING), LOAD, seconds=140)
    band = HpaModel(ONE, TIMING).allowed(record)
    assert all(first[1] <= second[0] for first, second in pairwise(band))
    assert all(1 <= low <= high <= 20 for _, _, low, high in band)
    for at, count in record.recorded("spec_replicas").numbers():
        inside = [(low, high) for start, end, low, high in band if start <= at <= end]
        assert not inside or any(low <= count <= high for low, high in inside)
    assert min(high for _, _, _, high in band) == 1
    assert max(low for _, _, low, _ in band) > 1


@pytest.mark.parametrize(
    ("spec", "queue", "from_", "path"),
    [
        (DOJO, 400, 0, [0, 4, 8, 16, 20]),
        (ONE, 400, 1, [1, 4, 8, 16, 20]),
        (ONE, 0, 20, [20, 1]),
        (DOJO, 0, 20, [20, 0]),
        (DOJO, 50, 0, [0, 3]),
        (DOJO, 205, 10, [10]),
        (replace(ONE, behavior=Behavior()), 400, 1, [1, 5, 10, 20]),
    ],
)
def test_expected_path(spec, queue, from_, path):
    """The way to where a lasting metric leads, one decision after the other."""
    assert HpaModel(spec, TIMING).expected_path(queue, from_) == path


def test_demand_is_within_bounds():
    """What a metric asks for is rounded up and kept between the bounds."""
    assert [HpaModel(ONE, TIMING).demand(value) for value in (0, 1, 20, 21, 400, 999)] == [1, 1, 1, 2, 20, 20]


def test_must_reach():
    """A lasting demand that was met is fine, one that was not is a violation, none at all no verdict."""
    model, within = HpaModel(ONE, TIMING), Budget("scale_to_max", {"steps": 20, "sync": 10})
    lasting = [0.0] * 20 + [390.0] * 60
    assert model.must_reach(made(lasting, [1] * 30 + [4] * 5 + [8] * 5 + [20] * 40), 20, within) == []
    (found,) = model.must_reach(made(lasting, [1] * 30 + [12] * 50), 20, within)
    assert (found.observed, found.allowed) == (12, (20, 20))
    with pytest.raises(CouldNotTell, match="never asked for 20"):
        model.must_reach(made([0.0] * 20 + [390.0] * 10 + [0.0] * 50, [1] * 80), 20, within)


def test_event_announces_a_hand():
    """An event with the count in its detail exempts that change; the way back is the HPA's again."""
    record = made(
        [90.0] * 60,
        [5] * 40 + [2] * 3 + [4] * 5 + [5] * 12,
        [Event(39.5, "by hand", "drive", {"scaled_to": 2})],
    )
    assert HpaModel(ONE, TIMING).violations(record) == []
