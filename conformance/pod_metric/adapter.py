"""Shared behaviours of the custom metrics API: the pods' metric through prometheus-adapter."""

from __future__ import annotations

from typing import Any

from conformance.dojo.aggregation import lists_metrics
from conformance.dojo.judging import CLOCKS, part, reached

from . import names, reading
from .judging import NEAR, by_pod, invented, quantity, running
from .scrape import there
from .shared import shared

NOBODY = {"app.kubernetes.io/name": "nobody"}
"""Labels that no pod has."""
NOWHERE = {"job": "nobody"}
"""A label that no series has. (A value must look as a label's in Kubernetes: an instance, with its port, does
not.)"""
UNKNOWN = "a_metric_that_nobody_has"
FEW = 10
"""Answers from which on a share of them means something: the API is asked once a second."""
NOT_FOUND = 404
OK = 200


@shared(
    "api-available",
    feature="adapter",
    budget="api_recovers",
    hint="What do `kubectl describe apiservice v1beta1.custom.metrics.k8s.io` and the adapter's log say?",
    look="The condition Available of the APIService with reason and message, the Service it names and that "
    "one's endpoints; then the log of the adapter's pod: does it reach Prometheus under the address it was "
    "given?",
    read=reading.AGGREGATION,
)
def api_available(
    *,
    solution: Any,
    installation: Any,
    kube: Any,
    custom_metrics: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """The API service v1beta1.custom.metrics.k8s.io is Available, and lists metrics."""
    there(solution, installation, "adapter")
    lists_metrics(kube, custom_metrics, eventually, budgets, evidence)


@shared(
    "pods-metric-listed",
    feature="adapter",
    budget="adapter_lists",
    hint="Which metrics does `kubectl get --raw /apis/custom.metrics.k8s.io/v1beta1` list, for which "
    "resources and by which names?",
    look="The rule's seriesQuery in Prometheus: does it give series? Then its name and resources: what "
    "becomes of the series' name, and which of its labels is tied to a pod. `kubectl -n monitoring get "
    "configmap -o yaml` shows the rules the adapter runs with.",
    read=reading.DISCOVERY,
)
def pods_metric_listed(
    *,
    solution: Any,
    installation: Any,
    expect: Any,
    custom_metrics: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """The API lists the metric for pods, under the name that the scenario asks for."""
    there(solution, installation, "adapter")

    def listed(resources: Any) -> bool:
        assert expect.listed in resources, (
            f"{expect.listed} is not among the {len(resources)}: {resources[:8]}"
        )
        return True

    found = eventually(
        custom_metrics.resources, listed, budget=budgets.adapter_lists, what=f"{expect.listed} in the API"
    )
    evidence("listed", names.API, ", ".join(found[:20]))


@shared(
    "namespaces-metric-listed",
    feature="adapter",
    budget="adapter_lists",
    hint="Which label of the series says the namespace, and is it tied to the resource in the rule?",
    look="The entries that begin with namespaces/ in `kubectl get --raw "
    "/apis/custom.metrics.k8s.io/v1beta1`, then the rule's resources beside the labels of the series.",
    read=reading.ASSOCIATION,
)
def namespaces_metric_listed(
    *,
    solution: Any,
    installation: Any,
    expect: Any,
    custom_metrics: Any,
    kube: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """The API lists the metric for namespaces too, and gives one value for the application's."""
    there(solution, installation, "adapter")
    name = f"namespaces/{expect.metric}"

    def listed(resources: Any) -> bool:
        assert name in resources, f"{name} is not among the {len(resources)}: {resources[:8]}"
        return True

    eventually(custom_metrics.resources, listed, budget=budgets.adapter_lists, what=f"{name} in the API")
    path = f"{names.API}/namespaces/{chain.namespace}/metrics/{expect.metric}"
    status, answer = kube.get(path)
    evidence("namespace", f"GET {path}", f"{status} {answer}")
    assert status == OK, f"{path} answers {status}: {answer}"
    items = answer.get("items") or []
    assert len(items) == 1, f"{len(items)} values for one namespace"
    assert quantity(items[0]["value"]) >= 0, f"a rate of {items[0]['value']}"


@shared(
    "one-value-per-pod",
    feature="adapter",
    hint="What does `kubectl get --raw …/namespaces/NAMESPACE/pods/*/METRIC` answer: how many items, and for "
    "which objects?",
    look="describedObject of each item beside `kubectl get pods`. The rule's metricsQuery in Prometheus: "
    "which labels are left of the series after the sum?",
    read=reading.QUERYING,
)
def one_value_per_pod(*, pod_cycle: Any, expect: Any, evidence: Any) -> None:
    """The API gives each pod of the application one value: of all pods, once they were scraped often
    enough.
    """
    record = pod_cycle.record
    evidence.record(record)
    load = record.after(reached(record, names.BELOW))
    answers = load.recorded(names.METRIC)
    found = answers.present()
    assert found, (
        f"the API never gave a value of {expect.metric} for a pod: {len(answers.absent())} times nothing, "
        f"{len(answers.failed())} times an error"
    )
    twice = [r for r in found if r.detail.get("values", 0) != len(r.detail["pods"])]
    assert not twice, f"{twice[0].detail['values']} values for {len(twice[0].detail['pods'])} pods"
    scraped = by_pod(pod_cycle.raw[expect.series], expect.pod_label)
    left, judged = [], 0
    for reading_ in found:
        alive = running(record, reading_)
        due = reading_.asked - expect.scrape - CLOCKS
        known = {pod for pod in alive if sum(at <= due for at, _ in scraped.get(pod, ())) >= expect.needed}
        judged += bool(known)
        if known - set(reading_.detail["pods"]):
            at = reading_.at - record.started
            left.append(f"+{at:.1f} s: {sorted(known)} scraped, values of {sorted(reading_.detail['pods'])}")
    evidence(
        "values", f"{judged} answers compared with the pods that were scraped", "\n".join(left[:5]) or "all"
    )
    assert judged, "no pod was scraped often enough to have a value"
    assert len(left) <= judged // FEW, f"pods without a value: {left[0]}"


@shared(
    "selector-filters",
    feature="adapter",
    hint="What does the API answer for pods with a label that none has, and for series with a label that "
    "none has?",
    look="The same request with ?labelSelector=… and with ?metricLabelSelector=…. The second one becomes "
    "matchers: where in the rule's metricsQuery do they go?",
    read=reading.QUERYING,
)
def selector_filters(
    *,
    solution: Any,
    installation: Any,
    expect: Any,
    custom_metrics: Any,
    kube: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """A selector of pods, and one of the metric's labels, narrow what the API gives; what matches nothing
    gets nothing.
    """
    there(solution, installation, "adapter")
    deployment = kube.deployment(*chain.deployment)
    assert deployment is not None, f"there is no Deployment {chain.deployment}"

    def ask(pods: Any, metric: Any = None) -> set[str]:
        found = custom_metrics.pod_values(chain.namespace, expect.metric, pods, metric)
        return {each.described for each in found}

    ours = eventually(
        lambda: ask(deployment.selector),
        bool,
        budget=budgets.adapter_visible,
        what="values by the pods' labels",
    )
    nobody, nowhere = ask(NOBODY), ask(deployment.selector, NOWHERE)
    evidence(
        "selectors",
        f"{deployment.selector}; {NOBODY}; metric {NOWHERE}",
        f"{sorted(ours)}; {sorted(nobody)}; {sorted(nowhere)}",
    )
    assert not nobody, f"pods labelled {NOBODY}, which none is, have values: {sorted(nobody)}"
    assert not nowhere, f"series with {NOWHERE}, which none has, give values: {sorted(nowhere)}"


@shared(
    "unknown-metric-is-404",
    feature="adapter",
    hint="What does the API answer for a metric that nobody has: nothing, or a number?",
    look="`kubectl get --raw` with a name of your own invention, and the rule's seriesQuery: is it as narrow "
    "as it looks?",
    read=reading.DISCOVERY,
)
def unknown_metric_is_404(
    *,
    solution: Any,
    installation: Any,
    custom_metrics: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """A metric that does not exist is answered with 404, never with a value."""
    there(solution, installation, "adapter")
    # Where there is no API at all everything is answered with 404.
    eventually(custom_metrics.resources, bool, budget=budgets.adapter_lists, what="metrics in the API")
    status, found = custom_metrics.values(chain.namespace, "pods", "*", UNKNOWN)
    evidence("unknown", f"pods/*/{UNKNOWN}", f"{status} {found}")
    assert status == NOT_FOUND, f"answered {status} with {found}"


@shared(
    "milli-units",
    feature="adapter",
    hint="What does 512m mean in the API's answer and in `kubectl get hpa`, and is anything rounded on the "
    "way?",
    look="The value of an item beside the same rate in Prometheus, and the current value in `kubectl "
    "describe hpa`. Does the rule's metricsQuery round?",
    read=reading.QUANTITIES,
)
def milli_units(*, pod_cycle: Any, evidence: Any, could_not_tell: Any) -> None:
    """A value between whole numbers is given as it is, in thousandths, and the HPA's status has it too."""
    record = pod_cycle.record
    evidence.record(record)
    calm = part(record, names.BELOW, names.HELD)
    evidence.record(calm)
    given = [r for r in calm.recorded(names.METRIC).present() if r.value > 0]
    if not given:
        could_not_tell("the API gave no value above 0 under the small load")
    raw = [text for r in given for text in r.detail["raw"].values()]
    broken = [text for text in raw if quantity(text) % 1]
    evidence("quantities", f"{len(raw)} values of the API", ", ".join(dict.fromkeys(raw)))
    assert broken, f"all values are whole numbers: {sorted(set(raw))}; the rate that was sent is not"
    shown = _shown(calm)
    evidence("HPA", "averageValue in its status", str(shown))
    averages = [r.value / len(r.detail["pods"]) for r in record.recorded(names.METRIC).present()]
    low, high = min(averages), max(averages)
    strange = [share for share in shown if not (1 - NEAR) * low <= share <= (1 + NEAR) * high]
    assert not strange, f"the HPA's status shows {strange}, the API gave {low:g} to {high:g} for each pod"


def _shown(record: Any) -> list[float]:
    found = (r.detail.get("current_metric") for r in record.recorded(names.HPA).present())
    texts = dict.fromkeys(each["averageValue"] for each in found if each and each.get("averageValue"))
    return [quantity(text) for text in texts if quantity(text) > 0]


@shared(
    "no-value-before-samples",
    feature="adapter",
    hint="What does the API say of a pod that has just started: nothing, or a number that nobody measured?",
    look="The plot while the pods are new: how many pods there are, and how many have a value. In the rule's "
    "metricsQuery: what fills in for a series that is not there?",
    read=reading.QUERYING,
)
def no_value_before_samples(*, pod_cycle: Any, expect: Any, evidence: Any) -> None:
    """A pod has no value before Prometheus has samples enough of it: it is missing, not 0."""
    record = pod_cycle.record
    evidence.record(record)
    load = record.after(reached(record, names.ABOVE))
    scraped = by_pod(pod_cycle.raw[expect.series], expect.pod_label)
    wrong = invented(load, scraped, expect.needed)
    evidence("samples", f"{expect.needed} are needed", "\n".join(wrong[:5]) or "no value without them")
    assert not wrong, f"{len(wrong)} values that nothing was measured for, the first: {wrong[0]}"
