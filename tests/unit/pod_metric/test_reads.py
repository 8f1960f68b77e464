"""Behaviours that read the cluster once, on answers made by hand: right ones, and wrong ones."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from conformance.pod_metric import adapter, hpa, scrape
from tests.unit.pod_metric.conftest import Evidence
from tests.unit.pod_metric.world import CHAIN, SHOP

POOL = "serviceMonitor/shop/shop/0"
LABELS = {"app.kubernetes.io/name": "shop"}
SELECTS = {"selector": {"matchLabels": LABELS}, "endpoints": [{"port": "http-metrics"}]}


def pod(name: str, *, ready: bool = True, deleting: bool = False) -> Any:
    return SimpleNamespace(name=name, ready=ready, deleting=deleting)


def target(name: str, **given: Any) -> Any:
    found = {"__meta_kubernetes_namespace": "shop", "__meta_kubernetes_pod_name": name}
    usual = {"pool": POOL, "url": f"http://{name}", "health": "up", "last_error": "", "interval": 5.0}
    return SimpleNamespace(**{**usual, "labels": {"endpoint": "http-metrics"}, "discovered": found, **given})


def sample(**labels: str) -> Any:
    return SimpleNamespace(labels={"namespace": "shop", "pod": "shop-a", **labels}, value=1.0)


def discovered(namespace: str = "shop") -> dict[str, Any]:
    return {"scrapePool": POOL, "discoveredLabels": {"__meta_kubernetes_namespace": namespace}}


class Cluster:
    """The fixtures that the behaviours take; what is wrong is set by a test."""

    def __init__(self) -> None:
        monitor = {"metadata": {"namespace": "shop", "name": "shop"}, "spec": SELECTS}
        self.monitors: list[Any] = [monitor]
        self.pods = [pod("shop-a")]
        self.targets = [target("shop-a")]
        self.jobs = [POOL, "serviceMonitor/monitoring/prometheus/0"]
        self.found: dict[str, Any] = {"activeTargets": [discovered()], "droppedTargets": []}
        self.series = [sample()]
        self.available = True
        self.resources = ["namespaces/http_requests_per_second", "pods/http_requests_per_second"]
        self.values = {"": {"Pod/shop-a"}, "nobody": set(), "nowhere": set()}
        self.namespace_answer: tuple[int, Any] = (200, {"items": [{"value": "512m"}]})
        self.unknown: tuple[int, list[Any]] = (404, [])
        self.has = True
        self.hpa: Any = None

    def items(self, _: str, kind: str) -> list[Any]:
        return self.monitors if kind == "servicemonitors" else []

    def deployment(self, *_: str) -> Any:
        raw = {"spec": {"template": {"metadata": {"labels": LABELS}}}}
        return SimpleNamespace(selector=LABELS, raw=raw)

    def pod_values(self, _: str, metric: str, pods: Any, series: Any = None) -> list[Any]:
        assert metric == SHOP.metric
        which = "nowhere" if series else "nobody" if pods == adapter.NOBODY else ""
        return [SimpleNamespace(described=each) for each in self.values[which]]

    def judge(self, shared: Any) -> None:
        service = {"metadata": {"labels": LABELS}}
        api = SimpleNamespace(available=self.available, reason="FailedDiscoveryCheck", message="no answer")
        config = yaml.safe_dump({"scrape_configs": [{"job_name": job} for job in self.jobs]})
        there: dict[str, Any] = {
            "expect": SHOP,
            "chain": CHAIN,
            "evidence": Evidence(),
            "budgets": Anything(),
            "eventually": once,
            "solution": SimpleNamespace(has=lambda _: self.has, missing=lambda piece: f"no {piece}"),
            "installation": SimpleNamespace(need=lambda _: None),
            "kube": SimpleNamespace(
                service=lambda *_: service,
                deployment=self.deployment,
                items=self.items,
                pods=lambda *_: self.pods,
                apiservice=lambda _: api,
                get=lambda _: self.namespace_answer,
                hpa=lambda *_: self.hpa,
            ),
            "prometheus": SimpleNamespace(
                targets=lambda: self.targets,
                config=lambda: config,
                get=lambda _: self.found,
                query=lambda _: self.series,
            ),
            "custom_metrics": SimpleNamespace(
                resources=lambda: self.resources,
                pod_values=self.pod_values,
                values=lambda *_: self.unknown,
            ),
        }
        shared.test(**{name: there[name] for name in inspect.signature(shared.test).parameters})


class Anything:
    """Every budget there is: nothing is waited for here."""

    def __getattr__(self, name: str) -> str:
        return name


def once(read: Any, accept: Any, *, budget: str, what: str) -> Any:
    """One read instead of a wait; the complaint is the behaviour's own."""
    assert budget
    state = read()
    assert accept(state), f"{what}: {state}"
    return state


