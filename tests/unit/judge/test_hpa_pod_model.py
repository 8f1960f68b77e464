"""The oracle on metrics of the pods: it accepts every right controller and rejects every wrong one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.judge.hpa_arithmetic import Behavior, HpaSpec, HpaTiming
from fixtures.judge.hpa_model import HpaModel
from fixtures.judge.hpa_pod_simulator import PodLife, simulate_pods
from fixtures.judge.hpa_simulator import Controller, Sampling, simulate
from fixtures.judge.outcomes import CouldNotTell

TIMING = HpaTiming(sync=5, window=20)
QUICK = replace(TIMING, cpu_initialization=10, initial_readiness=5)
PODS = HpaSpec(target=10, max_replicas=12, source="Pods")
BUSY = HpaSpec(target=50, max_replicas=12, source="Resource", kind="Utilization", request=0.5)
CORES = HpaSpec(target=0.25, max_replicas=12, source="Resource")
OUTSIDE = HpaSpec(target=10, max_replicas=12, source="External", min_replicas=0)
FEW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
phases = pytest.mark.parametrize("phase", [0.0, 1.3, 2.6, 3.9])


def steps_of(*steps):
    """A load that has each value from its second on; None: the metric cannot be read."""

    def load(at):
        return next(value for since, value in reversed(steps) if since <= at)

    return load


def first_silent(number, at):
    """The first pod runs and never has a value."""
    return number == 0


def half_silent(number, at):
    """Every other pod has no value."""
    return number % 2 == 0


LOAD = steps_of((0, 15), (40, 95), (70, 45), (100, 4))


def judge(controller, load=LOAD, *, seconds=150, spec=None, **more):
    record = simulate_pods(controller, load, seconds=seconds, **more)
    return HpaModel(spec or controller.spec, controller.timing).violations(record)


@FEW
@given(
    spec=st.sampled_from([PODS, BUSY, CORES, replace(PODS, behavior=Behavior())]),
    timing=st.sampled_from([TIMING, QUICK]),
    pieces=st.lists(
        st.tuples(st.floats(2, 25), st.one_of(st.none(), st.integers(0, 150))), min_size=1, max_size=6
    ),
    phase=st.floats(0, 5),
    seed=st.integers(0, 10_000),
    replicas=st.integers(0, 14),
    failing=st.sampled_from([(0, 0), (0.2, 0), (0, 0.2), (0.3, 0.3)]),
    silent=st.sampled_from([None, None, first_silent, half_silent, lambda number, at: 10 < at < 40]),
    told=st.booleans(),
)
def test_right_controllers_are_accepted(spec, timing, pieces, phase, seed, replicas, failing, silent, told):
    """Whatever the load does, whichever pods are silent, come or go: nothing is held against it."""
    at, steps = 0.0, []
    for length, value in pieces:
        steps.append((at, value if value is None or spec.source == "Pods" else value / 40))
        at += length
    record = simulate_pods(
        Controller(spec, timing),
        steps_of(*steps),
        seconds=at + 30,
        replicas=replicas,
        phase=phase,
        seed=seed,
        sampling=Sampling(failing_reads=failing[0], failing_syncs=failing[1]),
        life=PodLife(silent=silent, told=told),
    )
    try:
        found = HpaModel(spec, timing).violations(record)
    except CouldNotTell:
        return
    assert [str(violation) for violation in found] == []


@dataclass
class Sees(Controller):
    """Makes something else of what it sees of the pods."""

    def wanted(self, value, *, spec, status, ready):
        return super().wanted(self.instead(value), spec=spec, status=status, ready=ready)

    def instead(self, seen):
        return seen


class IgnoresMissing(Sees):
    """Takes the pods with a value for all there are."""

    def instead(self, seen):
        return replace(seen, missing=frozenset())


class MissingAreIdle(Sees):
    """Takes a pod without a value for one without load, going down as well."""

    def instead(self, seen):
        values = {**seen.values, **dict.fromkeys(seen.missing, 0.0)}
        return replace(seen, missing=frozenset(), values=values)


class MissingAreBusy(Sees):
    """Takes a pod without a value for one at its target, going up as well."""

    def instead(self, seen):
        values = {**seen.values, **dict.fromkeys(seen.missing, self.spec.target)}
        return replace(seen, missing=frozenset(), values=values)


class TakesTheTotal(Sees):
    """Takes the sum over all pods for the value of each."""

    def instead(self, seen):
        return replace(seen, values=dict.fromkeys(seen.values, sum(seen.values.values())))


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
class Stuck(Controller):
    """Never changes anything."""

    def changed(self, now, before, after):
        return before


@dataclass
class NeverDown(Controller):
    """Scales up only."""

    def changed(self, now, before, after):
        return super().changed(now, before, max(before, after))


@dataclass
class DropsOnFailure(Controller):
    """Takes a metric that cannot be read for no load."""

    def unreadable(self, replicas):
        return self.spec.min_replicas


def scaled(spec):
    """The load in the units of a metric: 10 of a Pods metric's are a quarter of a core."""
    share = 1 if spec is PODS else 0.025
    return lambda at: LOAD(at) * share


