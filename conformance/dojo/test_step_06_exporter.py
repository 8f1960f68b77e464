"""Step 6: the Redis exporter."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour

from . import names, reading
from .judging import part, queue_bounds
from .monitors import addresses, instances
from .stage import after

UP = "dojo.06.target-up"
DISTINCT = 3
"""Lengths that must have been compared: with fewer, a constant would pass."""
ACTIVITY = 'rate(redis_commands_processed_total{{service="{0.name}",namespace="{0.namespace}"}}[20s])'


@behaviour(
    UP,
    feature="exporter",
    budget="target_scraped",
    needs=("dojo.05.prometheus-ready",),
    hint="Is the exporter among Prometheus' targets, and if it is, what does the exporter's own log "
    "say about Redis' address?",
    look="`kubectl get servicemonitor -A` (is there one for the exporter?), then "
    "prometheus.vcap.me/api/v1/targets (was it found?), then `kubectl logs "
    "deployment/prometheus-redis-exporter` (does it reach Redis?). The first that says no is "
    "the place.",
    read=reading.EXPORTER_FLAGS,
)
def test_target_up(
    *, installation: Any, chain: Any, kube: Any, prometheus: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """Prometheus scrapes the exporter, and the exporter reaches Redis."""
    assert installation.has("exporter"), "not there yet: the solution deploys no Redis exporter"
    installation.need("exporter")
    up = f'up{{service="{chain.exporter.name}",namespace="{chain.exporter.namespace}"}}'

    def read(query: str) -> tuple[set[str], list[Any]]:
        slices = kube.items("discovery.k8s.io/v1", "endpointslices", chain.exporter.namespace)
        ready = addresses(slices, chain.exporter.name)
        return instances(prometheus.targets(), ready), prometheus.query(query)

    def one(state: tuple[set[str], list[Any]]) -> bool:
        # Those of a pod that was just replaced are still there, and say how things were.
        now, samples = state
        ours = {sample.labels.get("instance"): sample.value for sample in samples}
        return bool(now) and all(ours.get(instance) == 1 for instance in now)

    # By its instance: which labels the exporter's own series have is what dojo.06.labels is about.
    for says, query in (("is scraped", up), ("reaches Redis", f"redis_up and on (instance) {up}")):
        answer = eventually(
            lambda query=query: read(query),
            one,
            budget=budgets.target_scraped,
            what=f"the exporter {says} ({query} is 1)",
        )
        evidence(f"the exporter {says}", query, str(answer[1]))


@behaviour(
    "dojo.06.labels",
    feature="exporter",
    needs=(UP,),
    hint="Which labels does redis_key_size have in Prometheus, and which of them do the later steps ask for?",
    look="The labels of `redis_key_size` and of `up` for this target, in Prometheus, and the "
    "exporter's ServiceMonitor and Service: `kubectl get servicemonitor,service -o yaml`. Are "
    "labels renamed or dropped on the way?",
    read=reading.SERVICE_MONITOR,
)
def test_labels(queue_cycle: Any, chain: Any, evidence: Any, could_not_tell: Any) -> None:
    """The exporter's series say which service and namespace they come from."""
    samples = after(queue_cycle.record.started, queue_cycle.raw["every redis_key_size"])
    evidence("series", "redis_key_size, raw samples", str([sample.labels for sample in samples][:3]))
    if not samples:
        could_not_tell(
            "redis_key_size has no sample, though items were in the queue; see dojo.06.key-size-follows-queue"
        )
    for sample in samples:
        wrong = {
            name: sample.labels.get(name)
            for name in ("service", "namespace")
            if sample.labels.get(name) != chain.labels[name]
        }
        assert not wrong, f"expected {chain.labels}, found {wrong} in {sample.labels}"


