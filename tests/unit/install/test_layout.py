from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.install.solutions import Solution
from fixtures.machine.errors import KitError

RULE = "kind: PrometheusRule\nmetadata: {name: r}\n"
HPA = "kind: HorizontalPodAutoscaler\nspec:\n  minReplicas: 0\n"
TOML = """
prometheus = "monitoring/stack.yaml"
adapter = "monitoring/adapter.yaml"
consumer-chart = "charts/worker"
rule = "monitoring/rule.yaml"
hpa = "charts/worker/templates/scaling.yaml"
kind-cluster = "cluster.yaml"
"""


def write(folder: Path, **files: str) -> Path:
    """Files by their path, with / written __ and the ending .yaml."""
    for name, text in files.items():
        file = folder / f"{name.replace('__', '/')}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.fixture
def folder(tmp_path) -> Path:
    chart = {"charts__worker__Chart": "name: worker\n", "charts__worker__templates__scaling": HPA}
    more = {"monitoring__stack": "a: 1\n", "monitoring__adapter": "b: 1\n", "monitoring__rule": RULE}
    write(tmp_path, cluster="featureGates: {}\n", **chart, **more)
    (tmp_path / "solution.toml").write_text(TOML)
    return tmp_path


def test_another_layout(folder, tmp_path_factory):
    """A solution.toml names the files of a solution that is laid out otherwise."""
    solution = Solution.load(folder)
    assert solution.parts == ("prometheus", "rule", "adapter", "hpa")
    assert solution.step == 10
    assert solution.kind_cluster == folder / "cluster.yaml"
    chart = solution.chart(folder, tmp_path_factory.mktemp("work"))
    found = {str(file.relative_to(chart)) for file in chart.rglob("*.yaml")}
    assert found == {"Chart.yaml", "templates/scaling.yaml", "templates/rule-rule.yaml"}


def test_templates_with_no_chart(tmp_path, tmp_path_factory):
    """A rule and an HPA that stand alone are laid over the bundled consumer chart."""
    write(tmp_path, rule=RULE, hpa=HPA)
    (tmp_path / "solution.toml").write_text('rule = "rule.yaml"\nhpa = "hpa.yaml"\n')
    base = write(tmp_path_factory.mktemp("base"), Chart="name: consumer\n", templates__deployment="kind: D\n")
    chart = Solution.load(tmp_path).chart(base, tmp_path_factory.mktemp("work"))
    names = {file.name for file in chart.rglob("*.yaml")}
    assert names == {"Chart.yaml", "deployment.yaml", "rule-rule.yaml", "hpa-hpa.yaml"}


def test_what_is_not_named_is_where_the_exercise_has_it(tmp_path):
    """One that renames a single file names that file only."""
    write(tmp_path, helm__values__prometheus="a: 1\n", mine="b: 1\n")
    (tmp_path / "solution.toml").write_text('adapter = "mine.yaml"\n')
    assert Solution.load(tmp_path).parts == ("prometheus", "adapter")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('prometeus = "a.yaml"', r"solution\.toml: prometeus: unknown key(?s:.*)did you mean 'prometheus'\?"),
        ('adapter = "gone.yaml"', r"solution\.toml: adapter: there is no file 'gone\.yaml'"),
        ('adapter = "."', r"solution\.toml: adapter: there is no file '\.'"),
        ('consumer-chart = "a.yaml"', r"solution\.toml: consumer-chart: there is no folder 'a\.yaml'"),
        ("adapter = 3", r"solution\.toml: adapter: is an integer \(3\), not a string"),
        ('adapter = ["a.yaml"]', r"solution\.toml: adapter: is an array"),
        ('adapter = ""', r"solution\.toml: adapter: is '', which is not valid"),
        ('adapter = "/etc/hostname"', r"adapter: is '/etc/hostname'\nRemedy: give a path relative"),
        ('adapter = "values\\\\a.yaml"', r"solution\.toml: adapter: is (?s:.*)with / between names"),
        ('adapter = "../a.yaml"', r"\.\./a\.yaml: leads out of"),
        ("adapter = ", r"solution\.toml: malformed TOML: Invalid value"),
        ("a = " + "[" * 5000, r"solution\.toml: malformed TOML"),
    ],
)  # fmt: skip
def test_a_wrong_solution_toml(tmp_path, text, says):
    """What solution.toml names and is not there, misspells or may not name is said with file and field."""
    (tmp_path / "a.yaml").write_text("a: 1\n")
    solution = tmp_path / "solution"
    write(solution, a="a: 1\n")
    (solution / "solution.toml").write_text(text)
    with pytest.raises(KitError, match=says):
        Solution.load(solution)


def test_the_starting_point_is_a_solution_with_nothing_done(tmp_path):
    """The exercise as it is handed out is graded: no part is there yet, and that is no error."""
    write(
        tmp_path,
        helm__values__redis="auth: {enabled: false}\n",
        helm__charts__consumer__Chart="name: consumer\n",
    )
    write(tmp_path, helm__charts__consumer__templates__deployment="kind: Deployment\n")
    solution = Solution.load(tmp_path)
    assert (solution.parts, solution.step, solution.consumer_chart) == ((), 4, None)
    assert set(solution.values) == {"redis"}
    assert "prometheusrule.yaml (step 7)" in solution.missing("rule")
