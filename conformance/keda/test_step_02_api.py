"""Step 2: the external metrics API, and its neighbour."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour

from . import names, reading
from .neighbour import available
from .test_step_01_components import METRICS_SERVER, OPERATOR

AVAILABLE = "keda.02.external-api-available"


@behaviour(
    AVAILABLE,
    feature="external-metrics-api",
    budget="api_recovers",
    needs=(METRICS_SERVER, OPERATOR),
    hint="What do `kubectl describe apiservice v1beta1.external.metrics.k8s.io` and the metrics server's "
    "log say?",
    look="The condition Available with reason and message, the Service it names and that one's "
    "endpoints; then spec.caBundle: the operator writes it after it has made its certificate.",
    read=reading.METRICS_SERVER,
)
def test_external_api_available(
    installation: Any, kube: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """v1beta1.external.metrics.k8s.io is Available, its certificate is checked, and KEDA serves it."""
    installation.need("keda")
    found = eventually(
        lambda: kube.apiservice(names.EXTERNAL_API),
        lambda service: available(service, names.EXTERNAL_API, names.NAMESPACE, names.METRICS_SERVER),
        budget=budgets.api_recovers,
        what=names.EXTERNAL_API,
    )
    spec = found.raw["spec"]
    evidence("API", names.EXTERNAL_API, f"{found}; caBundle {'set' if spec.get('caBundle') else 'not set'}")
    assert not spec.get("insecureSkipTLSVerify"), "the certificate behind it is not checked"


@behaviour(
    "keda.02.no-conflict",
    feature="external-metrics-api",
    budget="api_recovers",
    needs=(AVAILABLE,),
    hint="Which Services are behind the two metrics APIs, and which of them does prometheus-adapter "
    "register?",
    look="`kubectl get apiservices | grep metrics`, and `rules` in the adapter's values: with which of "
    "them does its chart register external.metrics.k8s.io as well? There is one of it in a cluster.",
    read=reading.METRICS_SERVER,
)
def test_no_conflict(*, solution: Any, neighbour: Any, evidence: Any, unsupported: Any) -> None:
    """prometheus-adapter in the same cluster keeps to its own API: custom metrics are its, external ones
    KEDA's.
    """
    if not solution.has("adapter"):
        unsupported("there is no prometheus-adapter beside KEDA in this solution")
    for name, found in neighbour().seen().items():
        evidence("API", name, str(found))
