"""Step 3: the gauge in the Kubernetes API: one value for each pod, by labels that were renamed."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo.judging import part, reached
from conformance.pod_metric import adapter
from conformance.pod_metric import names as pods
from conformance.pod_metric.scrape import there

from . import judging, names, reading

AVAILABLE = "event_loop.03.api-available"
LISTED = "event_loop.03.pods-metric-listed"
VALUES = "event_loop.03.one-value-per-pod"
SERIES = "event_loop.02.series-per-pod"
LATE_SCRAPES = 2
"""Scrapes after which a load is in the metric: the one after its first second, which may just have been
missed."""
LEAST = 5
"""Answers for a mean: the API is asked once a second, and each pod is scraped once in five."""
NEAR = 0.15
"""Share by which the metric may fall below the load: each pod's gauge is one second in five."""
BUSY = 0.5
"""Share by which it may be above it: where more wants to run than there are cores a loop is held until
it gets its turn, and that is time in which it serves nobody. A quarter more was seen with thirty waiting
on two cores."""

test_api_available = adapter.api_available.of(names.SCENARIO, "03", needs=("event_loop.02.prometheus-ready",))
test_pods_metric_listed = adapter.pods_metric_listed.of(
    names.SCENARIO, "03", needs=(AVAILABLE, SERIES), read=reading.ASSOCIATION
)
test_one_value_per_pod = adapter.one_value_per_pod.of(names.SCENARIO, "03", needs=(LISTED,))
test_selector_filters = adapter.selector_filters.of(names.SCENARIO, "03", needs=(VALUES,))
test_unknown_metric_is_404 = adapter.unknown_metric_is_404.of(
    names.SCENARIO, "03", needs=(AVAILABLE,), level="extended"
)
test_milli_units = adapter.milli_units.of(names.SCENARIO, "03", needs=(VALUES,))
test_no_value_before_samples = adapter.no_value_before_samples.of(
    names.SCENARIO, "03", needs=(VALUES,), level="extended"
)


@behaviour(
    "event_loop.03.lists-nothing-else",
    feature="adapter",
    needs=(LISTED,),
    hint="Which rules does the adapter run with beside yours, and what do they list?",
    look="`kubectl get --raw /apis/custom.metrics.k8s.io/v1beta1 | jq '.resources[].name'`, and the rules in "
    "`kubectl -n monitoring get configmap prometheus-adapter -o yaml`.",
    read=reading.DISCOVERY,
)
def test_lists_nothing_else(
    *, solution: Any, installation: Any, custom_metrics: Any, expect: Any, evidence: Any
) -> None:
    """The API lists the metric, for pods and for their namespaces, and nothing else: without a rule it
    lists nothing.
    """
    there(solution, installation, "adapter")
    found = set(custom_metrics.resources())
    more = sorted(found - {expect.listed, f"namespaces/{expect.metric}"})
    evidence("listed", pods.API, ", ".join(sorted(found)[:20]))
    assert not more, f"{len(more)} others are listed: {', '.join(more[:8])}"


@behaviour(
    "event_loop.03.relist-covers-scrape",
    feature="adapter",
    needs=(AVAILABLE, "event_loop.02.target-up"),
    hint="How far back does the adapter look when it lists the series, and how far apart are their samples?",
    look="--metrics-relist-interval and --metrics-max-age in the adapter's arguments, and the interval "
    "of the scrape in Prometheus' page Status, Target health.",
    read=reading.APPEAR_AND_DISAPPEAR,
)
def test_relist_covers_scrape(*, solution: Any, installation: Any, intervals: Any, evidence: Any) -> None:
    """Each listing of the adapter looks back at least as far as two scrapes are apart, and there is none
    between two listings that no look back covers.
    """
    there(solution, installation, "adapter")
    scrape, relist, age = (float(each) for each in (intervals.scrape, intervals.relist, intervals.max_age))
    evidence("intervals", "scrape, relist, max age", f"{scrape:g} s, {relist:g} s, {age:g} s")
    assert age >= scrape, f"a listing looks back {age:g} s, and a series has a sample every {scrape:g} s"
    assert age >= relist, f"a listing looks back {age:g} s, and the next one is {relist:g} s later"


@behaviour(
    "event_loop.03.never-comes-and-goes",
    feature="adapter",
    needs=(LISTED,),
    hint="While the pods are scraped, when is the metric not found, and for how long?",
    look="The plot of the metric: its gaps, as wide as what? Then --metrics-relist-interval, "
    "--metrics-max-age and the scrape interval.",
    read=reading.APPEAR_AND_DISAPPEAR,
)
def test_never_comes_and_goes(*, pod_cycle: Any, intervals: Any, evidence: Any) -> None:
    """Once each of the adapter's pods has listed the metric it stays: while pods are scraped no answer of the
    API is without a value.
    """
    record = pod_cycle.record
    evidence.record(record)
    load = part(record, pods.BELOW, pods.ENDS)
    first = load.recorded(names.METRIC).first_where(lambda _: True)
    assert first is not None, "the API never gave a value while there was load"
    answers = load.after(first.at + float(intervals.relist) + judging.SAMPLED).recorded(names.METRIC)
    gone = answers.absent()
    evidence("answers", "from a listing after the first value to the end of the load", repr(answers))
    assert len(answers) > 1, "the API was asked once only"
    assert not gone, f"{len(gone)} of {len(answers)} answers had no value"


@behaviour(
    "event_loop.03.sum-equals-load",
    feature="adapter",
    needs=(VALUES,),
    hint="By which factor does the sum of the pods' values differ from the event-loop time that is "
    "asked for?",
    look="The rule's metricsQuery in Prometheus beside elu_utilization itself, for one pod: what is done to "
    "the value?",
    read=reading.QUERYING,
)
def test_sum_equals_load(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """Under a steady load the sum of the pods' values is the event-loop time that its requests take."""
    record = pod_cycle.record
    evidence.record(record)
    start, end = reached(record, pods.BELOW).at + LATE_SCRAPES * expect.scrape, reached(record, pods.HELD).at
    counted = record.between(start, max(start, end))
    evidence.record(counted)
    sums = [value for _, value in counted.recorded(names.METRIC).numbers()]
    if len(sums) < LEAST:
        could_not_tell(f"only {len(sums)} answers while the load was steady")
    burnt = pod_cycle.seen["below"].between(start, end) * names.BURN_MS / 1000
    asked, mean = burnt / (end - start), sum(sums) / len(sums)
    told = f"{mean:.3f}; {asked:.3f}"
    evidence("sum", f"mean of {len(sums)} answers; event-loop seconds asked for a second", told)
    told = f"the values add up to {mean:.3f}, the load is {asked:.3f}"
    assert (1 - NEAR) * asked <= mean <= (1 + BUSY) * asked, told
