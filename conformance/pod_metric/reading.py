"""Documents that explain what pod-metric scenarios are about: the third depth of a hint. Official pages
only.
"""

from __future__ import annotations

from typing import Final

from conformance.behaviour import Document
from conformance.dojo import reading as dojo

KUBERNETES: Final = dojo.KUBERNETES
ADAPTER: Final = dojo.ADAPTER

# What the dojo's behaviours lead to as well
OPERATOR_TROUBLE = dojo.OPERATOR_TROUBLE
SELECTORS = dojo.SELECTORS
SERVICE_MONITOR = dojo.SERVICE_MONITOR
TARGETS = dojo.TARGETS
RATE = dojo.RATE
AGGREGATION = dojo.AGGREGATION
DISCOVERY = dojo.DISCOVERY
ASSOCIATION = dojo.ASSOCIATION
QUERYING = dojo.QUERYING
HPA_CONDITIONS = dojo.HPA_CONDITIONS
HPA_FIELDS = dojo.HPA_FIELDS
HPA_ALGORITHM = dojo.HPA_ALGORITHM
HPA_WINDOW = dojo.HPA_WINDOW
HPA_FLAPPING = dojo.HPA_FLAPPING
HPA_OWNS_REPLICAS = dojo.HPA_OWNS_REPLICAS
OWNERS = dojo.OWNERS

PROMETHEUS_RIGHTS = Document(
    "Prometheus Operator, RBAC, Prometheus", f"{dojo.OPERATOR}/platform/rbac/#prometheus-rbac"
)
CONFIGURATION = Document(
    "Prometheus, configuration, scrape_config",
    f"{dojo.PROMETHEUS}/prometheus/latest/configuration/configuration/#scrape_config",
)
COUNTERS = Document("Prometheus, metric types, counter", f"{dojo.PROMETHEUS}/concepts/metric_types/#counter")
WALKTHROUGH = Document("prometheus-adapter, walkthrough", f"{ADAPTER}/blob/master/docs/walkthrough.md")
QUANTITIES = Document(
    "Kubernetes, HPA walkthrough, quantities",
    f"{KUBERNETES}/tasks/run-application/horizontal-pod-autoscale-walkthrough/#appendix-quantities",
)
