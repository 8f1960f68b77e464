"""What is said of an upgrade before anything is changed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conformance.upgrade.test_step_01_before import test_differs as differs
from tests.unit.dojo.conftest import Evidence


class Change(SimpleNamespace):
    def grown_rights(self) -> list[str]:
        return []


def judged(*, crds: bool = True, changes: tuple[Change, ...]) -> dict[str, str]:
    upgrade = SimpleNamespace(crds=crds, changes=lambda: changes, new_images=dict)
    told = Evidence()
    differs(upgrade, False, told)
    return {title: answer for title, _, answer in told}


PROMETHEUS = Change(piece="prometheus", crds={"rules": "changed"}, unknown=["retentionn"])


def test_what_helm_does_not_do_is_named():
    """CRDs that are applied before, and values that the new chart does not know."""
    steps = judged(changes=(PROMETHEUS,))["manual steps"]
    assert steps == (
        "apply the new CRDs of prometheus before its chart; retentionn of prometheus is no value any more"
    )


def test_crds_that_are_left_are_no_step():
    """Nobody has applied them, and the report says so."""
    told = judged(crds=False, changes=(PROMETHEUS,))
    assert told["manual steps"] == "retentionn of prometheus is no value any more"
    assert told["CRDs"] == "prometheus"


def test_an_upgrade_that_changes_nothing_is_refused():
    """It would prove nothing."""
    with pytest.raises(AssertionError, match="render the same manifests"):
        judged(changes=())
