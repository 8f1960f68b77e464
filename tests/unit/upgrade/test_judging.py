"""What an upgrade is judged by, on records that are right and on such as are wrong in one thing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conformance.dojo import names as dojo
from conformance.dojo.judging import Cycle
from conformance.upgrade import judging, names
from fixtures.judge.budgets import Budgets
from fixtures.judge.hpa_model import HpaModel, HpaSpec, HpaTiming
from fixtures.judge.intervals import Intervals
from fixtures.observe.errors import NothingRead
from fixtures.observe.record import Event, Reading, Record
from tests.unit.dojo.conftest import Evidence

BUDGET = Budgets(Intervals.exercise()).chain_recovers
START, END = 1000.0, 1400.0


def counts(published: int, consumed: int, queued: int = 0) -> SimpleNamespace:
    return SimpleNamespace(published=published, consumed=consumed, queued=queued, in_hand=0)


def cycle(
    *, gone=(0.0, 0.0), replicas=((0, 4),), ready=4.0, before=None, after=None, ends=True, busy=0.0, mended=()
) -> Cycle:
    """An upgrade of 400 s: from ``gone[0]`` to ``gone[1]`` every link of the chain is away, each in its own
    way, and the replica counts are set at these seconds.
    """
    readings = []
    for second in range(int(END - START)):
        at = START + second
        there = not gone[0] <= second < gone[1]
        metric = 70.0 if there else None
        readings += [Reading(at, dojo.RECORDED, metric), Reading(at, dojo.ADAPTER, metric)]
        readings.append(Reading(at, dojo.API_AVAILABLE, float(there)))
        detail = {"conditions": {"ScalingActive": {"status": str(there)}}}
        readings.append(Reading(at, dojo.HPA, 4.0, detail=detail))
        count = [number for since, number in replicas if since <= second][-1]
        readings += [Reading(at, dojo.SPEC, float(count)), Reading(at, dojo.READY, min(ready, float(count)))]
        readings.append(Reading(at, dojo.HPA_CURRENT, 1.0 if second in mended else float(count)))
        readings.append(Reading(at, dojo.QUEUE, 66.0))
    events = [
        Event(START + busy, names.BUSY, "phase"),
        Event(START + 20, "upgrade prometheus", "fault", {"what": "prometheus"}),
        Event(START + 290, "upgrade adapter", "fault", {"what": "adapter"}),
        Event(END - 20, names.ENDS, "drive"),
        *([Event(END - 1, names.DRAINED, "wait")] if ends else []),
    ]
    seen = {
        "before": before or counts(10, 10),
        "after": after or counts(110, 110),
        "published": 100,
        "hpa": None,
    }
    return Cycle(Record("upgrade", START, END, events=events, readings=readings), seen=seen)


def test_a_chain_that_does_not_recover_says_what_it_gave_at_last():
    """In one line, since that is the verdict; a change that was never made has no such end."""
    last = {dojo.RECORDED: 70.0, dojo.ADAPTER: "failed: HTTP 503"}
    gave_up = Event(START, "gave up: adapter upgraded", "wait", {"last": last, "budget_seconds": 103.5})
    record = Record("upgrade", START, END, events=[gave_up, Event(START, "redis upgraded", "wait")])
    judging.recovered(record, "redis upgraded")
    told = r"^adapter upgraded: .* within 103.5 s; at last .*redis_items_in_queue 70.0, adapter_value failed"
    with pytest.raises(AssertionError, match=told):
        judging.recovered(record, "adapter upgraded")
    with pytest.raises(AssertionError, match="never got to 'works on'"):
        judging.recovered(record, "works on")


@pytest.mark.parametrize("name", [names.ENOUGH, names.NO_MORE])
def test_nothing_is_said_of_a_chain_without_a_load(name):
    """A producer that nobody reached leaves everything as it is: that is no upgrade without a gap."""
    there = cycle()
    gave_up = Event(
        START - 5, f"gave up: {name}", "wait", {"last": {dojo.READY: 0.0}, "budget_seconds": 63.0}
    )
    record = Record(
        "upgrade", START, END, events=[gave_up, *there.record.events], readings=there.record.readings
    )
    idle = Cycle(record, seen=there.seen)
    told = (
        rf"under the load there were not {name} within 63 s; at last queue_length not read.*ready_replicas 0"
    )
    for judge in (judging.holds, lambda *given: judging.gap(given[0], judging.HPA, BUDGET, given[1])):
        with pytest.raises(AssertionError, match=told):
            judge(idle, Evidence())


LINKS = [
    pytest.param(each, id=each.signal)
    for each in (judging.PROMETHEUS, judging.ADAPTER, judging.API_SERVICE, judging.HPA)
]


@pytest.mark.parametrize("link", LINKS)
def test_a_short_gap_is_allowed(link):
    """A restart takes its time; how long each change kept the link away is told, whatever came of it."""
    evidence = Evidence()
    judging.gap(cycle(gone=(30, 50)), link, BUDGET, evidence)
    assert judging.by_change(cycle(gone=(30, 50)), link) == {"upgrade prometheus": 21, "upgrade adapter": 1}
    assert "upgrade prometheus: 21.0 s\nupgrade adapter: 1.0 s" in [answer for _, _, answer in evidence]


@pytest.mark.parametrize("link", LINKS)
def test_a_long_gap_is_not(link):
    """Longer than the chain needs to recover: which change it was is said."""
    with pytest.raises(AssertionError, match=rf"without {link.gives}.*upgrade prometheus: \d\d\d\.0 s"):
        judging.gap(cycle(gone=(30, 30 + BUDGET.seconds + 20)), link, BUDGET, Evidence())


@pytest.mark.parametrize("link", LINKS)
def test_a_link_that_is_never_there_is_a_gap_of_all_the_time(link):
    """Its reads work and say no: that is known, and it is the longest gap there can be."""
    with pytest.raises(AssertionError, match=f"380 s without {link.gives}"):
        judging.gap(cycle(gone=(0, 500)), link, BUDGET, Evidence())


def test_reads_that_all_fail_end_no_gap():
    """That is how an API is away: its answers are errors. What was never read at all cannot be told."""
    there = cycle()
    failed = [Reading(r.at, r.signal, None, error="HTTP 503") for r in there.record.recorded(dojo.ADAPTER)]
    for readings, raised in ((failed, AssertionError), ([], NothingRead)):
        record = Record("upgrade", START, END, events=there.record.events, readings=readings)
        with pytest.raises(raised):
            judging.gap(Cycle(record, seen=there.seen), judging.ADAPTER, BUDGET, Evidence())


def test_replicas_that_stay_or_rise_hold():
    """More consumers than before are no harm."""
    judging.holds(cycle(replicas=((0, 4), (50, 5))), Evidence())


def test_a_scale_down_under_the_same_load_is_found():
    """With from what, to what, when, and what there was to be read then; a move up before it as well."""
    with pytest.raises(AssertionError, match=r"load stayed: 4 to 7 after 20 s \(.*\), 7 to 4 after 40 s \("):
        judging.holds(cycle(replicas=((0, 4), (20, 7), (40, 4))), Evidence())
    with pytest.raises(
        AssertionError, match=r"load stayed: 4 to 0 after 33 s \(the queue 66, the metric 70, "
    ):
        judging.holds(cycle(replicas=((0, 4), (33, 0), (45, 4))), Evidence())
    with pytest.raises(AssertionError, match=r"\(the queue 66, the metric nothing, the API nothing\)"):
        judging.holds(cycle(gone=(30, 50), replicas=((0, 4), (33, 0), (45, 4))), Evidence())


def test_a_sample_that_nobody_takes_any_more_is_told_by_its_age():
    """It stays for as long as Prometheus looks back, and looks like a value."""
    detail = {"sample_at": START - 90}
    gave_up = Event(START, "gave up: works", "wait", {"last": {dojo.KEY_SIZE: 69.0}, "budget_seconds": 90.0})
    old = Reading(START - 1, dojo.KEY_SIZE, 69.0, detail=detail)
    with pytest.raises(
        AssertionError, match=r"redis_key_size 69.0 \(90 s old\), redis_items_in_queue not read"
    ):
        judging.recovered(Record("upgrade", START, END, events=[gave_up], readings=[old]), "works")


MODEL = HpaModel(HpaSpec(20.0, 20, 0), HpaTiming(sync=5, window=20))


@pytest.mark.parametrize("replicas", [((0, 4),), ((0, 7), (100, 4))])
def test_what_was_before_the_first_change_is_not_its_doing(replicas):
    """A count that came down as the load became steady, in the millisecond that is marked."""
    made = cycle(replicas=replicas, busy=100.0)
    judging.follows(made, lambda _: MODEL, Evidence())
    judging.holds(made, Evidence())


def test_the_first_change_is_judged_by_what_was_before_it():
    """It comes as soon as the load is steady: what the HPA remembers then is known from before."""
    made = cycle(replicas=((0, 4), (101, 1), (107, 4)), busy=100.0)
    with pytest.raises(AssertionError, match=r"lowered though the load stayed: 4 to 1 after 1 s"):
        judging.holds(made, Evidence())
    with pytest.raises(AssertionError, match=r"the first: 1 replicas, allowed 4: 4→1"):
        judging.follows(made, lambda _: MODEL, Evidence())


def test_a_count_that_the_hpa_mends_before_it_is_read_is_found():
    """Its own word of it stays for a sync: three of four were ended, though the count was never seen."""
    with pytest.raises(
        AssertionError, match=r"lowered though the load stayed: 4 to 1 after 100 s .* 1 to 4 after 105"
    ):
        judging.holds(cycle(mended=range(100, 105)), Evidence())


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
