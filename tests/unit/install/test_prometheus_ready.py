from __future__ import annotations

from contextlib import nullcontext

import pytest

from fixtures.install import prometheus_ready
from fixtures.machine.process import CommandError, Completed

POD = {
    "metadata": {"name": "prometheus-p-0"},
    "spec": {
        "containers": [
            {"name": "prometheus", "ports": [{"name": "http-web", "containerPort": 9090}]},
            {"name": "config-reloader", "ports": [{"name": "reloader-web", "containerPort": 8080}]},
        ]
    },
}
METRICS = "/api/v1/namespaces/monitoring/pods/prometheus-p-0:8080/proxy/metrics"
WATCHES, NOT_YET = "reloader_last_reload_successful 1\n", "reloader_last_reload_successful 0\n"


@pytest.fixture
def said(tools, kubectl, monkeypatch):
    """What is told to the user while Prometheus settles, with short budgets."""
    tools.names[prometheus_ready.KIND] = {"p"}
    tools.objects["pods --namespace=monitoring"] = {"items": [POD]}
    monkeypatch.setattr(prometheus_ready, "LOOK_EVERY", 0.001)
    monkeypatch.setattr(prometheus_ready, "RELOADER_WATCHES", 0.05)

    def settle():
        lines: list[str] = []
        prometheus_ready.settle(kubectl, "monitoring", lines.append)
        return lines

    return settle


def asked(tools):
    return [call[-1] for call in tools.calls if "--raw" in call]


def test_waits_until_the_config_reloader_watches(tools, said):
    """A ready pod is not enough: until its first reload the reloader does not see what is written."""
    tools.raw[METRICS] = [NOT_YET, NOT_YET, WATCHES]
    assert said() == []
    assert asked(tools) == [METRICS] * 3


def test_a_failed_reload_is_not_one(tools, said):
    """A reloader whose last reload failed is told to the user, and the installation goes on."""
    tools.raw[METRICS] = [NOT_YET]
    (line,) = said()
    assert "prometheus-p-0" in line
    assert "three minutes late" in line


def test_a_reloader_that_cannot_be_asked_is_told(tools, said):
    """A failed read is never "it watches"."""
    tools.fail["get --raw"] = "the server is currently unable to handle the request"
    (line,) = said()
    assert "did not say" in line


def test_a_prometheus_without_a_reloader_is_not_asked(tools, said):
    """Prometheus may be made without one, or without its port."""
    tools.objects["pods --namespace=monitoring"] = {"items": [{**POD, "spec": {"containers": []}}]}
    assert said() == []
    assert asked(tools) == []


@pytest.mark.parametrize(
    ("stderr", "raised"), [("error: object has been deleted", False), ("timed out", True)]
)
def test_a_stateful_set_that_is_written_anew_is_waited_for(tools, said, kubectl, monkeypatch, stderr, raised):
    """Its volumes cannot be changed: the operator deletes it. Any other failure is one."""
    tools.raw[METRICS] = [WATCHES]
    seen: list[str] = []

    def rollout_status(_self, what, **_given):
        seen.append(what)
        if len(seen) == 1:
            raise CommandError(Completed(("kubectl", "rollout"), 1, "", stderr))

    monkeypatch.setattr(type(kubectl), "rollout_status", rollout_status)
    with pytest.raises(CommandError) if raised else nullcontext():
        said()
    assert seen == ["statefulset/prometheus-p"] * (1 if raised else 2)
