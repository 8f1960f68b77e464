"""The scenario's own pure judgements."""

from __future__ import annotations

import pytest

from conformance.event_loop import judging, names
from fixtures.observe.record import Event, Reading, Record

POD = "event-loop-7d9-abcde"


def record(*served, start=100.0, end=120.0):
    events = [Event(start, "begin"), Event(end, "end")]
    return Record("r", start, end, events=events, readings=[Reading(at, names.METRIC, 1.0) for at in served])


def test_the_longest_time_without_a_value_is_between_two_answers():
    """Answers every second but for a while: the while is told, from the answer before to the one after."""
    served = [*range(101, 108), *range(113, 120)]
    assert judging.unserved(record(*served), "begin", "end") == 6


def test_a_time_without_any_value_is_the_whole_time():
    """Where nothing was answered the events are the ends: it is no time of zero."""
    assert judging.unserved(record(), "begin", "end") == 20


def test_errors_and_empty_answers_are_no_values():
    """An answer without a value, and a failed read, do not end the time without one."""
    found = record(101.0, 119.0)
    wrong = [Reading(110.0, names.METRIC, None, "503"), Reading(111.0, names.METRIC, None)]
    found = Record("r", 100.0, 120.0, events=found.events, readings=[*found.readings, *wrong])
    assert judging.unserved(found, "begin", "end") == 18
    assert "503" in judging.told(found, "begin", "end")
    assert "no value" in judging.told(found, "begin", "end")


def test_a_fault_that_was_never_mended_is_a_failure():
    """Without the event that ends it, how long it took is not asked: the events are told."""
    with pytest.raises(AssertionError, match="never got to 'mended'"):
        judging.unserved(record(101.0), "begin", "mended")


def test_averages_are_those_an_hpa_showed():
    """A reading with no metric in its status shows none."""
    shown = [{"average": 0.6}, None, {"average": None}, {"average": 0.5}]
    readings = [
        Reading(100.0 + n, names.HPA, 2.0, None, {"current_metric": metric}) for n, metric in enumerate(shown)
    ]
    assert judging.averages(Record("r", readings=readings), names.HPA) == [0.6, 0.5]


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ({"matchLabels": {"a": "1", "b": "2"}}, "a=1,b=2"),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, "a in (1,2)"),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, "a notin (1)"),
        (
            {"matchLabels": {"a": "1"}, "matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]},
            "a=1,!b",
        ),
        ({}, ""),
    ],
)
def test_selectors_as_the_api_takes_them(selector, text):
    """Both spellings of a label selector, and both together, become the API's text."""
    assert judging.label_text(selector) == text


GOOD = {names.NAMESPACE_LABEL: "event-loop", names.POD_LABEL: POD, "loop": "main"}


def test_renamed_labels_are_right():
    """A series with the two labels, the namespace's and a pod's name in them, may have others beside them."""
    assert judging.strange_labels([GOOD], "event-loop", [POD]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"namespace": "event-loop"},
        {"pod": POD},
        {names.POD_LABEL: "another"},
        {names.NAMESPACE_LABEL: "monitoring"},
    ],
)
def test_other_labels_are_told(change):
    """A usual label that was kept, another pod's name and another namespace are each told."""
    assert len(judging.strange_labels([GOOD, GOOD | change], "event-loop", [POD])) == 1


def test_labels_that_are_missing_are_told():
    """Series that were not renamed at all say nothing by the labels asked for."""
    wrong = judging.strange_labels([{"namespace": "event-loop", "pod": POD}], "event-loop", [POD])
    assert "kubernetes_pod_name is None" in wrong[0]
    assert "it has namespace and pod" in wrong[0]
