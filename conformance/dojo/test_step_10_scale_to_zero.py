"""Step 10: no items, no consumers."""

from __future__ import annotations

import re
from typing import Any

from conformance.behaviour import behaviour

from . import names, reading
from .judging import Blocked, Cycle, conditions, evaluations, gaps, is_active, missing, part, reached

IDLES = "dojo.10.idles-at-zero"
DRAINED = ("dojo.09.reads-metric", "dojo.09.queue-drains")
STATUS_FIX = "https://github.com/kubernetes/kubernetes/pull/140956"
DIVIDED_BY_ZERO = "-9223372036854775808m"
"""What a server without that fix shows: Q/0, turned into a 64-bit integer."""


@behaviour(
    IDLES,
    feature="scale-to-zero",
    needs=DRAINED,
    hint="What is minReplicas in the cluster (not in your file), and what does the HPA want while "
    "the queue is empty?",
    look="spec.minReplicas in `kubectl get hpa consumer -o yaml`, and `helm get manifest consumer`: "
    "was the release updated? If the minimum is right, the conditions in `kubectl describe hpa "
    "consumer` while the queue is empty.",
    read=reading.STEP_10,
)
def test_idles_at_zero(load_cycle: Any, evidence: Any) -> None:
    """While the queue is empty no consumer runs, and the HPA still reads its metric."""
    assert load_cycle.seen["min"] == 0, f"minReplicas is {load_cycle.seen['min']}: the HPA may not go to 0"
    evidence.record(load_cycle.record)
    idle = part(load_cycle.record, "at min", "idle held")
    evidence.record(idle)
    counts = {signal: idle.recorded(signal).values() for signal in (names.SPEC, names.STATUS, names.HPA)}
    last = idle.recorded(names.HPA).last()
    evidence("idle", "replicas wanted, there, and the HPA's conditions", f"{counts}; {conditions(last)}")
    assert all(found == {0.0} for found in counts.values()), f"expected 0 replicas throughout, found {counts}"
    assert load_cycle.record.recorded(names.READY).maximum() > 0, (
        "there never was a consumer: this 0 says nothing"
    )
    assert is_active(last), f"at 0 replicas the HPA does not read its metric: {conditions(last)}"


@behaviour(
    "dojo.10.wakes-from-zero",
    feature="scale-to-zero",
    needs=(IDLES,),
    hint="After an item has come in, does the metric show it, does the HPA read it, and what does "
    "its condition ScalingActive say?",
    look="With 0 consumers and an item in the queue: redis_items_in_queue in Prometheus, the API's "
    "answer, then reason and message of ScalingActive. Who brought the Deployment to 0, the HPA "
    "or a hand?",
    read=reading.HPA_OFF,
)
def test_wakes_from_zero(load_cycle: Any, budgets: Any, evidence: Any) -> None:
    """When items come in at 0 replicas, a consumer is Ready within the budget and takes them."""
    record = load_cycle.record
    evidence.record(record)
    evidence.budget(budgets.wakes)
    asleep, woken = reached(record, "items for nobody"), reached(record, "woken")
    evidence.record(record.between(asleep, woken))
    before = record.recorded(names.SPEC).at(asleep.at)
    assert getattr(before, "value", None) == 0, f"it was not asleep when the items came: {before}"
    took = woken.at - asleep.at
    evidence.budget(budgets.wakes, took)
    evidence("wake", "from the items to a Ready consumer", f"{took:.1f} s; {budgets.wakes}")
    assert took <= budgets.wakes.seconds, f"it took {took:.1f} s; {budgets.wakes} are allowed"


def at_zero(cycle: Cycle) -> Any:
    """The record of the time at 0 replicas; Blocked if there was none. Whether the HPA could read its metric
    then is not asked here: what is to be judged may be why it could not.
    """
    record, minimum = cycle.record, cycle.seen["min"]
    if minimum == 0 and record.has_event("at min") and record.has_event("idle held"):
        idle = part(record, "at min", "idle held")
        if idle.recorded(names.SPEC).values() == {0.0}:
            return idle
    raise Blocked(IDLES, f"the replicas never rested at 0 (minReplicas is {minimum})")


def until_awake(record: Any) -> Any:
    """The record up to the first replica, or all of it: what depends on the consumers takes some time to go
    when they are gone, and nobody wakes then.
    """
    awake = record.recorded(names.SPEC).first_where(lambda reading: reading.value > 0)
    return record if awake is None else record.between(record.started, awake.at)


