"""The probe of what Prometheus selects."""

from __future__ import annotations

import pytest

from fixtures.drive.errors import DriveFailed
from fixtures.drive.probe import fresh_namespace_probe
from tests.unit.drive.kubectl_edge import ClusterEdge

PRODUCER = {"spec": {"clusterIP": "10.96.0.7", "ports": [{"name": "http", "port": 80}]}}


@pytest.fixture
def edge() -> ClusterEdge:
    return ClusterEdge(objects={"service/producer": PRODUCER})


def test_no_object_has_a_label(edge):
    """A ServiceMonitor and a PrometheusRule without labels are made in a namespace that is new."""
    with fresh_namespace_probe(edge.kubectl()) as probe:
        items = {item["kind"]: item for item in edge.applied[0]["items"]}
    assert next(iter(items)) == "Namespace"
    assert not any("labels" in item["metadata"] for item in items.values())
    assert {item["metadata"].get("namespace", probe.namespace) for item in items.values()} == {
        probe.namespace
    }
    assert items["PrometheusRule"]["spec"]["groups"][0]["rules"][0]["record"] == probe.rule


def test_the_target_is_an_existing_service(edge):
    """What the ServiceMonitor leads to is the producer's address and port, under the port's name."""
    with fresh_namespace_probe(edge.kubectl()):
        items = {item["kind"]: item for item in edge.applied[0]["items"]}
    assert items["Endpoints"]["metadata"]["name"] == items["Service"]["metadata"]["name"]
    (subset,) = items["Endpoints"]["subsets"]
    assert subset["addresses"] == [{"ip": "10.96.0.7"}]
    assert subset["ports"][0]["port"] == 80
    assert items["ServiceMonitor"]["spec"]["endpoints"] == [{"port": subset["ports"][0]["name"]}]


@pytest.mark.parametrize("broken", ["", "^apply"])
def test_everything_is_removed(edge, broken):
    """The namespace is deleted after the block, after an error in it, and when making it failed half way."""
    edge.broken = broken
    with pytest.raises(Exception, match=r"judged|the server is gone"), fresh_namespace_probe(edge.kubectl()):
        raise RuntimeError("judged")
    assert edge.calls[-1].startswith("delete namespace/kit-probe-")


def test_two_probes_do_not_share_a_name(edge):
    """Namespace and rule are new each time, so an earlier run's series prove nothing."""
    with fresh_namespace_probe(edge.kubectl()) as one, fresh_namespace_probe(edge.kubectl()) as other:
        assert one.namespace != other.namespace
        assert one.rule != other.rule


def test_what_a_killed_run_left_is_removed_first(edge):
    """A probe namespace of an earlier run is deleted, and no other namespace."""
    edge.namespaces = ("default", "kit-probe-0123", "kit-probes")
    with fresh_namespace_probe(edge.kubectl()):
        assert edge.called("^delete namespace kit-probe-0123 --ignore-not-found")


def test_without_the_service_nothing_is_made(edge):
    """When there is no service to scrape, that is the error and the cluster stays as it is."""
    edge.objects.clear()
    with pytest.raises(DriveFailed, match="service/producer in default: there is no such Service"):
        fresh_namespace_probe(edge.kubectl()).__enter__()
    assert not edge.applied
