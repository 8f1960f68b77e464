"""What an upgrade is judged by, on records that are right and on such as are wrong in one thing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conformance.dojo import names as dojo
from conformance.dojo.judging import Cycle
from conformance.upgrade import judging, names
from fixtures.judge.budgets import Budgets
from fixtures.judge.intervals import Intervals
from fixtures.observe.record import Event, Reading, Record
from tests.unit.dojo.conftest import Evidence

BUDGET = Budgets(Intervals.exercise()).chain_recovers
START, END = 1000.0, 1400.0


def counts(published: int, consumed: int, queued: int = 0) -> SimpleNamespace:
    return SimpleNamespace(published=published, consumed=consumed, queued=queued, in_hand=0)


def cycle(*, gone=(0.0, 0.0), replicas=((0, 4),), ready=4.0, before=None, after=None, ends=True) -> Cycle:
    """An upgrade of 400 s: the metric is not to be read from ``gone[0]`` to ``gone[1]``, and the replica
    counts are set at these seconds.
    """
    readings = []
    for second in range(int(END - START)):
        at = START + second
        lost = gone[0] <= second < gone[1]
        metric = None if lost else 70.0
        readings += [Reading(at, dojo.RECORDED, metric), Reading(at, dojo.ADAPTER, metric)]
        count = [number for since, number in replicas if since <= second][-1]
        readings += [Reading(at, dojo.SPEC, float(count)), Reading(at, dojo.READY, min(ready, float(count)))]
        readings.append(Reading(at, dojo.QUEUE, 66.0))
    events = [
        Event(START, names.BUSY, "phase"),
        Event(START + 20, "upgrade prometheus", "fault", {"what": "prometheus"}),
        Event(START + 290, "upgrade adapter", "fault", {"what": "adapter"}),
        Event(END - 20, names.DONE, "wait"),
        *([Event(END - 1, names.DRAINED, "wait")] if ends else []),
    ]
    seen = {"before": before or counts(10, 10), "after": after or counts(110, 110), "published": 100}
    return Cycle(Record("upgrade", START, END, events=events, readings=readings), seen=seen)


def test_a_short_gap_is_allowed():
    """A restart of Prometheus takes its time; the longest gap is told with the change it lies in."""
    judging.gap(cycle(gone=(30, 50)), dojo.RECORDED, BUDGET, Evidence())
    told = judging.stages(cycle(gone=(30, 50)), dojo.RECORDED)
    assert told == "upgrade prometheus: 21 s; upgrade adapter: 1 s"


def test_a_long_gap_is_not():
    """Longer than the chain needs to recover: which change it was is said."""
    with pytest.raises(AssertionError, match=r"without a value of adapter_value.*upgrade prometheus: 197 s"):
        judging.gap(cycle(gone=(30, 30 + BUDGET.seconds + 20)), dojo.ADAPTER, BUDGET, Evidence())


def test_replicas_that_stay_or_rise_hold():
    """More consumers than before are no harm."""
    judging.holds(cycle(replicas=((0, 4), (50, 5))), Evidence())


def test_a_scale_down_under_the_same_load_is_found():
    """With from what, to what and when."""
    with pytest.raises(AssertionError, match=r"lowered though the load stayed: 4 to 0 after 33 s"):
        judging.holds(cycle(replicas=((0, 4), (33, 0), (45, 4))), Evidence())


def test_consumers_that_are_wanted_but_not_ready_are_none():
    """The count alone serves nobody."""
    with pytest.raises(AssertionError, match="no consumer was Ready"):
        judging.holds(cycle(ready=0.0), Evidence())


def test_books_that_balance_are_complete():
    """What was waiting before counts as well."""
    judging.complete(cycle(before=counts(10, 5, queued=5)), Evidence())


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (counts(10, 10), counts(110, 108), "100 items were published.*98 were consumed"),
        (counts(10, 10), counts(110, 112), "102 were consumed"),
        (counts(10, 10), counts(10, 10), "nothing was published"),
        (counts(10, 10), counts(60, 60), "the producer took 100 items, and only 50 were published"),
    ],
)
def test_books_that_do_not_balance_are_found(before, after, says):
    """Lost, twice, nothing at all, or forgotten with the count of them."""
    with pytest.raises(AssertionError, match=says):
        judging.complete(cycle(before=before, after=after), Evidence())


def test_a_queue_that_was_never_drained_says_nothing():
    """An upgrade that did not come to its end is not complete."""
    with pytest.raises(AssertionError, match=f"never got to '{names.DRAINED}'"):
        judging.complete(cycle(ends=False), Evidence())


def test_a_whole_run_that_is_not_conformant_is_told_by_its_first():
    """And one in which not all was judged is none."""
    graded = SimpleNamespace(
        page="x", outcome="non-conformant", passed=3, wrong=("dojo.09.target (failed): no",)
    )
    with pytest.raises(AssertionError, match=r"1 behaviours did not pass, first dojo.09.target"):
        judging.conformant(graded, Evidence())
    partial = SimpleNamespace(page="x", outcome="partial", passed=3, wrong=())
    with pytest.raises(AssertionError, match="not every behaviour was judged"):
        judging.conformant(partial, Evidence())
    judging.conformant(SimpleNamespace(page="x", outcome="conformant", passed=3, wrong=()), Evidence())
