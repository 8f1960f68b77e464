"""Step 1: a web server with an exporter beside it, in every pod."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.behaviour import behaviour
from conformance.dojo import web
from conformance.pod_metric.scrape import there

from . import reading
from .judging import sidecar_of, without_sidecar

SERVES = "sidecar.01.serves"
SIDECAR = "sidecar.01.sidecar-in-every-pod"


@behaviour(
    SERVES,
    feature="web",
    budget="component_ready",
    hint="Which Service does the Ingress lead to, and which pods does that Service select?",
    look="`kubectl -n web describe ingress web`, then `kubectl -n web get endpoints web`: an empty list "
    "means that the Service's selector and the pods' labels differ, or that no pod is Ready.",
    read=reading.SERVICES,
)
@pytest.mark.usefixtures("http_load")  # there is an ingress controller
def test_serves(
    *,
    solution: Any,
    installation: Any,
    cluster: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """The page is answered through the ingress, under the host web.vcap.me."""
    there(solution, installation, "web")

    def answered(answer: Any) -> bool:
        assert answer.status == web.OK, f"GET / of {chain.host} is answered {answer.status}: {answer.text}"
        return True

    answer = eventually(
        lambda: web.get(cluster, chain.host, "/"),
        answered,
        budget=budgets.component_ready,
        what=f"the page of {chain.host}",
    )
    evidence("answer", f"GET / of {chain.host}", answer.text)


@behaviour(
    SIDECAR,
    feature="sidecar",
    budget="component_ready",
    hint="Which containers does each pod of the Deployment have, and what is the exporter's one waiting for?",
    look="`kubectl -n web get pods -o wide` (READY 2/2?), `kubectl -n web describe pod` for the container's "
    "last state, and its log with `kubectl -n web logs deploy/web -c …`.",
    read=reading.SIDECARS,
)
def test_sidecar_in_every_pod(
    *,
    solution: Any,
    installation: Any,
    kube: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """In every pod of the Deployment an nginx-prometheus-exporter runs beside nginx."""
    there(solution, installation, "web")

    def read() -> Any:
        deployment = kube.deployment(*chain.deployment)
        assert deployment is not None, f"there is no Deployment {chain.deployment}"
        return [pod for pod in kube.pods(chain.namespace, deployment.selector) if not pod.deleting]

    def complete(pods: Any) -> bool:
        assert pods, f"Deployment {chain.deployment} has no pod"
        wrong = without_sidecar(pods)
        assert not wrong, "; ".join(wrong)
        return True

    pods = eventually(read, complete, budget=budgets.component_ready, what="a sidecar in every pod")
    evidence("sidecars", "container of each pod", str({pod.name: sidecar_of(pod) for pod in pods}))
