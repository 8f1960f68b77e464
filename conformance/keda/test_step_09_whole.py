"""Step 9: the whole run, and its end."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo import reading as dojo_reading

from . import names, reading, scaled


@behaviour(
    "keda.09.nothing-lost",
    feature="application",
    level="extended",
    hint="What happens to the item in hand when a consumer is asked to stop, as KEDA and HPA do it all "
    "the time?",
    look="The counts in this behaviour's evidence, and `kubectl logs -f` of a consumer while its pod is "
    "deleted.",
    read=dojo_reading.TERMINATION,
)
def test_nothing_lost(
    *,
    activation_cycle: Any,
    load_cycle: Any,
    fallback_cycle: Any,
    redis_queue: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """Over all cycles no item was lost or done twice: published = consumed + queued + in hand."""
    for cycle in (activation_cycle, load_cycle, fallback_cycle):
        evidence.record(cycle.record)
    counts = eventually(
        redis_queue.counts, bool, budget=budgets.component_ready, what="the books can be read"
    )
    published, consumed = counts.published or 0, counts.consumed or 0
    shown = f"{published:g} = {consumed:g} + {counts.queued:g} + {counts.in_hand:g}"
    evidence("items", "published, consumed, queued, in hand (one transaction)", shown)
    assert published > 0, "nothing was published, so nothing can be said"
    lost = published - consumed - counts.queued - counts.in_hand
    assert lost == 0, f"{abs(lost):g} items {'lost' if lost > 0 else 'more than were published'}: {shown}"


@behaviour(
    "keda.09.teardown-clean",
    feature="teardown",
    level="extended",
    hint="What is still there, and who was to let go of it: whose finalizer is on it?",
    look="`kubectl get … -o yaml` of what the message names: its finalizers and ownerReferences. A "
    "ScaledObject waits for KEDA's operator: gone first, it takes nobody's finalizer off.",
    read=reading.SCALED_OBJECT,
)
def test_teardown_clean(installation: Any, kube: Any, chain: Any, cluster: Any, evidence: Any) -> None:
    """After the teardown nothing is left: no release, ScaledObject, HPA or API service, and no kind of
    KEDA's.
    """
    done = installation.uninstall()
    evidence("teardown", f"removed in {done.seconds:.0f} s", "\n".join((*done.removed, *done.leftovers)))
    assert not done.leftovers, f"left over: {'; '.join(done.leftovers)}"
    if cluster.provider == "kind":  # on another's cluster what is left may be the owner's
        left = {
            f"APIService {names.EXTERNAL_API}": kube.apiservice(names.EXTERNAL_API),
            f"HPA {chain.hpa}": kube.hpa(*chain.hpa),
            "ScaledObject": scaled.scaled_object(kube, chain),
            f"namespace {names.NAMESPACE}": names.NAMESPACE in kube.namespaces() or None,
            "webhooks": kube.get(
                "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/keda-admission"
            )[0]
            == 200
            or None,
        }
        found = [what for what, there in left.items() if there is not None]
        assert not found, f"left over: {', '.join(found)}"
