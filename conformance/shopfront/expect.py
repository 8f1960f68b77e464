"""What the scenario asks for, in numbers."""

from __future__ import annotations

from typing import Final

from conformance.pod_metric.expect import Expect, Load

SHOP: Final = Expect(
    scenario="shopfront",
    series="http_requests_total",
    metric="http_requests_per_second",
    target=2,
    minimum=1,
    maximum=3,
    kind="rate",
    window=120,
    # Three quarters of what one pod is to have: far from the tolerance's edge at 2.2, and no whole number.
    below=Load(per_second=1.5, seconds=300),
    # In twenty seconds a window of two minutes holds what asks for more than three pods: the sooner the burst
    # is over, the sooner its window is, too.
    above=Load(per_second=40, seconds=60),
    application="shop",
)
