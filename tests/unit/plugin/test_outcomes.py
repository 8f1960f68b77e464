"""What a behaviour's end becomes: in pytest's counts, in the report and in the exit code."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

ONE_OF_EACH = '''
@core("passes")
def test_passes(evidence):
    """It works."""
    evidence("what was asked", "GET /", "200")

@core("fails")
def test_fails():
    """It is two."""
    assert 1 == 2, "one is not two"

@core("read-fails")
def test_read_fails(could_not_tell):
    """It can be read."""
    could_not_tell("Prometheus did not answer")

@core("unforeseen")
def test_unforeseen():
    """Nobody thought of it."""
    {}["key"]

@core("needs-failed", needs=["dojo.01.fails"])
def test_needs_failed():
    """It stands on what failed."""

@core("needs-blocked", needs=["dojo.01.needs-failed"])
def test_needs_blocked():
    """It stands on what was blocked."""

@core("needs-passed", needs=["dojo.01.passes"])
def test_needs_passed():
    """It stands on what passed."""

@core("is-unsupported")
def test_is_unsupported(unsupported):
    """This stack has it."""
    unsupported("no such thing in this version")

@core("is-a-defect")
def test_is_a_defect(upstream_defect):
    """The server says nonsense."""
    upstream_defect("https://example.org/issue/1", "a known one")

@core("advice", level="advisory")
def test_advice():
    """It is good practice."""
    assert False, "better not"
'''

PASSES = '''
@core("one")
def test_one():
    """One is one."""

@core("two")
def test_two():
    """Two is two."""
'''


RUN_OF_EACH = []


@pytest.fixture
def each(judge):
    """The run of all of them, made once: the tests only look at it."""
    if not RUN_OF_EACH:
        RUN_OF_EACH.append(judge(ONE_OF_EACH))
    return RUN_OF_EACH[0]


def test_every_end_has_its_outcome(each):
    """An assertion fails, a lost read or a surprise is an error, and what stands on a failure is blocked."""
    assert each.outcomes == {
        "passes": "passed",
        "fails": "failed",
        "read-fails": "error",
        "unforeseen": "error",
        "needs-failed": "blocked",
        "needs-blocked": "blocked",
        "needs-passed": "passed",
        "is-unsupported": "skipped",
        "is-a-defect": "upstream-defect",
        "advice": "failed",
    }


def test_pytest_counts_what_the_report_counts(each):
    """pytest's last line has the kit's words; an upstream defect is pytest's xfailed."""
    counts = each.result.parseoutcomes()
    wanted = {"passed": 2, "errors": 2, "blocked": 2, "skipped": 1, "xfailed": 1}
    assert {word: counts.get(word) for word in wanted} == wanted


def test_a_blocked_behaviour_names_what_blocks_it(each):
    """Each link of the chain names the one before it, so that a reader comes to the first."""
    blocked = {
        one["id"]: one["blockedBy"] for one in each.report["behaviours"] if one["outcome"] == "blocked"
    }
    assert blocked == {
        "dojo.01.needs-failed": "dojo.01.fails",
        "dojo.01.needs-blocked": "dojo.01.needs-failed",
    }


def test_the_report_holds_what_was_said(each):
    """Message, hint, link and evidence come into the report; a surprise's message names its kind."""
    found = {one["id"].split(".")[2]: one for one in each.report["behaviours"]}
    assert "one is not two" in found["fails"]["message"]
    assert found["unforeseen"]["message"].startswith("KeyError")
    assert found["is-a-defect"]["link"] == "https://example.org/issue/1"
    assert found["passes"]["evidence"][0]["asked"] == "GET /"
    assert found["fails"]["hint"] == "Is it there?"
    assert found["fails"]["statement"] == "It is two."


def test_the_terminal_has_a_line_a_behaviour_and_the_outcome(each):
    """One line a behaviour, no dots and no traceback between them, what to look at, and the verdict."""
    lines = [line for line in each.result.outlines if line.strip()]
    for name, outcome in each.outcomes.items():
        assert sum(f" {outcome} " in line and f"dojo.01.{name} " in line for line in lines) == 1, name
    assert any(line.startswith("look first at dojo.01.fails") for line in lines)
    assert any(line.startswith("non-conformant: 2 passed") for line in lines)
    assert "Traceback" not in each.text


def test_all_core_passed_is_zero(judge):
    """Every core behaviour passed: exit code 0, conformant."""
    ran = judge(PASSES)
    assert (ran.code, ran.report["run"]["outcome"]) == (0, "conformant")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("assert False", 1),
        ("could_not_tell('no answer')", 1),
        ("unsupported('not here')", 1),
        ("upstream_defect('https://example.org')", 0),
    ],
)
def test_one_core_behaviour_decides_the_exit_code(judge, body, code):
    """Failed, could not be told or skipped in core is no 0; an upstream defect is nobody's fault here."""
    ran = judge(
        f'{PASSES}\n@core("three")\ndef test_three(could_not_tell, unsupported, upstream_defect):\n'
        f'    """Three."""\n    {body}\n'
    )
    assert ran.code == code
    assert ran.report["run"]["exitCode"] == code


def test_advice_never_fails_a_run(judge):
    """A failed advisory behaviour is said, and the run is conformant with exit code 0."""
    ran = judge(
        f'{PASSES}\n@core("three", level="advisory")\ndef test_three():\n    """Three."""\n    assert 0\n'
    )
    assert (ran.code, ran.outcomes["three"], ran.report["run"]["outcome"]) == (0, "failed", "conformant")
    assert "dojo.01.three" in ran.text


def test_a_run_that_judged_nothing_did_not_pass(judge):
    """Only skipped behaviours, or none selected at all: never exit code 0."""
    text = '@core("one")\ndef test_one(unsupported):\n    """One."""\n    unsupported("not here")\n'
    assert judge(text).code == 1
    assert judge("", "-k", "no_such_test").code == 5


def test_a_failing_set_up_is_the_behaviours_end(judge):
    """What goes wrong in a fixture is the outcome of the behaviour that asked for it."""
    ran = judge(
        "@pytest.fixture\ndef load():\n    raise RuntimeError('no load')\n"
        '@core("one")\ndef test_one(load):\n    """One."""\n'
    )
    assert (ran.code, ran.outcomes) == (1, {"one": "error"})
    assert "no load" in ran.report["behaviours"][0]["message"]
