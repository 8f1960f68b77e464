"""Documents that explain what an upgrade is about: the third depth of a hint."""

from __future__ import annotations

from typing import Final

from conformance.behaviour import Document

HELM: Final = "https://helm.sh/docs"
STACK: Final = "https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack"

CHART_TESTING = Document(
    "chart-testing, an upgrade that tests the same twice", "https://github.com/helm/chart-testing/issues/433"
)
CRDS = Document(
    "Helm, custom resource definitions", f"{HELM}/chart_best_practices/custom_resource_definitions/"
)
UPGRADING = Document("kube-prometheus-stack, upgrading", f"{STACK}/UPGRADE.md")
STORAGE = Document("Prometheus operator, storage", "https://prometheus-operator.dev/docs/platform/storage/")
ROLLBACK = Document("Helm, helm rollback", f"{HELM}/helm/helm_rollback/")
HPA_CONDITIONS = Document(
    "Kubernetes, status conditions of a HorizontalPodAutoscaler",
    "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/"
    "#appendix-horizontal-pod-autoscaler-status-conditions",
)
