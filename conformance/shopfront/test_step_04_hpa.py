"""Step 4: the HorizontalPodAutoscaler with a Pods metric, under load."""

from __future__ import annotations

from conformance.pod_metric import hpa

from .test_step_01_prometheus import READY
from .test_step_03_adapter import VALUES

NAME, STEP = "shopfront", "04"
READS = "shopfront.04.reads-metric"
UP = "shopfront.04.scales-up-under-load"
CALM = "shopfront.04.below-target-holds"

test_reads_metric = hpa.reads_metric.of(NAME, STEP, needs=(VALUES,))
test_target = hpa.target.of(
    NAME,
    STEP,
    needs=(READY,),
    says="The HPA keeps the shop between 1 and 3 pods, at 2 requests a second for each pod on average.",
)
test_below_target_holds = hpa.below_target_holds.of(NAME, STEP, needs=(READS,))
test_scales_up_under_load = hpa.scales_up_under_load.of(NAME, STEP, needs=(READS,))
test_never_exceeds_max = hpa.never_exceeds_max.of(NAME, STEP, needs=(UP,))
test_new_pods_are_missing = hpa.new_pods_are_missing.of(NAME, STEP, needs=(UP,))
test_follows_model = hpa.follows_model.of(NAME, STEP, needs=(READS,))
test_scales_down_after_load = hpa.scales_down_after_load.of(NAME, STEP, needs=(UP,))
test_returns_to_min = hpa.returns_to_min.of(NAME, STEP, needs=(UP,))
test_no_flapping = hpa.no_flapping.of(NAME, STEP, needs=(UP,))
