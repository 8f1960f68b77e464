from __future__ import annotations

from dataclasses import replace

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
    test_step_11_beyond,
)
from fixtures.judge.outcomes import CouldNotTell, Outcome, outcome_of
from fixtures.observe.chain import Chain, Place
from fixtures.observe.standing import HandsOff, Untouched
from tests.unit.dojo.world import WORLD_BEGAN

APPLICATION = [
    test_step_03_application.test_producer_publishes,
    test_step_03_application.test_consumer_rate,
    test_step_03_application.test_consumers_add_up,
]
QUEUE = [
    test_step_06_exporter.test_labels,
    test_step_06_exporter.test_key_size_follows_queue,
    test_step_06_exporter.test_single_key_only,
    test_step_06_exporter.test_empty_queue,
]
OUTAGE = [
    test_step_07_rule.test_follows_key_size,
    test_step_07_rule.test_absent_series_becomes_zero,
    test_step_07_rule.test_never_absent,
    test_step_07_rule.test_one_series,
    test_step_08_adapter.test_object_value,
    test_step_08_adapter.test_freshness,
    test_step_08_adapter.test_zero_during_outage,
    test_step_11_beyond.test_exporter_outage,
]
LOAD = [
    test_step_09_hpa.test_scales_up_under_load,
    test_step_09_hpa.test_follows_model,
    test_step_09_hpa.test_never_exceeds_max,
    test_step_09_hpa.test_queue_drains,
    test_step_09_hpa.test_scales_down_after_drain,
    test_step_09_hpa.test_returns_to_min,
    test_step_09_hpa.test_no_flapping,
    test_step_10_scale_to_zero.test_idles_at_zero,
    test_step_10_scale_to_zero.test_wakes_from_zero,
    test_step_10_scale_to_zero.test_metric_survives_zero,
]
RESTARTS = {
    test_step_11_beyond.test_adapter_restart: cycles_faults.drive_adapter_restart,
    test_step_11_beyond.test_redis_restart: cycles_faults.drive_redis_restart,
    test_step_11_beyond.test_prometheus_restart: cycles_faults.drive_prometheus_restart,
}


OTHERS = Chain(
    hpa=Place("shop", "scaler"),
    consumer=Place("shop", "workers-consumer"),
    redis=Place("store", "queue-redis"),
    redis_pods="app=queue-redis",
    exporter=Place("shop", "watch-metrics"),
    exporter_deployment=Place("shop", "watch"),
    prometheus=Place("observability", "mon-prometheus"),
    prometheus_pods="operator.prometheus.io/name=mon",
    adapter=Place("observability", "bridge"),
)


@pytest.mark.parametrize("chain", [None, OTHERS], ids=["the exercise's names", "others"])
def test_reference_passes_every_cycle(kit, judge, chain):
    """On a chain that works every behaviour passes, with the cycles one after the other in one world,
    whatever its pieces are called.
    """
    world = kit(chain=chain)
    world.world.scaled = False  # the HPA comes with the solution
    application = cycles_application.drive_application(world.stage())
    for test in APPLICATION:
        judge(test, world, application)
    world.world.scaled = True
    queue = cycles_metric.drive_queue(world.stage())
    for test in QUEUE:
        judge(test, world, queue)
    outage = cycles_metric.drive_outage(world.stage())
    for test in OUTAGE:
        judge(test, world, outage)
    load = cycles_load.drive_load(world.stage())
    for test in LOAD:
        judge(test, world, load)
    for test, drive in RESTARTS.items():
        judge(test, world, drive(world.stage()))
    judge(test_step_03_application.test_nothing_lost, world, {"at the end": world.counts()})
    events = [round(event.at - load.record.started) for event in load.record.events]
    assert events[-1] <= 100, "the load cycle is to take 100 s at most"


DRIVES = {
    **dict.fromkeys(APPLICATION, cycles_application.drive_application),
    **dict.fromkeys(QUEUE, cycles_metric.drive_queue),
    **dict.fromkeys(OUTAGE, cycles_metric.drive_outage),
    **dict.fromkeys(LOAD, cycles_load.drive_load),
    **RESTARTS,
}


