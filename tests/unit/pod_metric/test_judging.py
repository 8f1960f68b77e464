from __future__ import annotations

import pytest

from conformance.dojo.judging import RawSample
from conformance.pod_metric import judging
from conformance.pod_metric.expect import Expect, Load
from conformance.pod_metric.stage import limit
from fixtures.judge.budgets import Budget
from fixtures.observe.record import Reading, Record


def parts(*values):
    return [[Reading(at, "pod_metric", value, None, {}, at)] for at, value in values]


def test_a_rate_fits_the_window_it_is_taken_over():
    """Two requests a second for ten minutes are 2 over any window; for a minute they are 1 over two
    minutes.
    """
    steady = judging.Times([at / 2 for at in range(1200)])
    assert judging.fit(parts((500, 2.0)), steady, 5).windows[-1] == judging.LONGEST
    minute = judging.Times([at / 2 for at in range(120)])
    found = judging.fit(parts((100, 1.0)), minute, 5)
    assert 120 in found.windows
    assert 60 not in found.windows


def test_what_is_right_for_long_does_not_hide_what_is_wrong_for_a_while():
    """A window fits when it fits in every part of the time."""
    steady = judging.Times([at / 2 for at in range(1200)])
    right, wrong = parts((300, 2.0), (400, 2.0)), parts((500, 0.0))
    assert 120 in judging.fit(right, steady, 5).windows
    assert 120 not in judging.fit([*right, *wrong], steady, 5).windows


def test_an_answer_may_not_know_of_the_last_scrape():
    """What was sent since the last scrape may be in an answer or not."""
    sent = judging.Times([100.0 + at / 10 for at in range(40)])
    assert judging.fit(parts((104, 0.0)), sent, 5).windows
    assert judging.fit(parts((104, 4.0)), sent, 5).windows == [10]


def sample(at, value, pod="a", **labels):
    return RawSample({"pod": pod, **labels}, value, at)


OLD = [sample(100.0, 50.0), sample(105.0, 55.0), sample(110.0, 60.0)]
NEW = [sample(115.0, 4.0, "b"), sample(120.0, 9.0, "b")]


def test_growth_of_an_old_pod_and_of_a_new_one():
    """An old pod's count is taken from its first scrape on, a new one's from 0."""
    assert judging.growth(OLD, 99, 121, 5) == (10.0, 100.0, 110.0)
    assert judging.growth([*OLD, *NEW], 99, 121, 5) == (19.0, 100.0, 120.0)
    assert judging.growth(OLD[:1], 99, 121, 5) is None


def test_growth_of_a_pod_that_is_scraped_twice():
    """Two targets of one pod are two series: what they count is counted twice."""
    again = [sample(each.at + 2, each.value, endpoint="9090") for each in OLD]
    assert judging.growth([*OLD, *again], 99, 121, 5) == (20.0, 100.0, 112.0)


def test_series_of_one_pod_are_added_up():
    """An application that counts by path has several series for a pod; they are one count."""
    samples = [sample(1.0, 2.0, pod, path=path) for pod, path in (("a", "/"), ("a", "/cart"), ("b", "/"))]
    assert judging.by_pod(samples, "pod") == {"a": [(1.0, 4.0)], "b": [(1.0, 2.0)]}


def pods(at, *names, phase="Running", deleting=False):
    states = {name: {"phase": phase, "deleting": deleting} for name in names}
    return Reading(at, "ready_pods", float(len(names)), None, {"pods": states})


def test_a_pod_that_is_going_is_not_missing():
    """Only a pod that ran before and after an answer could have had a value in it."""
    answer = Reading(11.0, "pod_metric", 1.0, None, {"pods": {"a": 1.0}})
    both = [pods(9, "a", "b"), pods(12, "a", "b")]
    assert judging.missing(Record("r", readings=[answer, *both])) == [(11.0, "b")]
    for after in (pods(12, "a"), pods(12, "a", "b", deleting=True), pods(12, "a", "b", phase="Failed")):
        assert judging.missing(Record("r", readings=[answer, both[0], after])) == []


def test_a_value_needs_samples():
    """Two samples make a rate: with one there is a value that nobody measured."""
    record = Record("r", readings=[Reading(11.0, "pod_metric", 0.0, None, {"pods": {"a": 0.0}})])
    assert judging.invented(record, {"a": [(6.0, 0.0), (11.0, 0.0)]}, 2) == []
    assert "0, with 1 of 2 samples" in judging.invented(record, {"a": [(6.0, 0.0)]}, 2)[0]


@pytest.mark.parametrize(("text", "number"), [("2", 2), ("512m", 0.512), ("1500u", 0.0015), ("2k", 2000)])
def test_quantities(text, number):
    """Thousandths, millionths and thousands are read."""
    assert judging.quantity(text) == pytest.approx(number)


@pytest.mark.parametrize(
    ("selector", "where", "selected"),
    [
        ({"matchLabels": {"app": "shop"}}, {}, False),
        ({"matchLabels": {"app": "shop"}}, {"any": True}, True),
        ({"matchLabels": {"app": "shop"}}, {"matchNames": ["shop"]}, True),
        ({"matchLabels": {"app": "shop"}}, {"matchNames": ["other"]}, False),
        ({"matchLabels": {"app": "other"}}, {"any": True}, False),
        ({}, {"any": True}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["shop"]}]}, {"any": True}, True),
        (
            {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["shop"]}]},
            {"any": True},
            False,
        ),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, {"any": True}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, {"any": True}, False),
    ],
)
def test_a_monitor_selects(selector, where, selected):
    """By labels and by namespace: without a namespaceSelector only its own."""
    spec = {"selector": selector, "namespaceSelector": where}
    monitor = {"metadata": {"name": "m", "namespace": "monitoring"}, "spec": spec}
    assert judging.selects(monitor, {"app": "shop"}, "shop") is selected


def test_a_rate_has_a_window():
    """What a scenario expects makes sense, or is refused at once."""
    load = Load(1, 1)
    with pytest.raises(ValueError, match="a rate has a window"):
        Expect("x", "s_total", "s", 1, 1, 2, load, load)
    gauge = Expect("x", "s", "s", 1, 1, 2, load, load, kind="gauge")
    assert (gauge.needed, gauge.listed) == (1, "pods/s")


def test_a_limit_says_what_it_is_made_of():
    """A limit made of others names each part."""
    made = limit("down", Budget("scale_down", {"a": 2.0, "b": 3.0}), rate_window=120.0)
    assert (made.seconds, str(made)) == (125.0, "down (scale_down 5 s + rate window 120 s = 125 s)")