def wanted_hpa(**spec: Any) -> Any:
    pods = {"metric": {"name": SHOP.metric}, "target": {"type": "AverageValue", "averageValue": "2000m"}}
    usual = {
        "scaleTargetRef": {"kind": "Deployment", "name": "shop"},
        "minReplicas": 1,
        "maxReplicas": 3,
        "metrics": [{"type": "Pods", "pods": pods}],
    }
    active = {"ScalingActive": {"status": "True"}}
    return SimpleNamespace(raw={"spec": {**usual, **spec}}, conditions=active, current_metrics=["one"])


READS = [
    scrape.prometheus_ready,
    scrape.monitor_loaded,
    scrape.prometheus_may_read,
    scrape.target_up,
    scrape.scrape_interval,
    scrape.named_port,
    scrape.series_per_pod,
    adapter.api_available,
    adapter.pods_metric_listed,
    adapter.namespaces_metric_listed,
    adapter.selector_filters,
    adapter.unknown_metric_is_404,
    hpa.reads_metric,
    hpa.target,
]
OTHER = {"selector": {"matchLabels": {"app": "other"}}, "endpoints": [{}]}
OBJECT = [{"type": "Object", "object": {}}]
INACTIVE = SimpleNamespace(conditions={"ScalingActive": {"status": "False", "reason": "FailedGetPodsMetric"}})
WRONG: list[tuple[str, Any, dict[str, Any], str]] = [
    ("not there yet", scrape.prometheus_ready, {"has": False}, "not there yet: no prometheus"),
    ("unready", scrape.prometheus_ready, {"pods": [pod("p", ready=False)]}, "not Ready: p"),
    ("no pod", scrape.prometheus_ready, {"pods": []}, "no pod of Prometheus"),
    ("no monitor", scrape.monitor_loaded, {"monitors": []}, "no ServiceMonitor or PodMonitor selects"),
    ("not selected", scrape.monitor_loaded, {"jobs": ["serviceMonitor/monitoring/p/0"]}, "none of .*shop/0"),
    (
        "no right",
        scrape.prometheus_may_read,
        {"found": {"activeTargets": None}},
        "found nothing in namespace",
    ),
    (
        "elsewhere only",
        scrape.prometheus_may_read,
        {"found": {"activeTargets": [discovered("default")]}},
        "found nothing in namespace shop",
    ),
    ("no target", scrape.target_up, {"targets": []}, "has no active target"),
    (
        "down",
        scrape.target_up,
        {"targets": [target("shop-a", health="down", last_error="404")]},
        "not up: .*404",
    ),
    ("one left out", scrape.target_up, {"pods": [pod("shop-a"), pod("shop-b")]}, "no target: shop-b"),
    ("every 30 s", scrape.scrape_interval, {"targets": [target("shop-a", interval=30.0)]}, "not every 5 s"),
    ("a number", scrape.named_port, {"targets": [target("shop-a", labels={"endpoint": "9090"})]}, "9090"),
    ("no series", scrape.series_per_pod, {"series": []}, "no series http_requests_total"),
    (
        "whose",
        scrape.series_per_pod,
        {"series": [sample(pod="")]},
        "no series with namespace and pod of shop-a",
    ),
    ("away", adapter.api_available, {"available": False}, "not Available: FailedDiscoveryCheck"),
    ("empty", adapter.api_available, {"resources": []}, "metrics in the API"),
    ("renamed", adapter.pods_metric_listed, {"resources": ["pods/http_requests"]}, "is not among the 1"),
    (
        "pods only",
        adapter.namespaces_metric_listed,
        {"resources": ["pods/http_requests_per_second"]},
        "namespaces/http_requests_per_second is not among",
    ),
    ("no value", adapter.namespaces_metric_listed, {"namespace_answer": (404, {})}, "answers 404"),
    (
        "two values",
        adapter.namespaces_metric_listed,
        {"namespace_answer": (200, {"items": [{"value": "1"}] * 2})},
        "2 values for one namespace",
    ),
    (
        "no matchers",
        adapter.selector_filters,
        {"values": {"": {"Pod/shop-a"}, "nobody": set(), "nowhere": {"Pod/shop-a"}}},
        "which none has, give values",
    ),
    (
        "other pods",
        adapter.selector_filters,
        {"values": {"": {"Pod/shop-a"}, "nobody": {"Pod/shop-a"}, "nowhere": set()}},
        "which none is, have values",
    ),
    ("made up", adapter.unknown_metric_is_404, {"unknown": (200, [0])}, "answered 200"),
    ("no HPA", hpa.reads_metric, {"hpa": None}, "there is no HPA shop"),
    ("inactive", hpa.reads_metric, {"hpa": INACTIVE}, "ScalingActive is False FailedGetPodsMetric"),
    ("an object's", hpa.target, {"hpa": wanted_hpa(metrics=OBJECT)}, r"of type \['Object'\]"),
    (
        "another Deployment",
        hpa.target,
        {"hpa": wanted_hpa(scaleTargetRef={"kind": "Deployment", "name": "till"})},
        "scales is Deployment till",
    ),
    ("no minimum", hpa.target, {"hpa": wanted_hpa(minReplicas=2)}, "minReplicas is 2, expected 1"),
]


