"""Step 2: while charts are upgraded under load, autoscaling goes on."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour

from . import judging, names, reading
from .test_step_01_before import SCALES

UPGRADES = "upgrade.02.upgrades"


@behaviour(
    UPGRADES,
    feature="upgrade",
    needs=(SCALES,),
    hint="At which chart did it stop, and what did helm or the new pods say?",
    look="The timeline: the last change that is marked, and what was waited for after it. `helm history` "
    "of that release, and `kubectl get pods,events` in its namespace.",
    read=reading.UPGRADING,
)
def test_upgrades(upgrade_cycle: Any, evidence: Any) -> None:
    """Each chart is upgraded and ready, and the chain recovers, before the next one's turn; in the end it
    still works after the HPA's window.
    """
    record = upgrade_cycle.record
    evidence.record(record)
    changed, failed = upgrade_cycle.seen["changed"], upgrade_cycle.seen.get("failed")
    evidence("upgraded", "in this order", ", ".join(changed) or "nothing")
    assert not failed, f"after {', '.join(changed) or 'nothing'}: {failed}"
    for event in record.events:
        if event.name.startswith("upgrade "):
            judging.recovered(record, f"{event.detail['what']} upgraded")
    assert changed, "nothing was upgraded"
    judging.recovered(record, names.WORKS)


@behaviour(
    "upgrade.02.metric-gap",
    feature="upgrade",
    budget="chain_recovers",
    needs=(SCALES,),
    hint="How long was there no sample of the metric, and which pod was being replaced then?",
    look="The timeline's line of redis_items_in_queue beside the marks of the upgrade. Is Prometheus "
    "replaced by one with an empty store, or without the old one's targets?",
    read=reading.UPGRADING,
)
def test_metric_gap(upgrade_cycle: Any, budgets: Any, evidence: Any) -> None:
    """The recorded metric is never missing in Prometheus for longer than a restart of it takes."""
    judging.gap(upgrade_cycle, judging.PROMETHEUS, budgets.chain_recovers, evidence)


@behaviour(
    "upgrade.02.api-gap",
    feature="upgrade",
    budget="chain_recovers",
    needs=(SCALES,),
    hint="For how long did the custom metrics API give no value, and what did it say instead?",
    look="The timeline's line of the API's value. `kubectl describe apiservice v1beta1.custom.metrics.k8s.io`"
    " while the adapter is replaced: does a new pod serve before the old one goes?",
    read=reading.HPA_CONDITIONS,
)
def test_api_gap(upgrade_cycle: Any, budgets: Any, evidence: Any) -> None:
    """The custom metrics API never is without a value for longer than the chain needs to recover."""
    judging.gap(upgrade_cycle, judging.ADAPTER, budgets.chain_recovers, evidence)


@behaviour(
    "upgrade.02.api-service",
    feature="upgrade",
    budget="api_recovers",
    needs=(SCALES,),
    hint="For how long was the APIService not Available, and whose endpoints did it miss?",
    look="Reason and message of its condition Available, and the endpoints of the adapter's Service: is there"
    " a moment at which no adapter is Ready?",
    read=reading.HPA_CONDITIONS,
)
def test_api_service(upgrade_cycle: Any, budgets: Any, evidence: Any) -> None:
    """The API server never calls the custom metrics API unavailable for longer than an adapter restarts."""
    judging.gap(upgrade_cycle, judging.API_SERVICE, budgets.api_recovers, evidence)


@behaviour(
    "upgrade.02.hpa-gap",
    feature="upgrade",
    budget="chain_recovers",
    needs=(SCALES,),
    hint="For how long did the HPA not act, and which reason did it give?",
    look="The condition ScalingActive of the HPA beside the marks of the upgrade: FailedGetObjectMetric says"
    " that no value came, whoever kept it back.",
    read=reading.HPA_CONDITIONS,
)
def test_hpa_gap(upgrade_cycle: Any, budgets: Any, evidence: Any) -> None:
    """The HPA is never without its metric for longer than the chain needs to recover."""
    judging.gap(upgrade_cycle, judging.HPA, budgets.chain_recovers, evidence)


@behaviour(
    "upgrade.02.no-scale-down",
    feature="upgrade",
    needs=(SCALES,),
    hint="What did the HPA read when it lowered the replicas: no value, or a low one?",
    look="The timeline at that moment: the first line of the chain with a dent is where it comes from. A rule"
    " that gives 0 for a metric that is merely away looks like an empty queue.",
    read=reading.HPA_CONDITIONS,
)
def test_no_scale_down(upgrade_cycle: Any, evidence: Any) -> None:
    """While the load stays the same no consumer is taken away."""
    judging.holds(upgrade_cycle, evidence)


@behaviour(
    "upgrade.02.follows-model",
    feature="upgrade",
    needs=(SCALES,),
    hint="Which decision does not follow from the metric, and who else may have written the replica count?",
    look="The plot around the decision named. A chart that sets `replicas` writes them at each upgrade.",
    read=reading.HPA_CONDITIONS,
)
def test_follows_model(upgrade_cycle: Any, model: Any, evidence: Any) -> None:
    """No decision of the HPA is outside of what its documentation allows, upgrade or not."""
    judging.follows(upgrade_cycle, model, evidence)


@behaviour(
    "upgrade.02.nothing-lost",
    feature="upgrade",
    needs=(SCALES,),
    hint="Which pods were replaced while they had an item in hand, or kept the queue?",
    look="The books in the evidence; then whose pods the upgrade replaced: Redis', the producer's, "
    "the consumers'.",
    read=reading.UPGRADING,
)
def test_nothing_lost(upgrade_cycle: Any, evidence: Any) -> None:
    """All items that were published during the upgrade are consumed in the end, each once."""
    judging.complete(upgrade_cycle, evidence)


@behaviour(
    "upgrade.02.scales-down",
    feature="upgrade",
    budget="scale_down",
    needs=(SCALES,),
    hint="After the load, what did the HPA still read, and from whom?",
    look="The timeline after the queue was drained: the first line that does not come down with it. The last "
    "sample of a pod that is gone may stay; and `behavior.scaleDown` may hold the HPA back.",
    read=reading.HPA_CONDITIONS,
)
def test_scales_down(upgrade_cycle: Any, budgets: Any, evidence: Any) -> None:
    """When the load is over the consumers go, down to as few as the HPA may leave."""
    judging.comes_to_rest(upgrade_cycle, budgets.scale_down, evidence)
