"""The API server's own counts, read off its metrics."""

from __future__ import annotations

from types import SimpleNamespace

from conformance.dojo import api_calls

PAGE = """# HELP apiserver_request_total Counter of apiserver requests
apiserver_request_total{code="200",group="apps",resource="deployments",subresource="scale",verb="GET",version="v1"} 7
apiserver_request_total{code="200",group="apps",resource="deployments",subresource="scale",verb="PUT",version="v1"} 3
apiserver_request_total{code="409",group="apps",resource="deployments",subresource="scale",verb="PUT",version="v1"} 1
apiserver_request_total{code="200",group="autoscaling",resource="horizontalpodautoscalers",subresource="status",verb="PUT",version="v2"} 9
apiserver_request_total{code="200",group="autoscaling",resource="horizontalpodautoscalers",subresource="",verb="GET",version="v2"} 90
apiserver_request_total{code="200",group="keda.sh",resource="scaledobjects",subresource="status",verb="PATCH",version="v1alpha1"} 12
apiserver_request_total{code="201",group="events.k8s.io",resource="events",subresource="",verb="POST",version="v1"} 1e+01
apiserver_request_total{code="200",group="",resource="nodes",subresource="status",verb="PATCH",version="v1"} 5
apiserver_request_duration_seconds_count{group="apps"} 4
"""  # noqa: E501


def test_writes_and_scales_are_counted():
    """Writes of HPA, ScaledObject, scale and events, and reads of a scale; the kit's own reads are not."""
    assert api_calls.totals(PAGE) == {
        "scale_reads": 7,
        "scale_writes": 4,
        "hpa_writes": 9,
        "scaled_object_writes": 12,
        "event_writes": 10,
    }


def test_a_record_is_told_what_came_to_them():
    """The mark has the differences; where the metrics are not to be read there is no mark, and no 0."""
    marks = []
    live = SimpleNamespace(mark=lambda name, kind, **detail: marks.append((name, kind, detail)))
    api_calls.mark(live, {"hpa_writes": 4.0}, {"hpa_writes": 9.0, "scale_writes": 2.0, "event_writes": 0.0})
    api_calls.mark(live, {}, {"hpa_writes": 9.0})
    assert marks == [("API requests", "phase", {"hpa_writes": 5, "scale_writes": 2})]


def asking(answer, alone=True):
    """A cycle's stage whose API server gives this for its metrics."""
    return SimpleNamespace(kube=SimpleNamespace(get=lambda _: answer), alone=alone)


def test_what_others_ask_for_at_the_same_time_is_not_counted():
    """With another scenario on the cluster nobody can tell whose the requests are: nothing is said."""
    assert api_calls.counted(asking((200, PAGE)))
    assert api_calls.counted(asking((200, PAGE), alone=False)) == {}


def test_metrics_that_may_not_be_read_give_nothing():
    """An API server that keeps its metrics to itself is no failure of what is judged."""
    assert api_calls.counted(asking((403, {"message": "forbidden"}))) == {}
