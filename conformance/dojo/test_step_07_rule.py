"""Step 7: the recording rule."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from conformance.behaviour import behaviour

from . import names, reading
from .judging import (
    CLOCKS,
    bare,
    evaluations,
    gaps,
    missing,
    more_than_one,
    part,
    reached,
    rule_mismatches,
)

HEALTHY = "dojo.07.rule-healthy"
FOLLOWS = "dojo.07.follows-key-size"
LATE = 1.8
"""Intervals between two evaluations from which on one was missed; a busy machine is late by less."""


@behaviour(
    HEALTHY,
    feature="recording-rule",
    budget="config_reload",
    needs=("dojo.05.prometheus-ready",),
    hint="Is your rule among those that Prometheus has loaded, and if it is, which error stands beside it?",
    look="`kubectl get prometheusrule -A` (does the object exist, and which template of the "
    "consumer's chart makes it?), then prometheus.vcap.me/api/v1/rules (was it loaded?), then "
    "health and lastError there.",
    read=reading.RULES,
)
def test_rule_healthy(
    *, solution: Any, solved: Any, kube: Any, prometheus: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """The rule for redis_items_in_queue is loaded, has no error and is evaluated at its interval."""
    assert solution.has("rule"), f"not there yet: {solution.missing('rule')}"
    left_out = solved()
    there = uids_of_rules(kube.items("monitoring.coreos.com/v1", "prometheusrules"))

    def healthy(rules: Any) -> bool:
        ours = [rule for rule in rules if rule.name == names.RULE_METRIC]
        said = f"; {left_out}" if left_out else ""
        assert ours, f"no rule called {names.RULE_METRIC} among {len(rules)} loaded ones{said}"
        for rule in ours:
            found = UID.search(rule.file)
            assert found is None or found[0] in there, f"{rule.file} is of a PrometheusRule that is gone"
            assert (rule.health, rule.last_error) == ("ok", ""), (
                f"its health is {rule.health}: {rule.last_error}"
            )
            age = (datetime.now(UTC) - datetime.fromisoformat(rule.last_evaluation)).total_seconds()
            assert age <= LATE * rule.interval + CLOCKS, (
                f"last evaluated {age:.1f} s ago, every {rule.interval:g} s"
            )
        return True

    # Twice in a row, an evaluation apart or not: the second time the first evaluation may be too old.
    rules = eventually(
        prometheus.rules,
        healthy,
        budget=budgets.config_reload,
        successes=2,
        what="the rule is loaded and healthy",
    )
    found = [rule for rule in rules if rule.name == names.RULE_METRIC]
    evidence("rule", "Prometheus' rules", "\n".join(map(str, found)))


UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""prometheus-operator calls a rule file after its PrometheusRule: namespace, name and UID
(pkg/prometheus/rules.go). On a kept cluster the file of one that was replaced stays loaded for a while."""


def uids_of_rules(objects: list[Any]) -> set[str]:
    """UIDs of the PrometheusRules that record the metric."""
    return {
        each["metadata"]["uid"]
        for each in objects
        for group in each["spec"].get("groups", ())
        for rule in group.get("rules", ())
        if rule.get("record") == names.RULE_METRIC
    }


@behaviour(
    FOLLOWS,
    feature="recording-rule",
    budget="rule_visible",
    needs=(HEALTHY, "dojo.06.key-size-follows-queue"),
    hint="Put redis_key_size and redis_items_in_queue side by side in Prometheus: do value and labels agree?",
    look="Both series with all their labels at one moment, with items in the queue. Then the rule's "
    "expression piece by piece: which piece changes the value, or loses a label?",
    read=reading.OPERATORS,
)
def test_follows_key_size(
    outage_cycle: Any, intervals: Any, chain: Any, evidence: Any, could_not_tell: Any
) -> None:
    """While redis_key_size exists, redis_items_in_queue has its value, and the labels the adapter needs."""
    evidence.record(outage_cycle.record)
    down = reached(outage_cycle.record, "exporter down").at
    back = reached(outage_cycle.record, "metric is back").at
    sizes = outage_cycle.raw[f"every {names.KEY_METRIC}"]
    recorded = [s for s in outage_cycle.raw[f"every {names.RULE_METRIC}"] if s.at < down or s.at > back]
    wrong = rule_mismatches(recorded, sizes, intervals.scrape, chain.labels)
    evidence(
        "compared",
        f"{len(recorded)} evaluations with the samples before them",
        "\n".join(wrong) or "all agree",
    )
    assert not wrong, f"{len(wrong)} of {len(recorded)} evaluations disagree, the first {wrong[0]}"
    if not any(sample.value > 0 for sample in recorded):
        could_not_tell("the queue was never seen with an item in it by the rule")


