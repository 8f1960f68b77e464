"""Documents that explain what the scenario is about: the third depth of a hint. Official pages only."""

from __future__ import annotations

from typing import Final

from conformance.behaviour import Document

KUBERNETES: Final = "https://kubernetes.io/docs"
AUTOSCALING: Final = f"{KUBERNETES}/concepts/workloads/autoscaling/horizontal-pod-autoscale/"
ADAPTER: Final = "https://github.com/kubernetes-sigs/prometheus-adapter"
ADAPTER_CONFIG: Final = f"{ADAPTER}/blob/master/docs/config.md"
OPERATOR: Final = "https://prometheus-operator.dev/docs"

EVENT_LOOP = Document(
    "Node.js, perf_hooks, eventLoopUtilization",
    "https://nodejs.org/api/perf_hooks.html#performanceeventlooputilizationutilization1-utilization2",
)
POD_MONITOR = Document(
    "Prometheus Operator, design, PodMonitor", f"{OPERATOR}/getting-started/design/#podmonitor"
)
RELABELING = Document(
    "Prometheus, configuration, relabel_config",
    "https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config",
)
DISCOVERY = Document("prometheus-adapter, configuration, discovery", f"{ADAPTER_CONFIG}#discovery")
ASSOCIATION = Document("prometheus-adapter, configuration, association", f"{ADAPTER_CONFIG}#association")
QUERYING = Document("prometheus-adapter, configuration, querying", f"{ADAPTER_CONFIG}#querying")
APPEAR_AND_DISAPPEAR = Document(
    "prometheus-adapter, FAQ, my metrics appear and disappear", f"{ADAPTER}#my-metrics-appear-and-disappear"
)
HPA_ALGORITHM = Document("Kubernetes, HPA, algorithm details", f"{AUTOSCALING}#algorithm-details")
HPA_FIELDS = Document(
    "Kubernetes, API reference, HorizontalPodAutoscaler v2",
    f"{KUBERNETES}/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/",
)
HPA_CONDITIONS = Document(
    "Kubernetes, HPA walkthrough, status conditions",
    f"{KUBERNETES}/tasks/run-application/horizontal-pod-autoscale-walkthrough/"
    "#appendix-horizontal-pod-autoscaler-status-conditions",
)
DISRUPTION = Document(
    "Kubernetes, specifying a disruption budget", f"{KUBERNETES}/tasks/run-application/configure-pdb/"
)
EVICTION = Document(
    "Kubernetes, API-initiated eviction", f"{KUBERNETES}/concepts/scheduling-eviction/api-eviction/"
)
ROLLING_UPDATE = Document(
    "Kubernetes, Deployments, strategy",
    f"{KUBERNETES}/concepts/workloads/controllers/deployment/#strategy",
)
AVAILABILITY = Document(
    "Kubernetes, disruptions, dealing with disruptions",
    f"{KUBERNETES}/concepts/workloads/pods/disruptions/#dealing-with-disruptions",
)
