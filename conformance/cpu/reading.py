"""Documents that explain what the cpu scenario is about: the third depth of a hint. Official pages only."""

from __future__ import annotations

from conformance.behaviour import Document
from conformance.dojo import reading as dojo

KUBERNETES = dojo.KUBERNETES
METRICS_PIPELINE = Document(
    "Kubernetes, resource metrics pipeline",
    f"{KUBERNETES}/tasks/debug/debug-cluster/resource-metrics-pipeline/",
)
METRICS_SERVER = Document(
    "metrics-server, requirements and configuration",
    "https://github.com/kubernetes-sigs/metrics-server#requirements",
)
METRICS_FAQ = Document(
    "metrics-server, frequently asked questions",
    "https://github.com/kubernetes-sigs/metrics-server/blob/master/FAQ.md",
)
KNOWN_ISSUES = Document(
    "metrics-server, known issues",
    "https://github.com/kubernetes-sigs/metrics-server/blob/master/KNOWN_ISSUES.md",
)
RESOURCES = Document(
    "Kubernetes, resource management for Pods and containers",
    f"{KUBERNETES}/concepts/configuration/manage-resources-containers/",
)
SERVICES, AGGREGATION, INGRESS = dojo.SERVICES, dojo.AGGREGATION, dojo.INGRESS
HPA_ALGORITHM, HPA_CONDITIONS, HPA_FIELDS = dojo.HPA_ALGORITHM, dojo.HPA_CONDITIONS, dojo.HPA_FIELDS
HPA_OWNS_REPLICAS = dojo.HPA_OWNS_REPLICAS
