from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from reports import runs, uplot
from reports.__main__ import main
from reports.errors import ReportError
from reports.html import html
from reports.markdown import markdown
from reports.partial import PartialWriter
from reports.write import read, write_all
from tests.unit.reports import sample

LARGEST_PAGE = 1_500_000
LOADING = {"src", "href", "srcset", "data", "action", "poster", "background", "style"}


class Page(HTMLParser):
    """The tags and ids of a page, and every attribute that could load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.loads: list[tuple[str, str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in LOADING and value and tag != "a":
                self.loads.append((tag, name, value))
            assert not name.startswith("on"), (tag, name)


def test_the_page_asks_the_network_for_nothing():
    """No element loads anything, nothing in style or script does, and the policy forbids it."""
    text = html(sample.report())
    page = Page(text)
    remote = [load for load in page.loads if "//" in load[2]]
    assert remote == []
    assert "img" not in page.tags
    assert "iframe" not in page.tags
    assert not re.search(r"url\(\s*['\"]?(?!data:)|@import|fetch\(|XMLHttpRequest|sendBeacon", text)
    assert "default-src 'none'" in text


def test_hostile_text_stays_text():
    """Markup from the cluster is shown, never parsed; the embedded data cannot close its script."""
    text = html(sample.report())
    assert "<img" not in text
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    parsed = json.loads(data[1])
    names = [event["name"] for event in parsed["records"][0]["events"]]
    assert any("</script><img src=x onerror=alert(1)>" in name for name in names)
    assert all(name.isprintable() for name in names)


def test_every_behaviour_has_an_anchor_and_its_texts():
    """Each id is an anchor; statement, message, hint, evidence and command are on the page."""
    report = sample.report()
    text = html(report)
    ids = Page(text).ids
    assert [b.id for b in report.behaviours if b.id not in ids] == []
    assert len(ids) == len(set(ids))
    for words in (
        "has no series at all?",
        "redis_items_in_queue[2m]",
        "blocked",
        "charts/stacks/default.toml",
    ):
        assert words in text


def test_only_failures_and_errors_are_unfolded():
    """A reader sees what needs a look without a click."""
    text = html(sample.report())
    assert re.findall(r'data-outcome="([\w-]+)" open', text) == ["failed", "error", "failed"]


def test_a_long_run_stays_small_enough():
    """A hundred behaviours and one hour of records make a page under 1.5 MB."""
    cases = [
        sample.behaviour(f"{n % 11 + 1:02d}.case-{n}", evidence=[sample.QUERY] * 3, budget_seconds=10.0)
        for n in range(100)
    ]
    records = [sample.record(f"load {n}", 600.0) for n in range(6)]
    assert len(html(sample.report(cases, records)).encode()) < LARGEST_PAGE


def test_the_plotting_library_is_the_released_one():
    """The embedded library is byte for byte uPlot's release, with its banner."""
    library = uplot.load()
    assert library.missing == ""
    assert "uPlot (v1.6.31)" in library.script


def test_without_the_library_the_page_says_so(monkeypatch):
    """A machine without the plotting package still gets a report, with the tables and the remedy."""
    monkeypatch.setattr(uplot, "PACKAGE", "no-such-package")
    assert "pip install no-such-package" in html(sample.report())


def test_the_links_of_untrusted_texts_are_web_links_only():
    """A link that is no http(s) address is shown as text."""
    bad = sample.behaviour("10.a", "upstream-defect", link="javascript:alert(1)")
    assert 'href="javascript' not in html(sample.report([bad]))


def test_markdown_cannot_be_broken_out_of():
    """Hostile text opens no tag and no cell; the summary names outcome and first thing to look at."""
    text = markdown(sample.report())
    assert "<" not in text
    assert text.startswith("# ✗ dojo: non-conformant")
    assert "**Look first at** `dojo.07.absent-series-becomes-zero`" in text
    rows = [line for line in text.splitlines() if line.startswith("| `dojo.")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}


def test_all_files_are_written_and_latest_points_to_them(tmp_path):
    """A run leaves four valid files under `latest`, readable by others, and no temporary ones."""
    shown = write_all(sample.report(), tmp_path / "runs" / "one")
    assert shown == tmp_path / "runs" / "latest"
    names = {p.name for p in shown.iterdir()}
    assert names == {"report.json", "junit.xml", "summary.md", "report.html"}
    assert read(shown).run.outcome == "non-conformant"
    assert all(p.stat().st_mode & 0o044 for p in shown.iterdir())


def test_an_invalid_report_is_written_and_then_refused(tmp_path):
    """Findings are not lost to a break of the schema; the error says what is wrong."""
    report = sample.report([sample.behaviour("01.tools", "failed")])
    with pytest.raises(ReportError, match="message"):
        write_all(report, tmp_path / "one")
    assert (tmp_path / "one" / "report.html").exists()


def test_a_killed_run_leaves_a_report_that_says_so(tmp_path):
    """What was written after a behaviour is valid, says running, and renders as unfinished."""
    report = sample.report([sample.behaviour("01.tools")])
    report.run.outcome, report.run.ended, report.run.exit_code, report.run.asked = "running", None, None, 58
    report.profiles = []
    PartialWriter(tmp_path / "one").write(report, page=False)
    left = read(tmp_path / "latest")
    assert left.run.outcome == "running"
    assert "it was killed" in (tmp_path / "one" / "summary.md").read_text()
    assert main(["render", str(tmp_path / "one")]) == 0
    page = (tmp_path / "one" / "report.html").read_text()
    assert "unfinished" in page
    assert "57 of 58 without a result" in page


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    """Files are replaced in one step or not at all, and nothing half-written stays."""
    path = tmp_path / "report.json"
    runs.write_atomically(path, "old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="space"):
        runs.write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_latest_is_a_text_file_where_links_cannot_be_made(tmp_path, monkeypatch):
    """On file systems without links the reader is shown the directory itself."""

    def refuse(*_, **__):
        raise OSError(1, "no links here")

    monkeypatch.setattr("pathlib.Path.symlink_to", refuse)
    directory = runs.create(tmp_path, "dojo")
    assert runs.point_latest(directory) == directory
    assert (tmp_path / "latest").read_text() == f"{directory.name}\n"


def test_two_runs_in_one_second_get_two_directories(tmp_path):
    """No run ever writes over another's report."""
    at = runs.datetime(2026, 11, 22, 2, 30, tzinfo=runs.UTC)
    names = [runs.create(tmp_path, "dojo", at).name for _ in range(2)]
    assert names == ["20261122T023000Z-dojo", "20261122T023000Z-dojo-2"]


def test_an_empty_report_can_be_written(tmp_path):
    """A run that died before its first behaviour has a report with the reason."""
    report = sample.report([], [])
    report.run.message = "the container engine does not start. Remedy: apt-get install podman"
    write_all(report, tmp_path / "one")
    for name in ("summary.md", "report.html", "junit.xml"):
        assert "the container engine does not start" in (tmp_path / "one" / name).read_text()


def test_what_json_cannot_hold_loses_no_report(tmp_path):
    """NaN, a path or a number as key in an event's detail becomes text; the report stays valid."""
    report = sample.report()
    report.records[0]["events"][0]["detail"] = {"rate": float("nan"), "chart": tmp_path, 3: float("inf")}
    write_all(report, tmp_path / "one")
    detail = read(tmp_path / "one").records[0]["events"][0]["detail"]
    assert detail == {"rate": "nan", "chart": str(tmp_path), "3": "inf"}
