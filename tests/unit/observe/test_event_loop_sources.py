"""What a record of the scenario event_loop holds beside the pods' metric."""

from __future__ import annotations

import pytest

from fixtures.observe.chain import Place
from fixtures.observe.event_loop_sources import (
    ADAPTER_READY,
    BYSTANDER_DESIRED,
    BYSTANDER_SPEC,
    event_loop_sources,
)
from fixtures.observe.kube import Kube
from fixtures.observe.pod_chain import PodChain

CHAIN = PodChain(
    namespace="loop",
    deployment=Place("loop", "event-loop"),
    service=Place("loop", "event-loop"),
    hpa=Place("loop", "event-loop"),
    host="event-loop.vcap.me",
    series="elu_utilization",
    metric="elu_utilization",
)
BYSTANDER = "/apis/apps/v1/namespaces/loop/deployments/bystander"
HPA = "/apis/autoscaling/v2/namespaces/loop/horizontalpodautoscalers/bystander"
ADAPTER = "/apis/apps/v1/namespaces/monitoring/deployments/prometheus-adapter"


def deployment(wanted, **status):
    spec = {"replicas": wanted, "selector": {}, "template": {"spec": {"containers": [{"image": "x"}]}}}
    return 200, {"metadata": {"name": "x"}, "spec": spec, "status": {"observedGeneration": 1, **status}}


@pytest.fixture
def ask(api):
    """Asks all sources once: answers by signal."""
    return lambda: {
        name: answer
        for one in event_loop_sources(Kube(api), CHAIN)
        for read in one.reads
        for name, answer in read.ask().items()
        if name in read.signals
    }


def test_what_is_not_there_is_absent(ask):
    """Before they are installed bystander, its HPA and adapter are absent, none of them 0."""
    assert {name: answer.value for name, answer in ask().items()} == dict.fromkeys(
        (BYSTANDER_SPEC, BYSTANDER_DESIRED, ADAPTER_READY)
    )


def test_the_bystander_is_told_by_its_own_deployment_and_hpa(ask, api):
    """Its replicas and what its HPA read come from the objects of that name, where the application is."""
    api.replies[BYSTANDER] = deployment(2)
    metric = {"type": "Pods", "pods": {"metric": {"name": "elu"}, "current": {"averageValue": "4m"}}}
    api.replies[HPA] = (
        200,
        {
            "metadata": {"name": "bystander", "resourceVersion": "1"},
            "spec": {"minReplicas": 2, "maxReplicas": 6},
            "status": {
                "desiredReplicas": 2,
                "currentReplicas": 2,
                "currentMetrics": [metric],
                "conditions": [{"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound"}],
            },
        },
    )
    found = ask()
    assert found[BYSTANDER_SPEC].value == 2
    assert found[BYSTANDER_DESIRED].value == 2
    assert found[BYSTANDER_DESIRED].detail["current_metric"]["averageValue"] == "4m"


def test_an_adapter_without_a_ready_pod_has_none(ask, api):
    """A Deployment whose pods are all gone says 0, which is no absence; how many are new is told."""
    api.replies[ADAPTER] = deployment(2, replicas=1, updatedReplicas=1)
    found = ask()[ADAPTER_READY]
    assert found.value == 0
    assert found.detail == {"updated": 1, "total": 1}
