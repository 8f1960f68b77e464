"""Step 6: the end."""

from __future__ import annotations

from conformance.pod_metric import hpa

test_teardown_clean = hpa.teardown_clean.of("sidecar", "06")
