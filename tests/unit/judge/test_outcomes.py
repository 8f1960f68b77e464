"""Outcomes, behaviours and the ledger."""

from __future__ import annotations

import pytest

from conformance.behaviour import behaviour
from fixtures.judge.behaviours import BadBehaviour, Behaviour, Ledger, behaviour_of, check
from fixtures.judge.outcomes import (
    Blocked,
    CouldNotTell,
    Outcome,
    Unsupported,
    UpstreamDefect,
    outcome_of,
)


class Item:
    """As much of a pytest item as is read: its markers and its function."""

    def __init__(self, test, nodeid="conformance/dojo/test_07.py::test_one"):
        self.obj, self.nodeid = test, nodeid
        self.location = (nodeid.partition("::")[0], 6, nodeid.rpartition("::")[2])

    def get_closest_marker(self, name):
        return next((mark for mark in getattr(self.obj, "pytestmark", ()) if mark.name == name), None)


def a_behaviour(id="dojo.07.one-series", needs=(), **more):
    return Behaviour(
        **{"id": id, "level": "core", "feature": "rule", "hint": "?", "statement": "x", **more}, needs=needs
    )


class InstallFailed(Exception):
    """As raised by a room left of the judge: it names its outcome in a string."""

    outcome = "failed"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "passed"),
        (AssertionError("3 != 4"), "failed"),
        (pytest.fail.Exception("no"), "failed"),
        (pytest.skip.Exception("not here"), "skipped"),
        (Unsupported("no such condition before 1.36"), "skipped"),
        (CouldNotTell("nothing was read"), "error"),
        (KeyError("no event 'reached max'"), "error"),
        (TimeoutError("API server"), "error"),
        (Blocked("dojo.05.targets-up"), "blocked"),
        (UpstreamDefect("https://example.org/1"), "upstream-defect"),
        (InstallFailed("helm says no"), "failed"),
    ],
)
def test_outcome_of_an_exception(error, outcome):
    """Only a failed assertion or a class that says so is a failure; the unforeseen is an error."""
    assert outcome_of(error) == outcome


def test_upstream_defect_shows_its_link():
    """An upstream defect's text carries the link to where it is written down."""
    defect = UpstreamDefect("https://example.org/1", "averageValue is negative")
    assert defect.link in str(defect)
    assert "negative" in str(defect)


def test_behaviour_is_read_off_an_item():
    """The decorator's arguments and the docstring's first paragraph make the behaviour."""

    @behaviour(
        "dojo.07.one-series",
        level="extended",
        feature="recording-rule",
        hint="Which series are there?",
        needs=["dojo.07.rule-healthy"],
        budget="rule_visible",
    )
    def test_one():
        """There are never two series
        at once.

        How it is done is not part of the statement.
        """

    read = behaviour_of(Item(test_one))
    assert read == Behaviour(
        id="dojo.07.one-series",
        level="extended",
        feature="recording-rule",
        hint="Which series are there?",
        statement="There are never two series at once.",
        needs=("dojo.07.rule-healthy",),
        budget="rule_visible",
        file="conformance/dojo/test_07.py",
        line=7,
    )
    assert (read.scenario, read.step, read.name) == ("dojo", 7, "one-series")


def test_item_without_marker_is_no_behaviour():
    """A test without the marker asserts no behaviour."""
    assert behaviour_of(Item(lambda: None)) is None


@pytest.mark.parametrize(
    "id",
    [
        "dojo.7.one",
        "dojo.07.One",
        "dojo.07",
        "cat.07.one",
        "dojo.07.one_series",
        "dojo.07.one\n",
        "",
        "xdojo.07.one",
    ],
)
def test_malformed_id_is_refused(id):
    """An id that is not scenario.step.name is refused, and the message shows it."""
    with pytest.raises(BadBehaviour, match="is not scenario"):
        a_behaviour(id)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"level": "vital"}, "level 'vital'"),
        ({"hint": " "}, "hint= is empty"),
        ({"statement": ""}, "docstring is empty"),
        ({"needs": ("prometheus",)}, "no behaviour id"),
        ({"needs": ("dojo.07.one-series",)}, "needs itself"),
    ],
)
def test_malformed_behaviour_is_refused(change, message):
    """Every field is checked, and the message names it."""
    with pytest.raises(BadBehaviour, match=message):
        a_behaviour(**change)


def test_malformed_marker_names_the_test():
    """A mistake in a marker is reported with the test it is on."""

    @pytest.mark.behaviour(id="dojo.07.x", levl="core")
    def test_one():
        """Something."""

    with pytest.raises(BadBehaviour, match=r"test_07.py::test_one: .*levl"):
        behaviour_of(Item(test_one))


def test_unknown_need_is_refused():
    """A need that names no behaviour of a collected scenario is a typing mistake."""
    with pytest.raises(BadBehaviour, match=r"dojo\.06\.typo, which does not exist"):
        check([a_behaviour(needs=("dojo.06.typo",))])


def test_need_in_a_scenario_that_is_not_collected_is_fine():
    """Another scenario's behaviours may not be collected at all."""
    check([a_behaviour("upgrade.01.x", needs=("dojo.06.target-up",))])


def test_circle_of_needs_is_refused():
    """Behaviours that need each other would block each other for ever."""
    circle = [a_behaviour("dojo.01.a", needs=("dojo.01.b",)), a_behaviour("dojo.01.b", needs=("dojo.01.a",))]
    with pytest.raises(BadBehaviour, match="circle"):
        check(circle)


@pytest.mark.parametrize("outcome", Outcome)
def test_which_outcomes_block(outcome):
    """Failed, error and blocked needs block; passed, skipped and upstream-defect ones do not."""
    ledger = Ledger()
    ledger.record("dojo.06.target-up", outcome)
    blocked = ledger.blocked_by(a_behaviour(needs=("dojo.06.target-up",)))
    assert (blocked == "dojo.06.target-up") is (outcome in {"failed", "error", "blocked"})


def test_first_bad_need_is_named():
    """Of several needs that did not pass the first one listed is named."""
    ledger = Ledger()
    ledger.record("dojo.01.c", Outcome.FAILED)
    ledger.record("dojo.01.b", Outcome.ERROR)
    ledger.record("dojo.01.a", Outcome.PASSED)
    assert ledger.blocked_by(a_behaviour(needs=("dojo.01.a", "dojo.01.b", "dojo.01.c"))) == "dojo.01.b"


def test_deselected_need_does_not_block():
    """A need that never ran (deselected with -k or -m) does not block."""
    assert Ledger().blocked_by(a_behaviour(needs=("dojo.06.target-up",))) is None


def test_worst_case_of_a_behaviour_stands():
    """A behaviour of several parametrised cases failed when one case failed, whatever came after."""
    ledger = Ledger()
    for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED):
        ledger.record("dojo.01.a", outcome)
    assert ledger.outcome("dojo.01.a") is Outcome.FAILED
    assert list(ledger.outcomes) == ["dojo.01.a"]
