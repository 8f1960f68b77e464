"""Step 3: requests a second of each pod in the Kubernetes API, through prometheus-adapter."""

from __future__ import annotations

from conformance.pod_metric import adapter, rates

from .test_step_01_prometheus import READY
from .test_step_02_series import SERIES

NAME, STEP = "shopfront", "03"
AVAILABLE = "shopfront.03.api-available"
LISTED = "shopfront.03.pods-metric-listed"
VALUES = "shopfront.03.one-value-per-pod"
SUM = "shopfront.03.sum-equals-rate-sent"

test_api_available = adapter.api_available.of(NAME, STEP, needs=(READY,))
test_pods_metric_listed = adapter.pods_metric_listed.of(
    NAME,
    STEP,
    needs=(AVAILABLE, SERIES),
    says="The API lists pods/http_requests_per_second: the counter's name, and the unit of what became of "
    "it.",
)
test_namespaces_metric_listed = adapter.namespaces_metric_listed.of(NAME, STEP, needs=(AVAILABLE, SERIES))
test_unknown_metric_is_404 = adapter.unknown_metric_is_404.of(NAME, STEP, needs=(AVAILABLE,))
test_one_value_per_pod = adapter.one_value_per_pod.of(NAME, STEP, needs=(LISTED,))
test_selector_filters = adapter.selector_filters.of(NAME, STEP, needs=(VALUES,))
test_sum_equals_rate_sent = rates.sum_equals_rate_sent.of(NAME, STEP, needs=(VALUES,))
test_rate_window = rates.rate_window.of(NAME, STEP, needs=(SUM,))
test_milli_units = adapter.milli_units.of(NAME, STEP, needs=(VALUES,))
test_counter_reset_no_spike = rates.counter_reset_no_spike.of(NAME, STEP, needs=(VALUES,))
test_no_value_before_samples = adapter.no_value_before_samples.of(NAME, STEP, needs=(VALUES,))
