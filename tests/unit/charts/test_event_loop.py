"""The scenario event_loop's chart, and what its reference makes of the adapter's."""

from __future__ import annotations

import pytest
import yaml

from .conftest import REPO

REFERENCE = REPO / "solutions/event_loop/reference"


@pytest.fixture
def services(render):
    return render("event-loop", release="event-loop")


def test_two_services_and_one_way_in(services):
    """Both run the same image, by labels that tell their pods apart; only the first is behind the ingress."""
    deployments = [services.one("Deployment", name) for name in ("event-loop", "bystander")]
    images = {d["spec"]["template"]["spec"]["containers"][0]["image"] for d in deployments}
    assert images == {"kit.local/event-loop:1.0.0"}
    first, second = (d["spec"]["selector"]["matchLabels"] for d in deployments)
    assert first != second
    path = services.one("Ingress")["spec"]["rules"][0]["http"]["paths"][0]
    assert path["backend"]["service"]["name"] == "event-loop"


def test_replicas_are_left_to_the_hpas(services):
    """No Deployment says how many: an upgrade would set the count back."""
    for name in ("event-loop", "bystander"):
        assert "replicas" not in services.one("Deployment", name)["spec"]


def test_one_monitor_selects_the_pods_of_both(services):
    """The reference's PodMonitor is for a label that the pods of both have, and for their port's name."""
    monitor = yaml.safe_load((REFERENCE / "manifests/podmonitor.yaml").read_text(encoding="utf-8"))["spec"]
    for name in ("event-loop", "bystander"):
        template = services.one("Deployment", name)["spec"]["template"]
        assert monitor["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        ports = {port["name"] for port in template["spec"]["containers"][0]["ports"]}
        assert {end["port"] for end in monitor["podMetricsEndpoints"]} <= ports


def test_the_adapter_in_production(render):
    """Two replicas, of which a budget for just these pods lets one go at a time; only the one rule."""
    adapter = render(
        "prometheus-adapter", REFERENCE / "values/prometheus-adapter.yaml", release="prometheus-adapter"
    )
    deployment, budget = adapter.one("Deployment")["spec"], adapter.one("PodDisruptionBudget")["spec"]
    assert deployment["replicas"] == 2
    assert budget == {"maxUnavailable": 1, "selector": deployment["selector"]}
    assert deployment["template"]["spec"]["affinity"]["podAntiAffinity"]
    rules = yaml.safe_load(adapter.one("ConfigMap")["data"]["config.yaml"])["rules"]
    assert [rule["name"] for rule in rules] == [{"matches": "^elu_utilization$", "as": ""}]
