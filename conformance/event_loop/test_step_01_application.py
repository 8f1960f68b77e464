"""Step 1: the two services, before anything reads them."""

from __future__ import annotations

import re
from typing import Any

from conformance.behaviour import behaviour

from . import names, reading

LINE = re.compile(rf"^{names.SERIES}(?:\{{[^}}]*\}})? (\S+)$", re.MULTILINE)
PAGE = "/api/v1/namespaces/{namespace}/pods/{pod}:8080/proxy/metrics"


@behaviour(
    "event_loop.01.exports-utilization",
    feature="application",
    level="extended",
    budget="component_ready",
    hint="What does a pod's /metrics say of its event loop?",
    look="`kubectl get --raw /api/v1/namespaces/event-loop/pods/POD:8080/proxy/metrics`.",
    read=reading.EVENT_LOOP,
)
def test_exports_utilization(
    *, installation: Any, kube: Any, chain: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """Each pod of both services exports the utilization of its event loop, a share of 0 to 1."""
    installation.need("event-loop")

    def look() -> dict[str, tuple[str, str]]:
        pods = [p for p in kube.pods(chain.namespace) if p.ready and not p.deleting]
        page = {p.name: kube.get(PAGE.format(namespace=chain.namespace, pod=p.name))[1] for p in pods}
        return {p.name: (p.labels.get("app.kubernetes.io/name", ""), str(page[p.name])) for p in pods}

    def exported(pages: dict[str, tuple[str, str]]) -> bool:
        assert {service for service, _ in pages.values()} >= {chain.deployment.name, names.BYSTANDER}
        for pod, (_, text) in pages.items():
            found = [float(value) for value in LINE.findall(text)]
            assert len(found) == 1, f"{pod} exports {len(found)} series of {names.SERIES}"
            assert 0 <= found[0] <= 1, f"{pod} says {found[0]}"
        return True

    pages = eventually(look, exported, budget=budgets.component_ready, what="both services export")
    evidence(
        "exported",
        "/metrics of each pod",
        "\n".join(f"{p}: {LINE.findall(t)}" for p, (_, t) in pages.items()),
    )
