"""Reads of the resource metrics API, and what a record keeps of them."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.observe.errors import ReadFailed
from fixtures.observe.kube import Kube
from fixtures.observe.pod_chain import PodChain
from fixtures.observe.resource_metrics import ROOT, ResourceReader
from fixtures.observe.resource_sources import request_of, resource_sources, usage_answer

CHAIN = PodChain.of(
    "cpu",
    {
        "deployment": "app",
        "service": "app",
        "hpa": "app",
        "host": "app.vcap.me",
        "series": "s",
        "metric": "cpu",
    },
)
PODS = f"{ROOT}/namespaces/cpu/pods"
DEPLOYMENT = "/apis/apps/v1/namespaces/cpu/deployments/app"


def measured(
    name: str, *cpu: str, at: str = "2026-11-22T02:00:00Z", window: str = "15.023s"
) -> dict[str, Any]:
    """A pod's metrics as metrics-server answers them, with a container for each amount of cpu."""
    containers = [
        {"name": str(number), "usage": {"cpu": used, "memory": "10Mi"}} for number, used in enumerate(cpu)
    ]
    return {"metadata": {"name": name}, "timestamp": at, "window": window, "containers": containers}


def pod(name: str, *requests: str | None, ready: str = "2026-11-22T01:59:00Z") -> dict[str, Any]:
    """A running pod whose containers request so much cpu; None: nothing."""
    containers = [
        {"name": str(n), "image": "i", "resources": {"requests": {"cpu": cpu}} if cpu else {}}
        for n, cpu in enumerate(requests)
    ]
    condition = {"type": "Ready", "status": "True", "lastTransitionTime": ready}
    return {
        "metadata": {"name": name, "uid": name, "labels": {"app": "app"}},
        "spec": {"containers": containers},
        "status": {"phase": "Running", "startTime": "2026-11-22T01:58:00Z", "conditions": [condition]},
    }


def test_a_pods_usage_is_that_of_its_containers(api):
    """Nanocores of all containers in cores, memory in bytes, the moment and the window they are of."""
    api.replies[PODS] = (200, {"items": [measured("app-1", "12345678n", "5m")]})
    (found,) = ResourceReader(api).pods("cpu", {"app": "app"})
    assert (found.name, found.cpu, found.memory) == ("app-1", pytest.approx(0.017345678), 20 * 1024**2)
    assert found.window == pytest.approx(15.023)
    assert found.at == 1795312800.0


def test_not_registered_is_nothing_and_unavailable_is_a_failed_read(api):
    """404: there is no such API. 503: its server does not answer, and nothing is known."""
    api.replies[PODS] = (404, {"message": "not found"})
    assert ResourceReader(api).pods("cpu") == []
    api.replies[PODS] = (503, {"message": "the server is currently unable to handle the request"})
    with pytest.raises(ReadFailed, match="unable to handle"):
        ResourceReader(api).pods("cpu")
    api.replies[f"{ROOT}/nodes"] = (200, {"items": [{"metadata": {"name": "n"}}]})
    with pytest.raises(ReadFailed, match="no list of metrics"):
        ResourceReader(api).nodes()


def test_nothing_measured_is_absent_and_not_zero():
    """A sum over no pods would be 0, which no HPA ever sees."""
    assert usage_answer([]).value is None


def test_a_record_has_usage_and_requests_of_each_pod(api):
    """What the HPA's arithmetic needs of each pod: usage and its moment, request, when it became Ready."""
    api.replies[DEPLOYMENT] = (
        200,
        {
            "metadata": {"name": "app", "generation": 1},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": "app"}},
                "template": {"spec": {"containers": [{"image": "i"}]}},
            },
        },
    )
    api.replies[PODS] = (200, {"items": [measured("app-1", "20m")]})
    api.replies["/api/v1/namespaces/cpu/pods"] = (200, {"items": [pod("app-1", "50m")]})
    sources = {source.name: source for source in resource_sources(Kube(api), ResourceReader(api), CHAIN)}
    usage = sources["usage"].reads[0].ask()["pod_usage"]
    assert usage.value == pytest.approx(0.02)
    assert usage.detail["windows"] == {"app-1": pytest.approx(15.023)}
    told = sources["pods"].reads[0].ask()["ready_pods"].detail["pods"]["app-1"]
    assert (told["request"], told["ready"]) == (0.05, True)
    assert told["changed"] - told["started"] == 60.0


@pytest.mark.parametrize(("requests", "cores"), [(("50m", "25m"), 0.075), (("50m", None), None)])
def test_a_container_without_a_request_leaves_no_share(requests, cores):
    """One container that requests nothing is enough: the HPA can tell no utilization of the pod."""
    assert request_of(pod("app-1", *requests)) == cores
