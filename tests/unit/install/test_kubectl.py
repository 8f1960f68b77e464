from __future__ import annotations

import pytest

from fixtures.machine.process import CommandError

BOUND = ["kubectl", "--kubeconfig", "kube.config", "--context", "kind-x"]


@pytest.mark.parametrize(
    ("verb", "argv"),
    [
        (lambda k: k.apply_server_side('{"metadata": {"name": "n"}}'),
         ["apply", "--server-side", "--force-conflicts", "--field-manager=autoscaling-conformance",
          "--output", "name", "--filename", "-"]),
        (lambda k: k.wait(["crd/a"], "condition=Established", timeout=5),
         ["wait", "crd/a", "--for=condition=Established", "--timeout=5s"]),
        (lambda k: k.rollout_status("deployment/a", namespace="n", timeout=5),
         ["rollout", "status", "deployment/a", "--timeout=5s", "--namespace=n"]),
        (lambda k: k.scale("deployment/a", 0, namespace="n"),
         ["scale", "deployment/a", "--replicas=0", "--namespace=n"]),
        (lambda k: k.api_versions(), ["api-versions"]),
        (lambda k: k.delete("pvc", namespace="n", selector="a=b", timeout=7),
         ["delete", "pvc", "--ignore-not-found", "--timeout=7s", "--namespace=n", "--selector=a=b"]),
    ],
)  # fmt: skip
def test_argv(tools, kubectl, verb, argv):
    """Every call names kubeconfig and context: never the user's current one."""
    verb(kubectl)
    assert tools.calls[-1] == [*BOUND, *argv]


def test_absent_object_is_none(kubectl):
    """An object the server does not have is None, which is not the same as a failed read."""
    assert kubectl.get_json("deployment/none", namespace="n") is None


def test_failed_read_is_an_error(tools, kubectl):
    """A read that failed never looks like an empty list; only a kind the server lacks has no names."""
    tools.fail["get crd"] = "Unable to connect to the server"
    with pytest.raises(CommandError, match="Unable to connect"):
        kubectl.names("crd")
    tools.fail["get crd"] = "error: the server doesn't have a resource type"
    assert kubectl.names("crd") == []


def test_state_is_evidence_even_when_it_cannot_be_read(tools, kubectl):
    """Evidence for a failure never raises one of its own."""
    tools.fail["get pods"] = "connection refused"
    assert "connection refused" in kubectl.describe_state("default")
