"""Shared behaviours of the custom metrics API: the pods' metric through prometheus-adapter."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from conformance.dojo.judging import CLOCKS, part, reached

from . import names, reading
from .judging import NEAR, Times, by_pod, fit, invented, lowered_at, quantity, running, values_of
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
WINDOW_SCRAPES = 4
"""Scrapes that a rate's window is to hold: with one late and one lost there are still two to make a rate
of."""
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

    def available(service: Any) -> bool:
        assert service is not None, f"there is no APIService {names.API_SERVICE}"
        assert service.available, f"not Available: {service.reason}: {service.message}"
        return True

    service = eventually(
        lambda: kube.apiservice(names.API_SERVICE),
        available,
        budget=budgets.api_recovers,
        what=names.API_SERVICE,
    )
    resources = eventually(
        custom_metrics.resources, bool, budget=budgets.adapter_lists, what="metrics in the API"
    )
    evidence("API", names.API_SERVICE, f"{service}; {len(resources)} resources, the first {resources[:5]}")


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
    "sum-equals-rate-sent",
    feature="adapter",
    hint="By which factor does the sum of the pods' values differ from the requests a second that are sent?",
    look="The rule's metricsQuery, piece by piece in Prometheus: the counter, its rate, the sum by pod. "
    "Which unit does each step have, and over which time?",
    read=reading.RATE,
)
def sum_equals_rate_sent(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """The sum of the pods' values is the rate of the requests sent, within a tenth, over one window."""
    fitted = _fitted(pod_cycle, expect, evidence, could_not_tell)
    best = fitted.best
    assert fitted.windows, (
        f"the sum is the rate of what was sent over no window: at best {fitted.shares[best]:.0%} of "
        f"{fitted.answers} answers fit, over {best} s"
    )


def _fitted(pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any, *, whole: bool = True) -> Any:
    """Over which windows the answers are what was sent: before a container was stopped, and (`whole`)
    after.
    """
    record, seen = pod_cycle.record, pod_cycle.seen
    evidence.record(record)
    sent = Times(seen["below"].times, seen["above"].times)
    start = reached(record, names.BELOW).at
    end = min([record.ended, *lowered_at(record)])
    stopped = min(record.event(names.STOPPED).at, end) if record.has_event(names.STOPPED) else end
    before, after = (
        [r for r in record.between(*ends).recorded(names.METRIC).present() if sent.within(start, r.asked)]
        for ends in ((start, stopped), (stopped, end))
    )
    if len(before) < FEW:
        could_not_tell(f"only {len(before)} answers while requests were sent")
    parts = [before, after] if whole and len(after) >= FEW else [before]
    fitted = fit(parts, sent, expect.scrape)
    shares = {window: f"{share:.0%}" for window, share in fitted.shares.items() if share > 0.5}
    evidence("windows", f"share of {fitted.answers} answers that are what was sent, by window", str(shares))
    return fitted


@shared(
    "rate-window",
    feature="adapter",
    hint="How many scrapes lie in the window of the rate, and what is left of it when one is lost?",
    look="The number in brackets in the rule's metricsQuery beside the scrape interval. In the plot: how "
    "soon after the load's end is the metric 0?",
    read=reading.RATE,
)
def rate_window(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """The rate is taken over a window of four scrapes at least."""
    least = WINDOW_SCRAPES * expect.scrape
    windows = _fitted(pod_cycle, expect, evidence, could_not_tell).windows
    if not windows:
        could_not_tell("the sum is the rate of what was sent over no window")
    told = f"{min(windows)} to {max(windows)} s" if len(windows) > 1 else f"{windows[0]} s"
    evidence("window", "over which the answers are what was sent", told)
    assert max(windows) >= least, f"the window is {told}, four scrapes are {least:g} s"


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
    "counter-reset-no-spike",
    feature="adapter",
    hint="What does the rule make of a counter that falls to 0 and begins again?",
    look="The counter of the pod that was restarted, and beside it the rule's metricsQuery, in Prometheus "
    "over those minutes. Which functions know counters, and which take the fall for what it is not?",
    read=reading.RATE,
)
def counter_reset_no_spike(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """When a container begins anew, and its counter with it, its pod's value neither jumps nor falls below
    what the requests of the window make it.
    """
    record, seen = pod_cycle.record, pod_cycle.seen
    evidence.record(record)
    if "stopped" not in seen:
        reached(record, names.AT_MAX)
        could_not_tell("no pod had a value when one was to be stopped")
    pod, stopped = seen["stopped"], reached(record, names.STOPPED).at
    after = part(record, names.STOPPED, names.SEEN)
    evidence.record(record.between(stopped - 2 * expect.scrape, after.ended))
    count = [(at, v) for at, v in by_pod(pod_cycle.raw[expect.series], expect.pod_label).get(pod, [])]
    falls = [at for (_, a), (at, b) in pairwise(count) if b < a and at > stopped]
    if not falls:
        could_not_tell(f"the counter of {pod} did not begin anew in Prometheus: {count[-5:]}")
    before = [value for at, value in values_of(record, pod) if at <= stopped]
    found = values_of(after, pod)
    assert before, f"{pod} had no value before it was stopped"
    assert found, f"{pod} had no value any more after it was stopped"
    sent = Times(seen["below"].times, seen["above"].times)
    late = expect.scrape + CLOCKS
    fitted = _fitted(pod_cycle, expect, evidence, could_not_tell, whole=False)
    window = fitted.best if fitted.windows else expect.window
    gained = sent.within(stopped - late, after.ended) / window
    lost = sent.within(stopped - window - late, after.ended - window + late) / window
    least, most = (1 - SLACK) * before[-1] - gained - lost, (1 + SLACK) * before[-1] + gained
    shown = [round(value, 3) for _, value in found]
    evidence("restart", f"{pod}: {before[-1]:.3f} before; allowed {least:.3f} to {most:.3f}", str(shown))
    high, low = max(shown), min(shown)
    assert high <= most, f"{pod} jumped to {high:g} when its counter began anew; {most:.3f} is what was sent"
    assert low >= least, f"{pod} fell to {low:g} when its counter began anew; {least:.3f} is what was sent"


SLACK = 0.15
"""Share by which a rate may change over a restart: an extrapolated window, and what the stop itself lost."""


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
