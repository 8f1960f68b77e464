"""Step 9: the HorizontalPodAutoscaler under load."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from conformance.behaviour import behaviour

from . import loads, names, reading
from .judging import first_below, is_active, last_asking, part, reached, zero_for_good

READS = "dojo.09.reads-metric"
TARGET = "dojo.09.target"
UP = "dojo.09.scales-up-under-load"


@behaviour(
    READS,
    feature="hpa",
    budget="hpa_reacts",
    needs=("dojo.08.api-available",),
    hint="What is the message of the HPA's condition ScalingActive in `kubectl describe hpa consumer`?",
    look="Reason and message of that condition name what could not be got. Send the same request "
    "with `kubectl get --raw`, and compare word by word with the one that step 8 answers.",
    read=reading.HPA_CONDITIONS,
)
def test_reads_metric(
    *,
    solution: Any,
    solved: Any,
    kube: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    intervals: Any,
    evidence: Any,
) -> None:
    """The HPA finds its metric: ScalingActive is True and its status shows a current value."""
    assert solution.has("hpa"), f"not there yet: {solution.missing('hpa')}"
    left_out = solved()

    def reads(hpa: Any) -> bool:
        assert hpa is not None, nowhere(chain, left_out)
        young = FIRST_SYNCS * float(intervals.hpa_sync) - age(hpa)
        assert young <= 0, f"its first syncs are not over for {young:.0f} s"
        active = hpa.conditions.get("ScalingActive", {"status": "not there yet"})
        assert active["status"] == "True", f"ScalingActive is {' '.join(active.values())}"
        assert hpa.current_metrics, "its status shows no current metric"
        return True

    hpa = eventually(
        lambda: kube.hpa(*chain.hpa),
        reads,
        budget=budgets.hpa_reacts,
        what="the HPA reads its metric",
    )
    evidence("HPA", f"hpa/{chain.hpa.name}", str(hpa))


FIRST_SYNCS = 2
"""HPA syncs after which its conditions count: that another HPA scales the same Deployment is said from the
sync on at which the controller knows of both (AmbiguousSelector, pkg/controller/podautoscaler/horizontal.go).
"""


def age(hpa: Any) -> float:
    """Seconds since an HPA was created."""
    created = datetime.fromisoformat(hpa.raw["metadata"]["creationTimestamp"])
    return (datetime.now(UTC) - created).total_seconds()


@behaviour(
    TARGET,
    feature="hpa",
    needs=("dojo.05.prometheus-ready",),
    hint="Which object does the metric belong to, of what type is the target, and how many items is "
    "each consumer to have?",
    look="spec in `kubectl get hpa consumer -o yaml`, read aloud against the list in step 9. "
    "`kubectl explain hpa.spec.metrics.object` says what each field is for, and the type of a "
    "target which of its values counts.",
    read=reading.HPA_FIELDS,
)
def test_target(solution: Any, solved: Any, kube: Any, chain: Any, evidence: Any) -> None:
    """The HPA scales the consumer to at most 20 on redis_items_in_queue{key=padok} of the exporter's
    Service, with
    an average of 20 items a consumer as target.
    """
    assert solution.has("hpa"), f"not there yet: {solution.missing('hpa')}"
    left_out = solved()
    hpa = kube.hpa(*chain.hpa)
    assert hpa is not None, nowhere(chain, left_out)
    spec = hpa.raw["spec"]
    evidence("spec", f"hpa/{chain.hpa.name} .spec", str(spec))
    scaled = spec["scaleTargetRef"]
    assert (scaled["kind"], scaled["name"]) == ("Deployment", chain.consumer.name), f"it scales {scaled}"
    assert spec["maxReplicas"] == names.MAX_REPLICAS, (
        f"maxReplicas is {spec['maxReplicas']}, not {names.MAX_REPLICAS}"
    )
    metrics = spec.get("metrics") or []
    kinds = [metric["type"] for metric in metrics]
    assert kinds == ["Object"], f"its metrics are of type {kinds}, expected one of type Object"
    metric = metrics[0]["object"]
    found = {
        "object": (metric["describedObject"]["kind"], metric["describedObject"]["name"]),
        "metric": metric["metric"]["name"],
        "selector": asked_for(metric["metric"].get("selector") or {}),
        "target": metric["target"]["type"],
        "averageValue": str(metric["target"].get("averageValue")),
    }
    expected = {
        "object": ("Service", chain.exporter.name),
        "metric": names.RULE_METRIC,
        "selector": {"key": names.KEY},
        "target": "AverageValue",
        "averageValue": str(names.ITEMS_PER_CONSUMER),
    }
    wrong = [
        f"{part} is {found[part]}, expected {expected[part]}"
        for part in expected
        if found[part] != expected[part]
    ]
    assert not wrong, "; ".join(wrong)


def nowhere(chain: Any, left_out: str) -> str:
    """That there is no HPA, and why if it was left out of what was installed."""
    why = f": {left_out}" if left_out else ""
    return f"there is no HPA {chain.hpa.name} in namespace {chain.hpa.namespace}{why}"


def asked_for(selector: Any) -> dict[str, str]:
    """The labels a selector asks for by one value each, in either of its spellings; of an expression that
    says anything else, its text.
    """
    found = dict(selector.get("matchLabels") or {})
    for each in selector.get("matchExpressions") or ():
        values = each.get("values") or []
        one = each["operator"] == "In" and len(values) == 1
        found[each["key"]] = values[0] if one else f"{each['operator']} {values}"
    return found


@behaviour(
    UP,
    feature="hpa",
    needs=(READS,),
    hint="How many consumers does the queue's length ask for at the target you set, and what keeps "
    "the HPA from them?",
    look="`kubectl describe hpa consumer` during a load: the metric's value and target, Min and Max, "
    "the condition ScalingLimited. Then `kubectl get pods`: are consumers Pending, or never "
    "Ready?",
    read=reading.HPA_ALGORITHM,
)
def test_scales_up_under_load(load_cycle: Any, budgets: Any, evidence: Any) -> None:
    """Under a load that asks for more consumers than the maximum, the maximum is running and Ready, in
    time.
    """
    record = load_cycle.record
    evidence.record(record)
    evidence.budget(load_cycle.seen["budget at max"])
    start, peak = reached(record, "load starts"), record.recorded(names.SPEC).maximum()
    maximum = load_cycle.seen["max"]
    up = record.after(start)
    metric = up.recorded(names.RECORDED).maximum()
    evidence(
        "climb",
        "spec.replicas",
        str([(round(at - start.at, 1), n) for at, n in up.recorded(names.SPEC).steps()]),
    )
    assert peak >= maximum, (
        f"with up to {metric:g} items seen it went to {peak:g} replicas, not to its {maximum}"
    )
    evidence.record(record.between(start, reached(record, "at max")))
    took, budget = reached(record, "at max").at - start.at, load_cycle.seen["budget at max"]
    evidence.budget(budget, took)
    assert took <= budget.seconds, f"it took {took:.0f} s; {budget} are allowed"


@behaviour(
    "dojo.09.follows-model",
    feature="hpa",
    needs=(READS,),
    hint="At the first decision named here, what did the metric say, what does ceil(metric / target) "
    "give, and is there a second thing that scales the Deployment?",
    look="The plot of this behaviour: the band behind the replicas is what the arithmetic allowed. "
    "Then `kubectl get hpa -A`, and who else writes spec.replicas: `kubectl get deployment "
    "consumer -o yaml --show-managed-fields`.",
    read=reading.HPA_ALGORITHM,
)
def test_follows_model(load_cycle: Any, model: Any, evidence: Any, could_not_tell: Any) -> None:
    """Every replica count the HPA set is one its published arithmetic allows for the values it can have
    read.
    """
    record = load_cycle.record
    evidence.record(record)
    read = [r for r in record.recorded(names.HPA) if is_active(r) and r.detail.get("current_metric")]
    if not read:
        could_not_tell("the HPA never showed a metric it had read")
    oracle = model(load_cycle.seen["hpa"])
    wrong = oracle.violations(record)
    evidence.band(record, oracle.allowed(record))
    if wrong:
        evidence.record(record.between(wrong[0].at - AROUND, wrong[0].at + AROUND))
    evidence(
        "model",
        f"{len(record.recorded(names.SPEC).steps())} replica counts",
        "\n".join(map(str, wrong)) or "allowed",
    )
    assert not wrong, f"{len(wrong)} decisions do not follow from the metric, the first: {wrong[0]}"


AROUND = 15.0
"""Seconds of the record shown before and after a wrong decision: what it was made from, what came of it."""


@behaviour(
    "dojo.09.never-exceeds-max",
    feature="hpa",
    needs=(UP,),
    hint="What besides this HPA sets the Deployment's replicas?",
    look="`kubectl get hpa -A` (do two of them name this Deployment?), the events of `kubectl "
    "describe deployment consumer`, and the managers in `kubectl get deployment consumer -o "
    "yaml --show-managed-fields`.",
    read=reading.HPA_OWNS_REPLICAS,
)
def test_never_exceeds_max(load_cycle: Any, evidence: Any) -> None:
    """Though the load asks for more, there are never more than maxReplicas consumers."""
    loads.never_above(load_cycle, load_cycle.seen["max"], names.ITEMS_PER_CONSUMER, evidence)


@behaviour(
    "dojo.09.queue-drains",
    feature="hpa",
    needs=(READS,),
    hint="Are the consumers Ready, and do they take items?",
    look="`kubectl logs -l app.kubernetes.io/name=consumer --prefix --since=1m`, restarts in "
    "`kubectl get pods`, and in the plot how many consumers stood for how long: each takes one "
    "item a second.",
    read=reading.STEP_3,
)
def test_queue_drains(load_cycle: Any, evidence: Any) -> None:
    """The scaled consumers work off the whole queue in the time that many of them need."""
    loads.drained(load_cycle, evidence)


@behaviour(
    "dojo.09.scales-down-after-drain",
    feature="hpa",
    budget="scale_down",
    needs=("dojo.09.queue-drains",),
    hint="How long does the HPA remember the highest count it wanted, and which policy limits how "
    "fast it goes down?",
    look="spec.behavior in `kubectl get hpa consumer -o yaml`, if there is one, else the flags of "
    "kube-controller-manager; and in the plot, when the metric fell and when the first consumer "
    "went.",
    read=reading.HPA_WINDOW,
)
def test_scales_down_after_drain(load_cycle: Any, model: Any, budgets: Any, evidence: Any) -> None:
    """Replicas are lowered not before the stabilization window after the HPA last wanted as many, and are
    at the minimum not later than the budget after the metric is 0.
    """
    record, window = load_cycle.record, load_cycle.seen["window"]
    evidence.record(record)
    load = record.between("load starts", reached(record, "idle held"))
    evidence.record(load)
    peak = load.recorded(names.SPEC).maximum()
    # One more item than this asks for the peak.
    asked = model(load_cycle.seen["hpa"]).spec.target * (peak - 1)
    wanted = last_asking(load, asked)
    lowered = first_below(load.recorded(names.SPEC).numbers(), peak)
    assert wanted is not None, f"the HPA's status never showed a metric above {asked:g}"
    assert lowered is not None, f"metric below {asked:g}; replicas never below {peak:g}"
    held = lowered - wanted
    empty = zero_for_good(load.recorded(names.RECORDED).numbers())
    assert empty is not None, "the metric did not stay 0 after the queue had drained"
    down = reached(record, "at min").at - empty
    evidence(
        "lowered",
        "after the HPA last wanted that many / at the minimum after the metric was 0",
        f"{held:.1f} s / {down:.1f} s",
    )
    assert held >= window - DECIDING, (
        f"lowered {held:.1f} s after the HPA last wanted {peak:g}; the window is {window:g} s"
    )
    latest = budgets.scale_down
    evidence.budget(latest, down)
    assert down <= latest.seconds, f"at the minimum {down:.1f} s after the metric was 0; {latest} are allowed"


DECIDING = 2.5
"""Seconds from a sync's read of the metric to what it says of it in the HPA's status, on a busy machine."""


@behaviour(
    "dojo.09.returns-to-min",
    feature="hpa",
    needs=("dojo.09.queue-drains",),
    hint="What are minReplicas and the HPA's last condition AbleToScale after the queue has been "
    "empty for a while?",
    look="`kubectl get hpa consumer -w` after a load: does the metric stay where it is, and the "
    "count? The events of `kubectl describe hpa consumer` give each rescale with its reason.",
    read=reading.HPA_ALGORITHM,
)
def test_returns_to_min(load_cycle: Any, evidence: Any) -> None:
    """After the load the Deployment is back at minReplicas, and stays there."""
    record, minimum = load_cycle.record, load_cycle.seen["min"]
    evidence.record(record)
    idle = part(record, "at min", "idle held")
    evidence.record(idle)
    counts = {signal: idle.recorded(signal).values() for signal in (names.SPEC, names.STATUS)}
    evidence("idle", "spec.replicas and status.replicas", f"{counts}; minReplicas {minimum}")
    assert all(found == {float(minimum)} for found in counts.values()), (
        f"minReplicas is {minimum}, found {counts}"
    )


@behaviour(
    "dojo.09.no-flapping",
    feature="hpa",
    needs=("dojo.09.queue-drains",),
    hint="What does the metric do at the moment the replicas turn: does it drop and come back?",
    look="The plot at that moment, along the chain: redis_key_size, redis_items_in_queue, the API's "
    "value, the wanted count. The first line with the dent is where it comes from.",
    read=reading.HPA_FLAPPING,
)
def test_no_flapping(load_cycle: Any, evidence: Any) -> None:
    """One load is one climb and one descent: the replica count does not turn in between."""
    loads.turns_once(load_cycle, "idle held", evidence)
