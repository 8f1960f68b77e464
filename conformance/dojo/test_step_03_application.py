"""Step 3: the application as it is before anything scales it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.behaviour import behaviour

from . import names, reading, web
from .cycles_application import ALONE, TOGETHER
from .judging import Blocked, items_per_consumer_second, items_per_second, part, reached

RATE_TOLERANCE = 0.25
"""Share by which a measured rate may be off: the cycle is 8 items a consumer long, and the first and the last
of them are cut by our once-a-second reading."""


AWAKE = 10
"""Items that wake a consumer where an HPA has put all to sleep, and keep it busy while it is asked."""


@behaviour(
    "dojo.03.producer-publishes",
    feature="application",
    budget="component_ready",
    needs=("dojo.02.ingress-answers",),
    hint="What does `curl -i -X POST -H 'Host: producer.vcap.me' 127.0.0.1/publish/3` answer, and "
    "how much longer is the list in Redis afterwards?",
    look="`kubectl logs -l app.kubernetes.io/name=producer`, `kubectl describe ingress producer`, "
    "and the list itself: `kubectl exec service/redis-master -- redis-cli LLEN padok`.",
    read=reading.STEP_3,
)
def test_producer_publishes(application_cycle: Any, evidence: Any) -> None:
    """POST /publish and /publish/N, sent to producer.vcap.me, put exactly 1 and N items on the queue."""
    seen = application_cycle.seen
    evidence("publish", "POST /publish and POST /publish/7", str(seen))
    assert "published" in seen, f"the producer took no items: {seen.get('refused', 'not asked')}"
    before, after = seen["published"]
    assert after - before == ALONE, f"asked for 1 + 7 items, {after - before:g} were put on the queue"


RATE = "dojo.03.consumer-rate"


@behaviour(
    RATE,
    feature="application",
    needs=("dojo.03.producer-publishes",),
    hint="How long does one consumer take for an item, by the timestamps of its own log?",
    look="`kubectl logs -l app.kubernetes.io/name=consumer --timestamps` while one consumer runs; "
    "`kubectl describe pod` for restarts, and for limits that slow it down.",
    read=reading.STEP_3,
)
def test_consumer_rate(application_cycle: Any, evidence: Any) -> None:
    """One consumer works off one item a second."""
    evidence.record(application_cycle.record)
    alone = part(application_cycle.record, "published 8", "8 done")
    evidence.record(alone)
    rate = items_per_consumer_second(alone)
    evidence("rate", "items finished by one consumer in a second", f"{rate:.2f}")
    assert abs(rate - 1) <= RATE_TOLERANCE, f"a consumer finishes {rate:.2f} items a second, not 1"


@behaviour(
    "dojo.03.consumers-add-up",
    feature="application",
    needs=("dojo.03.producer-publishes",),
    hint="When three consumers run, does each take items of its own?",
    look="All their logs at once: `kubectl logs -l app.kubernetes.io/name=consumer --prefix -f`. And "
    "`kubectl get pods -w`: are there three, Ready, and do they stay?",
    read=reading.SCALING,
)
def test_consumers_add_up(application_cycle: Any, evidence: Any, could_not_tell: Any) -> None:
    """Three consumers have three times the throughput of one."""
    record = application_cycle.record
    evidence.record(record)
    if not record.has_event("8 done"):
        raise Blocked(RATE, "one consumer did not get done with 8 items, so that three have no measure")
    alone = items_per_consumer_second(part(record, "published 8", "8 done"))
    count = application_cycle.seen.get("together", TOGETHER)
    together = part(record, f"published {count}", f"{count} done")
    evidence.record(together)
    ready = together.recorded(names.READY).maximum()
    each = items_per_consumer_second(together)
    evidence("throughput", f"{ready:g} consumers, items a second each; one alone", f"{each:.2f}; {alone:.2f}")
    if ready < 2:
        could_not_tell(
            "the HPA that was there already brought no second consumer; measure on a fresh installation"
        )
    assert each >= alone * (1 - RATE_TOLERANCE), (
        f"{ready:g} consumers finish {each:.2f} items a second each, and one alone {alone:.2f}"
    )
    if not record.has_event("an HPA is there"):
        reached(record, "three consumers")
        all_of_them = items_per_second(together)
        assert all_of_them >= 3 * alone * (1 - RATE_TOLERANCE), (
            f"three consumers finish {all_of_them:.2f} items a second, and one alone {alone:.2f}"
        )


@behaviour(
    "dojo.03.health-and-metrics",
    feature="application",
    needs=("dojo.02.ingress-answers",),
    hint="Which of the two applications does not answer /healthz or /metrics, and on which port does "
    "its Service listen?",
    look="`kubectl get services,endpointslices` for both, then a pod's own answer: `kubectl "
    "port-forward deployment/consumer 8080` and `curl -i localhost:8080/healthz`.",
    read=reading.SERVICES,
)
def test_health_and_metrics(
    *,
    installation: Any,
    producer: Any,
    cluster: Any,
    kube: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """Producer and consumer answer /healthz with 200 and give metrics in Prometheus' format at /metrics."""
    for piece in ("producer", "consumer"):
        installation.need(piece)
    service = chain.consumer_service
    proxy = f"/api/v1/namespaces/{service.namespace}/services/{service.name}:{chain.consumer_port}/proxy"

    def serves(answer: web.Answer, body: str) -> bool:
        assert answer.status == web.OK, f"answered {answer.status}: {str(answer.text)[:200]}"
        assert body in str(answer.text), f"no {body!r} in the answer: {str(answer.text)[:200]}"
        return True

    def answers(who: str, ask: Any) -> None:
        for path, body in (("/healthz", ""), ("/metrics", "# TYPE ")):
            answer = eventually(
                lambda path=path: ask(path),
                lambda answer, body=body: serves(answer, body),
                budget=budgets.component_ready,
                what=f"{who}{path}",
            )
            evidence(f"{who}{path}", f"GET {path}", f"{answer.status}\n{str(answer.text)[:400]}")

    answers(names.PRODUCER_HOST, lambda path: web.get(cluster, names.PRODUCER_HOST, path))
    consumer = kube.deployment(*chain.consumer)
    if consumer is not None and consumer.spec == 0:
        producer.publish(AWAKE)
        eventually(
            lambda: kube.deployment(*chain.consumer),
            lambda found: bool(found.ready),
            budget=budgets.wakes,
            what="a consumer to be asked",
        )
    answers(str(chain.consumer_service), lambda path: web.Answer(*kube.get(f"{proxy}{path}")))


@pytest.mark.end_of_run
@behaviour(
    "dojo.03.nothing-lost",
    feature="application",
    needs=("dojo.03.producer-publishes",),
    hint="What happens to the item in hand when a consumer is asked to stop?",
    look="The counts in this behaviour's evidence, and `kubectl logs -f` of a consumer while its pod "
    "is deleted: does it finish its item, and has it the time to?",
    read=reading.TERMINATION,
)
def test_nothing_lost(books: Any, evidence: Any) -> None:
    """Over the whole run no item was lost or done twice: published = consumed + queued + in hand."""
    for when, counts in books.items():
        published, consumed = counts.published or 0, counts.consumed or 0
        queued, in_hand = counts.queued, counts.in_hand
        evidence(
            f"items {when}",
            "published, consumed, queued, in hand (one transaction)",
            f"{published:g} = {consumed:g} + {queued:g} + {in_hand:g}",
        )
        assert published > 0, f"{when}: nothing was published, so nothing can be said"
        lost = published - consumed - queued - in_hand
        assert lost == 0, (
            f"{when}: {published:g} published, {consumed:g} consumed, {queued:g} queued, {in_hand:g} in hand:"
            f" {abs(lost):g} {'lost' if lost > 0 else 'more than were published'}"
        )
