"""What the scenario calls things, and what it asks for in numbers."""

from __future__ import annotations

from typing import Final

SCENARIO: Final = "event_loop"
BYSTANDER: Final = "bystander"
"""The second Deployment that exports the same metric, and its HPA: it gets no load."""
SERIES: Final = "elu_utilization"
NAMESPACE_LABEL: Final = "kubernetes_namespace"
POD_LABEL: Final = "kubernetes_pod_name"
USUAL_LABELS: Final = ("namespace", "pod")
"""What prometheus-operator would call them."""
API_SERVICE: Final = "v1beta1.custom.metrics.k8s.io"

# What is asked for
TARGET: Final = 0.5
MINIMUM: Final = 2
MAXIMUM: Final = 6
SCRAPE_SECONDS: Final = 5
ADAPTER_REPLICAS: Final = 2

# Signals of a record (fixtures/observe/signals.py, event_loop_sources.py)
METRIC: Final = "pod_metric"
READY_PODS: Final = "ready_pods"
HPA: Final = "hpa_desired_replicas"
SPEC: Final = "spec_replicas"
READY: Final = "ready_replicas"
BYSTANDER_SPEC: Final = "bystander_spec_replicas"
BYSTANDER_HPA: Final = "bystander_desired_replicas"
ADAPTER_READY: Final = "adapter_ready_replicas"

# Load: each request holds an event loop for so long, and no processor.
BURN_MS: Final = 50
BURN: Final = f"/burn?ms={BURN_MS}"


def burns(replicas: float) -> float:
    """Requests a second that ask for so many replicas: at the target each has half a second of work a
    second.
    """
    return replicas * TARGET * 1000 / BURN_MS
