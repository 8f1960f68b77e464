"""Shared behaviours of the HorizontalPodAutoscaler with a Pods metric, and of the teardown."""

from __future__ import annotations

from typing import Any

from conformance.dojo.judging import first_below, is_active, last_asking, own_api, part, reached, turns

from . import names, reading
from .judging import below_for_good, lowered_at, missing, quantity
from .scrape import there
from .shared import shared

AROUND = 15.0
"""Seconds of the record shown before and after a wrong decision: what it was made from, what came of it."""
DECIDING = 2.5
"""Seconds from a sync's read of the metric to what it says of it in the HPA's status, on a busy machine."""
CALM = 1.1
"""Share of the target up to which an HPA leaves the count alone: its tolerance."""


@shared(
    "reads-metric",
    feature="hpa",
    budget="hpa_reacts",
    hint="What is the message of the HPA's condition ScalingActive in `kubectl describe hpa`?",
    look="Reason and message of that condition name what could not be got. Send the same request with "
    "`kubectl get --raw …/pods/*/METRIC?labelSelector=…`, with the Deployment's own selector.",
    read=reading.HPA_CONDITIONS,
)
def reads_metric(
    *,
    solution: Any,
    installation: Any,
    kube: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """The HPA finds its metric: ScalingActive is True and its status shows a current value."""
    there(solution, installation, "wiring")

    def reads(hpa: Any) -> bool:
        assert hpa is not None, f"there is no HPA {chain.hpa.name} in namespace {chain.hpa.namespace}"
        active = hpa.conditions.get("ScalingActive", {"status": "not there yet"})
        assert active["status"] == "True", f"ScalingActive is {' '.join(active.values())}"
        assert hpa.current_metrics, "its status shows no current metric"
        return True

    hpa = eventually(
        lambda: kube.hpa(*chain.hpa), reads, budget=budgets.hpa_reacts, what="the HPA reads its metric"
    )
    evidence("HPA", f"hpa/{chain.hpa.name}", str(hpa))


@shared(
    "target",
    feature="hpa",
    hint="Of what type is the metric, of what type its target, and between which counts may it scale what?",
    look="spec in `kubectl get hpa -o yaml`, read aloud against what the scenario asks for. `kubectl explain "
    "hpa.spec.metrics.pods` says what each field is for.",
    read=reading.HPA_FIELDS,
)
def target(*, solution: Any, installation: Any, expect: Any, kube: Any, chain: Any, evidence: Any) -> None:
    """The HPA scales the application's Deployment, between the asked-for counts, on the average of the pods'
    metric, with the asked-for target.
    """
    there(solution, installation, "wiring")
    hpa = kube.hpa(*chain.hpa)
    assert hpa is not None, f"there is no HPA {chain.hpa.name} in namespace {chain.hpa.namespace}"
    spec = hpa.raw["spec"]
    evidence("spec", f"hpa/{chain.hpa.name} .spec", str(spec))
    metrics = spec.get("metrics") or []
    kinds = [metric["type"] for metric in metrics]
    assert kinds == ["Pods"], f"its metrics are of type {kinds}, expected one of type Pods"
    wanted = metrics[0]["pods"]["target"]
    scaled = spec["scaleTargetRef"]
    average = wanted.get("averageValue")
    found = {
        "scales": f"{scaled['kind']} {scaled['name']}",
        "minReplicas": spec.get("minReplicas", 1),
        "maxReplicas": spec["maxReplicas"],
        "metric": metrics[0]["pods"]["metric"]["name"],
        "averageValue": None if average is None else quantity(str(average)),
    }
    expected = {
        "scales": f"Deployment {chain.deployment.name}",
        "minReplicas": expect.minimum,
        "maxReplicas": expect.maximum,
        "metric": expect.metric,
        "averageValue": expect.target,
    }
    wrong = [f"{p} is {found[p]}, expected {expected[p]}" for p in expected if found[p] != expected[p]]
    assert not wrong, "; ".join(wrong)


@shared(
    "below-target-holds",
    feature="hpa",
    hint="How much of the metric does each pod have under a load that it can bear, and how much does the HPA "
    "think it has?",
    look="`kubectl describe hpa` under a small load: current and target beside what is really sent. What "
    "each count was decided from is in the plot.",
    read=reading.HPA_ALGORITHM,
)
def below_target_holds(*, pod_cycle: Any, expect: Any, evidence: Any) -> None:
    """Under a load below the target, which the HPA reads, the replicas stay at the minimum."""
    record = pod_cycle.record
    evidence.record(record)
    calm = record.between(reached(record, names.ACTIVE), reached(record, names.HELD))
    evidence.record(calm)
    metric = calm.recorded(names.METRIC)
    counts = {signal: calm.recorded(signal).values() for signal in (names.SPEC, names.HPA)}
    evidence("held", "spec.replicas and desiredReplicas; greatest metric", f"{counts}; {metric.maximum():g}")
    assert metric.maximum() > 0, "the metric was 0 under a load: that nothing happened proves nothing"
    wrong = {s: sorted(found) for s, found in counts.items() if found != {float(expect.minimum)}}
    assert not wrong, (
        f"{wrong} under a load that {expect.minimum} can bear; the metric said {metric.maximum():g}"
    )


@shared(
    "scales-up-under-load",
    feature="hpa",
    hint="How many pods does the metric ask for at the target you set, and what keeps the HPA from them?",
    look="`kubectl describe hpa` during a load: the metric's value and target, Min and Max, the condition "
    "ScalingLimited. Then `kubectl get pods`: are pods Pending, or never Ready?",
    read=reading.HPA_ALGORITHM,
)
def scales_up_under_load(*, pod_cycle: Any, expect: Any, evidence: Any) -> None:
    """Under a load that asks for more than the maximum, the maximum is running and Ready, in time."""
    record = pod_cycle.record
    evidence.record(record)
    start = reached(record, names.ABOVE)
    up = record.after(start)
    climb = [(round(at - start.at, 1), count) for at, count in up.recorded(names.SPEC).steps()]
    evidence("climb", "spec.replicas", str(climb))
    limit, peak = pod_cycle.seen["budget at max"], up.recorded(names.SPEC).maximum()
    evidence.budget(limit)
    assert peak >= expect.maximum, (
        f"with up to {up.recorded(names.METRIC).maximum():g} seen it went to {peak:g} replicas, not to "
        f"{expect.maximum}"
    )
    took = reached(record, names.AT_MAX).at - start.at
    evidence.budget(limit, took)
    evidence.record(record.between(start, reached(record, names.AT_MAX)))
    assert took <= limit.seconds, f"it took {took:.0f} s; {limit} are allowed"


@shared(
    "never-exceeds-max",
    feature="hpa",
    hint="What besides this HPA sets the Deployment's replicas?",
    look="`kubectl get hpa -A` (do two of them name this Deployment?), the events of `kubectl describe "
    "deployment`, and the managers in `kubectl get deployment -o yaml --show-managed-fields`.",
    read=reading.HPA_OWNS_REPLICAS,
)
def never_exceeds_max(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """Though the load asks for more, there are never more pods than the maximum."""
    record, maximum = pod_cycle.record, expect.maximum
    evidence.record(record)
    demand = record.after(reached(record, names.ABOVE)).recorded(names.METRIC).maximum() / expect.target
    evidence("demand", "greatest metric / target", f"{demand:.1f} replicas asked for, maximum {maximum}")
    for signal in (names.SPEC, names.HPA, names.STATUS):
        most = record.recorded(signal).maximum()
        assert most <= maximum, f"{signal} was {most:g}, the maximum is {maximum}"
    if demand <= maximum:
        could_not_tell(f"never more than {demand:.1f} replicas were asked for")


@shared(
    "new-pods-are-missing",
    feature="hpa",
    hint="For how much does the HPA take a pod that has no value yet, on its way up and on its way down?",
    look="The plot while the pods are new: ready pods, pods with a value, the wanted count. The algorithm's "
    "details say what a missing pod is taken for in either direction.",
    read=reading.HPA_ALGORITHM,
)
def new_pods_are_missing(*, pod_cycle: Any, model: Any, evidence: Any, could_not_tell: Any) -> None:
    """While new pods have no value they are no reason to scale: not up beyond what the others ask for, and
    not down.
    """
    record = pod_cycle.record
    evidence.record(record)
    load = record.after(reached(record, names.ABOVE))
    without = missing(load)
    evidence("missing", "answers in which a running pod had no value", f"{len(without)}: {without[:6]}")
    if not without:
        could_not_tell("every running pod had a value in every answer")
    first, last = without[0][0], max(at for at, _ in without)
    evidence.record(record.between(first - AROUND, last + AROUND))
    seen_at = [at for at, _ in without]
    wrong = [at for at in lowered_at(load) if any(at - AROUND / 3 <= gap <= at for gap in seen_at)]
    assert not wrong, f"replicas were lowered while pods were missing: at +{wrong[0] - record.started:.1f} s"
    violations = [
        v for v in model(pod_cycle.seen["hpa"]).violations(record) if first <= v.at <= last + AROUND
    ]
    assert not violations, f"{violations[0]}"


@shared(
    "follows-model",
    feature="hpa",
    hint="At the first decision named here, what did each pod's value say, what does the arithmetic give, "
    "and is there a second thing that scales the Deployment?",
    look="The plot of this behaviour: the band behind the replicas is what the arithmetic allowed. Then "
    "`kubectl get hpa -A`, and who else writes spec.replicas.",
    read=reading.HPA_ALGORITHM,
)
def follows_model(*, pod_cycle: Any, model: Any, evidence: Any, could_not_tell: Any) -> None:
    """Every replica count the HPA set is one its published arithmetic allows for the values it can have
    read: of pods with a value, of missing and of unready ones.
    """
    record = pod_cycle.record
    evidence.record(record)
    reached(record, names.ACTIVE)
    read = [r for r in record.recorded(names.HPA) if is_active(r) and r.detail.get("current_metric")]
    if not read:
        could_not_tell("the HPA never showed a metric it had read")
    oracle = model(pod_cycle.seen["hpa"])
    judged = record.after(reached(record, names.ACTIVE))
    wrong = oracle.violations(judged)
    evidence.band(record, oracle.allowed(judged))
    if wrong:
        evidence.record(record.between(wrong[0].at - AROUND, wrong[0].at + AROUND))
    told = "\n".join(map(str, wrong)) or "allowed"
    evidence("model", f"{len(judged.recorded(names.SPEC).steps())} replica counts", told)
    assert not wrong, f"{len(wrong)} decisions do not follow from the metric, the first: {wrong[0]}"


@shared(
    "scales-down-after-load",
    feature="hpa",
    budget="scale_down",
    hint="How long does a rate remember a load that is over, how long does the HPA remember what it wanted, "
    "and which policy limits how fast it goes down?",
    look="In the plot: the end of the load, when the metric fell, and when the first pod went. spec.behavior "
    "in `kubectl get hpa -o yaml`, if there is one, else the flags of kube-controller-manager.",
    read=reading.HPA_WINDOW,
)
def scales_down_after_load(*, pod_cycle: Any, expect: Any, model: Any, budgets: Any, evidence: Any) -> None:
    """Replicas are lowered not before the stabilization window after the HPA last wanted as many, and are at
    the minimum not later than the budget after the metric asks for no more.
    """
    record = pod_cycle.record
    evidence.record(record)
    load = record.between(reached(record, names.ABOVE), reached(record, names.IDLE))
    evidence.record(load)
    window, peak = pod_cycle.seen["window"], load.recorded(names.SPEC).maximum()
    asked = model(pod_cycle.seen["hpa"]).spec.target * (peak - 1)
    wanted = last_asking(load, asked)
    lowered = first_below(load.recorded(names.SPEC).numbers(), peak)
    assert wanted is not None, f"the HPA's status never showed a metric above {asked:g}"
    assert lowered is not None, f"replicas never below {peak:g}"
    held = lowered - wanted
    small = below_for_good(load.recorded(names.METRIC).numbers(), expect.target * expect.minimum)
    assert small is not None, f"the metric did not stay at or below {expect.target * expect.minimum:g}"
    down = reached(record, names.AT_MIN).at - small
    told = f"{held:.1f} s / {down:.1f} s"
    evidence("lowered", "after the HPA last wanted that many / at the minimum after the metric fell", told)
    assert held >= window - DECIDING, (
        f"lowered {held:.1f} s after the HPA last wanted {peak:g}; the window is {window:g} s"
    )
    latest = budgets.scale_down
    evidence.budget(latest, down)
    assert down <= latest.seconds, f"at the minimum {down:.1f} s after the metric fell; {latest} are allowed"


@shared(
    "returns-to-min",
    feature="hpa",
    hint="What are minReplicas and the HPA's condition AbleToScale some time after the load?",
    look="`kubectl get hpa -w` after a load: does the metric go back to where it was, and the count? The "
    "events of `kubectl describe hpa` give each rescale with its reason.",
    read=reading.HPA_ALGORITHM,
)
def returns_to_min(*, pod_cycle: Any, expect: Any, evidence: Any) -> None:
    """After the load the Deployment is back at the minimum, and stays there."""
    record = pod_cycle.record
    evidence.record(record)
    reached(record, names.AT_MAX)
    idle = part(record, names.AT_MIN, names.IDLE)
    evidence.record(idle)
    counts = {signal: idle.recorded(signal).values() for signal in (names.SPEC, names.STATUS)}
    evidence("idle", "spec.replicas and status.replicas", f"{counts}; minimum {expect.minimum}")
    assert all(found == {float(expect.minimum)} for found in counts.values()), (
        f"the minimum is {expect.minimum}, found {counts}"
    )


@shared(
    "no-flapping",
    feature="hpa",
    hint="What does the metric do at the moment the replicas turn: does it drop and come back?",
    look="The plot at that moment, along the chain: the rate in Prometheus, the API's values pod by pod, the "
    "wanted count. The first line with the dent is where it comes from.",
    read=reading.HPA_FLAPPING,
)
def no_flapping(*, pod_cycle: Any, evidence: Any) -> None:
    """One load is one climb and one descent: the replica count does not turn in between."""
    evidence.record(pod_cycle.record)
    load = part(pod_cycle.record, names.ABOVE, names.IDLE)
    evidence.record(load)
    steps = load.recorded(names.SPEC).steps()
    found = turns(steps)
    evidence("steps", "spec.replicas", str([(round(at - load.started, 1), count) for at, count in steps]))
    assert len(found) == 1, f"expected one turn, at the top; found {len(found)}: {'; '.join(found)}"


@shared(
    "teardown-clean",
    feature="teardown",
    level="extended",
    hint="What is still there, and who owns it: a Helm release, an operator, or somebody's kubectl apply?",
    look="`kubectl get … -o yaml` of what the message names: its ownerReferences, its finalizers, and the "
    "label app.kubernetes.io/managed-by. `helm list -A` shows releases that are still there.",
    read=reading.OWNERS,
)
def teardown_clean(*, installation: Any, kube: Any, chain: Any, cluster: Any, evidence: Any) -> None:
    """After the teardown nothing of the installation is left: no release, API service, namespace or HPA."""
    done = installation.uninstall()
    evidence("teardown", f"removed in {done.seconds:.0f} s", "\n".join((*done.removed, *done.leftovers)))
    assert not done.leftovers, f"left over: {'; '.join(done.leftovers)}"
    if cluster.provider == "kind":  # on another's cluster what is left may be the owner's
        left = {
            f"APIService {names.API_SERVICE}": own_api(kube, chain, cluster),
            f"HPA {chain.hpa}": kube.hpa(*chain.hpa),
        } | {f"namespace {name}": name in kube.namespaces() or None for name in chain.namespaces}
        found = [what for what, found in left.items() if found is not None]
        assert not found, f"left over: {', '.join(found)}"
