"""Step 4: metrics-server goes away for a while; and the end."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo.judging import is_active, part, reached
from conformance.pod_metric import hpa
from conformance.pod_metric import names as shared

from . import names, reading
from .judging import lowered


@behaviour(
    "cpu.04.outage-holds",
    feature="resilience",
    level="extended",
    needs=("cpu.03.scales-up-under-load",),
    hint="What does the HPA do with a metric that it cannot read: what does its condition say meanwhile?",
    look="`kubectl -n cpu describe hpa` while metrics-server is away: ScalingActive, its reason, the count.",
    read=reading.HPA_CONDITIONS,
)
def test_outage_holds(*, pod_cycle: Any, evidence: Any, could_not_tell: Any) -> None:
    """While metrics-server is away, for longer than the downscale window, the replicas stay as they are; once
    it is back the HPA reads again.
    """
    record, seen = pod_cycle.record, pod_cycle.seen
    away = part(record, names.GONE, names.HELD)
    evidence.record(record.between(reached(record, names.GONE), reached(record, names.RESTORED)))
    blind = [r for r in away.recorded(shared.HPA) if r.present and not is_active(r)]
    wrong = lowered(away)
    evidence("away", "readings of the HPA without a value; what was done", f"{len(blind)}; {wrong or 'held'}")
    assert not wrong, f"replicas were lowered while no usage could be read: {'; '.join(wrong)}"
    if not blind:
        could_not_tell("the HPA was never seen without a value: that it held proves nothing")
    took = reached(record, names.RECOVERED).at - reached(record, names.RESTORED).at
    evidence.budget(seen["budget recovers"], took)


test_teardown_clean = hpa.teardown_clean.of("cpu", "04")