@behaviour(
    "dojo.10.metric-survives-zero",
    feature="scale-to-zero",
    needs=DRAINED,
    hint="Who exposes the metric: the consumers that are gone, or something that stays?",
    look="With 0 consumers: prometheus.vcap.me/api/v1/targets, and the labels instance and pod of "
    "redis_key_size. Which pod do they name, and is it one that is scaled away?",
    read=reading.STEP_4,
)
def test_metric_survives_zero(load_cycle: Any, chain: Any, evidence: Any) -> None:
    """At 0 replicas the metric stays, until somebody is awake again: a value at every evaluation, in
    Prometheus and in the API.
    """
    evidence.record(load_cycle.record)
    idle = at_zero(load_cycle)
    asleep = until_awake(load_cycle.record.after(idle.started))
    evidence.record(asleep)
    times = [
        at for at in evaluations(load_cycle.raw[names.RULE_METRIC]) if idle.started <= at <= asleep.ended
    ]
    missed = gaps([idle.started, *times, asleep.ended], missing(load_cycle.seen["evaluation"]))
    answers = idle.recorded(names.ADAPTER)
    gone = asleep.recorded(names.ADAPTER).absent()
    evidence(
        "metric at zero",
        chain.rule_query,
        f"{len(times)} evaluations, gaps: {missed or 'none'}; API {answers!r}",
    )
    assert not missed, f"no value of {names.RULE_METRIC} for {'; '.join(missed)}"
    assert answers.values() == {0.0}, f"the API said {sorted(answers.values()) or '404'}, expected 0"
    assert not gone, f"{len(gone)} of {len(asleep.recorded(names.ADAPTER))} answers of the API were 404"


@behaviour(
    "dojo.10.scaled-to-zero-condition",
    feature="scale-to-zero",
    level="extended",
    needs=DRAINED,
    hint="Which conditions does the HPA have at 0 replicas, and who brought the Deployment there: "
    "the HPA, or a hand?",
    look="status.conditions of `kubectl get hpa consumer -o yaml` with their times, beside the "
    "events of the HPA. Was the last step down to 0 one of its own rescales?",
    read=reading.SCALE_FROM_ZERO,
)
def test_scaled_to_zero_condition(load_cycle: Any, kube: Any, evidence: Any, unsupported: Any) -> None:
    """At 0 replicas the HPA says that it was it who scaled to zero: condition ScaledToZero is True."""
    evidence.record(at_zero(load_cycle))
    found = load_cycle.seen["idle v2"].conditions
    evidence("conditions", "HPA at 0 replicas (autoscaling/v2)", str(found))
    state = found.get("ScaledToZero", {}).get("status", "not there")
    evidence.fact("condition ScaledToZero at 0 replicas", state)
    server = kube.version()
    major, minor = (int(number) for number in re.findall(r"\d+", server)[:2])
    if (major, minor) < names.ZERO_REMEMBERED:
        unsupported(f"Kubernetes {server} has no condition ScaledToZero; 1.36 has")
    assert state == "True", f"ScaledToZero is {state}; the conditions: {found}"


@behaviour(
    "dojo.10.average-value-status",
    feature="scale-to-zero",
    needs=(IDLES,),
    hint="By what does the controller divide for this average, and what is that at 0 replicas?",
    look="`kubectl get hpa.v2.autoscaling consumer -o json | jq .status.currentMetrics` with 0 "
    "consumers, and the file of the controller to which the exercise's last step leads.",
    read=reading.STEP_10,
)
def test_average_value_status(load_cycle: Any, evidence: Any, upstream_defect: Any) -> None:
    """At 0 replicas the HPA's status shows an average a person can believe, or none."""
    metrics = load_cycle.seen["idle v2"].current_metrics
    evidence("status", "status.currentMetrics at 0 replicas (autoscaling/v2)", str(metrics))
    assert metrics, "the HPA's status shows no metric at 0 replicas"
    average = metrics[0].average_value
    evidence.fact("status' averageValue at 0 replicas", average)
    if average == DIVIDED_BY_ZERO:
        upstream_defect(STATUS_FIX, f"status shows averageValue {average} at 0 replicas: a division by zero")
    assert average is None or metrics[0].average == 0, f"averageValue is {average} while the queue is empty"


@behaviour(
    "dojo.10.status-versions",
    feature="scale-to-zero",
    level="extended",
    needs=(IDLES,),
    hint="What does `kubectl get hpa.v1.autoscaling consumer -o json` have under status, and where "
    "does it keep the rest?",
    look="The same object by both its names, side by side: `kubectl get hpa.v1.autoscaling consumer "
    "-o json` and `kubectl get hpa.v2.autoscaling consumer -o json`. Which keys has only one of "
    "them?",
    read=reading.HPA_VERSIONS,
)
def test_status_versions(load_cycle: Any, evidence: Any) -> None:
    """autoscaling/v1 and v2 show the same replicas; the metric is in v2's status and in an annotation of
    v1.
    """
    old, new = load_cycle.seen["idle v1"], load_cycle.seen["idle v2"]
    notes = old["metadata"].get("annotations", {}).get(V1_METRICS, "")
    evidence(
        "autoscaling/v1", "hpa.v1.autoscaling/consumer .status", f"{old['status']}\n{V1_METRICS}: {notes}"
    )
    evidence("autoscaling/v2", "hpa.v2.autoscaling/consumer .status", str(dict(new.status)))
    shown = (old["status"].get("currentReplicas", 0), old["status"].get("desiredReplicas", 0))
    assert shown == (new.current, new.desired), f"v1 shows {shown}, v2 {(new.current, new.desired)}"
    assert "currentMetrics" not in old["status"], f"v1's status has currentMetrics: {old['status']}"
    assert [metric.metric for metric in new.current_metrics] == [names.RULE_METRIC], str(new.current_metrics)
    assert names.RULE_METRIC in notes, f"v1 has no annotation {V1_METRICS} with the metric: {old['metadata']}"


V1_METRICS = "autoscaling.alpha.kubernetes.io/current-metrics"
