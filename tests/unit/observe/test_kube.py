"""Typed reads of Kubernetes and of the custom-metrics API."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fixtures.observe.custom_metrics import AdapterReader
from fixtures.observe.errors import ReadFailed
from fixtures.observe.kube import Kube
from fixtures.observe.sources import hpa_detail

HPA = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/consumer"
DEPLOYMENT = "/apis/apps/v1/namespaces/default/deployments/consumer"
OBJECT = {
    "describedObject": {"apiVersion": "v1", "kind": "Service", "name": "prometheus-redis-exporter"},
    "metric": {"name": "redis_items_in_queue", "selector": {"matchLabels": {"key": "padok"}}},
}


def hpa(status=None):
    target = {"type": "AverageValue", "averageValue": "20"}
    return {
        "metadata": {"name": "consumer", "resourceVersion": "7"},
        "spec": {
            "minReplicas": 0,
            "maxReplicas": 20,
            "metrics": [{"type": "Object", "object": {**OBJECT, "target": target}}],
        },
        "status": {"desiredReplicas": 0} if status is None else status,
    }


def test_an_hpa_as_it_is(api):
    """Counts, target, described object, selector, conditions, and the raw average of the status."""
    current = {"averageValue": "-9223372036854775808m", "value": "0"}
    api.replies[HPA] = (
        200,
        hpa(
            {
                "desiredReplicas": 3,
                "currentReplicas": 2,
                "lastScaleTime": "2026-11-22T02:00:00Z",
                "conditions": [{"type": "ScalingActive", "status": "True", "reason": "ok", "message": "m"}],
                "currentMetrics": [{"type": "Object", "object": {**OBJECT, "current": current}}],
            }
        ),
    )
    found = Kube(api).hpa("default", "consumer")
    assert (found.min, found.max, found.desired, found.current) == (0, 20, 3, 2)
    (metric,) = found.metrics
    assert (metric.target_type, metric.average_value, metric.value) == ("AverageValue", "20", None)
    assert (metric.described, metric.selector) == ("Service/prometheus-redis-exporter", {"key": "padok"})
    assert found.current_metrics[0].average_value == "-9223372036854775808m"
    assert hpa_detail(found) == {
        "conditions": {"ScalingActive": {"status": "True", "reason": "ok", "message": "m"}},
        "current_metric": {
            "value": "0",
            "averageValue": "-9223372036854775808m",
            "average": -9223372036854775.808,
        },
        "min": 0,
        "max": 20,
        "spec_target": {"type": "AverageValue", "value": None, "averageValue": "20"},
        "metric_selector": {"key": "padok"},
        "last_scale_time": "2026-11-22T02:00:00Z",
        "resource_version": "7",
    }


def test_an_hpa_nobody_looked_at_has_no_counts(api):
    """The zeros of a status that the controller has not written yet are no counts."""
    api.replies[HPA] = 200, hpa()
    found = Kube(api).hpa("default", "consumer")
    assert (found.desired, found.current) == (None, None)


def test_zero_replicas_of_an_hpa_that_was_looked_at(api):
    """currentReplicas is left out of the JSON when it is 0."""
    condition = {"type": "AbleToScale", "status": "True"}
    api.replies[HPA] = 200, hpa({"desiredReplicas": 0, "conditions": [condition], "currentMetrics": None})
    found = Kube(api).hpa("default", "consumer")
    assert (found.desired, found.current) == (0, 0)


@pytest.mark.parametrize(
    ("written", "stands_for"), [("27", 27), ("16100m", 16.1), ("1k", 1000), (None, None)]
)
def test_average_is_a_number_too(api, written, stands_for):
    """A status' quantity is there as it was written, and as the number it stands for."""
    current = {} if written is None else {"averageValue": written}
    metric = {"type": "Object", "object": {"metric": {"name": "m"}, "current": current}}
    api.replies[HPA] = 200, hpa({"currentMetrics": [metric]})
    (found,) = Kube(api).hpa("default", "consumer").current_metrics
    assert (found.average_value, found.average) == (written, stands_for)