@pytest.mark.parametrize(
    ("test", "flaws", "says"),
    [
        (test_step_03_application.test_consumer_rate, {"item_seconds": 2.0}, "items a second, not 1"),
        (test_step_06_exporter.test_key_size_follows_queue, {"key": "padok:in-hand"}, "never above 0"),
        (test_step_06_exporter.test_single_key_only, {"key": "other"}, "expected the key padok alone"),
        (test_step_07_rule.test_absent_series_becomes_zero, {"absent_to_zero": False}, "was absent too"),
        (test_step_07_rule.test_absent_series_becomes_zero, {"rule_labels": {}}, "labels were"),
        (test_step_07_rule.test_never_absent, {"absent_to_zero": False}, "no value for"),
        (test_step_07_rule.test_one_series, {"second_series": True}, "gave 2 series"),
        (test_step_08_adapter.test_object_value, {"adapter_lag": 8.0}, "not Prometheus' value"),
        (test_step_08_adapter.test_freshness, {"adapter_lag": 30.0}, "after Prometheus did|never showed"),
        (
            test_step_08_adapter.test_zero_during_outage,
            {"absent_to_zero": False},
            "never got to",
        ),
        (test_step_09_hpa.test_scales_up_under_load, {"target": 200}, "not to its 20"),
        (test_step_09_hpa.test_scales_down_after_drain, {"window": 0.0}, "the window is 20 s"),
        (test_step_09_hpa.test_follows_model, {"window": 0.0}, "do not follow from the metric"),
        (test_step_10_scale_to_zero.test_idles_at_zero, {"minimum": 1}, "may not go to 0"),
        (
            test_step_11_beyond.test_adapter_restart,
            {"missing_is_zero": True},
            "no value could be read",
        ),
        (
            test_step_11_beyond.test_prometheus_restart,
            {"missing_is_zero": True},
            "no value could be read",
        ),
    ],
)
def test_flaw_is_caught_for_its_reason(kit, judge, test, flaws, says):
    """A chain with one flaw fails the behaviour that is about it, and the message says what was found."""
    world = kit(scaled=test not in {*APPLICATION}, **flaws)
    cycle = DRIVES[test](world.stage())
    with pytest.raises(AssertionError, match=says):
        judge(test, world, cycle)


def test_minimum_of_one_returns_to_one(kit, judge):
    """A solution at step 9 goes back to its minimum of 1, and that is no failure of step 9."""
    world = kit(minimum=1)
    cycle = cycles_load.drive_load(world.stage())
    for test in (test_step_09_hpa.test_returns_to_min, test_step_09_hpa.test_follows_model):
        judge(test, world, cycle)


@pytest.mark.parametrize("replicas", [0, 1])
def test_application_beside_an_hpa_passes(kit, judge, replicas):
    """Where an HPA is there already, it brings the consumers for step 3, also from sleep; nobody's hand
    sets a replica count.
    """
    world = kit(chain=OTHERS)
    world.world.scale(replicas)
    world.world.slept = replicas == 0
    world.world.advance(30)
    cycle = cycles_application.drive_application(world.stage())
    for test in APPLICATION:
        judge(test, world, cycle)
    assert world.by_hand == []


def test_application_beside_an_hpa_that_is_new_passes(kit, judge):
    """An HPA that has just come to be sends the consumer to sleep at its first sync, as the queue is empty:
    that is waited for, and not half of it measured.
    """
    world = kit()
    cycle = cycles_application.drive_application(world.stage())
    assert cycle.record.has_event("asleep")
    for test in APPLICATION:
        judge(test, world, cycle)
    assert world.by_hand == []


def test_application_beside_an_hpa_that_reads_nothing_passes(kit, judge):
    """An HPA without a metric leaves the replicas alone: they are set by hand, and set back to what was."""
    world = kit(absent_to_zero=False)
    world.world.exporter_up = False
    world.world.scale(0)
    world.world.advance(30)
    cycle = cycles_application.drive_application(world.stage())
    for test in APPLICATION:
        judge(test, world, cycle)
    assert [after for _, after in world.by_hand] == [1, 3, 0]


def test_ingress_that_comes_late_is_waited_for(kit, judge):
    """An ingress controller that learns of the producer some seconds after it is ready fails nobody."""
    world = kit(ingress_lag=8.0, scaled=False)
    judge(
        test_step_03_application.test_producer_publishes,
        world,
        cycles_application.drive_application(world.stage()),
    )


