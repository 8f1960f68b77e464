"""Points a step, their total, and what comes next."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reports import grade as grades
from reports.model import BehaviourResult, Grade

# step.name -> level; a small dojo with all that is special in the real one
ASKED = {
    "01.tools": "core",
    "03.rate": "core",
    "05.ready": "core",
    "05.targets": "core",
    "06.up": "core",
    "06.labels": "core",
    "07.rule": "core",
    "10.condition": "extended",
    "11.restart": "extended",
    "11.advice": "advisory",
}


def result(key, outcome="passed", **more):
    return BehaviourResult(
        f"dojo.{key}",
        "dojo",
        int(key[:2]),
        ASKED[key],
        outcome,
        statement=f"What {key} states.",
        hints=[f"Is {key} right?", f"At {key}.", "A page: https://page"],
        **more,
    )


def graded(not_asked=0, unjudged=(), only=None, **outcomes):
    """The grade when all pass but ``outcomes`` (`s06_up="failed"`); ``unjudged`` have no result."""
    ended = {name[1:].replace("_", "."): outcome for name, outcome in outcomes.items()}
    asked = [result(key, ended.get(key, "passed")) for key in only or ASKED]
    judged = [each for each in asked if each.id.removeprefix("dojo.") not in unjudged]
    return grades.grade(judged, asked, "dojo", not_asked=not_asked)


def of_step(found, step):
    return next(str(each.points) for each in found.steps if each.step == step)


def test_a_point_for_each_core_behaviour():
    """All core behaviours of the learner's steps passed: all points, and nothing left to do."""
    found = graded()
    assert str(found.total) == "5 of 5"
    assert found.next is None
    assert grades.next_line(found) == (
        "next: nothing is left of the exercise, and what lies beyond it holds too"
    )


def test_what_the_starting_point_brings_is_shown_and_not_counted():
    """Steps 1 to 3 pass with the exercise as it comes: they are in no total, and a failure there neither."""
    found = graded(
        s05_ready="failed", s05_targets="blocked", s06_up="blocked", s06_labels="blocked", s07_rule="blocked"
    )
    assert str(found.total) == "0 of 5"
    assert [(each.step, each.shipped, str(each.points)) for each in found.steps[:2]] == [
        (1, True, "1 of 1"),
        (3, True, "1 of 1"),
    ]
    assert str(graded(s03_rate="failed").total) == "5 of 5"


def test_a_later_step_counts_though_an_earlier_one_failed():
    """Points do not stop at the first failure."""
    found = graded(s05_targets="failed")
    assert (str(found.total), of_step(found, 5), of_step(found, 6)) == ("4 of 5", "1 of 2", "2 of 2")


@pytest.mark.parametrize(
    ("outcome", "total"),
    [
        ("passed", "5 of 5"),
        ("upstream-defect", "5 of 5"),
        ("failed", "4 of 5"),
        ("error", "4 of 5"),
        ("blocked", "4 of 5"),
        ("skipped", "4 of 4, 1 skipped"),
    ],
)
def test_how_each_outcome_counts(outcome, total):
    """An upstream defect is a point, what could not be told is none, and what was skipped is not asked."""
    assert str(graded(s06_labels=outcome).total) == total


def test_what_was_not_judged_is_no_point():
    """A run that was stopped: what has no result is asked and not got."""
    assert str(graded(unjudged=("07.rule",)).total) == "4 of 5"


def test_beyond_the_exercise_is_counted_apart():
    """Extended behaviours have points of their own; a failed advisory is named and is no point."""
    found = graded(s11_restart="failed", s11_advice="failed")
    assert (str(found.total), str(found.beyond)) == ("5 of 5", "1 of 2")
    assert found.advisories == ["dojo.11.advice"]


def test_next_is_the_first_step_that_is_not_done():
    """The earliest step with a failure, whatever failed later or was judged before."""
    found = graded(s07_rule="failed", s06_labels="failed")
    assert grades.next_line(found) == "next: step 6, dojo.06.labels: Is 06.labels right?"