@behaviour(
    "dojo.06.key-size-follows-queue",
    feature="exporter",
    budget="key_size_visible",
    needs=(UP,),
    hint="Which key does the exporter measure, and in which Redis?",
    look="Three lengths of one moment: `kubectl exec service/redis-master -- redis-cli LLEN padok`, "
    "redis_key_size on the exporter's own /metrics (`kubectl port-forward "
    "deployment/prometheus-redis-exporter 9121`), and the same in Prometheus. Between which two "
    "do they part?",
    read=reading.EXPORTER_FLAGS,
)
def test_key_size_follows_queue(queue_cycle: Any, chain: Any, evidence: Any, could_not_tell: Any) -> None:
    """Each sample of redis_key_size is the length the queue had when it was taken."""
    record = queue_cycle.record
    evidence.record(record)
    samples = after(record.started, queue_cycle.raw[names.KEY_METRIC])
    evidence(
        "samples", f"{chain.key_query}[…]", str([(round(s.at - record.started, 1), s.value) for s in samples])
    )
    longest = record.recorded(names.QUEUE).maximum()
    assert any(sample.value > 0 for sample in samples), (
        f"redis_key_size was never above 0 while the queue was up to {longest:g} items long; samples:"
        f" {len(samples)}"
    )
    compared = set()
    for sample in samples:
        bounds = queue_bounds(record, sample.at)
        if bounds is None:
            continue
        low, high = bounds
        assert low <= sample.value <= high, (
            f"{sample.at - record.started:.1f} s after the start redis_key_size was {sample.value:g},"
            f" the queue between {low:g} and {high:g} items long"
        )
        compared.add(sample.value)
    if len(compared) < DISTINCT:
        could_not_tell(
            f"only the lengths {sorted(compared)} were compared; {DISTINCT} different ones are needed"
        )


@behaviour(
    "dojo.06.single-key-only",
    feature="exporter",
    needs=(UP,),
    hint="Which keys does `count by (key) (redis_key_size)` list, and does the exporter look for "
    "keys by a pattern or by their name?",
    look="The container's environment and arguments in `kubectl describe deployment "
    "prometheus-redis-exporter`, and in the exporter's documentation the settings that have to "
    "do with keys.",
    read=reading.EXPORTER_FLAGS,
)
def test_single_key_only(queue_cycle: Any, evidence: Any) -> None:
    """The exporter watches the key padok and no other."""
    samples = after(queue_cycle.record.started, queue_cycle.raw["every redis_key_size"])
    keys = {sample.labels.get("key") for sample in samples}
    evidence("keys", "redis_key_size, labels of its raw samples", str(keys))
    found = sorted(map(str, keys)) or "none: redis_key_size has no sample, though items were in the queue"
    assert keys == {names.KEY}, f"expected the key {names.KEY} alone, found {found}"


@behaviour(
    "dojo.06.empty-queue",
    feature="exporter",
    budget="key_size_visible",
    needs=("dojo.06.key-size-follows-queue",),
    hint="What is left of redis_key_size a scrape interval after the last item was taken?",
    look="Publish three items and, when they are done, query `redis_key_size[1m]`: its raw samples "
    "with their times. Does an old length go on, and does the exporter's own /metrics still "
    "show it?",
    read=reading.STALENESS,
)
def test_empty_queue(queue_cycle: Any, chain: Any, evidence: Any) -> None:
    """When the queue has run empty, redis_key_size is 0 or absent, never the last length."""
    evidence.record(queue_cycle.record)
    empty = part(queue_cycle.record, "empty and scraped", "end")
    evidence.record(empty)
    seen = empty.recorded(names.KEY_SIZE).values()
    evidence("empty queue", chain.key_query, f"{'absent' if not seen else sorted(seen)}: this exporter's way")
    assert seen <= {0.0}, f"the queue is empty, and redis_key_size still says {sorted(seen)}"


@behaviour(
    "dojo.06.commands-rate",
    feature="exporter",
    needs=(UP,),
    hint="What does the exercise's query give when you leave the labels or the rate away, piece by piece?",
    look="`redis_commands_processed_total` by itself, then with its labels, then in the rate: at "
    "which piece is the answer empty or 0, and how many samples lie in the range?",
    read=reading.RATE,
)
def test_commands_rate(
    *, queue_cycle: Any, chain: Any, prometheus: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """The exercise's query shows the application's activity: more than no commands a second."""
    activity = ACTIVITY.format(chain.exporter)
    answer = eventually(
        lambda: prometheus.query(activity),
        lambda samples: bool(samples) and all(sample.value > 0 for sample in samples),
        budget=budgets.key_size_visible,
        what=f"{activity} is above 0",
    )
    evidence("activity", activity, str(answer))
