"""Step 4: the way back."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour

from . import judging, names, reading
from .test_step_01_before import SCALES

BACK = "upgrade.04.rolls-back"


@behaviour(
    BACK,
    feature="rollback",
    needs=(SCALES,),
    hint="Which release could not be rolled back, and what did helm say?",
    look="`helm history` of the releases, and the pods and events of their namespaces.",
    read=reading.ROLLBACK,
)
def test_rolls_back(rollback_cycle: Any, evidence: Any) -> None:
    """Every upgraded release goes back to the revision before, and the chain recovers and works on."""
    evidence.record(rollback_cycle.record)
    evidence("rolled back", "in this order", "\n".join(rollback_cycle.seen["changed"]))
    failed = rollback_cycle.seen.get("failed")
    assert not failed, f"not all that was upgraded goes back: {failed}"
    assert rollback_cycle.seen["changed"], "nothing was rolled back"
    judging.recovered(rollback_cycle.record, "rolled back")
    judging.recovered(rollback_cycle.record, names.WORKS)


@behaviour(
    "upgrade.04.metric-gap",
    feature="rollback",
    budget="chain_recovers",
    needs=(SCALES,),
    hint="How long was there no sample of the metric on the way back?",
    look="The timeline's line of redis_items_in_queue beside the marks of the rollback.",
    read=reading.ROLLBACK,
)
def test_metric_gap_back(rollback_cycle: Any, budgets: Any, evidence: Any) -> None:
    """On the way back, too, the metric is never missing for longer than the chain needs to recover."""
    judging.gap(rollback_cycle, judging.PROMETHEUS, budgets.chain_recovers, evidence)


@behaviour(
    "upgrade.04.api-gap",
    feature="rollback",
    budget="chain_recovers",
    needs=(SCALES,),
    hint="For how long did the custom metrics API give no value on the way back?",
    look="The timeline's line of the API's value, beside the pods of the adapter.",
    read=reading.HPA_CONDITIONS,
)
def test_api_gap_back(rollback_cycle: Any, budgets: Any, evidence: Any) -> None:
    """On the way back, too, the custom metrics API is never without a value for longer than that."""
    judging.gap(rollback_cycle, judging.ADAPTER, budgets.chain_recovers, evidence)


@behaviour(
    "upgrade.04.api-service",
    feature="rollback",
    budget="api_recovers",
    needs=(SCALES,),
    hint="For how long was the APIService not Available on the way back?",
    look="Does the old version's Deployment wait for a new pod before it ends the one that serves?",
    read=reading.HPA_CONDITIONS,
)
def test_api_service_back(rollback_cycle: Any, budgets: Any, evidence: Any) -> None:
    """On the way back, too, the custom metrics API is not unavailable for longer than an adapter restarts."""
    judging.gap(rollback_cycle, judging.API_SERVICE, budgets.api_recovers, evidence)


@behaviour(
    "upgrade.04.hpa-gap",
    feature="rollback",
    budget="chain_recovers",
    needs=(SCALES,),
    hint="For how long did the HPA not act on the way back, and which reason did it give?",
    look="The condition ScalingActive of the HPA beside the mark of the rollback.",
    read=reading.HPA_CONDITIONS,
)
def test_hpa_gap_back(rollback_cycle: Any, budgets: Any, evidence: Any) -> None:
    """On the way back, too, the HPA is never without its metric for longer than the chain recovers."""
    judging.gap(rollback_cycle, judging.HPA, budgets.chain_recovers, evidence)


@behaviour(
    "upgrade.04.no-scale-down",
    feature="rollback",
    needs=(SCALES,),
    hint="What did the HPA read when it lowered the replicas?",
    look="The timeline at that moment, along the chain.",
    read=reading.HPA_CONDITIONS,
)
def test_no_scale_down_back(rollback_cycle: Any, evidence: Any) -> None:
    """On the way back, too, no consumer is taken away under the same load."""
    judging.holds(rollback_cycle, evidence)


@behaviour(
    "upgrade.04.follows-model",
    feature="rollback",
    needs=(SCALES,),
    hint="Which decision does not follow from the metric, and who else may have written the replica count?",
    look="The plot around the decision named. A chart that set `replicas` before sets them again.",
    read=reading.HPA_CONDITIONS,
)
def test_follows_model_back(rollback_cycle: Any, model: Any, evidence: Any) -> None:
    """On the way back, too, no decision of the HPA is outside of what its documentation allows."""
    judging.follows(rollback_cycle, model, evidence)


@behaviour(
    "upgrade.04.nothing-lost",
    feature="rollback",
    needs=(SCALES,),
    hint="Which pods were replaced while they had an item in hand, or kept the queue?",
    look="The books in the evidence.",
    read=reading.ROLLBACK,
)
def test_nothing_lost_back(rollback_cycle: Any, evidence: Any) -> None:
    """All items that were published during the rollback are consumed in the end."""
    judging.complete(rollback_cycle, evidence)


@behaviour(
    "upgrade.04.scales-down",
    feature="rollback",
    budget="scale_down",
    needs=(SCALES,),
    hint="After the load on the way back, what did the HPA still read, and from whom?",
    look="The timeline after the queue was drained: the first line that does not come down with it. The last "
    "sample of a pod that is gone may stay.",
    read=reading.HPA_CONDITIONS,
)
def test_scales_down_back(rollback_cycle: Any, budgets: Any, evidence: Any) -> None:
    """On the way back, too, the consumers go when the load is over."""
    judging.comes_to_rest(rollback_cycle, budgets.scale_down, evidence)


@behaviour(
    "upgrade.04.same-as-before",
    feature="rollback",
    needs=(BACK,),
    hint="What did the upgrade leave behind that a rollback does not take back?",
    look="The differences in the evidence. A CRD that was upgraded, an object of a hook, or one that "
    "the new chart took over stays what it became.",
    read=reading.CRDS,
)
def test_same_as_before(upgrade: Any, inventory_before: Any, rollback_cycle: Any, evidence: Any) -> None:
    """After the rollback the cluster has the same objects and the releases the same values as before."""
    told = upgrade.differences(inventory_before, upgrade.inventory())
    evidence("differences", "before the upgrade, after the rollback", "\n\n".join(told) or "none")
    assert not told, f"{len(told)} differ, the first: {told[0]}"


@behaviour(
    "upgrade.04.conformant",
    feature="rollback",
    needs=(BACK,),
    hint="What is different from the first run, which passed on the same version?",
    look="The report of the whole run after the rollback, beside the one before the upgrade.",
    read=reading.ROLLBACK,
)
def test_conformant_back(conformant_back: Any, evidence: Any) -> None:
    """The old version, as the rollback left it, is conformant."""
    judging.conformant(conformant_back, evidence)
