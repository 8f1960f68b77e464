"""What the cpu scenario asks for, and what its cycle's parts are called beside the shared ones."""

from __future__ import annotations

from typing import Final

API_SERVICE: Final = "v1beta1.metrics.k8s.io"
USAGE: Final = "pod_usage"
"""Signal: cores that the pods use, by the resource metrics API."""

MINIMUM: Final = 2
MAXIMUM: Final = 6
UTILIZATION: Final = 50
"""Percent of the requested cpu that each pod is to use on average."""

PER_SECOND: Final = 16.0
COST_MS: Final = 10.0
"""Requests a second, and what each costs of processor time: 160 thousandths of a core and what it takes to
answer, six and a half pods' worth or more at 25 thousandths each."""
MOST_SECONDS: Final = 600.0
OVERHEAD: Final = 2.0
"""How many times that much the pods may use: answering a request takes Python a few milliseconds as well."""
SHORT: Final = 0.8
"""Share of it that they use at least: a window's ends lie where they lie."""

# The cycle's events beside those of conformance/pod_metric/names.py
STARTS: Final = "load starts"
GONE: Final = "metrics-server is gone"
HELD: Final = "held without it"
RESTORED: Final = "metrics-server is given back"
RECOVERED: Final = "the HPA reads again"
MEASURED: Final = "every pod was measured under the load"
