"""What the exercise calls things, and what it asks for in numbers."""

from __future__ import annotations

from typing import Final

# In the cluster; what may be called otherwise (namespaces, Services, workloads) is the fixture `chain`.
PRODUCER_HOST: Final = "producer.vcap.me"
PROMETHEUS_HOST: Final = "prometheus.vcap.me"
API_SERVICE: Final = "v1beta1.custom.metrics.k8s.io"

# Metrics and how they are asked for
KEY: Final = "padok"
KEY_METRIC: Final = "redis_key_size"
RULE_METRIC: Final = "redis_items_in_queue"

# Signals of a record (fixtures/observe/signals.py)
QUEUE: Final = "queue_length"
IN_HAND: Final = "in_hand"
PUBLISHED: Final = "published_total"
CONSUMED: Final = "consumed_total"
KEY_SIZE: Final = KEY_METRIC
RECORDED: Final = RULE_METRIC
ADAPTER: Final = "adapter_value"
API_AVAILABLE: Final = "api_available"
HPA: Final = "hpa_desired_replicas"
HPA_CURRENT: Final = "hpa_current_replicas"
SPEC: Final = "spec_replicas"
STATUS: Final = "status_replicas"
READY: Final = "ready_replicas"

# What the exercise asks for
ITEMS_PER_CONSUMER: Final = 20
MAX_REPLICAS: Final = 20
SYNC_SECONDS: Final = 5
WINDOW_SECONDS: Final = 20
SCRAPE_SECONDS: Final = 5

ZERO_REMEMBERED: Final = (1, 36)
"""Kubernetes version from which on an HPA wakes only what it put to sleep itself, and says so in its
condition ScaledToZero (pkg/controller/podautoscaler/horizontal.go)."""
