"""Step 1: KEDA's three programs."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour

from . import names, reading

OPERATOR = "keda.01.operator-ready"
METRICS_SERVER = "keda.01.metrics-server-ready"
WEBHOOKS = "keda.01.webhooks-ready"


def at_work(deployment: Any, name: str) -> bool:
    """Whether a Deployment wants replicas and has them Ready."""
    assert deployment is not None, f"there is no Deployment {name} in namespace {names.NAMESPACE}"
    assert deployment.spec > 0, f"{name} is to have no replica"
    assert deployment.ready == deployment.spec, f"{deployment.ready} of {deployment.spec} of {name} are Ready"
    return True


def ready(name: str, *, installation: Any, kube: Any, eventually: Any, budgets: Any, evidence: Any) -> None:
    """Wait until one of the programs is Ready, once KEDA is installed."""
    installation.need("keda")
    found = eventually(
        lambda: kube.deployment(names.NAMESPACE, name),
        lambda deployment: at_work(deployment, name),
        budget=budgets.component_ready,
        what=f"{name} is Ready",
    )
    restarts = {pod.name: pod.restarts for pod in kube.pods(names.NAMESPACE, f"app={name}")}
    evidence(name, f"deployment/{name}", f"{found.ready} of {found.spec} Ready, {found.images}; {restarts}")


@behaviour(
    OPERATOR,
    feature="keda",
    budget="component_ready",
    hint="What does the log of keda-operator say last, and is its pod there at all?",
    look="`kubectl -n keda get pods` and `kubectl -n keda logs deployment/keda-operator`. It ends once "
    "by itself, after it has written its certificate; what does it say when it ends again?",
    read=reading.DEPLOYING,
)
def test_operator_ready(installation: Any, kube: Any, eventually: Any, budgets: Any, evidence: Any) -> None:
    """KEDA's operator is Ready."""
    ready(
        names.OPERATOR,
        installation=installation,
        kube=kube,
        eventually=eventually,
        budgets=budgets,
        evidence=evidence,
    )


@behaviour(
    METRICS_SERVER,
    feature="keda",
    budget="component_ready",
    hint="What does the metrics server wait for before it starts, and who makes that?",
    look="The events of its pod (`kubectl -n keda describe pod -l app=keda-operator-metrics-apiserver`): "
    "is the Secret kedaorg-certs there, with its three keys? Then its log: does it reach the operator's "
    "port 9666?",
    read=reading.METRICS_SERVER,
)
def test_metrics_server_ready(
    installation: Any, kube: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """KEDA's metrics API server is Ready."""
    ready(
        names.METRICS_SERVER,
        installation=installation,
        kube=kube,
        eventually=eventually,
        budgets=budgets,
        evidence=evidence,
    )


@behaviour(
    WEBHOOKS,
    feature="keda",
    budget="component_ready",
    hint="Is the pod of the admission webhooks there, and has it its certificate?",
    look="`kubectl -n keda get pods`, the pod's events and log.",
    read=reading.ADMISSION,
)
def test_webhooks_ready(installation: Any, kube: Any, eventually: Any, budgets: Any, evidence: Any) -> None:
    """KEDA's admission webhooks are Ready."""
    ready(
        names.WEBHOOKS,
        installation=installation,
        kube=kube,
        eventually=eventually,
        budgets=budgets,
        evidence=evidence,
    )
