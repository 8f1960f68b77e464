"""Step 1: Prometheus finds the shop, in a namespace that it must be permitted to read."""

from __future__ import annotations

from conformance.pod_metric import scrape

NAME, STEP = "shopfront", "01"
READY = "shopfront.01.prometheus-ready"
LOADED = "shopfront.01.monitor-loaded"
MAY_READ = "shopfront.01.prometheus-may-read"
UP = "shopfront.01.target-up"

test_prometheus_ready = scrape.prometheus_ready.of(NAME, STEP)
test_monitor_loaded = scrape.monitor_loaded.of(NAME, STEP, needs=(READY,))
test_prometheus_may_read = scrape.prometheus_may_read.of(NAME, STEP, needs=(LOADED,))
test_target_up = scrape.target_up.of(NAME, STEP, needs=(MAY_READ,))
test_scrape_interval = scrape.scrape_interval.of(
    NAME, STEP, needs=(UP,), says="The shop is scraped every 5 s."
)
test_named_port = scrape.named_port.of(NAME, STEP, needs=(UP,))
