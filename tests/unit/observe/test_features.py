"""Feature gates, by the API server's own metric."""

from __future__ import annotations

import pytest

from fixtures.observe.kube import Kube

METRICS = """# HELP kubernetes_feature_enabled [BETA] This metric records the data about the stage of a gate.
# TYPE kubernetes_feature_enabled gauge
kubernetes_feature_enabled{name="HPAConfigurableTolerance",stage=""} 1
kubernetes_feature_enabled{name="HPAScaleToZero",stage="ALPHA"} 1
kubernetes_feature_enabled{name="HPAScaleToZeroAndMore",stage="BETA"} 0
"""


@pytest.mark.parametrize(
    ("gate", "told"),
    [
        ("HPAScaleToZero", "ALPHA, on"),
        ("HPAScaleToZeroAndMore", "BETA, off"),
        ("HPAConfigurableTolerance", "GA, on"),
        ("Nobodys", ""),
    ],
)
def test_a_gate_has_a_stage_and_is_on_or_off(api, gate, told):
    """One that has graduated has no stage; one that is not known is not told."""
    api.replies["/metrics"] = (200, METRICS)
    assert Kube(api).feature(gate) == told


def test_metrics_that_may_not_be_read_tell_nothing(api):
    """On somebody's cluster that may be so: it is no error."""
    api.replies["/metrics"] = (403, {"message": "forbidden"})
    assert Kube(api).feature("HPAScaleToZero") == ""
