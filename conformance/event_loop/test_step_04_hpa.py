"""Step 4: two HPAs with a Pods metric of the same name, each for its own Deployment."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo.judging import is_active, part
from conformance.pod_metric import hpa
from conformance.pod_metric import names as pods

from . import judging, names, reading

READS = "event_loop.04.reads-metric"
UP = "event_loop.04.scales-up-under-load"
OWN = "event_loop.04.own-pods-only"
IDLE = 0.2
"""The most that the loop of a pod nobody asks for anything is busy: probes and scrapes take a hundredth,
and a twentieth on a machine with fifty waiting."""

test_reads_metric = hpa.reads_metric.of(names.SCENARIO, "04", needs=("event_loop.03.one-value-per-pod",))
test_target = hpa.target.of(names.SCENARIO, "04", needs=("event_loop.02.prometheus-ready",))
test_below_target_holds = hpa.below_target_holds.of(names.SCENARIO, "04", needs=(READS,))
test_scales_up_under_load = hpa.scales_up_under_load.of(names.SCENARIO, "04", needs=(READS,))
test_never_exceeds_max = hpa.never_exceeds_max.of(names.SCENARIO, "04", needs=(UP,))
test_follows_model = hpa.follows_model.of(names.SCENARIO, "04", needs=(READS,))
test_new_pods_are_missing = hpa.new_pods_are_missing.of(names.SCENARIO, "04", needs=(UP,), level="extended")
test_scales_down_after_load = hpa.scales_down_after_load.of(names.SCENARIO, "04", needs=(UP,))
test_returns_to_min = hpa.returns_to_min.of(names.SCENARIO, "04", needs=(UP,))
test_no_flapping = hpa.no_flapping.of(names.SCENARIO, "04", needs=(UP,))


@behaviour(
    OWN,
    feature="hpa",
    needs=(UP,),
    hint="Whose pods does each HPA's current value come from, the bystander's among them?",
    look="`kubectl -n event-loop describe hpa` under load on one of the two services: current value "
    "and target of both. The adapter's log shows each request with its labelSelector: where does that "
    "come from?",
    read=reading.HPA_FIELDS,
)
def test_own_pods_only(*, pod_cycle: Any, evidence: Any) -> None:
    """While the one service is under load its HPA shows what its own pods have, and the bystander's what
    those have: next to nothing.
    """
    record = pod_cycle.record
    evidence.record(record)
    load = part(record, pods.ABOVE, pods.ENDS)
    evidence.record(load)
    states = load.recorded(names.BYSTANDER_HPA)
    assert states.present(), f"there was no HPA {names.BYSTANDER} to be read under load"
    blind = [reading for reading in states.present() if not is_active(reading)]
    assert not blind, f"the HPA {names.BYSTANDER} could not read its metric: {blind[0].detail['conditions']}"
    busy, idle = judging.averages(load, names.HPA), judging.averages(load, names.BYSTANDER_HPA)
    evidence("averages", f"shown by the HPAs event-loop; {names.BYSTANDER}", f"{busy}; {idle}")
    assert busy, "the HPA event-loop showed no average under load"
    assert max(busy) > names.TARGET, f"it showed {max(busy)} a pod at most under load"
    assert idle, f"the HPA {names.BYSTANDER} showed no average"
    assert max(idle) <= IDLE, (
        f"with no load on its pods the HPA {names.BYSTANDER} showed {max(idle)} for each"
    )


@behaviour(
    "event_loop.04.scaled-on-its-own",
    feature="hpa",
    needs=(UP,),
    hint="When one of the two services was under load, what made the other one's replicas change?",
    look="`kubectl -n event-loop get hpa -w` under load: TARGETS and REPLICAS of both, and what each "
    "one's spec names as scaleTargetRef and as metric.",
    read=reading.HPA_ALGORITHM,
)
def test_scaled_on_its_own(*, pod_cycle: Any, evidence: Any) -> None:
    """Load on the one service scales that one: the bystander stays at its minimum from the load's begin
    to the end.
    """
    record = pod_cycle.record
    evidence.record(record)
    load = part(record, pods.ABOVE, pods.ENDS)
    evidence.record(load)
    counts = load.recorded(names.BYSTANDER_SPEC).values()
    climbed = load.recorded(names.SPEC).maximum()
    evidence(
        "replicas", f"the most of event-loop; those of {names.BYSTANDER}", f"{climbed:g}; {sorted(counts)}"
    )
    assert counts == {float(names.MINIMUM)}, f"while event-loop went to {climbed:g} it had {sorted(counts)}"
