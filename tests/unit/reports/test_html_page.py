from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from reports.html import html
from reports.model import Evidence, Place, Report
from reports.places import by_behaviour
from reports.readable import LONGEST_ANSWER, MOST_CHARACTERS, fitting, pretty
from reports.timeline import timeline
from reports.words import flowing, plainly
from tests.unit.reports import sample


def top(text: str) -> str:
    """What stands above everything else."""
    return text[text.index("<header") : text.index("</header>")]


def test_the_policy_knows_every_script_by_its_digest():
    """A script that is not the page's own does not run, wherever it came from."""
    text = html(sample.report())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 4
    for script in scripts:
        assert f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert "default-src 'none'" in policy
    assert text.index("Content-Security-Policy") < text.index("<script")


def test_a_killed_run_says_so_above_everything():
    """An unfinished run is no verdict, and says how much is missing."""
    report = sample.report([sample.behaviour("01.tools")])
    report.run.outcome, report.run.ended, report.run.asked, report.profiles = "running", None, 53, []
    above = top(html(report))
    assert "unfinished" in above
    assert "it was killed" in above
    assert "52 of 53 without a result" in above
    assert "conformant" not in above


def test_a_stopped_run_names_what_stopped_it():
    """A run ended by a signal is told from one that was judged to its end."""
    report = sample.report([sample.behaviour("01.tools")])
    report.run.interrupted, report.run.asked = "SIGTERM", 53
    assert "stopped by SIGTERM before its end. 52 of 53" in top(html(report))


def test_a_dead_cluster_is_told_above_everything():
    """The run's own message is at the top, whatever the behaviours say."""
    report = sample.report([sample.behaviour("09.a", "error", message="could not tell")])
    report.run.message = "the cluster does not answer any more\nRemedy: run again"
    above = top(html(report))
    assert "the cluster does not answer any more" in above
    assert "Remedy: run again" in above


def test_a_whole_run_says_nothing_of_the_kind():
    """A run that was judged to its end has no warning."""
    assert plainly(sample.report().run, len(sample.behaviours())) == []


def test_a_behaviour_links_to_its_place_in_the_timeline():
    """The part it was judged from, in seconds of the record; the whole where no part was named."""
    judged = sample.behaviour(
        "07.a", records=["load", "gone"], places=[Place("load", sample.START + 150, sample.START + 175)]
    )
    whole = sample.behaviour("07.b", records=["load"], places=[Place("load", sample.START)])
    report = sample.report([judged, whole])
    found = by_behaviour(report, [timeline(r) for r in report.records])
    assert [(p.start, p.end, p.text) for p in found[judged.id]] == [(150.0, 175.0, "load, 2:30.0 to 2:55.0")]
    assert [(p.whole, p.text) for p in found[whole.id]] == [(True, "load")]
    assert '<a href="#record-0" data-place="150.0-175.0">' in html(report)


def test_a_place_survives_being_written_and_read():
    """What the plugin noted is in the report.json that another machine renders."""
    place = Place("load", 1.5, None)
    report = sample.report([sample.behaviour("07.a", places=[place])])
    assert Report.from_dict(report.to_dict()).behaviours[0].places == [place]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ('{"a":[1,{"b":null}]}', '"a": [\n'),
        ("{'a': (1, 2)}", "{'a': (1, 2)}"),
        ("[" * 5000, "[[["),
        ("{'a': " * 3000, "{'a':"),
        ("[" + "9" * 6000 + "]", "999"),
        ("no structure \x1b[31m \u202e", "\\x1b[31m \\x202e"),
    ],
)
def test_answers_are_made_readable_whatever_they_are(given, shown):
    """JSON and Python's values are indented, control characters shown, and nothing makes it fail."""
    assert shown in pretty(given)


def test_a_long_answer_is_cut_and_says_by_how_much():
    """A reader is told that there is more, and where."""
    assert pretty("x" * (LONGEST_ANSWER + 5)).endswith("… 5 more characters in report.json")


def test_many_long_answers_fit_together():
    """With a hundred long answers each is cut shorter, so that the page stays small."""
    texts = ["x" * LONGEST_ANSWER] * 100
    longest = fitting(texts)
    assert longest * 100 <= MOST_CHARACTERS
    assert fitting(texts[:3]) == LONGEST_ANSWER
    cases = [
        sample.behaviour(f"{n % 11 + 1:02d}.c-{n}", evidence=[Evidence("a", "b", text)])
        for n, text in enumerate(texts)
    ]
    assert len(html(sample.report(cases, [])).encode()) < 1_500_000


def test_a_statement_flows():
    """A docstring broken for the source is not broken on the page; its paragraphs stay."""
    assert flowing("One\n    statement.\n\n    More of\n    it.") == "One statement.\n\nMore of it."


def test_only_files_beside_the_page_are_linked():
    """Diagnostics are links; a path that leads anywhere else is text."""
    report = sample.report()
    report.diagnostics = [
        "diagnostics/pods/redis.log",
        "diagnostics/../../../etc/passwd",
        "javascript:alert(1)",
    ]
    asked = (
        "before/20261122T000000Z-dojo/report.html",
        "after/../../report.html",
        "other/latest/report.html",
    )
    report.behaviours[0].evidence = [Evidence("whole run", each, "conformant") for each in asked]
    text = html(report)
    assert f'<a href="{asked[0]}">' in text
    assert 'href="after/' not in text
    assert 'href="other/' not in text
    assert '<a href="diagnostics/pods/redis.log">' in text
    assert 'href="diagnostics/..' not in text
    assert 'href="javascript' not in text
