"""What a behaviour needs, and how it ends where an earlier piece is missing: never as a traceback."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from conformance.dojo import (
    cycles_application,
    cycles_faults,
    cycles_load,
    cycles_metric,
    test_step_03_application,
    test_step_06_exporter,
    test_step_07_rule,
    test_step_08_adapter,
    test_step_09_hpa,
    test_step_10_scale_to_zero,
)
from conformance.dojo.judging import Blocked
from fixtures.install.pieces import InstallFailed
from fixtures.judge.outcomes import Outcome, outcome_of
from tests.unit.dojo.test_hints import BEHAVIOURS
from tests.unit.dojo.world import WORLD_BEGAN

BY_ID = {behaviour.id: behaviour for behaviour in BEHAVIOURS}
NOTE = "left out: HorizontalPodAutoscaler/consumer: autoscaling/v2beta2 is not served here"


def reached_from(behaviour: str) -> set[str]:
    """Everything a behaviour needs, directly or not."""
    direct = BY_ID[behaviour].needs
    return {*direct}.union(*map(reached_from, direct))


@pytest.mark.parametrize(
    ("behaviour", "never"),
    [
        ("dojo.02.controller-flags", "dojo.02.nodes-ready"),
        ("dojo.03.consumers-add-up", "dojo.03.consumer-rate"),
        ("dojo.06.single-key-only", "dojo.06.key-size-follows-queue"),
        ("dojo.08.object-value", "dojo.07.rule-healthy"),
        ("dojo.09.reads-metric", "dojo.08.object-value"),
        ("dojo.09.reads-metric", "dojo.06.target-up"),
        ("dojo.09.no-flapping", "dojo.09.scales-up-under-load"),
        ("dojo.10.metric-survives-zero", "dojo.10.idles-at-zero"),
        ("dojo.10.scaled-to-zero-condition", "dojo.10.idles-at-zero"),
        ("dojo.11.redis-restart", "dojo.03.consumer-rate"),
    ],
)
def test_only_a_cause_blocks(behaviour, never):
    """What merely comes first in the exercise, or is itself a consequence, blocks nothing."""
    assert never not in reached_from(behaviour)


def lacking(kit, *, exporter=True, adapter=True):
    """The stage of a solution without a piece, or with one that cannot be installed."""
    there = {"exporter": exporter, "adapter": adapter}

    def need(piece):
        if not there.get(piece, True):
            raise InstallFailed(piece, "no values (step 6)")

    stage = kit.stage()
    solution = SimpleNamespace(has=lambda part: there.get(part, True), missing="no file for {} here".format)
    installation = SimpleNamespace(**{**vars(stage.installation), "need": need})
    return replace(stage, installation=installation, solution=solution)


def test_outage_without_an_exporter_names_its_step(kit):
    """A rule with no exporter before it: what the outage is to show is blocked by step 6, and nothing is
    driven.
    """
    world = kit()
    with pytest.raises(
        Blocked, match=r"blocked by dojo\.06\.target-up: no file for exporter here"
    ) as blocked:
        cycles_metric.drive_outage(lacking(world, exporter=False))
    assert outcome_of(blocked.value) is Outcome.BLOCKED
    assert (blocked.value.by in BY_ID, world.world.now) == (True, WORLD_BEGAN)


def test_adapter_that_is_not_installed_leaves_the_rule_to_be_judged(kit, judge):
    """Step 7 is judged though step 8's chart is missing or broken."""
    world = kit()
    cycle = cycles_metric.drive_outage(lacking(world, adapter=False))
    for test in (
        test_step_07_rule.test_follows_key_size,
        test_step_07_rule.test_absent_series_becomes_zero,
        test_step_07_rule.test_never_absent,
        test_step_07_rule.test_one_series,
    ):
        judge(test, world, cycle)


def test_missing_hpa_leaves_earlier_steps_to_be_judged(kit, judge):
    """Where the HPA was left out at the installation, steps 7 and 8 are judged, and cycles that are about it
    are blocked.
    """
    world = kit(scaled=False)
    cycle = cycles_metric.drive_outage(world.stage())
    for test in (test_step_07_rule.test_never_absent, test_step_08_adapter.test_object_value):
        judge(test, world, cycle)
    for drive in (cycles_load.drive_load, cycles_faults.drive_adapter_restart):
        with pytest.raises(Blocked, match=r"dojo\.09\.reads-metric: there is no HPA consumer in") as blocked:
            drive(world.stage())
        assert blocked.value.by in BY_ID


