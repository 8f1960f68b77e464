"""A run as a whole: its options, its files, and how it ends early."""

from __future__ import annotations

import signal
import subprocess

import pytest
import tenacity

from fixtures.machine.errors import KitError
from tests.unit.plugin.test_outcomes import PASSES

pytest_plugins = ["pytester"]

WITHIN = 30.0
"""Seconds for what takes one or two on an idle machine."""

SECOND_FAILS = PASSES.replace('"""Two is two."""', '"""Two is two."""\n    assert False, "it is not"')


def test_four_files_and_latest_are_written(judge):
    """Report, JUnit, page and summary lie in the run's folder, and `latest` leads to it."""
    ran = judge(PASSES)
    (folder,) = [path for path in ran.reports.iterdir() if not path.is_symlink()]
    assert {"report.json", "junit.xml", "report.html", "summary.md"} <= {
        path.name for path in folder.iterdir()
    }
    assert (ran.reports / "latest").resolve() == folder
    assert folder.name.endswith("-dojo")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--stack", "no-such-stack"),
        ("--solution", "no/such/folder"),
        ("--images", "borrowed"),
        ("--charts", "no/such/charts"),
    ],
)
def test_a_wrong_option_is_a_usage_error(judge, option, value):
    """The option's value and what would do are named, nothing is begun, and there is no traceback."""
    ran = judge(PASSES, option, value)
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert value.rsplit("/", 1)[-1] in ran.text
    assert "Remedy: " in ran.text
    assert "Traceback" not in ran.text
    assert not ran.reports.exists()


def test_an_unusable_machine_ends_the_run_with_one_message(judge, monkeypatch):
    """A KitError from a fixture: exit code 2, its words and remedy, a report that says so, no traceback."""

    def refuse(*_args):
        raise KitError("no container engine works here", "sudo apt-get install podman")

    monkeypatch.setattr("fixtures.machine.engine.ensure", refuse)
    text = '@core("one")\ndef test_one(engine):\n    """One."""\n' + PASSES.replace("one", "three")
    ran = judge(text, "--images", "built")
    assert ran.code == 2
    assert "Traceback" not in ran.text
    assert "sudo apt-get install podman" in ran.text
    assert "no container engine works here" in ran.report["run"]["message"]
    assert ran.report["run"]["outcome"] == "error"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_signal_leaves_a_report_and_tears_down(alone, pytester, number):
    """SIGTERM, or a terminal that is closed, in the middle of a behaviour: fixtures end, the report says
    interrupted, the exit code is 2.
    """
    command, environment = alone(
        "import pathlib, threading\n"
        "@pytest.fixture\ndef world():\n    yield\n    pathlib.Path('ended').touch()\n"
        + PASSES
        + '@core("three")\n'
        'def test_three(world):\n    """Three."""\n    pathlib.Path("begun").touch()\n'
        f"    threading.Event().wait({WITHIN})\n"
    )
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=pytester.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for attempt in tenacity.Retrying(
            stop=tenacity.stop_after_delay(WITHIN), wait=tenacity.wait_fixed(0.05), reraise=True
        ):
            with attempt:
                assert (pytester.path / "begun").exists() or process.poll() is not None
        process.send_signal(number)
        said, _ = process.communicate(timeout=WITHIN)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 2, said
    assert (pytester.path / "ended").exists()
    report = pytester.path / "runs" / "latest" / "report.json"
    assert f'"interrupted": "{number.name}"' in report.read_text()
    assert f"stopped by {number.name}" in said


def test_a_behaviour_is_chosen_by_its_id(judge):
    """What a report names is what -k takes."""
    ran = judge(SECOND_FAILS, "-k", "dojo.01.one")
    assert [each["id"] for each in ran.report["behaviours"]] == ["dojo.01.one"]


def test_a_part_may_be_asked_for(judge):
    """With -k one behaviour is asked for and one is judged: the rest is not missing."""
    ran = judge(SECOND_FAILS, "-k", "test_one")
    assert (ran.code, ran.outcomes) == (0, {"one": "passed"})
    assert ran.report["run"]["asked"] == 1


def test_stopping_at_the_first_failure_leaves_the_rest_unjudged(judge):
    """With -x what comes after the failure has no result, and the verdict is not conformant."""
    ran = judge(SECOND_FAILS + PASSES.replace("one", "three").replace("two", "four"), "-x")
    assert (ran.code, ran.outcomes) == (1, {"one": "passed", "two": "failed"})
    assert ran.report["run"]["outcome"] == "non-conformant"


def test_the_last_failures_can_be_asked_for_again(judge):
    """With --lf only what failed is judged once more."""
    judge(SECOND_FAILS)
    assert judge("", "--lf").outcomes == {"two": "failed"}


def test_collecting_starts_nothing(judge):
    """--collect-only lists the behaviours, looks at no option's file and writes no report."""
    ran = judge(PASSES, "--collect-only", "--stack", "no-such-stack")
    assert ran.code == 0
    assert "test_one" in ran.text
    assert not ran.reports.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('@core("One")\ndef test_one():\n    """One."""\n', "dojo.01.One"),
        ('@core("one")\ndef test_one():\n    pass\n', "docstring is empty"),
        ('@core("one", needs=["dojo.01.one"])\ndef test_one():\n    """One."""\n', "needs itself"),
    ],
)
def test_a_malformed_behaviour_is_refused_at_collection(judge, text, said):
    """A wrong id, no statement, or a need that is no behaviour: a usage error that names it."""
    ran = judge(text)
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert said in ran.text


def test_tests_that_are_no_behaviours_make_no_report(judge):
    """With the plugin loaded, an ordinary test is pytest's own business."""
    ran = judge("def test_plain():\n    assert True\n")
    assert ran.code == 0
    assert not ran.reports.exists()
