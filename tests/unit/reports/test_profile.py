from __future__ import annotations

import pytest

from reports.profile import count, exit_code, first_look, judge
from reports.terminal import final_lines, parts_of_line
from tests.unit.reports import sample
from tests.unit.reports.sample import behaviour

GOOD = behaviour("01.tools")
BEHIND = behaviour("03.b", "blocked", blocked_by="dojo.02.a")


@pytest.mark.parametrize(
    ("cases", "outcome", "code"),
    [
        ([], "error", 1),
        ([GOOD], "conformant", 0),
        ([GOOD, behaviour("02.a", "failed")], "non-conformant", 1),
        ([GOOD, behaviour("02.a", "error")], "error", 1),
        ([GOOD, behaviour("02.a", "failed"), behaviour("02.b", "error")], "non-conformant", 1),
        ([GOOD, behaviour("02.a", "skipped")], "partial", 1),
        ([GOOD, behaviour("02.a", "upstream-defect")], "conformant", 0),
        ([GOOD, behaviour("02.a", "failed", "extended")], "conformant", 1),
        ([GOOD, behaviour("02.a", "skipped", "extended")], "conformant", 0),
        ([GOOD, behaviour("02.a", "failed", "advisory")], "conformant", 0),
        ([behaviour("02.a", "passed", "extended")], "partial", 0),
        ([behaviour("02.a", "skipped", "extended")], "partial", 1),
        ([GOOD, behaviour("02.a", "blocked", blocked_by="dojo.01.gone")], "non-conformant", 1),
        ([behaviour("02.a", "error"), BEHIND], "error", 1),
        (
            [behaviour("02.a", "failed"), BEHIND],
            "non-conformant",
            1,
        ),
        ([behaviour("02.a", "skipped"), BEHIND], "partial", 1),
    ],
)
def test_the_verdict_follows_the_rules(cases, outcome, code):
    """The profile's outcome and the exit code are those of the rules in profile.py."""
    assert judge("dojo", cases).outcome == outcome
    assert exit_code(sample.report(cases)) == code


def test_a_ring_of_blocked_behaviours_ends():
    """Behaviours that block each other count as not met; the judge does not hang."""
    ring = [
        behaviour("02.a", "blocked", blocked_by="dojo.02.b"),
        behaviour("02.b", "blocked", blocked_by="dojo.02.a"),
    ]
    assert judge("dojo", ring).outcome == "non-conformant"


def test_a_stopped_run_is_no_pass():
    """All that was judged passed, but not all that was asked for was judged: error, exit 1."""
    report = sample.report([GOOD])
    report.run.asked = 58
    assert judge("dojo", [GOOD], missing=57).outcome == "error"
    assert exit_code(report) == 1


def test_an_interrupted_run_exits_1():
    """A run that was stopped by a signal never exits 0."""
    report = sample.report([GOOD])
    report.run.interrupted = "SIGTERM"
    assert exit_code(report) == 1


def test_upstream_defects_and_failures_beyond_core_are_said():
    """What does not change the verdict is in its message all the same."""
    message = judge(
        "dojo", [GOOD, behaviour("02.a", "upstream-defect"), behaviour("03.b", "failed", "extended")]
    ).message
    assert "1 of them an upstream defect" in message
    assert "dojo.03.b failed" in message


def test_the_first_thing_to_look_at_is_the_earliest_core_failure():
    """A core failure comes before an error of an earlier step; blocked ones never come first."""
    look = first_look(sample.report())
    assert look is not None
    assert look.id == "dojo.07.absent-series-becomes-zero"
    assert first_look(sample.report([GOOD])) is None


def test_the_outcome_is_the_last_line(tmp_path):
    """The terminal's last line has outcome, counts, time and the report's path."""
    report = sample.report([GOOD, behaviour("10.status", "upstream-defect")])
    last = final_lines(report, "reports/runs/latest")[-1]
    assert last == (
        "conformant: 1 passed, 1 upstream-defect in 5 min 12 s; report: reports/runs/latest/report.html"
    )


def test_a_line_a_behaviour_has_no_control_characters():
    """Hostile messages stay one printable line; a blocked one names what blocks it."""
    for result in sample.behaviours():
        line = "".join(parts_of_line(result))
        assert line.isprintable()
        assert result.id in line
        if result.outcome == "blocked":
            assert "blocked by dojo.07.absent-series-becomes-zero" in line


def test_a_line_says_why_it_is_blocked():
    """Who blocks a behaviour is named, with the reason if there is more to say."""
    why = "blocked by dojo.06.target-up: no values (step 6)"
    told = behaviour("07.one-series", "blocked", blocked_by="dojo.06.target-up", message=why)
    assert parts_of_line(told)[1].endswith(f"  {why}")


def test_counts_keep_a_fixed_order():
    """Passed first, whatever came first."""
    assert list(count(reversed(sample.behaviours())))[:2] == ["passed", "failed"]