def test_value_of_a_rule_that_is_not_there(kit, judge):
    """Without a rule the API has no value, and the message says that Prometheus has none either."""
    world = kit(rule=False)
    cycle = cycles_metric.drive_outage(world.stage())
    with pytest.raises(AssertionError, match=r"404\); Prometheus has none either"):
        judge(test_step_08_adapter.test_object_value, world, cycle)


def test_key_that_is_not_watched_is_told_by_name(kit, judge):
    """With no sample at all the exporter watches no key: a failure that says so."""
    cycle = SimpleNamespace(record=SimpleNamespace(started=0.0), raw={"every redis_key_size": []})
    with pytest.raises(AssertionError, match="found none: redis_key_size has no sample"):
        judge(test_step_06_exporter.test_single_key_only, kit(), cycle)


def test_slow_consumers_add_up(kit, judge):
    """Three slow consumers have three times the throughput of a slow one."""
    world = kit(item_seconds=2.0, scaled=False)
    judge(
        test_step_03_application.test_consumers_add_up,
        world,
        cycles_application.drive_application(world.stage()),
    )


def test_consumers_that_take_turns_do_not_add_up(kit, judge):
    """Three consumers of which one works at a time are no more than one."""
    world = kit(one_at_a_time=True, scaled=False)
    cycle = cycles_application.drive_application(world.stage())
    judge(test_step_03_application.test_consumer_rate, world, cycle)
    with pytest.raises(AssertionError, match=r"finish 0\.\d\d items a second each, and one alone \d\.\d\d"):
        judge(test_step_03_application.test_consumers_add_up, world, cycle)


def test_consumer_without_a_pace_is_no_measure(kit, judge):
    """Where one consumer never got done, what three do cannot be compared with it."""
    world = kit(item_seconds=60.0, scaled=False)
    cycle = cycles_application.drive_application(world.stage())
    with pytest.raises(Blocked, match="did not get done") as blocked:
        judge(test_step_03_application.test_consumers_add_up, world, cycle)
    assert blocked.value.by in BY_ID


AT_ZERO = [
    test_step_10_scale_to_zero.test_metric_survives_zero,
    test_step_10_scale_to_zero.test_scaled_to_zero_condition,
]


@pytest.mark.parametrize("test", AT_ZERO)
def test_nothing_is_said_of_a_zero_that_never_was(kit, judge, test):
    """What is about 0 replicas is blocked where the minimum is 1."""
    world = kit(minimum=1)
    with pytest.raises(Blocked, match=r"dojo\.10\.idles-at-zero: .*minReplicas is 1"):
        judge(test, world, cycles_load.drive_load(world.stage()))


def test_metric_that_goes_with_the_consumers_is_found(kit, judge):
    """A metric that is gone at 0 replicas fails what is about the metric, beside what that keeps from idling
    and waking.
    """
    world = kit(measured_by_consumers=True)
    world.publish(60)  # so that nobody is asleep when the load begins
    world.world.advance(8)
    cycle = cycles_load.drive_load(world.stage())
    for test, says in (
        (test_step_10_scale_to_zero.test_metric_survives_zero, "no value of redis_items_in_queue for"),
        (test_step_10_scale_to_zero.test_idles_at_zero, "does not read its metric"),
        (test_step_10_scale_to_zero.test_wakes_from_zero, "never got to 'woken'"),
    ):
        with pytest.raises(AssertionError, match=says):
            judge(test, world, cycle)


@pytest.mark.parametrize("test", [test_step_09_hpa.test_reads_metric, test_step_09_hpa.test_target])
@pytest.mark.parametrize("note", [NOTE, ""])
def test_hpa_that_was_left_out_is_told_with_the_reason(kit, judge, test, note):
    """An HPA of an API version that is not served is not there, and the message quotes why."""

    def eventually(read, accept, **_):
        accept(read())

    with pytest.raises(AssertionError) as failed:
        judge(
            test,
            kit(),
            None,
            solution=SimpleNamespace(has=lambda _: True),
            solved=lambda: note,
            kube=SimpleNamespace(hpa=lambda *_: None),
            eventually=eventually,
        )
    said = str(failed.value).splitlines()[0]
    assert said == "there is no HPA consumer in namespace default" + (note and f": {note}")


@pytest.mark.parametrize(
    ("installed", "said"),
    [(SimpleNamespace(source=SimpleNamespace(note=NOTE)), NOTE), ("Deployment/consumer", "")],
    ids=["installed by the kit", "stood there"],
)
def test_what_was_left_out_comes_with_the_piece(kit, installed, said):
    """A piece brings the note on its chart; one that somebody else installed has none."""
    stage = kit().stage()
    installation = SimpleNamespace(need=lambda _: installed, release=lambda _: None)
    assert replace(stage, installation=installation).bring() == said
