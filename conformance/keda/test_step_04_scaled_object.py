"""Step 4: the ScaledObject, the HPA that KEDA makes of it, and the External metric between the two."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo import names as dojo
from conformance.dojo.judging import reached

from . import names, reading, scaled
from .judging import differing
from .test_step_01_components import WEBHOOKS
from .test_step_02_api import AVAILABLE
from .test_step_03_metric import RECORDED

READY = "keda.04.scaled-object-ready"
HPA = "keda.04.hpa-made"
VALUE = "keda.04.external-value"
SLACK = 4.0
"""Seconds by which KEDA's query and ours may see different evaluations and scrapes: both are asked about
once a second, and one that goes through metrics server, operator and Prometheus takes up to a second."""
SETTLED = 5
"""Reads, a second apart, that find it Ready: for a while it may be so from before it was changed."""
ASKS = ("prometheus", "redis")
"""Scalers that can know the queue's length."""


@behaviour(
    READY,
    feature="scaled-object",
    budget="component_ready",
    needs=("keda.01.operator-ready",),
    hint="What do the conditions of the ScaledObject say, and has it any?",
    look="`kubectl describe scaledobject` with its conditions and events. No condition at all: does KEDA "
    "watch this namespace? Ready False: the message says what could not be found or understood.",
    read=reading.TROUBLESHOOTING,
)
def test_scaled_object_ready(
    *,
    installation: Any,
    solution: Any,
    kube: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """KEDA has taken up the ScaledObject of the consumers: its condition Ready is True."""
    assert solution.has("wiring"), f"not there yet: {solution.missing('wiring')}"
    for piece in ("keda", "consumer", "exporter"):
        installation.need(piece)
    # Not for the wiring: it is not installed before this is Ready, and says less of why it is not.

    def ready(found: Any) -> bool:
        assert found is not None, f"there is no ScaledObject in namespace {chain.consumer.namespace}"
        status, why = scaled.condition(found, "Ready")
        assert status == "True", f"Ready is {status or 'missing'}: {why}"
        return True

    found = eventually(
        lambda: scaled.scaled_object(kube, chain),
        ready,
        budget=budgets.component_ready,
        successes=SETTLED,
        what="the ScaledObject is Ready",
    )
    evidence("ScaledObject", "its status", str(found["status"]))


@behaviour(
    "keda.04.trigger",
    feature="scaled-object",
    needs=(READY,),
    hint="How many items is each consumer to have, how many wake the first one, how often is that looked "
    "at, and how long is nothing to do before all go?",
    look="spec in `kubectl get scaledobject -o yaml`, word by word beside the scaler's page: a value "
    "that is left out has a default (30 s, 300 s, 100 replicas, activation above 0), and those of "
    "metadata are texts.",
    read=reading.SCALED_OBJECT,
)
def test_trigger(installation: Any, kube: Any, chain: Any, evidence: Any) -> None:
    """The ScaledObject scales the consumers from 0 to 20 for 20 items each, above 5 items, asks every 5
    s, and has them idle for 20 s before they go.
    """
    installation.need("wiring")
    found = scaled.scaled_object(kube, chain)
    assert found is not None, f"there is no ScaledObject in namespace {chain.consumer.namespace}"
    spec = found["spec"]
    evidence("spec", "spec of the ScaledObject", str(spec))
    assert len(spec["triggers"]) == 1, f"it has {len(spec['triggers'])} triggers, expected one"
    kind, asked = scaled.trigger(found)
    assert kind in ASKS, f"its trigger is a {kind}, expected one of {', '.join(ASKS)}"
    expected = {
        "target": (chain.consumer.name, spec["scaleTargetRef"]["name"]),
        "minReplicaCount": (0, spec.get("minReplicaCount", 0)),
        "maxReplicaCount": (names.MAX_REPLICAS, spec.get("maxReplicaCount", 100)),
        "pollingInterval": (names.POLLING, spec.get("pollingInterval", 30)),
        "cooldownPeriod": (names.COOLDOWN, spec.get("cooldownPeriod", 300)),
        "threshold": (float(names.THRESHOLD), float(asked.get("threshold", "nan"))),
        "activationThreshold": (float(names.ACTIVATION), float(asked.get("activationThreshold", "0"))),
    }
    wrong = [
        f"{what} is {found}, expected {want}" for what, (want, found) in expected.items() if found != want
    ]
    assert not wrong, "; ".join(wrong)


@behaviour(
    "keda.04.second-refused",
    feature="scaled-object",
    budget="component_ready",
    needs=(READY, WEBHOOKS),
    hint="Who looks at a ScaledObject before it is stored, and what becomes of one if nobody answers?",
    look="`kubectl get validatingwebhookconfiguration keda-admission -o yaml`: has each webhook a "
    "caBundle, and what is its failurePolicy? Then the log of keda-admission-webhooks while you apply a "
    "second one.",
    read=reading.ADMISSION,
)
def test_second_refused(
    *, installation: Any, kube: Any, chain: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """A second ScaledObject for the same Deployment is refused: two of them would fight over its replicas."""
    installation.need("wiring")
    first = scaled.scaled_object(kube, chain)
    assert first is not None, f"there is no ScaledObject for {chain.consumer.name}"
    second = {
        "apiVersion": names.API,
        "kind": "ScaledObject",
        "metadata": {"name": "second-scaler", "namespace": chain.consumer.namespace},
        "spec": {key: first["spec"][key] for key in ("scaleTargetRef", "triggers")},
    }

    def refused(answer: Any) -> bool:
        assert not answer.accepted, "the API server would take a second ScaledObject for the same Deployment"
        assert "already managed by" in answer.message, f"refused for another reason: {answer.message}"
        return True

    answer = eventually(
        lambda: kube.server_side_dry_run(second),
        refused,
        budget=budgets.component_ready,
        what="a second ScaledObject is refused",
    )
    evidence("second ScaledObject", "server-side dry run", answer.message)


@behaviour(
    HPA,
    feature="hpa",
    needs=(READY,),
    hint="Which HPA does the ScaledObject's status name, and of what type is that one's metric and target?",
    look="`kubectl get hpa keda-hpa-consumer -o yaml`: its metric, the selector by which it asks for it, "
    "its limits. It is made of the ScaledObject again and again: where there does each of them come from?",
    read=reading.ARCHITECTURE,
)
def test_hpa_made(
    *, installation: Any, kube: Any, chain: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """KEDA has made an HPA of it: one External metric of this ScaledObject, 20 on average, from 1 to 20
    replicas.
    """
    installation.need("wiring")

    def made(hpa: Any) -> bool:
        assert hpa is not None, f"there is no HPA {chain.hpa.name}"
        wrong = unlike(hpa, scaled.scaled_object(kube, chain) or {}, chain)
        assert not wrong, "; ".join(wrong)
        return True

    hpa = eventually(
        lambda: kube.hpa(*chain.hpa), made, budget=budgets.component_ready, what=f"HPA {chain.hpa.name}"
    )
    evidence("HPA", f"hpa/{chain.hpa.name} .spec", str(hpa.raw["spec"]))


def unlike(hpa: Any, found: Any, chain: Any) -> list[str]:
    """What of the HPA is not as KEDA is to make it of this ScaledObject."""
    name = found.get("metadata", {}).get("name")
    spec, metrics = hpa.raw["spec"], hpa.raw["spec"].get("metrics") or []
    owners = [(each["kind"], each["name"]) for each in hpa.raw["metadata"].get("ownerReferences") or ()]
    kinds = [metric["type"] for metric in metrics]
    if kinds != ["External"]:
        return [f"its metrics are of type {kinds}, expected one of type External"]
    metric = metrics[0]["external"]
    expected = {
        "owner": ([("ScaledObject", name)], owners),
        "scaled": (chain.consumer.name, spec["scaleTargetRef"]["name"]),
        "minReplicas": (names.HPA_MIN_REPLICAS, hpa.min),
        "maxReplicas": (names.MAX_REPLICAS, hpa.max),
        "metric": (found.get("status", {}).get("externalMetricNames"), [metric["metric"]["name"]]),
        "selector": ({names.OWNER: name}, (metric["metric"].get("selector") or {}).get("matchLabels")),
        "target": ("AverageValue", metric["target"]["type"]),
        "averageValue": (str(names.THRESHOLD), str(metric["target"].get("averageValue"))),
    }
    return [f"{what} is {is_}, expected {want}" for what, (want, is_) in expected.items() if is_ != want]


@behaviour(
    VALUE,
    feature="external-metrics-api",
    needs=(AVAILABLE, READY, RECORDED),
    hint="What does the external metrics API answer for the metric that the HPA names, and what does the "
    "trigger's query give in Prometheus at the same time?",
    look="`kubectl get --raw "
    "'/apis/external.metrics.k8s.io/v1beta1/namespaces/default/s0-prometheus?labelSelector="
    "scaledobject.keda.sh%2Fname%3Dconsumer'`, "
    "and the query of the trigger typed into Prometheus, letter by letter.",
    read=reading.METRICS_SERVER,
)
def test_external_value(activation_cycle: Any, evidence: Any, could_not_tell: Any) -> None:
    """The External metric is the queue's length as Prometheus or Redis has it, at each question."""
    record = activation_cycle.record
    evidence.record(record)
    answers = record.recorded(dojo.ADAPTER)
    reached(record, "few items")
    if not answers.present():
        assert not answers.absent(), "the external metrics API gives no value for the ScaledObject's metric"
        could_not_tell(f"it was not read once: {answers[-1].error if len(answers) else 'never asked for'}")
    values = answers.values()
    evidence("External metric", "values seen", f"{sorted(values)}; {answers!r}")
    wrong = differing(record, SLACK)
    assert not wrong, f"{len(wrong)} of {len(answers)} answers are of no such queue, the first: {wrong[0]}"
    assert max(values) > 0, "it was 0 all the time, though there were items in the queue"
