"""Which question answers for which signal."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fixtures.observe.chain import Chain
from fixtures.observe.custom_metrics import AdapterReader
from fixtures.observe.kube import Kube
from fixtures.observe.prometheus import Sample
from fixtures.observe.redis_queue import Counts
from fixtures.observe.signals import SIGNALS
from fixtures.observe.sources import dojo_sources, pick


class Prometheus:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def latest(self, selector):
        self.asked.append(selector)
        return [Sample({"key": "padok"}, 7.0, 99.5)]


@pytest.fixture
def prometheus() -> Prometheus:
    return Prometheus()


@pytest.fixture
def answers(api, prometheus):
    """Asks all sources of the dojo once: answers by signal."""
    redis = SimpleNamespace(queue="padok", counts=lambda patience: Counts(3, 1, 9, None))

    def ask():
        sources = dojo_sources(Kube(api), prometheus, AdapterReader(api), redis, Chain())
        return {
            signal: answer
            for source in sources
            for read in source.reads
            for signal, answer in read.ask().items()
            if signal in read.signals
        }

    return ask


def test_every_signal_has_a_source(answers):
    """No signal of a record is without a question, on an empty cluster too."""
    assert set(answers()) == set(SIGNALS)


def test_what_is_not_installed_yet_is_absent(answers):
    """Before HPA, Deployment and adapter exist their signals are absent, never 0."""
    found = answers()
    absent = {signal for signal, answer in found.items() if answer.value is None}
    assert absent == {
        "adapter_value",
        "api_available",
        "hpa_desired_replicas",
        "hpa_current_replicas",
        "spec_replicas",
        "status_replicas",
        "ready_replicas",
        "consumed_total",
    }
    assert found["queue_length"].value == 3.0
    assert found["adapter_value"].detail == {"status": 404}


def test_the_recorded_metric_is_asked_for_without_matchers(answers, prometheus):
    """A recorded series with wrong labels must be seen to be judged; the exporter's is the queue's own."""
    found = answers()
    assert prometheus.asked == ['redis_key_size{key="padok"}', "redis_items_in_queue"]
    assert found["redis_items_in_queue"].detail == {
        "labels": {"key": "padok"},
        "sample_at": 99.5,
        "series": 1,
    }


def test_of_several_series_the_newest_sample_of_those_with_the_labels_counts():
    """One that nobody scrapes any more is not made newer by another one that is called otherwise."""
    ours, other = {"key": "padok", "service": "exporter"}, {"key": "padok", "service": "another"}
    found = [Sample({**ours, "pod": "a"}, 69.0, 10.0), Sample(other, 3.0, 99.0)]
    assert pick(found, ours).detail["sample_at"] == 10.0
    assert pick([*found, Sample({**ours, "pod": "b"}, 3.0, 98.0)], ours).detail["sample_at"] == 98.0
    assert pick(found, {"key": "none"}).detail["sample_at"] == 99.0


@pytest.mark.parametrize(("status", "value"), [("True", 1.0), ("False", 0.0)])
def test_a_registered_api_is_available_or_not(api, answers, status, value):
    """The APIService's own condition, with its reason."""
    condition = {"type": "Available", "status": status, "reason": "Passed"}
    api.replies["/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.custom.metrics.k8s.io"] = (
        200,
        {
            "metadata": {"name": "v1beta1.custom.metrics.k8s.io"},
            "spec": {"service": {"namespace": "prometheus", "name": "prometheus-adapter"}},
            "status": {"conditions": [condition]},
        },
    )
    assert answers()["api_available"] == (value, {"reason": "Passed"})


def test_replicas_come_from_the_deployment(api, answers):
    """Spec, status and ready replicas are the Deployment's own."""
    api.replies["/apis/apps/v1/namespaces/default/deployments/consumer"] = (
        200,
        {
            "metadata": {"name": "consumer"},
            "spec": {
                "replicas": 4,
                "selector": {},
                "template": {"spec": {"containers": [{"image": "i"}]}},
            },
            "status": {"observedGeneration": 1, "replicas": 3, "readyReplicas": 2},
        },
    )
    found = answers()
    assert [found[s].value for s in ("spec_replicas", "status_replicas", "ready_replicas")] == [4.0, 3.0, 2.0]
