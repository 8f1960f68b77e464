"""What does not render is told with the line of the learner's own file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.install.chart_sources import resolve_charts
from fixtures.install.helm import Helm
from fixtures.install.solutions import Solution
from fixtures.install.stacks import CHARTS_DIR, load_stack
from fixtures.machine.process import CommandError, Completed
from fixtures.static.render import World, render

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "solutions" / "dojo" / "reference"
DOCUMENT = (
    "---\n# Source: consumer/templates/prometheusrule.yaml\nkind: PrometheusRule\nmetadata: {name: a}\n"
)


def world(tmp_path: Path, fails: str = "", says: str = "", reason: str = "") -> World:
    """The reference rendered by a helm that fails for the chart ``fails``."""

    def run(argv: Any, **_given: Any) -> Completed:
        done = Completed(tuple(argv), 0, DOCUMENT, "")
        if fails and any(fails in str(word) for word in argv[2:4]):
            raise CommandError(Completed(tuple(argv), 1, "", says), reason=reason)
        return done

    stack = load_stack()
    return render(
        Solution.load(REFERENCE),
        stack,
        resolve_charts(stack, images_built=True),
        helm=Helm(Path("helm"), run=run),
        workdir=tmp_path,
        charts_dir=CHARTS_DIR,
    )


def test_objects_know_their_template(tmp_path: Path) -> None:
    """An object's place is the solution's own template, through the name that helm gives it."""
    release = world(tmp_path).releases["solution"]
    rule = release.of("PrometheusRule")[0]
    place = release.where(rule, "spec", "groups", 0, "rules", 0, "expr")
    assert place.file == "helm/charts/consumer/templates/prometheusrule.yaml"
    line = (REFERENCE / place.file).read_text().splitlines()[place.line - 1]
    assert line.strip().startswith("expr:")


def test_schema_complaints_have_their_lines(tmp_path: Path) -> None:
    """What a chart's schema refuses is shown with lines of the values file, each complaint with its own."""
    said = (
        "Error: values don't meet the specifications of the schema(s):\nkube-prometheus-stack:\n"
        "- at '/prometheus/prometheusSpec/scrapeInterval': got number, want null or string\n"
        "- at '/prometheus': additional properties 'ingress' not allowed\n"
    )
    release = world(tmp_path, "prometheus", said).releases["prometheus"]
    assert str(release.failed_at) == "helm/values/prometheus.yaml:4"
    assert "scrapeInterval: got number" in release.failure
    assert "; line 14: " in release.failure


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("Error: parse error at (consumer/templates/horizontalpodautoscaler.yaml:13): x", 13),
        ('Error: consumer/templates/horizontalpodautoscaler.yaml:4:11\n  executing "x"', 4),
        ("Error: YAML parse error on consumer/templates/horizontalpodautoscaler.yaml: yaml: line 15: x", 0),
    ],
)
def test_template_errors_have_their_line(said: str, line: int, tmp_path: Path) -> None:
    """An error in a template names the template; its line too, where helm knows the source's."""
    release = world(tmp_path, "consumer", said).releases["solution"]
    assert release.failed_at.file == "helm/charts/consumer/templates/horizontalpodautoscaler.yaml"
    assert release.failed_at.line == line


def test_a_chart_that_renders_for_ever(tmp_path: Path) -> None:
    """What was ended for its time or size is one clear finding, not the solution's neighbours' too."""
    made = world(tmp_path, "consumer", reason="still running after 20 s")
    assert made.releases["solution"].failure == "still running after 20 s"
    assert made.releases["prometheus"].failure == ""
