"""Places in files, selectors, durations, promtool's answers, and how findings become verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.machine.process import Completed
from fixtures.static.findings import Findings, Place
from fixtures.static.matching import Unknown, matchers, matches, relabelled, selects
from fixtures.static.places import Source, blank_actions
from fixtures.static.promtool import CannotTell, Promtool, Refused
from fixtures.static.units import quantity, seconds

TEMPLATE = """{{- if .Values.on }}
kind: PrometheusRule
metadata:
  name: {{ include "x" . }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  groups:
    - rules:
        - record: a
          {{- $q := printf "x" }}
          expr: |
            b{{ $q }}
{{ end -}}
"""


def test_values_line_is_the_keys_own() -> None:
    """The line of a key; of its deepest parent when the file does not set it; of the last one given twice."""
    source = Source("v.yaml", "a:\n  b: 1\n  c:\n    - x: 1\n      y: 2\n  b: 3\n")
    assert [source.line(keys) for keys in (["a", "b"], ["a", "c", 0, "y"], ["a", "z"], ["q"])] == [6, 5, 1, 1]
    assert list(source.duplicates()) == [(6, "b", 2)]


def test_template_line_with_actions_taken_out() -> None:
    """Actions are blanked so that lines stay where they are, and the structure can be followed."""
    source = Source("t.yaml", TEMPLATE, template=True)
    assert source.line(["spec", "groups", 0, "rules", 0, "expr"], kind="PrometheusRule") == 12
    assert blank_actions(TEMPLATE).count("\n") == TEMPLATE.count("\n")


def test_template_that_is_no_yaml_is_searched() -> None:
    """Where actions hide the structure the key is looked for, with the value beside it if one has it."""
    source = Source("t.yaml", "kind: X\n{{ a }}: [\nport: 1\nport: 2\n", template=True)
    assert source.line(["spec", "port"], kind="X", value=2) == 4


def test_units() -> None:
    """Durations and quantities as Prometheus and Kubernetes write them; None for what is none."""
    assert [seconds(text) for text in ("5s", "1m30s", "500ms", "5", "")] == [5.0, 90.0, 0.5, None, None]
    assert [str(quantity(value)) for value in (20, "20000m", "20k", "x")] == ["20", "20.000", "20000", "None"]


def test_series_selectors() -> None:
    """A PromQL selector is taken apart as Prometheus reads it, whole values matched."""
    wanted = matchers('redis_up{namespace!="",service=~"a|b.*",key!~"x"}')
    assert matches({"__name__": "redis_up", "namespace": "n", "service": "bc"}, wanted)
    assert not matches({"__name__": "redis_up", "namespace": "n", "service": "ab"}, wanted)
    with pytest.raises(Unknown):
        matchers("rate(x[5m])")


def test_label_selectors() -> None:
    """matchLabels and matchExpressions; no selector picks nothing."""
    expression = {"matchExpressions": [{"key": "key", "operator": "In", "values": ["padok"]}]}
    assert selects(expression, {"key": "padok"})
    assert not selects(expression, {"key": "x"})
    assert not selects(None, {})


def test_relabelings() -> None:
    """Relabelings replace, drop labels and drop series; an action that is not known is not guessed."""
    labels = {"service": "a", "pod": "p"}
    assert relabelled(labels, [{"sourceLabels": ["pod"], "targetLabel": "service"}]) == {
        "service": "p",
        "pod": "p",
    }
    assert relabelled(labels, [{"action": "labeldrop", "regex": "pod"}]) == {"service": "a"}
    assert relabelled(labels, [{"action": "drop", "sourceLabels": ["pod"], "regex": "p"}]) is None
    with pytest.raises(Unknown):
        relabelled(labels, [{"action": "hashmod"}])


def promtool(stdout: str, code: int = 1) -> Promtool:
    def run(argv: Any, **_given: Any) -> Completed:
        return Completed(tuple(argv), code, stdout, "")

    return Promtool(Path("promtool"), run)


ANSWER = """  FAILED:
    expr: "x", time: 1m6s,
        exp: {never="this"} 0E+00
        got: {__name__="x", a="q\\"1", b="{}"} 7E+00, {__name__="x"} NaN
    expr: "x", time: 2m,
        exp: {never="this"} 0E+00
        got: nil
"""


def test_promtools_answers_are_read() -> None:
    """Labels with quotes and brackets in them, several samples, none at all."""
    answers = promtool(ANSWER).evaluate([], {}, [("x", 66.0), ("x", 120.0)], step=5, every=5)
    assert [(dict(sample.labels), str(sample.value)) for sample in answers[0]] == [
        ({"a": 'q"1', "b": "{}"}, "7.0"),
        ({}, "nan"),
    ]
    assert answers[1] == []


@pytest.mark.parametrize("said", ["", "SUCCESS", ANSWER.replace("got:", "had:"), ANSWER.replace("2m", "3m")])
def test_an_answer_that_is_not_understood_is_an_error(said: str) -> None:
    """What promtool says otherwise is never taken for a value, nor for none."""
    with pytest.raises(CannotTell):
        promtool(said).evaluate([], {}, [("x", 66.0), ("x", 120.0)], step=5, every=5)


def test_a_query_that_prometheus_refuses() -> None:
    """An error in the query is Prometheus' word against it, not a gap in what is known."""
    with pytest.raises(Refused, match="unexpected"):
        promtool('    expr: "x(", time: 5s, err: unexpected end of input').evaluate(
            [], {}, [("x(", 5.0)], step=5, every=5
        )


def test_promtools_complaints_name_the_rule() -> None:
    """A complaint carries its group and the rule's number, so that the line can be found."""
    line = 'FILE: 6:15: group "c/g", rule 2, "m": could not parse expression: 1:9: parse error: bad'

    def run(argv: Any, **_given: Any) -> Completed:
        return Completed(tuple(argv), 1, line.replace("FILE", argv[-1]), "")

    (complaint,) = Promtool(Path("promtool"), run).check([])
    assert (complaint.group, complaint.rule) == ("c/g", 2)
    assert complaint.text == "could not parse expression: 1:9: parse error: bad"


def test_verdicts() -> None:
    """A finding fails, an advisory never; unknown is an error, and nothing looked at is no pass."""
    findings = Findings()
    findings.fail("dojo.05.a", Place("f.yaml", 3), "wrong", "why?")
    findings.advise("dojo.05.b", Place("f.yaml"), "luck")
    findings.saw("dojo.05.b", "looked", "", 1)
    findings.block(["dojo.05.a", "dojo.05.c"], "dojo.05.a")
    findings.cannot_tell(["dojo.05.d"], "no promtool")
    verdicts = {name: findings.verdict(f"dojo.05.{name}") for name in "abcde"}
    assert {name: verdict.outcome for name, verdict in verdicts.items()} == {
        "a": "failed",
        "b": "passed",
        "c": "blocked",
        "d": "error",
        "e": "error",
    }
    assert (verdicts["a"].message, verdicts["a"].hint) == ("f.yaml:3: wrong", "why?")
    assert [str(each) for each in verdicts["b"].advice] == ["f.yaml: luck"]
