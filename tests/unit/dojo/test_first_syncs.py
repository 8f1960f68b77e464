"""Step 9: an HPA is judged when its controller has looked at it more than once."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from conformance.dojo import test_step_09_hpa as step
from fixtures.observe.chain import Chain

SYNC = 5.0


def judge(seconds_old: float) -> None:
    """The behaviour on an HPA of that age that says it reads its metric, read once."""
    created = datetime.now(UTC) - timedelta(seconds=seconds_old)
    hpa = SimpleNamespace(
        raw={"metadata": {"creationTimestamp": created.strftime("%Y-%m-%dT%H:%M:%SZ")}},
        conditions={"ScalingActive": {"status": "True", "reason": "ValidMetricFound"}},
        current_metrics=["27"],
    )

    def once(read, accept, **_):
        assert accept(read())
        return hpa

    step.test_reads_metric(
        solution=SimpleNamespace(has=lambda part: True),
        solved=lambda: "",
        kube=SimpleNamespace(hpa=lambda *place: hpa),
        chain=Chain(),
        eventually=once,
        budgets=SimpleNamespace(hpa_reacts=None),
        intervals=SimpleNamespace(hpa_sync=SYNC),
        evidence=lambda *_: None,
    )


@pytest.mark.parametrize(
    ("seconds_old", "judged"), [(0.0, False), (SYNC, False), (step.FIRST_SYNCS * SYNC + 1, True)]
)
def test_the_first_sync_of_an_hpa_proves_nothing(seconds_old, judged):
    """A second HPA on the same Deployment is noticed at the next sync only: until then it is not judged."""
    with nullcontext() if judged else pytest.raises(AssertionError, match="first syncs are not over"):
        judge(seconds_old)
