"""What a learner is told: hints as deep as they were asked for, points, and what is next."""

from __future__ import annotations

import json

import pytest

pytest_plugins = ["pytester"]

STEPS = '''
def at(step, name, **more):
    return behaviour(f"dojo.{step:02d}.{name}", **{
        "feature": "chain", "hint": f"Is {name} there?", "look": f"Where {name} is.",
        "read": ("The book", "https://example.org/book"), **more,
    })

@at(2, "cluster")
def test_cluster():
    """There is a cluster."""

@at(5, "ready")
def test_ready():
    """It is ready."""

@at(6, "up")
def test_up():
    """It is up."""
    assert False, "it is down"

@at(6, "labels", needs=["dojo.06.up"])
def test_labels():
    """It has labels."""

@at(7, "rule")
def test_rule():
    """It is recorded."""

@at(11, "restart", level="extended")
def test_restart():
    """It comes back."""
'''
QUESTION, PLACE, BOOK = "Is up there?", "Where up is.", "The book: https://example.org/book"


def of(report, key):
    return next(each for each in report["behaviours"] if each["id"] == key)


def files(ran):
    """All that a run wrote, as one text."""
    return "\n".join(path.read_text() for path in sorted((ran.reports / "latest").glob("*.*")))


def test_the_question_is_shown_by_default(judge):
    """A failure comes with the question that leads on; where to look and what to read are kept back."""
    ran = judge(STEPS)
    assert of(ran.report, "dojo.06.up")["hints"] == [QUESTION]
    everything = ran.text + files(ran)
    assert QUESTION in everything
    assert PLACE not in everything
    assert "example.org" not in everything


def test_all_three_depths_can_be_asked_for(judge):
    """`--hints all`: question, place and document, in the report, on the page and in the terminal."""
    ran = judge(STEPS, "--hints", "all")
    found = of(ran.report, "dojo.06.up")
    assert (found["hint"], found["hints"]) == (QUESTION, [QUESTION, PLACE, BOOK])
    assert (
        f"next: step 6, dojo.06.up: {QUESTION}\n  Where to look: {PLACE}\n  What explains it: {BOOK}\n"
        in ran.text
    )
    page = (ran.reports / "latest" / "report.html").read_text()
    assert page.index(QUESTION) < page.index(PLACE) < page.index('href="https://example.org/book"')


def test_no_hint_is_in_any_file_in_an_exam(judge):
    """`--hints none`: neither in the terminal nor in any file of the report; what is asserted still is."""
    ran = judge(STEPS, "--hints", "none")
    everything = ran.text + files(ran)
    for hint in (QUESTION, "Is ready there?", PLACE, "example.org"):
        assert hint not in everything
    assert "next: step 6, dojo.06.up: It is up." in ran.text


def test_another_depth_is_a_usage_error(judge):
    """A depth that is none names those there are."""
    ran = judge(STEPS, "--hints", "some")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "none" in ran.text
    assert not ran.reports.exists()


def test_the_message_comes_before_the_hint_and_the_hint_before_the_evidence(judge):
    """On the page one reads what happened, then what to ask oneself, then what was seen."""
    ran = judge(
        STEPS.replace("def test_up():", "def test_up(evidence):").replace(
            '    assert False, "it is down"',
            '    evidence("seen", "GET /up", "404")\n    assert False, "it is down"',
        )
    )
    page = (ran.reports / "latest" / "report.html").read_text()
    body = page[page.index('id="dojo.06.up"') :]
    assert body.index("it is down") < body.index(QUESTION) < body.index("GET /up")


def test_points_are_in_the_report_and_in_the_terminal(judge):
    """The grade is the same in report.json, summary.md, the page and the closing lines."""
    ran = judge(STEPS)
    grade = ran.report["grade"]
    assert grade["total"] == {"got": 2, "of": 4, "skipped": 0}
    assert [(step["step"], step["shipped"], step["points"]["got"]) for step in grade["steps"]] == [
        (2, True, 1),
        (5, False, 1),
        (6, False, 0),
        (7, False, 1),
    ]
    assert (grade["next"]["id"], grade["beyond"]["got"], grade["whole"]) == ("dojo.06.up", 1, True)
    line = "points: 2 of 4 (step 5: 1 of 1; step 6: 0 of 2; step 7: 1 of 1)"
    assert line in ran.text
    assert line in (ran.reports / "latest" / "summary.md").read_text()
    page = (ran.reports / "latest" / "report.html").read_text()
    assert '<p class="lead">2 of 4</p>' in page


def test_what_is_next_stands_before_the_outcome(judge):
    """The last line is the outcome; what is next stands in the line before it."""
    lines = [line for line in judge(STEPS).result.outlines if line.strip()]
    outcome = next(at for at, line in enumerate(lines) if line.startswith("non-conformant: "))
    assert lines[outcome - 1] == f"next: step 6, dojo.06.up: {QUESTION}"


def test_up_to_a_step_only(judge):
    """`--step 6` asks for nothing later; points are of what was asked, and how much that is, is said."""
    ran = judge(STEPS, "--step", "6")
    assert set(ran.outcomes) == {"cluster", "ready", "up", "labels"}
    assert (ran.report["grade"]["notAsked"], ran.report["grade"]["whole"]) == (2, False)
    assert "points: 1 of 3 of what was asked" in ran.text
    assert "4 of 6 behaviours were asked for (--step 6)" in ran.text


def test_a_named_file_is_said_to_be_a_part(judge):
    """One file of behaviours is not the whole exercise, though nothing was deselected."""
    judge(STEPS)
    ran = judge("", "test_behaviours.py")
    assert ran.report["grade"]["whole"] is False


@pytest.mark.parametrize("step", ["0", "-1", "six"])
def test_a_step_that_is_none_is_a_usage_error(judge, step):
    """What is no step is named, and nothing is begun."""
    ran = judge(STEPS, f"--step={step}")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "is no step" in ran.text
    assert not ran.reports.exists()


def test_a_killed_run_has_the_points_it_had(judge):
    """The unfinished report is graded, too: what has no result is no point."""
    ran = judge(STEPS, "-x")
    assert ran.report["grade"]["total"] == {"got": 1, "of": 4, "skipped": 0}
    assert json.dumps(ran.report["grade"]["next"]).count("dojo.06.up") == 1
