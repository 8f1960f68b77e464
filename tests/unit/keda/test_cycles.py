"""The cycles and behaviours of KEDA's scenario on a chain in memory: right ones pass, wrong ones fail."""

from __future__ import annotations

import pytest

from conformance.keda import (
    cycle_activation,
    cycle_fallback,
    cycle_load,
    test_step_04_scaled_object,
    test_step_05_activation,
    test_step_06_load,
    test_step_07_zero,
    test_step_08_fallback,
)

ACTIVATION = [
    test_step_04_scaled_object.test_external_value,
    test_step_05_activation.test_below_activation,
    test_step_05_activation.test_wakes,
    test_step_05_activation.test_active_condition,
    test_step_05_activation.test_cooldown,
]
LOAD = [
    test_step_05_activation.test_polls,
    test_step_06_load.test_scales_up,
    test_step_06_load.test_follows_model,
    test_step_06_load.test_never_exceeds_max,
    test_step_06_load.test_queue_drains,
    test_step_06_load.test_no_flapping,
    test_step_07_zero.test_returns_to_zero,
    test_step_07_zero.test_not_before_cooldown,
    test_step_07_zero.test_stays_at_zero,
    test_step_07_zero.test_wakes_again,
]
FALLBACK = [
    test_step_08_fallback.test_falls_back,
    test_step_08_fallback.test_not_at_once,
    test_step_08_fallback.test_fallback_condition,
    test_step_08_fallback.test_recovers,
    test_step_08_fallback.test_works_blind,
]
CYCLES = {
    cycle_activation.drive_activation: ACTIVATION,
    cycle_load.drive_load: LOAD,
    cycle_fallback.drive_fallback: FALLBACK,
}


def test_reference_passes_every_cycle(kit, judge):
    """On a chain that works every behaviour passes, with the cycles one after the other in one world, and no
    item is lost.
    """
    made = kit()
    for drive, behaviours in CYCLES.items():
        cycle = drive(made.stage())
        for behaviour in behaviours:
            judge(behaviour, made, cycle)
    counts = made.counts()
    assert counts.published == counts.consumed + counts.queued + counts.in_hand


@pytest.mark.parametrize(
    ("flaws", "drive", "behaviour", "says"),
    [
        ({"activation": 0}, cycle_activation.drive_activation, "test_below_activation", "expected none"),
        ({"activation": 50}, cycle_activation.drive_activation, "test_wakes", "never got to 'one is Ready'"),
        ({"factor": 2}, cycle_activation.drive_activation, "test_external_value", "of no such queue"),
        ({"cooldown": 0}, cycle_activation.drive_activation, "test_cooldown", "after the last work; 20 s"),
        ({"cooldown": 60}, cycle_activation.drive_activation, "test_cooldown", "never got to 'asleep'"),
        ({"always_active": True}, cycle_activation.drive_activation, "test_below_activation", "never got to"),
        ({"polling": 60}, cycle_load.drive_load, "test_polls", "but for|never got to"),
        ({"target": 200}, cycle_load.drive_load, "test_scales_up", "went to 3 replicas, not to 20"),
        ({"target": 200}, cycle_load.drive_load, "test_queue_drains", "never got to 'queue drained'"),
        ({"maximum": 10}, cycle_load.drive_load, "test_scales_up", "went to 10 replicas, not to 20"),
        ({"cooldown": 300}, cycle_load.drive_load, "test_returns_to_zero", "never got to"),
        ({"cooldown": 0}, cycle_load.drive_load, "test_not_before_cooldown", "20 s are asked for"),
        ({"minimum": 1}, cycle_load.drive_load, "test_stays_at_zero", "never got to"),
        ({"fallback": None}, cycle_fallback.drive_fallback, "test_falls_back", "went to 0 replicas"),
        ({"fallback": 6}, cycle_fallback.drive_fallback, "test_falls_back", "went to 6 replicas"),
        ({"fallback": None}, cycle_fallback.drive_fallback, "test_fallback_condition", "never got to"),
        ({"failure_threshold": 0}, cycle_fallback.drive_fallback, "test_not_at_once", "3 are to be borne"),
        ({"cooldown": 60}, cycle_fallback.drive_fallback, "test_recovers", "never got to 'asleep again'"),
    ],
)
def test_a_flaw_fails_its_behaviour_for_its_reason(kit, judge, flaws, drive, behaviour, says):
    """What is wrong with a ScaledObject is told by the behaviour that is about it."""
    made = kit(**flaws)
    test = next(test for test in CYCLES[drive] if test.__name__ == behaviour)
    with pytest.raises(AssertionError, match=says):
        judge(test, made, drive(made.stage()))


def test_a_third_one_that_scales_is_told_by_the_model(kit, judge):
    """A count that neither KEDA nor the HPA would set is a violation; the steps from and to 0 are none."""
    made = kit()
    calls = []

    def meddle() -> None:
        if made.world.spec == 20 and len(calls) < 3:
            calls.append(made.world.now)
            made.world.scale(23)

    made.world.listeners.append(meddle)
    cycle = cycle_load.drive_load(made.stage())
    with pytest.raises(AssertionError, match="do not follow from the metric"):
        judge(test_step_06_load.test_follows_model, made, cycle)
    with pytest.raises(AssertionError, match="was 23, the maximum is 20"):
        judge(test_step_06_load.test_never_exceeds_max, made, cycle)


def test_the_external_metric_is_not_asked_for_while_prometheus_is_gone(kit):
    """KEDA would count our questions, and fall back the sooner for them."""
    made = kit()
    record = cycle_fallback.drive_fallback(made.stage()).record
    assert not len(record.recorded("adapter_value"))
