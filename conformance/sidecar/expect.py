"""What the scenario asks for, in numbers."""

from __future__ import annotations

from typing import Final

from conformance.pod_metric.expect import Expect, Load

WEB: Final = Expect(
    scenario="sidecar",
    series="nginx_http_requests_total",
    metric="nginx_http_requests_per_second",
    target=10,
    minimum=1,
    maximum=3,
    kind="rate",
    window=20,
    port="metrics",
    # Less than half of what one pod is to have: the sidecar's own requests make no difference.
    below=Load(per_second=4, seconds=600),
    # On top of it: 40 in all, more than three pods are to have, and not a whole number of them.
    above=Load(per_second=36, seconds=150),
    application="web",
    restarts=False,
)
