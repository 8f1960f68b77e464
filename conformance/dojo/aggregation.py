"""The aggregation layer: is the custom metrics API there, and does it answer?"""

from __future__ import annotations

from typing import Any

from . import names


def lists_metrics(kube: Any, custom_metrics: Any, eventually: Any, budgets: Any, evidence: Any) -> None:
    """The APIService is Available, and the API behind it lists metrics."""

    def available(service: Any) -> bool:
        assert service is not None, f"there is no APIService {names.API_SERVICE}"
        assert service.available, f"not Available: {service.reason}: {service.message}"
        return True

    service = eventually(
        lambda: kube.apiservice(names.API_SERVICE),
        available,
        budget=budgets.api_recovers,
        what=names.API_SERVICE,
    )
    resources = eventually(
        custom_metrics.resources, bool, budget=budgets.adapter_lists, what="metrics in the API"
    )
    evidence("API", names.API_SERVICE, f"{service}; {len(resources)} resources, the first {resources[:5]}")
