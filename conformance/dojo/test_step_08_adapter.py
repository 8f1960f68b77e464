"""Step 8: the queue's length in the Kubernetes API, through prometheus-adapter."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour

from . import names, reading
from .aggregation import lists_metrics
from .judging import part, reached, stale_answers

AVAILABLE = "dojo.08.api-available"
VALUE = "dojo.08.object-value"
SLACK = 2.5
"""Seconds by which the adapter's answer and our own query may see different evaluations: both are asked about
once a second, and the adapter's answer takes up to a second itself."""
PAGE = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/{0.namespace}/services/{0.name}"
SERIES = 'count by (__name__) ({__name__=~"redis_.+",service!="",namespace!=""})'


@behaviour(
    AVAILABLE,
    feature="adapter",
    budget="api_recovers",
    needs=("dojo.05.prometheus-ready",),
    hint="What do `kubectl describe apiservice v1beta1.custom.metrics.k8s.io` and the adapter's log say?",
    look="The condition Available of the APIService with reason and message, the Service it names "
    "and that one's endpoints; then the log of the adapter's pod: does it reach Prometheus "
    "under the address it was given?",
    read=reading.AGGREGATION,
)
def test_api_available(
    *,
    solution: Any,
    solved: Any,
    kube: Any,
    custom_metrics: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """The API service v1beta1.custom.metrics.k8s.io is Available and lists its metrics."""
    assert solution.has("adapter"), f"not there yet: {solution.missing('adapter')}"
    solved("adapter")
    lists_metrics(kube, custom_metrics, eventually, budgets, evidence)


@behaviour(
    "dojo.08.exposes-redis-metrics",
    feature="adapter",
    budget="adapter_lists",
    needs=(AVAILABLE, "dojo.06.target-up"),
    hint="Which of Prometheus' redis_ series does `kubectl get --raw "
    "/apis/custom.metrics.k8s.io/v1beta1` not list, and by which names do those appear that it "
    "does?",
    look="That list beside the names Prometheus knows "
    "(prometheus.vcap.me/api/v1/label/__name__/values), and the configuration the adapter runs "
    "with: `kubectl -n prometheus get configmap -o yaml`. Are the missing ones not discovered, "
    "not tied to a resource, or renamed?",
    read=reading.DISCOVERY,
)
def test_exposes_redis_metrics(
    *,
    solved: Any,
    prometheus: Any,
    custom_metrics: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """Every series in Prometheus that starts with redis_ is exposed under its own name for the exporter's
    Service.
    """
    solved("adapter")
    wanted = eventually(
        lambda: {sample.labels["__name__"] for sample in prometheus.query(SERIES)},
        bool,
        budget=budgets.target_scraped,
        what="series that start with redis_",
    )

    def all_listed(resources: list[str]) -> bool:
        missing = sorted(name for name in wanted if f"services/{name}" not in resources)
        assert not missing, (
            f"{len(missing)} of {len(wanted)} are not exposed for services: {', '.join(missing[:8])}"
        )
        return True

    eventually(
        custom_metrics.resources,
        all_listed,
        budget=budgets.adapter_lists,
        what="all redis_ series in the API",
    )
    evidence("exposed", SERIES, f"{len(wanted)} series, all of them in {PAGE.format(chain.exporter)}")


@behaviour(
    VALUE,
    feature="adapter",
    budget="adapter_visible",
    needs=(AVAILABLE,),
    hint="What does `kubectl get --raw …/services/prometheus-redis-exporter/redis_items_in_queue` "
    "answer, and for which object?",
    look="describedObject and value of the answer beside redis_items_in_queue in Prometheus. After a "
    "404: does the API's list have the metric for services, and which of the series' labels "
    "name a namespace and a service?",
    read=reading.ASSOCIATION,
)
def test_object_value(outage_cycle: Any, chain: Any, evidence: Any, could_not_tell: Any) -> None:
    """The API gives redis_items_in_queue for the exporter's Service, with Prometheus' value."""
    record = outage_cycle.record
    answers = record.recorded(names.ADAPTER)
    evidence.record(record)
    evidence(
        "answers",
        f"{PAGE.format(chain.exporter)}/{names.RULE_METRIC}",
        f"{answers!r}; {[dict(r.detail) for r in answers.present()][:2]}",
    )
    missing = f"the API has no {names.RULE_METRIC} for the Service {chain.exporter} (HTTP 404)"
    unrecorded = "" if record.recorded(names.RECORDED).present() else "; Prometheus has none either"
    assert answers.values(), missing + unrecorded
    described = {answer.detail.get("described") for answer in answers.present()}
    assert described == {f"Service/{chain.exporter.name}"}, f"the value is said to be of {described}"
    wrong = stale_answers(record, SLACK)
    assert not wrong, (
        f"{len(wrong)} of {len(answers.present())} answers are not Prometheus' value: {'; '.join(wrong[:3])}"
    )
    if not any(value > 0 for value in answers.values()):
        could_not_tell("only 0 was answered: a constant would pass")


@behaviour(
    "dojo.08.selector-filters",
    feature="adapter",
    needs=(VALUE,),
    hint="What is left of the request's ?metricLabelSelector=key%3Dpadok in the query the adapter "
    "sends to Prometheus?",
    look="The adapter's log at a higher verbosity shows the queries it sends; compare one with the "
    "metricsQuery it comes from: where in it do the request's labels belong?",
    read=reading.QUERYING,
)
def test_selector_filters(*, solved: Any, custom_metrics: Any, chain: Any, evidence: Any) -> None:
    """A label selector in the request picks the series: key=padok is there, another key is not found."""
    solved("adapter")
    metric = (chain.exporter.namespace, "services", chain.exporter.name, names.RULE_METRIC)
    there = custom_metrics.object_value(*metric, selector=f"key={names.KEY}")
    other = custom_metrics.object_value(*metric, selector="key=no-such-key")
    evidence(
        "selectors",
        f"{PAGE.format(chain.exporter)}/{names.RULE_METRIC}?metricLabelSelector=…",
        f"key=padok: {there}; other: {other}",
    )
    assert there.present, f"with key={names.KEY} there is no value: {there.error or 'HTTP 404'}"
    assert other.absent, (
        f"with key=no-such-key the answer is {other.value if other.present else other.error}, not 404"
    )


@behaviour(
    "dojo.08.unknown-metric-is-404",
    feature="adapter",
    needs=(AVAILABLE,),
    hint="Which status does the API answer for a metric that nobody exports?",
    look="`kubectl get --raw` for a name that you make up. If a number comes back: which of the "
    "adapter's rules gives a number for any name? (An HPA acts on a 0; after a 404 it leaves "
    "the replicas alone.)",
    read=reading.QUERYING,
)
def test_unknown_metric_is_404(*, solved: Any, custom_metrics: Any, chain: Any, evidence: Any) -> None:
    """A metric that does not exist is answered with 404, not with 0."""
    solved("adapter")
    namespace, name = chain.exporter
    answer = custom_metrics.object_value(namespace, "services", name, "redis_no_such_metric")
    evidence("unknown metric", f"{PAGE.format(chain.exporter)}/redis_no_such_metric", str(answer))
    assert answer.absent, f"expected 404, the answer is {answer.value if answer.present else answer.error}"


@behaviour(
    "dojo.08.freshness",
    feature="adapter",
    budget="adapter_visible",
    needs=(VALUE,),
    hint="Over which time does the adapter's metricsQuery look back?",
    look="metricsQuery in the adapter's configuration, the interval at which it lists series again "
    "(on its command line), and the interval of the rule. Publish items and ask Prometheus and "
    "the API every second: which is late?",
    read=reading.APPEAR_AND_DISAPPEAR,
)
def test_freshness(outage_cycle: Any, budgets: Any, evidence: Any) -> None:
    """When the queue's length changes, the API says so within a scrape, an evaluation and a read."""
    record = outage_cycle.record
    evidence.record(record)
    evidence.budget(budgets.adapter_visible)
    restored = reached(record, "redis_key_size is back").at
    evidence.record(record.after(restored))
    back = record.after(restored).recorded(names.ADAPTER).first_where(lambda answer: answer.value > 0)
    assert back is not None, (
        "the API never showed the items that redis_key_size showed again after the outage"
    )
    late = back.at - restored
    evidence.budget(budgets.adapter_visible, late)
    evidence("latency", "from redis_key_size in Prometheus to the API", f"{late:.1f} s")
    assert late <= budgets.adapter_visible.seconds, (
        f"the API showed the queue {late:.1f} s after Prometheus did; {budgets.adapter_visible} are allowed"
    )


@behaviour(
    "dojo.08.zero-during-outage",
    feature="adapter",
    needs=(VALUE, "dojo.07.absent-series-becomes-zero"),
    hint="What does the API answer while the exporter is gone (0, 404, or the last value), and for "
    "which metric is it asked?",
    look="With the exporter's Deployment scaled to none: redis_items_in_queue in Prometheus with its "
    "labels, and the same through the API. What had the series while the exporter ran that it "
    "now has not?",
    read=reading.ASSOCIATION,
)
def test_zero_during_outage(outage_cycle: Any, chain: Any, evidence: Any) -> None:
    """While the exporter is gone the API answers 0, neither the last value nor 404."""
    evidence.record(outage_cycle.record)
    gap = part(outage_cycle.record, "adapter says 0", "exporter restored")
    evidence.record(gap)
    answers = gap.recorded(names.ADAPTER)
    page = PAGE.format(chain.exporter)
    evidence("answers during the outage", f"{page}/{names.RULE_METRIC}", repr(answers))
    assert answers.values() == {0.0}, f"expected 0, the answers were {sorted(answers.values()) or 'absent'}"
    assert not answers.absent(), f"{len(answers.absent())} of {len(answers)} answers were 404"
