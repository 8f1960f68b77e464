"""What a pod-metric scenario's pieces are called, and which question answers for which signal."""

from __future__ import annotations

import pytest

from fixtures.machine.errors import KitError
from fixtures.observe import signals as s
from fixtures.observe.chain import Place
from fixtures.observe.custom_metrics import AdapterReader
from fixtures.observe.kube import Kube
from fixtures.observe.pod_chain import PodChain
from fixtures.observe.pod_sources import pod_sources
from fixtures.observe.prometheus import Sample

NAMES = {
    "deployment": "shop",
    "service": "shop-web",
    "hpa": "shop",
    "host": "shop.vcap.me",
    "series": "http_requests_total",
    "metric": "http_requests_per_second",
}
CHAIN = PodChain.of("shop", {**NAMES, "window": "2m"})
METRIC = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop/pods/*/http_requests_per_second"
DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/shop"
PODS = "/api/v1/namespaces/shop/pods"
HPA = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/shop"
LABELS = {"app.kubernetes.io/name": "shop"}


class Prometheus:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def query(self, expression):
        self.asked.append(expression)
        return [Sample({"pod": "shop-a"}, 0.5, 1.0), Sample({"pod": "shop-b"}, 0.25, 1.0)]


@pytest.fixture
def prometheus() -> Prometheus:
    return Prometheus()


@pytest.fixture
def ask(api, prometheus):
    """Asks all sources once, in their order: answers by signal."""
    template = {"spec": {"containers": [{"image": "x"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": LABELS}, "template": template}
    status = {"observedGeneration": 1, "replicas": 2, "readyReplicas": 1}
    api.replies[DEPLOYMENT] = 200, {"metadata": {"name": "shop"}, "spec": spec, "status": status}
    sources = pod_sources(Kube(api), prometheus, AdapterReader(api), CHAIN)
    return lambda: {
        name: answer
        for source in sources
        for read in source.reads
        for name, answer in read.ask().items()
        if name in read.signals
    }


def value(pod, text):
    return {"describedObject": {"kind": "Pod", "name": pod}, "metricName": NAMES["metric"], "value": text}


def pod(name, phase="Running", *, ready=True, started="2026-11-22T02:00:00Z", restarts=0, **metadata):
    conditions = [{"type": "Ready", "status": str(ready)}]
    counts = [{"restartCount": restarts}]
    status = {"phase": phase, "conditions": conditions, "containerStatuses": counts, "startTime": started}
    return {
        "metadata": {"name": name, "uid": name, **metadata},
        "spec": {"containers": [{"image": "x"}]},
        "status": {key: each for key, each in status.items() if each is not None},
    }


def test_every_signal_has_a_source(ask):
    """Each of the signals of a pod metric's record is asked for."""
    assert set(ask()) == set(s.POD_SIGNALS)


def test_the_metric_is_asked_for_as_the_hpa_asks(ask, api):
    """By the Deployment's own selector, and by the metric's selector of the HPA as soon as that was read."""
    api.replies[METRIC] = 200, {"items": [value("shop-a", "512m"), value("shop-b", "1")]}
    target = {"type": "AverageValue", "averageValue": "2"}
    metric = {"name": NAMES["metric"], "selector": {"matchLabels": {"path": "cart"}}}
    spec = {"maxReplicas": 3, "metrics": [{"type": "Pods", "pods": {"metric": metric, "target": target}}]}
    api.replies[HPA] = 200, {"metadata": {"name": "shop", "resourceVersion": "1"}, "spec": spec}
    answer = ask()[s.POD_METRIC]
    assert answer.value == pytest.approx(1.512)
    assert answer.detail["pods"] == {"shop-a": 0.512, "shop-b": 1.0}
    assert answer.detail["raw"] == {"shop-a": "512m", "shop-b": "1"}
    ask()
    queries = [query for _, path, query, _ in api.asked if path == METRIC]
    assert queries[0] == {"labelSelector": "app.kubernetes.io/name=shop"}
    assert queries[1] == {**queries[0], "metricLabelSelector": "path=cart"}


def test_no_value_is_absent_and_not_zero(ask):
    """A 404, or a list of nothing, is an absent reading."""
    assert ask()[s.POD_METRIC].value is None


def test_a_pod_that_is_there_twice_is_counted_once(ask, api):
    """Two values for one pod: the last one counts, and that there were two is told."""
    api.replies[METRIC] = 200, {"items": [value("shop-a", "1"), value("shop-a", "3")]}
    answer = ask()[s.POD_METRIC]
    assert (answer.value, answer.detail["values"]) == (3.0, 2)


def test_the_series_is_a_rate_by_pod(ask, prometheus):
    """Prometheus is asked for what the API is to say; the detail has each pod's."""
    assert ask()[s.POD_SERIES] == (0.75, {"pods": {"shop-a": 0.5, "shop-b": 0.25}})
    assert prometheus.asked == [
        'sum by (pod) (rate(http_requests_total{namespace="shop",pod=~"shop-[a-z0-9]+-[a-z0-9]{5}"}[2m]))'
    ]


def test_what_the_hpas_arithmetic_asks_of_a_pod(ask, api):
    """Ready or not, since when, in which phase, on its way out: of each pod; Ready ones are counted."""
    going = pod("shop-c", deletionTimestamp="2026-11-22T03:00:00Z")
    waiting = pod("shop-b", "Pending", ready=False, started=None)
    api.replies[PODS] = 200, {"items": [pod("shop-a", restarts=2), waiting, going]}
    answer = ask()[s.READY_PODS]
    assert answer.value == 1
    found = answer.detail["pods"]
    assert found["shop-a"] == {
        "ready": True,
        "started": 1795312800.0,
        "phase": "Running",
        "deleting": False,
        "restarts": 2,
    }
    assert (found["shop-b"]["phase"], found["shop-b"]["started"]) == ("Pending", None)
    assert found["shop-c"]["deleting"]


def test_a_gauge_is_asked_for_as_it_is():
    """Without a window the value itself is what the API is to say; labels may have other names."""
    gauge = PodChain.of(
        "loop", {**NAMES, "series": "elu", "namespace_label": "kubernetes_namespace", "pod_label": "who"}
    )
    pods = 'kubernetes_namespace="loop",who=~"shop-[a-z0-9]+-[a-z0-9]{5}"'
    assert gauge.per_pod_query == f"sum by (who) (elu{{{pods}}})"


def test_namespaces_each_once():
    """Prometheus and adapter share one; the application's comes first."""
    assert CHAIN.namespaces == ("shop", "monitoring")
    assert CHAIN.service == Place("shop", "shop-web")


@pytest.mark.parametrize(
    ("names", "said"),
    [({**NAMES, "prot": "x"}, "prot: unknown"), ({"deployment": "shop"}, "host: missing")],
)
def test_a_chain_is_read_strictly(names, said):
    """An unknown or missing name is an error that names file and field."""
    with pytest.raises(KitError, match=said) as caught:
        PodChain.of("shop", names, where="shopfront.toml")
    assert "shopfront.toml" in str(caught.value)
