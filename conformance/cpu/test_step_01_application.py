"""Step 1: a service whose requests cost processor time, and that says how much of it it needs."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.behaviour import behaviour
from conformance.dojo import web
from conformance.pod_metric.scrape import there

from . import names, reading
from .judging import without_request

SERVES = "cpu.01.serves"
REQUESTS = "cpu.01.requests-cpu"


@behaviour(
    SERVES,
    feature="application",
    budget="component_ready",
    hint="Which host does the Ingress route, and is a pod behind its Service Ready?",
    look="`kubectl -n cpu get ingress,endpoints,pods`: host, addresses, READY.",
    read=reading.INGRESS,
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
    """A request through the ingress, under the host cpu-app.vcap.me, is worked on and answered."""
    there(solution, installation, "cpu-app")
    page = f"/?ms={names.COST_MS:g}"

    def answered(answer: Any) -> bool:
        assert answer.status == web.OK, (
            f"GET {page} of {chain.host} is answered {answer.status}: {answer.text}"
        )
        return True

    answer = eventually(
        lambda: web.get(cluster, chain.host, page),
        answered,
        budget=budgets.component_ready,
        what=f"an answer of {chain.host}",
    )
    evidence("answer", f"GET {page} of {chain.host}", answer.text)


@behaviour(
    REQUESTS,
    feature="application",
    hint="What is a utilization of 50 % a half of?",
    look="resources.requests of every container in `kubectl -n cpu get pods -o yaml`, sidecars too: one "
    "container without a request is enough, and no utilization can be told.",
    read=reading.RESOURCES,
)
def test_requests_cpu(*, solution: Any, installation: Any, kube: Any, chain: Any, evidence: Any) -> None:
    """Every container of the application requests cpu, of which a utilization is a share."""
    there(solution, installation, "cpu-app")
    deployment = kube.deployment(*chain.deployment)
    assert deployment is not None, f"there is no Deployment {chain.deployment}"
    pods = [pod for pod in kube.pods(chain.namespace, deployment.selector) if not pod.deleting]
    assert pods, f"Deployment {chain.deployment} has no pod"
    wrong = without_request(pods)
    evidence("requests", "containers that request no cpu", "; ".join(wrong) or "none")
    assert not wrong, f"no cpu is requested by {'; '.join(wrong)}"