@phases
@pytest.mark.parametrize("spec", [PODS, CORES, BUSY])
def test_right_controller_on_the_same_load(spec, phase):
    """The load on which the wrong ones are found, played by a right controller, has no violation."""
    assert judge(Controller(spec, QUICK), scaled(spec), phase=phase) == []


@pytest.mark.parametrize("phase", [0.0, 2.6])
@pytest.mark.parametrize("spec", [PODS, BUSY])
@pytest.mark.parametrize("wrong", [Leaps, Hasty, Stuck, NeverDown, TakesTheTotal])
def test_wrong_controllers_are_rejected(wrong, spec, phase):
    """Beyond the step limit, before the window, stuck, never down, or by the sum: each is found."""
    found = judge(wrong(spec, QUICK), scaled(spec), phase=phase)
    assert found
    assert any("pods: " in violation.why for violation in found)


MUTE_DOWN = steps_of((0, 40), (40, 12))  # four pods; then one of them without a value, the others at 3
MUTE_UP = steps_of((0, 40), (40, 120))  # four pods, two of them without a value; then they have 30 each


@phases
@pytest.mark.parametrize("wrong", [IgnoresMissing, MissingAreIdle])
def test_a_missing_pod_counts_going_down(wrong, phase):
    """A pod without a value is taken for one at its target before pods are let go."""
    mute = {"replicas": 4, "phase": phase, "seconds": 100, "life": PodLife(silent=first_silent)}
    assert judge(Controller(PODS, TIMING), MUTE_DOWN, **mute) == []
    assert judge(wrong(PODS, TIMING), MUTE_DOWN, **mute)


@phases
def test_a_missing_pod_does_not_count_going_up(phase):
    """A pod without a value is taken for an idle one before pods are added."""
    mute = {"replicas": 4, "phase": phase, "seconds": 70, "life": PodLife(silent=half_silent)}
    assert judge(Controller(PODS, TIMING), MUTE_UP, **mute) == []
    assert judge(MissingAreBusy(PODS, TIMING), MUTE_UP, **mute)


@phases
def test_above_the_maximum_is_rejected(phase):
    """A controller with a greater maximum than the HPA has is found."""
    roomy, load = replace(PODS, max_replicas=20), steps_of((0, 15), (30, 190))
    assert judge(Controller(roomy, TIMING), load, phase=phase, seconds=80) == []
    assert judge(Controller(roomy, TIMING), load, phase=phase, seconds=80, spec=PODS)


@phases
def test_drop_on_failed_reads_is_rejected(phase):
    """While the metric cannot be read the count is frozen; dropping to the minimum is wrong."""
    outage = steps_of((0, 95), (40, None), (70, 95))
    assert judge(Controller(PODS, TIMING), outage, replicas=10, phase=phase) == []
    assert judge(DropsOnFailure(PODS, TIMING), outage, replicas=10, phase=phase)


@phases
@pytest.mark.parametrize("kind", ["AverageValue", "Value"])
def test_external_metrics(kind, phase):
    """A metric from outside is judged as an Object metric is: also at 0, and by the same limits."""
    outside = replace(OUTSIDE, kind=kind, target=10 if kind == "AverageValue" else 100)
    load = steps_of((0, 0), (40, 95), (70, 45), (100, 0))
    model = HpaModel(outside, TIMING)

    def played(controller):
        return model.violations(simulate(controller, load, seconds=150, replicas=1, phase=phase))

    assert played(Controller(outside, TIMING, scaled_to_zero=True)) == []
    assert played(Hasty(outside, TIMING, scaled_to_zero=True))
    assert played(NeverDown(outside, TIMING, scaled_to_zero=True))


def test_hand_is_announced():
    """A replica count set by hand is no violation where the record has the event, and one where not."""
    record = simulate_pods(
        Controller(PODS, TIMING), steps_of((0, 45)), seconds=80, replicas=5, by_hand=(40, 2)
    )
    model = HpaModel(PODS, TIMING)
    assert model.violations(record) == []
    record.events.clear()
    assert model.violations(record)


def test_demand_and_path():
    """What a load asks for, and the way there, shared by the pods there are; without pods nothing happens."""
    model = HpaModel(PODS, TIMING)
    assert [model.demand(load) for load in (0, 1, 10, 11, 95, 500)] == [1, 1, 1, 2, 10, 12]
    assert model.expected_path(95, 1) == [1, 4, 8, 10]
    assert model.expected_path(4, 10) == [10, 1]
    assert model.expected_path(105, 10) == [10]
    assert model.expected_path(95, 0) == [0]
    busy = HpaModel(BUSY, TIMING)
    assert busy.demand(1.1) == 5
    assert busy.expected_path(2.5, 2) == [2, 4, 8, 10]