@behaviour(
    "dojo.07.absent-series-becomes-zero",
    feature="recording-rule",
    needs=(HEALTHY,),
    hint="What does the rule return when redis_key_size has no series at all, and with which labels?",
    look="Make it so: scale the exporter's Deployment to none, wait until the query for "
    "redis_key_size is empty, and run your expression piece by piece. (An empty queue alone may "
    "not show it: many exporters then say 0.)",
    read=reading.ABSENT,
)
def test_absent_series_becomes_zero(
    outage_cycle: Any, chain: Any, evidence: Any, could_not_tell: Any
) -> None:
    """While the exporter is gone, redis_items_in_queue is 0 and has the labels service, namespace and key."""
    evidence.record(outage_cycle.record)
    gap = part(outage_cycle.record, "redis_key_size is absent", "exporter restored")
    evidence.record(gap)
    queued = gap.recorded(names.QUEUE).maximum()
    samples = [s for s in outage_cycle.raw[f"every {names.RULE_METRIC}"] if gap.started <= s.at <= gap.ended]
    evidence("outage", names.RULE_METRIC, str([(s.value, bare(s.labels)) for s in samples][:3]))
    if queued == 0:
        could_not_tell("the queue was empty during the whole outage: a 0 would prove nothing")
    last = gap.recorded(names.RECORDED).last()
    if last is None or last.failed:
        could_not_tell(f"{names.RULE_METRIC} could not be read during the outage: {last}")
    assert last.present, f"while redis_key_size was absent, {names.RULE_METRIC} was absent too"
    for sample in samples:
        assert sample.value == 0, f"without redis_key_size the metric was {sample.value:g}, not 0"
        assert chain.labels.items() <= sample.labels.items(), (
            f"labels were {bare(sample.labels)}, not {chain.labels}"
        )
    if not samples:
        could_not_tell("the rule was not evaluated while redis_key_size was absent")


@behaviour(
    "dojo.07.never-absent",
    feature="recording-rule",
    needs=("dojo.07.absent-series-becomes-zero", "dojo.06.key-size-follows-queue"),  # it has to come back
    hint="At which instant of the outage is there no value: while the series ends, or when it comes back?",
    look="The raw samples `redis_items_in_queue[2m]` beside `redis_key_size[2m]`, around the moment "
    "at which the exporter goes or comes back: what does each piece of the expression give at "
    "the evaluation that is missing?",
    read=reading.STALENESS,
)
def test_never_absent(outage_cycle: Any, chain: Any, evidence: Any) -> None:
    """Across the outage's edges redis_items_in_queue has a value at every evaluation."""
    record = outage_cycle.record
    evidence.record(record)
    times = evaluations(outage_cycle.raw[names.RULE_METRIC])
    start, end = reached(record, "exporter down").at, reached(record, "metric is back").at
    evidence.record(record.between(start, end))
    interval = outage_cycle.seen["evaluation"]
    inside = [time for time in times if start - interval <= time <= end + interval]
    assert len(inside) > 1, (
        f"{len(inside)} evaluations gave {chain.rule_query} in the {end - start:.0f} s of the outage"
    )
    missed = gaps(inside, missing(interval))
    evidence("gaps", f"{chain.rule_query}, {len(inside)} evaluations", str(missed or "none"))
    assert not missed, f"no value for {'; '.join(missed)} (evaluated every {interval:g} s)"
    absent = record.between("exporter down", "metric is back").recorded(names.RECORDED).absent()
    assert not absent, (
        f"{len(absent)} queries found no value, the first {absent[0].at - start:.1f} s into the outage"
    )


@behaviour(
    "dojo.07.one-series",
    feature="recording-rule",
    needs=(HEALTHY,),
    hint="How many series does redis_items_in_queue have while redis_key_size exists, and which part "
    "of the rule adds one?",
    look="The labels of the series that are there at the same time, with the exporter up and with it "
    "gone. In which label do they differ, and which label sets does the operator between your "
    "two parts compare?",
    read=reading.OPERATORS,
)
def test_one_series(outage_cycle: Any, evidence: Any) -> None:
    """Each evaluation gives one series of redis_items_in_queue, never two at once."""
    evidence.record(outage_cycle.record)
    samples = outage_cycle.raw[f"every {names.RULE_METRIC}"]
    assert samples, f"{names.RULE_METRIC} has no sample"
    many = more_than_one(samples)
    labels = [bare(sample.labels) for sample in samples if sample.at == next(iter(many), None)]
    evidence(
        "series",
        names.RULE_METRIC,
        f"{len(samples)} samples, {len(many)} evaluations with more than one series",
    )
    assert not many, (
        f"{len(many)} of {len(evaluations(samples))} evaluations gave {max(many.values())} series: {labels}"
    )
