"""Step 6: the end."""

from __future__ import annotations

from conformance.pod_metric import hpa

from . import names

test_teardown_clean = hpa.teardown_clean.of(names.SCENARIO, "06")