@pytest.mark.parametrize("shared", READS, ids=lambda shared: shared.slug)
def test_a_right_answer_passes(shared):
    """On a cluster as it should be each of them passes."""
    cluster = Cluster()
    cluster.hpa = wanted_hpa()
    cluster.judge(shared)


@pytest.mark.parametrize(
    ("shared", "wrong", "said"), [case[1:] for case in WRONG], ids=[f"{s.slug}: {w}" for w, s, *_ in WRONG]
)
def test_a_wrong_answer_fails_for_its_reason(shared, wrong, said):
    """Each says what it read, and what it should have been."""
    cluster = Cluster()
    cluster.hpa = wanted_hpa()
    for name, value in wrong.items():
        setattr(cluster, name, value)
    with pytest.raises(AssertionError, match=said):
        cluster.judge(shared)


def test_each_of_them_is_failed_by_an_answer():
    """No behaviour passes whatever is read."""
    assert {shared.slug for _, shared, *_ in WRONG} == {shared.slug for shared in READS}


def test_a_dropped_address_is_a_found_one():
    """What Prometheus found and did not take (another port) it may read: that is not about its rights."""
    cluster = Cluster()
    cluster.found = {"activeTargets": [], "droppedTargets": [discovered()]}
    cluster.judge(scrape.prometheus_may_read)


def test_a_pod_monitor_will_do():
    """A PodMonitor that selects the pods is as good as a ServiceMonitor that selects the Service."""
    cluster = Cluster()
    monitor = {"metadata": {"namespace": "shop", "name": "pods"}, "spec": {**SELECTS, "endpoints": None}}
    monitor["spec"]["podMetricsEndpoints"] = [{"port": "http-metrics"}]
    cluster.items = lambda _, kind: [monitor] if kind == "podmonitors" else []  # type: ignore[method-assign]
    cluster.jobs = ["podMonitor/shop/pods/0"]
    cluster.judge(scrape.monitor_loaded)
