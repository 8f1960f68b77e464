"""Step 3: requests a second of each pod in the Kubernetes API, through prometheus-adapter."""

from __future__ import annotations

from conformance.pod_metric import adapter

from .test_step_02_scrape import SERIES

NAME, STEP = "sidecar", "03"
LISTED = "sidecar.03.pods-metric-listed"
VALUES = "sidecar.03.one-value-per-pod"

test_pods_metric_listed = adapter.pods_metric_listed.of(
    NAME, STEP, needs=(SERIES,), says="The API lists pods/nginx_http_requests_per_second."
)
test_one_value_per_pod = adapter.one_value_per_pod.of(NAME, STEP, needs=(LISTED,))
test_sum_equals_rate_sent = adapter.sum_equals_rate_sent.of(NAME, STEP, needs=(VALUES,))
test_rate_window = adapter.rate_window.of(
    NAME, STEP, level="extended", needs=("sidecar.03.sum-equals-rate-sent",)
)
