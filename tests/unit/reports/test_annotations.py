from __future__ import annotations

import re
from pathlib import Path

import pytest

from reports.annotations import CUT, MOST_ANNOTATIONS, SUMMARY_LIMIT, commands, publish
from reports.write import REPORT, write_all
from tests.unit.reports import sample

COMMAND = re.compile(r"::error (?P<properties>(?:\w+=[^,:\r\n]*)(?:,\w+=[^,:\r\n]*)*)::(?P<message>[^\r\n]*)")


def properties(line: str) -> dict[str, str]:
    """The properties of a workflow command, as GitHub's runner reads them."""
    match = COMMAND.fullmatch(line)
    assert match, line
    found = dict(pair.split("=", 1) for pair in match["properties"].split(","))
    plain = {k: v.replace("%3A", ":").replace("%2C", ",").replace("%25", "%") for k, v in found.items()}
    return plain | {"message": match["message"]}


@pytest.fixture
def github(tmp_path: Path) -> dict[str, str]:
    """The environment of a step."""
    summary = tmp_path / "step-summary.md"
    return {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}


def run(tmp_path: Path, report) -> Path:
    write_all(report, tmp_path / "one")
    return tmp_path / "one"


def test_nothing_is_said_elsewhere(tmp_path):
    """Only GitHub Actions gets workflow commands: anywhere else they would be noise."""
    assert publish(run(tmp_path, sample.report()), {}) == []
    assert publish(run(tmp_path, sample.report()), {"GITHUB_ACTIONS": "false"}) == []


def test_each_core_or_extended_failure_is_one_line_at_its_test(tmp_path, github):
    """Failed and could-not-tell, core first, at file and line of the test, and no other outcome; hostile text
    neither ends the command nor begins another.
    """
    report = sample.report(
        [*sample.behaviours(), sample.behaviour("09.more", "failed", "extended", message="m")]
    )
    failed = report.behaviours[5]
    failed.file, failed.line = "conformance/dojo/test_step_07, a:b.py", 41
    failed.message = "50 % of it,\r\n::error::injected: x"
    lines = [properties(line) for line in publish(run(tmp_path, report), github)]
    assert [line["title"].split()[0] for line in lines] == [
        "dojo.07.absent-series-becomes-zero",
        "dojo.08.freshness",
        "dojo.09.more",
    ]
    assert (lines[0]["file"], lines[0]["line"]) == (failed.file, "41")
    assert lines[0]["message"].startswith("50 %25 of it,%0D%0A::error::injected: x%0AHint: What does")
    assert "file" not in lines[1]


def test_what_github_would_drop_is_named(tmp_path, github):
    """Of more failures than GitHub shows the last line names those that are left."""
    cases = [sample.behaviour(f"09.case-{n:02d}", "failed", message="m") for n in range(MOST_ANNOTATIONS + 3)]
    lines = [properties(line) for line in publish(run(tmp_path, sample.report(cases)), github)]
    assert len(lines) == MOST_ANNOTATIONS
    assert lines[-1]["title"] == "4 more behaviours"
    assert "dojo.09.case-12" in lines[-1]["message"]


@pytest.mark.parametrize(
    ("message", "interrupted", "says"),
    [
        ("no container engine", "", "no container engine"),
        ("", "SIGTERM", "stopped by SIGTERM"),
        ("", "", "no result"),
    ],
)
def test_a_run_without_a_result_is_an_annotation(tmp_path, github, message, interrupted, says):
    """A run that judged nothing is not silent."""
    report = sample.report([])
    report.run.message, report.run.interrupted = message, interrupted
    (line,) = publish(run(tmp_path, report), github)
    assert properties(line)["title"] == "dojo: error"
    assert says in properties(line)["message"]


def test_a_conformant_run_has_a_summary_and_no_annotation(tmp_path, github):
    """The summary is appended: what other commands of the step wrote before stays."""
    summary = Path(github["GITHUB_STEP_SUMMARY"])
    summary.write_text("before\n")
    assert publish(run(tmp_path, sample.report([sample.behaviour("01.tools")])), github) == []
    assert summary.read_text().startswith("before\n# ✓ dojo: conformant")


@pytest.mark.parametrize("before", [0, SUMMARY_LIMIT // 2, SUMMARY_LIMIT - 10, SUMMARY_LIMIT])
def test_the_summary_never_grows_over_githubs_limit(tmp_path, github, before):
    """GitHub refuses a larger one whole: it is cut at a line's end and says so, or left out."""
    directory, summary = run(tmp_path, sample.report()), Path(github["GITHUB_STEP_SUMMARY"])
    (directory / "summary.md").write_text("a row of a table – é\n" * 100_000, encoding="utf-8")
    summary.write_bytes(b"x" * before)
    publish(directory, github)
    written = summary.read_bytes()
    assert len(written) <= SUMMARY_LIMIT
    if before < SUMMARY_LIMIT - 10:
        assert written.decode().endswith(f"– é{CUT}")


def test_what_does_not_work_is_a_line(tmp_path, github):
    """A summary that cannot be written or a report that cannot be read fails no run."""
    directory = run(tmp_path, sample.report([sample.behaviour("01.tools")]))
    (line,) = publish(directory, github | {"GITHUB_STEP_SUMMARY": str(tmp_path / "none" / "x")})
    assert line.startswith("::warning title=no summary::")
    (directory / REPORT).write_text("{")
    assert "was it cut off?" in publish(directory, github)[0]


def test_the_file_is_found_when_the_kit_is_in_a_folder_of_the_workspace(tmp_path, monkeypatch):
    """GitHub wants paths from the workspace's root, pytest gives them from the kit's."""
    kit = tmp_path / "third-party" / "kit"
    kit.mkdir(parents=True)
    monkeypatch.chdir(kit)
    one = sample.behaviour("01.tools", "failed", message="m", file="conformance/a.py", line=3)
    (line,) = commands(sample.report([one]), str(tmp_path))
    assert properties(line)["file"] == "third-party/kit/conformance/a.py"
    (line,) = commands(sample.report([one]), "/elsewhere")
    assert properties(line)["file"] == "conformance/a.py"
