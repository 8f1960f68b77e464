"""The intervals in force, from what the cluster shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from fixtures.observe.errors import ReadFailed
from fixtures.observe.intervals import Found, adapter_intervals, controller_flags, flags, in_force
from fixtures.observe.kube import Kube

PODS = "/api/v1/namespaces/kube-system/pods"
REGISTERED = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.custom.metrics.k8s.io"


def test_flags_of_a_command_line():
    """Flags with = and with a following word, switches, and words that are no flags."""
    words = ["run", "--a=5s", "--b", "7", "--c", "--d=x=y", "--e"]
    assert flags(words) == {"a": "5s", "b": "7", "c": "true", "d": "x=y", "e": "true"}


def controller(*words):
    return 200, {
        "items": [
            {
                "metadata": {"name": "kcm", "uid": "1"},
                "spec": {"containers": [{"image": "i", "command": ["kube-controller-manager", *words]}]},
            }
        ]
    }


def adapter(api, *words):
    container = {"image": "i", "args": ["--prometheus-url=http://x:9090", *words]}
    labels = {"app": "adapter"}
    api.replies |= {
        REGISTERED: (
            200,
            {"metadata": {"name": "v1"}, "spec": {"service": {"namespace": "prometheus", "name": "pa"}}},
        ),
        "/api/v1/namespaces/prometheus/services/pa": (200, {"spec": {"selector": labels}}),
        "/apis/apps/v1/namespaces/prometheus/deployments": (
            200,
            {
                "items": [
                    {
                        "metadata": {"name": "prometheus-adapter"},
                        "spec": {
                            "selector": {"matchLabels": labels},
                            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
                        },
                    }
                ]
            },
        ),
    }


@dataclass
class Prometheus:
    text: str = "global: {scrape_interval: 30s, evaluation_interval: 1m, scrape_timeout: 10s}"
    all_targets: list[Any] = field(default_factory=list)
    all_rules: list[Any] = field(default_factory=list)

    def config(self):
        return self.text

    def targets(self):
        return self.all_targets

    def rules(self):
        return self.all_rules


@dataclass
class Target:
    labels: dict[str, str]
    interval: float = 5.0
    timeout: float = 4.0
    pool: str = "exporter/0"


@dataclass
class Rule:
    name: str
    interval: float = 2.0
    group: str = "redis"


def test_everything_is_found_with_its_origin(api):
    """Flags, the exporter's own target, the rule's own group and the adapter's arguments."""
    api.replies[PODS] = controller(
        "--horizontal-pod-autoscaler-sync-period=5s",
        "--horizontal-pod-autoscaler-downscale-stabilization=20s",
    )
    adapter(api, "--metrics-relist-interval=1m", "--metrics-max-age=2m")
    targets = [Target({"service": "other"}, 60), Target({"service": "prometheus-redis-exporter"})]
    found, problems = in_force(
        Kube(api), Prometheus(all_targets=targets, all_rules=[Rule("redis_items_in_queue")])
    )
    assert problems == []
    assert {name: interval.seconds for name, interval in found.items()} == {
        "hpa_sync": 5,
        "downscale_window": 20,
        "scrape": 5,
        "scrape_timeout": 4,
        "evaluation": 2,
        "relist": 60,
        "max_age": 120,
    }
    assert found["hpa_sync"].origin == "kube-controller-manager --horizontal-pod-autoscaler-sync-period"
    assert found["scrape"].origin == "Prometheus target exporter/0"


def test_without_target_and_rule_the_global_section_counts(api):
    """Before there is a target or a rule, Prometheus' configuration tells what they would get."""
    found, _ = in_force(Kube(api), Prometheus())
    assert (found["scrape"].seconds, found["evaluation"].seconds) == (30, 60)


def test_a_controller_manager_out_of_sight(api):
    """On a managed cluster there are no flags to read, and none are made up."""
    api.replies[PODS] = 200, {"items": []}
    assert controller_flags(Kube(api)) is None
    found, problems = in_force(Kube(api), Prometheus())
    assert "hpa_sync" not in found
    assert problems == []


def test_the_adapters_defaults(api):
    """Without flags the binary relists every ten minutes, and its maximum age is the same."""
    adapter(api)
    found = adapter_intervals(Kube(api))
    assert (found["relist"].seconds, found["max_age"].seconds) == (600, 600)
    assert "default" in found["relist"].origin


def test_another_program_behind_the_api_is_no_adapter(api):
    """When something else serves the metrics (KEDA, none) there is no relist interval."""
    assert adapter_intervals(Kube(api)) == {}
    adapter(api)
    api.replies["/api/v1/namespaces/prometheus/services/pa"] = 200, {"spec": {"selector": {"app": "other"}}}
    assert adapter_intervals(Kube(api)) == {}


@pytest.mark.parametrize(
    "reply", [(500, {"message": "etcd"}), controller("--horizontal-pod-autoscaler-sync-period=?")]
)
def test_what_can_not_be_read_is_a_problem_and_hides_nothing_else(api, reply):
    """One part that fails is told, and the others are found all the same."""
    api.replies[PODS] = reply
    found, problems = in_force(Kube(api), Prometheus())
    assert len(problems) == 1
    assert found["scrape"] == Found(30, "Prometheus configuration, global scrape_interval")


def test_a_prometheus_that_is_not_there_is_a_problem(api):
    """No Prometheus, no scrape interval: and it is said."""

    class Gone(Prometheus):
        def config(self):
            raise ReadFailed("Prometheus /api/v1/status/config", "no endpoints", 503)

    found, problems = in_force(Kube(api), Gone())
    assert "scrape" not in found
    assert problems == ["Prometheus /api/v1/status/config: HTTP 503: no endpoints"]


def test_pods_without_a_service_are_scraped_as_often_as_their_target_says(api):
    """A PodMonitor's target has no service label: it is known by its pods' namespace, under any label."""
    for label in ("namespace", "kubernetes_namespace"):
        targets = [Target({"service": "other", "namespace": "b"}, 60), Target({label: "shop"}, 7)]
        found, _ = in_force(Kube(api), Prometheus(all_targets=targets), "shop", "shop")
        assert found["scrape"] == Found(7, "Prometheus target exporter/0")


def test_a_scenario_without_prometheus_has_none_to_read(api):
    """Nothing of it is found, and that is no problem."""
    found, problems = in_force(Kube(api), None)
    assert problems == []
    assert "scrape" not in found
