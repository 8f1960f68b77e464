"""Step 2: the shop's requests are a series of each of its pods."""

from __future__ import annotations

from conformance.pod_metric import scrape

from .test_step_01_prometheus import UP

NAME, STEP = "shopfront", "02"
SERIES = "shopfront.02.series-per-pod"

test_series_per_pod = scrape.series_per_pod.of(
    NAME,
    STEP,
    needs=(UP,),
    says="Every Ready pod of the shop has a series http_requests_total with its namespace and its name.",
)
test_counts_what_was_sent = scrape.counts_what_was_sent.of(NAME, STEP, needs=(SERIES,))
