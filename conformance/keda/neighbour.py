"""prometheus-adapter beside KEDA: looked at in a thread of its own, whenever its API is to be had.

A cluster has one custom metrics API. Where other scenarios are judged at the same time it may be theirs for
some minutes: the cycles go on meanwhile, and the adapter goes again as soon as it was looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import names

PIECE = "adapter"


def available(service: Any, name: str, namespace: str, behind: str) -> bool:
    """Whether an APIService is Available, served by that Service."""
    assert service is not None, f"there is no APIService {name}"
    assert service.service == (namespace, behind), f"{name} is served by {service.service}"
    assert service.available, f"{name} is not Available: {service.reason}: {service.message}"
    return True


class Neighbour:
    """Brings the adapter, waits until each of the two APIs is served by its own, and lets the adapter go."""

    def __init__(self, *, installation: Any, kube: Any, chain: Any, eventually: Any, budgets: Any) -> None:
        self._installation, self._kube, self._chain = installation, kube, chain
        self._eventually, self._budgets = eventually, budgets
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="neighbour")
        self._seen = self._pool.submit(self._look)
        self._pool.shutdown(wait=False)

    def seen(self) -> Mapping[str, Any]:
        """The APIServices as they stood beside each other; waits for it. Raises what was wrong with them."""
        return self._seen.result()

    def _look(self) -> Mapping[str, Any]:
        self._installation.need(PIECE)
        try:
            wanted = {
                names.EXTERNAL_API: (names.NAMESPACE, names.METRICS_SERVER),
                names.CUSTOM_API: (self._chain.adapter.namespace, self._chain.adapter.name),
            }
            return {name: self._available(name, *behind) for name, behind in wanted.items()}
        finally:
            self._installation.spare(PIECE)

    def _available(self, name: str, namespace: str, behind: str) -> Any:
        return self._eventually(
            lambda: self._kube.apiservice(name),
            lambda service: available(service, name, namespace, behind),
            budget=self._budgets.api_recovers,
            what=name,
        )