def test_no_hpa_is_none_and_no_answer_is_a_failure(api):
    """404 means that there is none; a 500 tells nothing."""
    assert Kube(api).hpa("default", "consumer") is None
    api.replies[HPA] = 500, {"message": "etcd"}
    with pytest.raises(ReadFailed, match="etcd"):
        Kube(api).hpa("default", "consumer")


def deployment(status, generation=2):
    return {
        "metadata": {"name": "consumer", "generation": generation},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "consumer"}},
            "template": {"metadata": {}, "spec": {"containers": [{"image": "padok.fr/consumer:1"}]}},
        },
        "status": status,
    }


def test_a_deployment_as_it_is(api):
    """Counts the API leaves out are 0 once the controller has seen the Deployment."""
    api.replies[DEPLOYMENT] = (
        200,
        deployment({"observedGeneration": 2, "replicas": 3, "unavailableReplicas": 3}),
    )
    found = Kube(api).deployment("default", "consumer")
    assert (found.spec, found.status, found.ready, found.unavailable, found.observed) == (3, 3, 0, 3, True)
    assert found.images == ("padok.fr/consumer:1",)


def test_a_deployment_nobody_looked_at_has_no_counts(api):
    """Before its controller has seen it, a Deployment has no replicas to speak of, not 0."""
    api.replies[DEPLOYMENT] = 200, deployment({})
    found = Kube(api).deployment("default", "consumer")
    assert (found.status, found.ready, found.observed) == (None, None, False)


def test_pods_that_are_being_deleted_say_so(api):
    """A pod on its way out is told from one that stays; labels select on the server."""
    container = {"image": "i", "command": ["run"], "args": ["--x=1"]}
    running = {
        "metadata": {"name": "a", "uid": "1"},
        "spec": {"containers": [container]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"imageID": "sha256:1", "restartCount": 2}],
        },
    }
    leaving = {**running, "metadata": {"name": "b", "uid": "2", "deletionTimestamp": "now"}, "status": {}}
    api.replies["/api/v1/namespaces/default/pods"] = 200, {"items": [running, leaving]}
    a, b = Kube(api).pods("default", {"app": "x", "a": "b"})
    assert api.asked[0][2] == {"labelSelector": "a=b,app=x"}
    assert (a.ready, a.deleting, a.restarts, a.arguments) == (True, False, 2, ("run", "--x=1"))
    assert (b.ready, b.deleting) == (False, True)
    assert Kube(api).image_ids("default") == {"sha256:1"}


def test_events_are_in_order_of_time(api):
    """Events of one object, oldest first."""
    found = [{"lastTimestamp": "2026-02"}, {"eventTime": "2026-01", "lastTimestamp": None}]
    api.replies["/api/v1/namespaces/default/events"] = 200, {"items": found}
    assert Kube(api).events("default", "consumer") == found[::-1]
    assert api.asked[0][2] == {"fieldSelector": "involvedObject.name=consumer"}


def test_an_apiservice_tells_why_it_is_not_available(api):
    """Whether the aggregated API is reached, the reason, and who serves it."""
    condition = {"type": "Available", "status": "False", "reason": "MissingEndpoints", "message": "none"}
    api.replies["/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.custom.metrics.k8s.io"] = (
        200,
        {
            "metadata": {"name": "v1beta1.custom.metrics.k8s.io"},
            "spec": {"service": {"namespace": "prometheus", "name": "prometheus-adapter"}},
            "status": {"conditions": [condition]},
        },
    )
    found = Kube(api).apiservice("v1beta1.custom.metrics.k8s.io")
    assert (found.available, found.reason) == (False, "MissingEndpoints")
    assert found.service == ("prometheus", "prometheus-adapter")


def manifest():
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "consumer"},
    }


def serving(api):
    names = [("horizontalpodautoscalers/status", True), ("horizontalpodautoscalers", True)]
    resources = [{"name": n, "kind": "HorizontalPodAutoscaler", "namespaced": ns} for n, ns in names]
    api.replies["/apis/autoscaling/v2"] = 200, {"resources": resources}


def test_a_dry_run_applies_on_the_server_and_changes_nothing(api):
    """The manifest goes to the object's own path, as a server-side apply with dryRun=All."""
    serving(api)
    api.replies[HPA] = 201, {}
    assert Kube(api).server_side_dry_run(manifest()).accepted
    method, path, query, body = api.asked[-1]
    assert (method, path, query["dryRun"], body["kind"]) == ("PATCH", HPA, "All", "HorizontalPodAutoscaler")


