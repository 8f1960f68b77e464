from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from lxml import etree

from reports.junit import EXCERPT, element, junit
from reports.model import Evidence
from reports.profile import exit_code
from tests.unit.reports import sample

SCHEMA = Path(__file__).with_name("jenkins-junit.xsd")
CONTROLS = "".join(map(chr, [0, 7, 8, 11, 27, 31, 127, 0xFFFE, 0xFFFF, 0xD800]))


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


def case(root: ET.Element, name: str) -> ET.Element:
    return next(c for c in root.iter("testcase") if c.get("name") == name)


@pytest.mark.parametrize(
    "report",
    [
        sample.report(),
        sample.report([]),
        sample.report([sample.behaviour("01.tools")]),
        sample.report([sample.behaviour("01.tools", "skipped")]),
        sample.report([sample.behaviour("01.tools", "failed", message=CONTROLS, seconds=12345.6789)]),
    ],
    ids=["every outcome", "no result", "one passed", "skipped without a reason", "control characters"],
)
def test_what_is_written_follows_the_schema(schema, report):
    """Whatever a run finds, Jenkins' xunit-plugin takes the file."""
    schema.assertValid(etree.fromstring(junit(report).encode()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<testsuites name="', '<testsuites skipped="3" name="'),
        ("<system-out>", "<properties/><system-out>"),
        ('time="312.000"', 'time="5 min"'),
        ('name="target-up"', ""),
        (' tests="11"', ""),
        ('type="failed"', 'type="wrong"'),
    ],
)
def test_the_schema_refuses_what_jenkins_refuses(schema, old, new):
    """The schema bites: each break of Jenkins' rules, made in a valid file, is found."""
    text = junit(sample.report())
    assert old in text
    assert not schema.validate(etree.fromstring(text.replace(old, new, 1).encode()))


def test_two_cases_of_one_name_are_refused(schema):
    """GitLab would show one of them only."""
    text = junit(sample.report([sample.behaviour("01.a"), sample.behaviour("01.b")]))
    assert not schema.validate(etree.fromstring(text.replace('name="b"', 'name="a"').encode()))


def test_counts_agree():
    """The totals of suites and file are those of the cases below them."""
    root = ET.fromstring(junit(sample.report()))
    for holder in (root, *root.iter("testsuite")):
        below = list(holder.iter("testcase"))
        assert holder.get("tests") == str(len(below))
        kinds = {"failures": "failure", "errors": "error"} | (
            {} if holder is root else {"skipped": "skipped"}
        )
        for attribute, kind in kinds.items():
            assert holder.get(attribute) == str(sum(c.find(kind) is not None for c in below))


@pytest.mark.parametrize(
    ("outcome", "level", "kind", "says"),
    [
        ("passed", "core", "", ""),
        ("failed", "core", "failure", "broken"),
        ("failed", "extended", "failure", "broken"),
        ("error", "core", "error", "broken"),
        ("blocked", "core", "skipped", "blocked by dojo.01.tools"),
        ("skipped", "core", "skipped", "broken"),
        ("upstream-defect", "core", "skipped", "upstream defect: broken https://example.org/1"),
        ("failed", "advisory", "skipped", "advisory, failed: broken"),
        ("passed", "advisory", "", ""),
    ],
)
def test_an_outcome_is_what_a_ci_makes_of_it(outcome, level, kind, says):
    """Red in CI is what the run's exit code is red for; the rest is skipped, with its reason shown."""
    one = sample.behaviour(
        "02.a", outcome, level, message="broken", blocked_by="dojo.01.tools", link="https://example.org/1"
    )
    report = sample.report([sample.behaviour("01.tools"), one])
    found = case(ET.fromstring(junit(report)), "a")
    inner = found.find(kind) if kind else None
    assert element(one) == kind
    assert [child.tag for child in found] == ([kind] if kind else []) + ["system-out"]
    if inner is not None:
        assert inner.get("message") == says
        assert says in inner.text
    if kind in ("failure", "error"):
        assert exit_code(report) == 1


def test_a_failure_carries_all_that_is_known():
    """Classname by scenario and step; hint and an excerpt of the evidence in the failure's text; the whole of
    it with statement, level, budget and id in system-out; the run's facts in the suite's properties.
    """
    report = sample.report()
    long = Evidence("log", "kubectl logs", "x" * EXCERPT + "the end")
    report.behaviours[5].evidence.insert(0, long)
    report.behaviours[5].file = "conformance/dojo/test_step_07_rule.py"
    root = ET.fromstring(junit(report))
    failed = case(root, "absent-series-becomes-zero")
    text, output = failed.findtext("failure", ""), failed.findtext("system-out", "")
    assert failed.get("classname") == "dojo.07"
    assert failed.get("time") == "25.000"
    assert "Hint: What does the rule return" in text
    assert "the rest of it is in system-out" in text
    assert "the end" not in text
    for said in (
        "id: dojo.07.absent-series-becomes-zero",
        "level: core",
        "the end",
        "redis_items_in_queue[2m]",
    ):
        assert said in output
    assert "budget: 20 s = scrape 5 s" in output
    suite = next(s for s in root.iter("testsuite") if s.get("name") == "dojo.07")
    facts = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert facts["kubernetes"] == "v1.37.1"
    assert facts["chart.kube-prometheus-stack"] == "88.5.3 (bundled)"
    assert suite.get("file") == "conformance/dojo/test_step_07_rule.py"


def test_characters_that_xml_cannot_hold_are_taken_out():
    """A log's escapes and broken characters cost no report; what is around them stays."""
    one = sample.behaviour("02.a", "failed", message=f"before{CONTROLS}after")
    text = case(ET.fromstring(junit(sample.report([one]))), "a").findtext("failure", "")
    assert text.startswith("before")
    assert "after" in text
    assert not set(text) & set(CONTROLS.replace("\x7f", ""))


def test_a_run_without_a_result_is_red():
    """An empty run is one error with the reason, as an empty file would be taken for success."""
    report = sample.report([])
    report.run.message = "no container engine"
    root = ET.fromstring(junit(report))
    assert (root.get("tests"), root.get("errors")) == ("1", "1")
    assert case(root, "run").find("error").get("message") == "no container engine"