def test_next_is_what_failed_rather_than_what_it_blocks():
    """Within a step the failure is named, not the behaviours behind it, and not one that was only lost."""
    found = graded(s06_up="error", s06_labels="failed")
    assert found.next.id == "dojo.06.labels"
    assert graded(s05_ready="blocked", s05_targets="failed").next.id == "dojo.05.targets"


def test_next_is_never_what_waits_for_a_later_step():
    """A behaviour over the whole run that is blocked by a failure of a later step is not what to mend."""
    assert graded(s05_ready="blocked", s06_labels="error").next.id == "dojo.06.labels"


def test_what_the_exercise_brings_comes_first():
    """A broken application is the first thing to mend, though it brings no points."""
    assert graded(s03_rate="failed", s07_rule="failed").next.id == "dojo.03.rate"


def test_what_was_not_judged_comes_last():
    """After a stopped run a failure leads on; without one, the first that has no result, and it says so."""
    assert graded(unjudged=("05.ready",), s07_rule="failed").next.id == "dojo.07.rule"
    found = graded(unjudged=("05.ready",))
    assert grades.next_line(found) == (
        "next: step 5, dojo.05.ready (not judged: the run ended before): What 05.ready states."
    )


def test_next_goes_beyond_when_the_exercise_is_done():
    """With all points got, a failure beyond the exercise is what is next."""
    found = graded(s11_restart="failed")
    assert grades.next_line(found) == "next: beyond the exercise, dojo.11.restart: Is 11.restart right?"


def test_without_hints_the_statement_is_said():
    """With no hint in the report (`--hints none`) `next` says what is asserted, which is the exercise's."""
    asked = [replace(result("06.up", "failed"), hints=[])]
    found = grades.grade(asked, asked, "dojo")
    assert grades.next_line(found) == "next: step 6, dojo.06.up: What 06.up states."


def test_only_what_was_asked_counts_and_it_is_said():
    """A part of the behaviours: points of that part, and how many were left out."""
    found = graded(not_asked=8, only=["05.ready", "05.targets"])
    assert (found.not_asked, found.whole) == (8, False)
    assert grades.lines(found) == [
        "points: 2 of 2 of what was asked (step 5: 2 of 2)",
        "next: nothing is left of what was asked",
    ]


def test_a_named_file_is_not_the_whole():
    """Behaviours of files that were not collected are not known, but that they are missing is."""
    asked = [result("05.ready")]
    assert not grades.grade(asked, asked, "dojo", whole=False).whole


def test_the_lines_of_a_grade():
    """Points with their steps, what stands beside them, and what is next with its hints."""
    assert grades.lines(graded(s06_up="failed", s06_labels="blocked", s07_rule="skipped")) == [
        "points: 2 of 4, 1 skipped (step 5: 2 of 2; step 6: 0 of 2; step 7: 0 of 0, 1 skipped)",
        "  brought by the exercise, no points: step 1: 1 of 1; step 3: 1 of 1",
        "  beyond the exercise: 2 of 2",
        "next: step 6, dojo.06.up: Is 06.up right?",
        "  Where to look: At 06.up.",
        "  What explains it: A page: https://page",
    ]


def test_another_scenario_has_no_points_here():
    """Points are of one scenario; with none of its behaviours there are no points to say."""
    found = grades.grade([result("05.ready")], [result("05.ready")], "shopfront")
    assert (found.steps, str(found.total)) == ([], "0 of 0")
    assert grades.lines(found) == ["points: none could be got", "next: no core behaviour was asked for"]


def test_a_grade_survives_the_way_through_json():
    """What is written to report.json reads back the same."""
    found = graded(s06_up="failed")
    assert Grade.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert found.to_dict()["total"] == {"got": 4, "of": 5, "skipped": 0}
    assert found.to_dict()["next"]["id"] == "dojo.06.up"