def test_a_refused_dry_run_says_why(api):
    """What admission says is kept; a kind that is not served is refused, too."""
    serving(api)
    api.replies[HPA] = 422, {"message": "spec.minReplicas: Invalid value: 0"}
    verdict = Kube(api).server_side_dry_run(manifest())
    assert (verdict.accepted, verdict.status) == (False, 422)
    assert "minReplicas" in verdict.message
    old = Kube(api).server_side_dry_run({**manifest(), "apiVersion": "autoscaling/v2beta2"})
    assert not old.accepted
    assert 'no matches for kind "HorizontalPodAutoscaler" in version "autoscaling/v2beta2"' in old.message


def test_a_dry_run_without_a_verdict_is_a_failed_read(api):
    """A 5xx is neither yes nor no."""
    serving(api)
    api.replies[HPA] = 503, {"message": "try later"}
    with pytest.raises(ReadFailed, match="try later"):
        Kube(api).server_side_dry_run(manifest())


ROOT = "/apis/custom.metrics.k8s.io/v1beta1"
VALUE = f"{ROOT}/namespaces/default/services/prometheus-redis-exporter/redis_items_in_queue"


def metrics(*raw):
    described = {"kind": "Service", "name": "prometheus-redis-exporter"}
    item = {
        "describedObject": described,
        "metricName": "redis_items_in_queue",
        "timestamp": "2026-11-22T02:00:00Z",
    }
    return 200, {"items": [{**item, "value": value} for value in raw]}


def ask(api):
    return AdapterReader(api).object_value(
        "default", "services", "prometheus-redis-exporter", "redis_items_in_queue", {"key": "padok"}
    )


def test_an_objects_metric(api):
    """The value is a number, with the raw quantity and whom it describes; the selector is the metric's."""
    api.replies[VALUE] = metrics("1500m")
    found = ask(api)
    assert found.value == 1.5
    assert found.detail == {
        "status": 200,
        "timestamp": "2026-11-22T02:00:00Z",
        "raw": "1500m",
        "described": "Service/prometheus-redis-exporter",
    }
    assert api.asked[0][2] == {"metricLabelSelector": "key=padok"}


def test_an_unknown_metric_is_absent(api):
    """404 is an answer: there is no value, and it is not 0."""
    found = ask(api)
    assert found.absent
    assert found.detail == {"status": 404}


@pytest.mark.parametrize("status", [403, 500, 503])
def test_an_adapter_that_fails_gives_no_value(api, status):
    """Whatever is neither a value nor 404 is a failed read with its status."""
    api.replies[VALUE] = status, {"message": "unable to fetch metrics"}
    with pytest.raises(ReadFailed, match="unable to fetch") as caught:
        ask(api)
    assert caught.value.status == status


def test_a_strange_answer_is_a_failed_read(api):
    """A 200 that is no list of metric values is not a value."""
    for strange in ({"items": [{"value": "1"}]}, {"kind": "Status"}, metrics("many")[1], "text"):
        api.replies[VALUE] = 200, strange
        with pytest.raises(ReadFailed, match="no list of metric values"):
            ask(api)


def test_several_values_are_told(api):
    """More than one value for one object is shown, not hidden."""
    api.replies[VALUE] = metrics("1", "2")
    assert ask(api).detail["values"] == 2


def test_pods_metric_values(api):
    """The metric of all pods, exact."""
    api.replies[f"{ROOT}/namespaces/default/pods/*/m"] = metrics("2k")
    (found,) = AdapterReader(api).pod_values("default", "m", {"app": "x"})
    assert found.value == Decimal(2000)
    assert api.asked[0][2] == {"labelSelector": "app=x"}


def test_resources_on_offer(api):
    """The metrics the API lists; none when it is not registered."""
    assert AdapterReader(api).resources() == []
    api.replies[ROOT] = 200, {"resources": [{"name": "services/b"}, {"name": "namespaces/a"}]}
    assert AdapterReader(api).resources() == ["namespaces/a", "services/b"]
