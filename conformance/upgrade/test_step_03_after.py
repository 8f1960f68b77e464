"""Step 3: what runs is the new version, and it is conformant."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo import names as dojo
from conformance.dojo.judging import part

from . import judging, names, reading
from .test_step_02_during import UPGRADES

BUILD_INFO = '{__name__=~".+_build_info"}'
"""What those that are scraped say of themselves: Prometheus, its operator, the exporter."""
STEP = 5.0
"""Seconds between two points at which the samples of before are asked for."""
LATELY = 45.0
"""Seconds of samples in which they are asked for: all that is scraped every 30 s or oftener, and nothing of a
process that was replaced before the load ended. A Prometheus with a volume remembers the old ones for longer.
"""
RUNS, AFTER = "upgrade.03.new-version-runs", "upgrade.03.conformant"


@behaviour(
    RUNS,
    feature="upgrade",
    needs=(UPGRADES,),
    hint="Which image do the pods run, and which one was to be?",
    look="`kubectl get pods -A -o wide` with their images, beside the new stack's. A pod that nobody "
    "replaced runs on as it was.",
    read=reading.UPGRADING,
)
def test_new_version_runs(
    upgrade: Any, upgrade_cycle: Any, kube: Any, prometheus: Any, evidence: Any
) -> None:
    """Every pod runs the new version's images, and what says its own version says that of its new image."""
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
    said = {
        ("prometheus", str(prometheus.status().get("version"))),
        *_said(prometheus.raw_samples(BUILD_INFO, LATELY)),
    }
    tags = {image.rpartition("/")[2] for image in expected}
    evidence("versions", "by their own word", "\n".join(sorted(f"{who} {what}" for who, what in said)))
    old = {name: image for name, (image, _) in running.items() if image in gone}
    assert not old, f"still of the old version: {old}"
    present = {image for image, _ in running.values()}
    absent = sorted(expected - present)
    assert not absent, f"nobody runs {', '.join(absent)}"
    wrong = sorted(f"{who} says {what}" for who, what in said if not _tagged(who, what, tags))
    assert not wrong, f"{'; '.join(wrong)}, and the new images are {sorted(tags)}"


def _said(series: Any) -> set[tuple[str, str]]:
    """Who exports a version of its own, and which."""
    found = {(each.labels["__name__"], each.labels.get("version", "")) for each in series}
    return {
        (name.removesuffix("_build_info").replace("_", "-"), version)
        for name, version in found
        if version.removeprefix("v")[:1].isdigit()
    }


def _tagged(who: str, version: str, tags: set[str]) -> bool:
    """Whether it is the version of its new image; nothing is said of what has none."""
    ours = [tag.partition(":")[2] for tag in tags if tag.partition(":")[0].replace("_", "-") == who]
    return not ours or any(tag.removeprefix("v").startswith(version.removeprefix("v")) for tag in ours)


@behaviour(
    "upgrade.03.keeps-samples",
    level="extended",
    feature="upgrade",
    needs=(UPGRADES,),
    hint="Which claim did the old version keep its samples on, and who mounts it now?",
    look="`kubectl get persistentvolumeclaims` in Prometheus' namespace, and the volumes of its pod: a "
    "claim's name begins with that of the StatefulSet's template, and ends with that of the pod.",
    read=reading.STORAGE,
)
def test_keeps_samples(
    upgrade_cycle: Any, claims_before: list[str], prometheus: Any, evidence: Any, unsupported: Any
) -> None:
    """A Prometheus that keeps its samples on a volume still has those of before the upgrade."""
    if not claims_before:
        unsupported("the old version's Prometheus has no volume: its samples end with its pod")
    before = part(upgrade_cycle.record, names.LOAD, names.BUSY)
    evidence.record(before)
    assert before.recorded(dojo.RECORDED).present(), "the metric was not there before the upgrade"
    found = prometheus.query_range(dojo.RULE_METRIC, before.started, before.ended, STEP)
    samples = sum(len(series.samples) for series in found)
    evidence("samples", f"of before the upgrade, once on {', '.join(claims_before)}", str(samples))
    assert samples, (
        f"no sample of before the upgrade is left, and {', '.join(claims_before)} had them: the new"
        " version began with an empty store"
    )


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
