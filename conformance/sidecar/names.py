"""What the sidecar scenario calls things, and what its cycle's parts are called beside the shared ones."""

from __future__ import annotations

from typing import Final

EXPORTER: Final = "exporter"
"""What the sidecar's image has in its name, whatever the container is called."""
UP: Final = "nginx_up"
"""What the exporter says of the nginx that it asks: 1, or 0 when it got no answer."""
PAUSE: Final = "registry.k8s.io/pause:3.10"
"""A program that does nothing: what a dead sidecar is replaced by, where no node tells which one it has."""

# The cycle's events beside those of conformance/pod_metric/names.py
QUIET: Final = "no load"
IDLE: Final = "only scrapes and probes"
STEADY: Final = "steady load"
SETTLED: Final = "three pods share it"
MISSING: Final = "its value is missing"
ZERO: Final = "its value is 0"
HELD: Final = "held without it"
RESTORED: Final = "the sidecar is given back"
BACK: Final = "its value is back"