def test_ingress_that_never_comes_fails(kit, judge):
    """A producer that is never reached through its ingress has published nothing, and the answer is shown."""
    world = kit(ingress_lag=1e6, scaled=False)
    cycle = cycles_application.drive_application(world.stage())
    with pytest.raises(AssertionError, match="no endpoints"):
        judge(test_step_03_application.test_producer_publishes, world, cycle)


def test_lost_item_is_missed(kit, judge):
    """An item that was taken and never finished is missing from the books."""
    world = kit(lose_every=5, scaled=False)
    cycle = cycles_application.drive_application(world.stage())
    with pytest.raises(AssertionError, match="lost"):
        judge(test_step_03_application.test_nothing_lost, world, {"after step 3": cycle.seen["books"]})


def test_item_of_a_stopped_consumer_is_missed(kit, judge):
    """A consumer that drops what it has in hand when it is stopped is found: step 3 stops some at work."""
    world = kit(lose_on_stop=True, scaled=False)
    published = world.publish

    def publish(count: int) -> int:
        published(count)
        world.world.advance(0.2)  # a request's time, in which the consumers take the items
        return count

    world.publish = publish
    cycle = cycles_application.drive_application(world.stage())
    with pytest.raises(AssertionError, match="2 lost"):
        judge(test_step_03_application.test_nothing_lost, world, {"after step 3": cycle.seen["books"]})


@pytest.mark.parametrize(
    ("kept", "says"),
    [(("service", "namespace", "key"), None), (("key",), "disagree"), (("service", "namespace"), "disagree")],
)
def test_aggregation_may_drop_what_nobody_needs(kit, judge, kept, says):
    """A rule that sums by service, namespace and key is right; one that loses one of them is not."""
    world = kit(kept_labels=kept)
    cycle = cycles_metric.drive_outage(world.stage())
    if says is None:
        judge(test_step_07_rule.test_follows_key_size, world, cycle)
        return
    with pytest.raises(AssertionError, match=says):
        judge(test_step_07_rule.test_follows_key_size, world, cycle)


@pytest.mark.parametrize(
    ("selector", "asks"),
    [
        ({"matchLabels": {"key": "padok"}}, {"key": "padok"}),
        ({"matchExpressions": [{"key": "key", "operator": "In", "values": ["padok"]}]}, {"key": "padok"}),
        (
            {"matchExpressions": [{"key": "key", "operator": "In", "values": ["padok", "b"]}]},
            {"key": "In ['padok', 'b']"},
        ),
        ({"matchExpressions": [{"key": "key", "operator": "Exists"}]}, {"key": "Exists []"}),
        ({}, {}),
    ],
)
def test_selector_counts_in_either_spelling(selector, asks):
    """The metric's selector may be written as labels or as expressions: what it asks for is compared."""
    assert test_step_09_hpa.asked_for(selector) == asks


def test_empty_queue_proves_nothing(kit, judge):
    """Where the queue stayed empty during the outage, a 0 proves nothing: the outcome is an error."""
    world = kit()
    world.publish = lambda count=1: count
    cycle = cycles_metric.drive_outage(world.stage())
    with pytest.raises(CouldNotTell, match="prove nothing"):
        judge(test_step_07_rule.test_absent_series_becomes_zero, world, cycle)


def test_hands_off_drives_nothing(kit):
    """Where the cluster is not to be touched no cycle begins: skipped, with nothing published or scaled."""
    world = kit()
    drives = {*DRIVES.values()}
    for drive in drives:
        stage = replace(world.stage(), hands_on=refuse, producer=HandsOff("no"), faults=HandsOff("no"))
        with pytest.raises(Untouched, match="hands off") as refused:
            drive(stage)
        assert outcome_of(refused.value) is Outcome.SKIPPED
    assert (world.world.published, world.by_hand, world.world.now) == (0, [], WORLD_BEGAN)


def refuse() -> None:
    raise Untouched("hands off")


@pytest.mark.parametrize("touch", ["publish", "scale", "gone", "delete_pods", "health"])
def test_hands_off_refuses_whatever_is_asked(touch):
    """What stands for load and faults refuses each of their verbs; it cannot be taken for a failure."""
    with pytest.raises(Untouched, match="why not"):
        getattr(HandsOff("why not"), touch)
    assert not issubclass(Untouched, HandsOff.Failed)
