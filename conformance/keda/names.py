"""What this scenario calls things, and what its ScaledObject is to ask for in numbers."""

from __future__ import annotations

from typing import Final

from conformance.dojo import names as dojo

# In the cluster
NAMESPACE: Final = "keda"
OPERATOR: Final = "keda-operator"
METRICS_SERVER: Final = "keda-operator-metrics-apiserver"
WEBHOOKS: Final = "keda-admission-webhooks"
EXTERNAL_API: Final = "v1beta1.external.metrics.k8s.io"
CUSTOM_API: Final = dojo.API_SERVICE
API: Final = "keda.sh/v1alpha1"
FINALIZER: Final = "finalizer.keda.sh"
OWNER: Final = "scaledobject.keda.sh/name"

# Signals of a record that the dojo has not (fixtures/observe/keda_sources.py)
SCALED_OBJECT: Final = "scaled_object"
FAILURES: Final = "trigger_failures"

# What the ScaledObject asks for
THRESHOLD: Final = dojo.ITEMS_PER_CONSUMER
ACTIVATION: Final = 5
"""Items up to which nobody is woken."""
POLLING: Final = 5
COOLDOWN: Final = 20
MAX_REPLICAS: Final = dojo.MAX_REPLICAS
HPA_MIN_REPLICAS: Final = 1
"""The HPA's: from 1 to 0 and back is KEDA's own work."""
FALLBACK_REPLICAS: Final = 3
FAILURE_THRESHOLD: Final = 3
"""Failed reads in a row that are borne: the next one makes it fall back."""
