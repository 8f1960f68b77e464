"""Signals of a pod-metric scenario's record (fixtures/observe/signals.py), and what its cycle's parts are
called.

What things are called on the cluster is the fixture `chain`, what is asked of them the fixture `expect`.
"""

from __future__ import annotations

from typing import Final

API_SERVICE: Final = "v1beta1.custom.metrics.k8s.io"
API: Final = "/apis/custom.metrics.k8s.io/v1beta1"

METRIC: Final = "pod_metric"
SERIES: Final = "pod_series"
PODS: Final = "ready_pods"
HPA: Final = "hpa_desired_replicas"
SPEC: Final = "spec_replicas"
STATUS: Final = "status_replicas"
READY: Final = "ready_replicas"

# The cycle's events, in their order
BELOW: Final = "below target"
ACTIVE: Final = "the HPA reads"
HELD: Final = "below target held"
ABOVE: Final = "above target"
AT_MAX: Final = "at max"
ENOUGH: Final = "more than the maximum was asked for"
STOPPED: Final = "a container is stopped"
AGAIN: Final = "it runs again"
SEEN: Final = "its new count is seen"
ENDS: Final = "the load ends"
AT_MIN: Final = "at min"
IDLE: Final = "idle held"
