"""Step 1: there is something to upgrade from, and something to upgrade to."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour

from . import judging, reading

DIFFERS, BEFORE, SCALES = "upgrade.01.differs", "upgrade.01.old-conformant", "upgrade.01.old-scales"


@behaviour(
    DIFFERS,
    feature="upgrade",
    hint="Which version does each stack name, and which of them ends up in a manifest?",
    look="The two files in charts/stacks beside each other; the evidence shows what would change.",
    read=reading.CHART_TESTING,
)
def test_differs(upgrade: Any, asked_for_the_same: bool, evidence: Any) -> None:
    """The upgrade changes something: not all manifests, CRDs and images are those of the old version."""
    changes, images = upgrade.changes(), upgrade.new_images()
    evidence("changes", "what differs, by piece", "\n\n".join(f"# {each.piece}\n{each}" for each in changes))
    evidence(
        "images", "with another digest", "\n".join(f"{name}: {digest}" for name, digest in images.items())
    )
    with_crds = [each.piece for each in changes if each.crds]
    # What was left as it is was no step.
    crds = [f"apply the new CRDs of {piece} before its chart" for piece in with_crds if upgrade.crds]
    unknown = [f"{name} of {each.piece} is no value any more" for each in changes for name in each.unknown]
    evidence("manual steps", "what Helm does not do by itself", "; ".join([*crds, *unknown]) or "none")
    if not upgrade.crds:
        evidence("CRDs", "that were left as they are", ", ".join(with_crds) or "none")
    rights = [name for each in changes for name in each.grown_rights()]
    evidence("rights", "RBAC that is new or gives more", ", ".join(rights) or "none")
    assert changes or images or asked_for_the_same, (
        "both stacks render the same manifests with the same images: an upgrade that changes nothing proves"
        " nothing (--same judges it all the same)"
    )


@behaviour(
    BEFORE,
    feature="upgrade",
    needs=(DIFFERS,),
    hint="Does the old version work at all, on this Kubernetes and with this solution?",
    look="The report of the whole run before the upgrade: its first behaviour that did not pass.",
    read=reading.CHART_TESTING,
)
def test_old_conformant(conformant_before: Any, evidence: Any) -> None:
    """The old version is installed and conformant: what is broken before an upgrade says nothing of it."""
    judging.conformant(conformant_before, evidence)


@behaviour(
    SCALES,
    feature="upgrade",
    needs=(BEFORE,),
    hint="Does the old version install, and at which link of its chain does the queue's length end?",
    look="`helm list -A` and the pods of each release; then the timeline up to the first change: the first "
    "line that does not follow the queue.",
    read=reading.UPGRADING,
)
def test_old_scales(upgrade_cycle: Any, evidence: Any) -> None:
    """The old version is installed and has as many consumers as the steady load asks for, before anything is
    changed: what does not scale shows nothing of its upgrade.
    """
    evidence.record(upgrade_cycle.record)
    judging.busy(upgrade_cycle.record)
