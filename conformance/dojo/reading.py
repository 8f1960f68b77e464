"""Documents that explain what the dojo is about: the third depth of a hint. Official pages only."""

from __future__ import annotations

from typing import Final

from conformance.behaviour import Document

EXERCISE: Final = "https://github.com/padok-team/dojo-kubernetes-prometheus"
KUBERNETES: Final = "https://kubernetes.io/docs"
AUTOSCALING: Final = f"{KUBERNETES}/concepts/workloads/autoscaling/horizontal-pod-autoscale/"
PROMETHEUS: Final = "https://prometheus.io/docs"
OPERATOR: Final = "https://prometheus-operator.dev/docs"
KIND: Final = "https://kind.sigs.k8s.io/docs/user/configuration/"
ADAPTER: Final = "https://github.com/kubernetes-sigs/prometheus-adapter"
ADAPTER_CONFIG: Final = f"{ADAPTER}/blob/master/docs/config.md"

# The exercise
STEP_3 = Document("The exercise, step 3", f"{EXERCISE}#step-3-explore-the-environment")
STEP_4 = Document("The exercise, step 4", f"{EXERCISE}#step-4-understand-the-target-architecture")
STEP_10 = Document("The exercise, step 10", f"{EXERCISE}#step-10-scale-to-zero")

# Kubernetes
VERSION_SKEW = Document(
    "Kubernetes, version skew policy, kubectl", "https://kubernetes.io/releases/version-skew-policy/#kubectl"
)
NODE_CONDITIONS = Document(
    "Kubernetes, node status, conditions", f"{KUBERNETES}/reference/node/node-status/#condition"
)
FEATURE_GATES = Document(
    "Kubernetes, feature gates", f"{KUBERNETES}/reference/command-line-tools-reference/feature-gates/"
)
SCALING = Document(
    "Kubernetes, Deployments, scaling",
    f"{KUBERNETES}/concepts/workloads/controllers/deployment/#scaling-a-deployment",
)
SERVICES = Document(
    "Kubernetes, debug Services", f"{KUBERNETES}/tasks/debug/debug-application/debug-service/"
)
TERMINATION = Document(
    "Kubernetes, termination of Pods", f"{KUBERNETES}/concepts/workloads/pods/pod-lifecycle/#pod-termination"
)
INGRESS = Document("Kubernetes, Ingress", f"{KUBERNETES}/concepts/services-networking/ingress/")
AGGREGATION = Document(
    "Kubernetes, API aggregation layer",
    f"{KUBERNETES}/concepts/extend-kubernetes/api-extension/apiserver-aggregation/",
)
OWNERS = Document(
    "Kubernetes, garbage collection, owners and dependents",
    f"{KUBERNETES}/concepts/architecture/garbage-collection/",
)
HPA_CONDITIONS = Document(
    "Kubernetes, HPA walkthrough, status conditions",
    f"{KUBERNETES}/tasks/run-application/horizontal-pod-autoscale-walkthrough/"
    "#appendix-horizontal-pod-autoscaler-status-conditions",
)
HPA_FIELDS = Document(
    "Kubernetes, API reference, HorizontalPodAutoscaler v2",
    f"{KUBERNETES}/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/",
)
HPA_ALGORITHM = Document("Kubernetes, HPA, algorithm details", f"{AUTOSCALING}#algorithm-details")
HPA_VERSIONS = Document("Kubernetes, HPA, API object", f"{AUTOSCALING}#api-object")
HPA_FLAPPING = Document("Kubernetes, HPA, stability of workload scale", f"{AUTOSCALING}#flapping")
HPA_WINDOW = Document("Kubernetes, HPA, stabilization window", f"{AUTOSCALING}#stabilization-window")
HPA_OFF = Document(
    "Kubernetes, HPA, implicit maintenance-mode deactivation",
    f"{AUTOSCALING}#implicit-maintenance-mode-deactivation",
)
HPA_OWNS_REPLICAS = Document(
    "Kubernetes, HPA, migrating Deployments to horizontal autoscaling",
    f"{AUTOSCALING}#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
)
SCALE_FROM_ZERO = Document(
    "Kubernetes, enhancement 2021, HPA and zero replicas",
    "https://github.com/kubernetes/enhancements/tree/master/keps/sig-autoscaling/2021-scale-from-zero",
)

# kind
KUBEADM_PATCHES = Document("kind, kubeadm config patches", f"{KIND}#kubeadm-config-patches")
PORT_MAPPINGS = Document("kind, extra port mappings", f"{KIND}#extra-port-mappings")

# Prometheus
TARGETS = Document("Prometheus, jobs and instances", f"{PROMETHEUS}/concepts/jobs_instances/")
RULES = Document(
    "Prometheus, recording rules", f"{PROMETHEUS}/prometheus/latest/configuration/recording_rules/"
)
OPERATORS = Document("Prometheus, operators", f"{PROMETHEUS}/prometheus/latest/querying/operators/")
RATE = Document("Prometheus, functions, rate", f"{PROMETHEUS}/prometheus/latest/querying/functions/#rate")
ABSENT = Document(
    "Prometheus, functions, absent", f"{PROMETHEUS}/prometheus/latest/querying/functions/#absent"
)
STALENESS = Document(
    "Prometheus, querying, staleness", f"{PROMETHEUS}/prometheus/latest/querying/basics/#staleness"
)

# Its operator and charts
OPERATOR_TROUBLE = Document("Prometheus Operator, troubleshooting", f"{OPERATOR}/platform/troubleshooting/")
SELECTORS = Document(
    "Prometheus Operator, design, resource selectors",
    f"{OPERATOR}/getting-started/design/#resource-selectors",
)
SERVICE_MONITOR = Document(
    "Prometheus Operator, design, ServiceMonitor", f"{OPERATOR}/getting-started/design/#servicemonitor"
)
STACK_VALUES = Document(
    "kube-prometheus-stack, the chart's values with comments",
    "https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/values.yaml",
)

# redis_exporter and Redis
EXPORTER_FLAGS = Document(
    "redis_exporter, command line flags and environment variables",
    "https://github.com/oliver006/redis_exporter#command-line-flags",
)
REDIS_PERSISTENCE = Document(
    "Redis, persistence", "https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/"
)

# prometheus-adapter
DISCOVERY = Document("prometheus-adapter, configuration, discovery", f"{ADAPTER_CONFIG}#discovery")
ASSOCIATION = Document("prometheus-adapter, configuration, association", f"{ADAPTER_CONFIG}#association")
QUERYING = Document("prometheus-adapter, configuration, querying", f"{ADAPTER_CONFIG}#querying")
APPEAR_AND_DISAPPEAR = Document(
    "prometheus-adapter, FAQ, my metrics appear and disappear", f"{ADAPTER}#my-metrics-appear-and-disappear"
)
