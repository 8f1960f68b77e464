"""Documents that explain what this scenario is about: the third depth of a hint. Official pages only."""

from __future__ import annotations

from typing import Final

from conformance.behaviour import Document

DOCS: Final = "https://keda.sh/docs/latest"
SPEC: Final = f"{DOCS}/reference/scaledobject-spec/"

ARCHITECTURE = Document("KEDA, concepts, architecture", f"{DOCS}/concepts/#architecture")
DEPLOYING = Document("KEDA, deploying", f"{DOCS}/deploy/")
ADMISSION = Document("KEDA, admission webhooks", f"{DOCS}/concepts/admission-webhooks/")
SCALED_OBJECT = Document("KEDA, ScaledObject specification", SPEC)
ACTIVATION = Document(
    "KEDA, activating and scaling thresholds",
    f"{DOCS}/concepts/scaling-deployments/#activating-and-scaling-thresholds",
)
COOLDOWN = Document("KEDA, ScaledObject, cooldownPeriod", f"{SPEC}#cooldownperiod")
POLLING = Document("KEDA, ScaledObject, pollingInterval", f"{SPEC}#pollinginterval")
FALLBACK = Document("KEDA, ScaledObject, fallback", f"{SPEC}#fallback")
PROMETHEUS_SCALER = Document("KEDA, Prometheus scaler", f"{DOCS}/scalers/prometheus/")
METRICS_SERVER = Document("KEDA, querying metrics", f"{DOCS}/operate/metrics-server/")
TROUBLESHOOTING = Document("KEDA, troubleshooting", f"{DOCS}/troubleshooting/")
