"""A behaviour that several scenarios adopt."""

from __future__ import annotations

import inspect

from conformance.behaviour import Document
from conformance.pod_metric.shared import shared


@shared(
    "is-there",
    feature="adapter",
    hint="Is it?",
    look="There.",
    read=Document("T", "https://t"),
    budget="wakes",
)
def is_there(*, expect, evidence):
    """It is there."""
    return expect, evidence


def marks(test):
    return test.pytestmark[0].kwargs


def test_each_scenario_has_its_own_id():
    """Two adoptions are two functions, each with its scenario's marker: none changes the other's."""
    one = is_there.of("shopfront", "03", needs=("shopfront.02.series-per-pod",))
    other = is_there.of("event_loop", "04", level="extended")
    assert marks(one)["id"] == "shopfront.03.is-there"
    assert marks(one)["needs"] == ("shopfront.02.series-per-pod",)
    assert (marks(one)["level"], marks(one)["budget"]) == ("core", "wakes")
    assert (marks(other)["id"], marks(other)["level"], marks(other)["needs"]) == (
        "event_loop.04.is-there",
        "extended",
        (),
    )
    assert not hasattr(is_there.test, "pytestmark")


def test_it_takes_the_same_fixtures_and_says_the_same():
    """pytest finds fixtures and statement as in a test that stands there."""
    adopted = is_there.of("shopfront", "03")
    assert list(inspect.signature(adopted).parameters) == ["expect", "evidence"]
    assert adopted.__doc__ == "It is there."
    assert adopted(expect=1, evidence=2) == (1, 2)


def test_a_scenario_may_say_it_in_its_own_words():
    """Statement, question, place and document may be the scenario's; what is not given stays."""
    own = is_there.of("shopfront", "03", says="The shop is there.", hint="Is the shop?")
    assert own.__doc__ == "The shop is there."
    assert (marks(own)["hint"], marks(own)["look"]) == ("Is the shop?", "There.")
    assert marks(own)["read"] == Document("T", "https://t")
