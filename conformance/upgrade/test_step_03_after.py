"""Step 3: what runs is the new version, and it is conformant."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour

from . import judging, reading
from .test_step_02_during import UPGRADES

RUNS, AFTER = "upgrade.03.new-version-runs", "upgrade.03.conformant"


@behaviour(
    RUNS,
    feature="upgrade",
    needs=(UPGRADES,),
    hint="Which image do the pods run, and which one was to be?",
    look="`kubectl get pods -A -o wide` with their images, beside the new stack's. A pod that nobody "
    "replaced runs"
    " on as it was.",
    read=reading.UPGRADING,
)
def test_new_version_runs(
    upgrade: Any, upgrade_cycle: Any, kube: Any, prometheus: Any, evidence: Any
) -> None:
    """Every pod runs the new version's images, by their names, and Prometheus says its own new version."""
    expected, gone = upgrade.images_that_change()
    running = {
        f"{pod['metadata']['namespace']}/{pod['metadata']['name']}/{status['name']}": (
            status["image"],
            status.get("imageID", ""),
        )
        for pod in kube.items("v1", "pods")
        for status in pod.get("status", {}).get("containerStatuses") or ()
    }
    evidence(
        "running", "containers with image and digest", "\n".join(f"{k}: {v}" for k, v in running.items())
    )
    version = prometheus.status().get("version")
    evidence("Prometheus", "its own word", str(version))
    old = {name: image for name, (image, _) in running.items() if image in gone}
    assert not old, f"still of the old version: {old}"
    present = {image for image, _ in running.values()}
    absent = sorted(expected - present)
    assert not absent, f"nobody runs {', '.join(absent)}"


@behaviour(
    AFTER,
    feature="upgrade",
    needs=(RUNS,),
    hint="What does the new version do differently from the old one, which passed the same run?",
    look="The report of the whole run after the upgrade, beside the one before: `python -m reports compare`.",
    read=reading.UPGRADING,
)
def test_conformant(conformant_after: Any, evidence: Any) -> None:
    """The new version, as the upgrade left it, is conformant."""
    judging.conformant(conformant_after, evidence)
