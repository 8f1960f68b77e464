"""The aggregation layer: is the custom metrics API there, and does it answer?"""

from __future__ import annotations

from typing import Any

from . import names


def registered(name: str, kube: Any, eventually: Any, budgets: Any) -> Any:
    """The APIService of this name, once it is Available."""

    def available(service: Any) -> bool:
        assert service is not None, f"there is no APIService {name}"
        assert service.available, f"not Available: {service.reason}: {service.message}"
        return True

    return eventually(lambda: kube.apiservice(name), available, budget=budgets.api_recovers, what=name)


def lists_metrics(kube: Any, custom_metrics: Any, eventually: Any, budgets: Any, evidence: Any) -> None:
    """The APIService is Available, and the API behind it lists metrics."""
    service = registered(names.API_SERVICE, kube, eventually, budgets)
    resources = eventually(
        custom_metrics.resources, bool, budget=budgets.adapter_lists, what="metrics in the API"
    )
    evidence("API", names.API_SERVICE, f"{service}; {len(resources)} resources, the first {resources[:5]}")
