"""Documents that explain what the sidecar is about: the third depth of a hint. Official pages only."""

from __future__ import annotations

from conformance.behaviour import Document
from conformance.dojo import reading as dojo

STUB_STATUS = Document(
    "nginx, ngx_http_stub_status_module", "https://nginx.org/en/docs/http/ngx_http_stub_status_module.html"
)
EXPORTER = Document(
    "nginx-prometheus-exporter, metrics and command line",
    "https://github.com/nginx/nginx-prometheus-exporter#exported-metrics",
)
SIDECARS = Document(
    "Kubernetes, sidecar containers", f"{dojo.KUBERNETES}/concepts/workloads/pods/sidecar-containers/"
)
POD_NETWORK = Document(
    "Kubernetes, Pods, pod networking", f"{dojo.KUBERNETES}/concepts/workloads/pods/#pod-networking"
)
POD_MONITOR = Document(
    "Prometheus Operator, design, PodMonitor", f"{dojo.OPERATOR}/getting-started/design/#podmonitor"
)
STALENESS = dojo.STALENESS
RATE = dojo.RATE
SERVICES = dojo.SERVICES
HPA_ALGORITHM = dojo.HPA_ALGORITHM
