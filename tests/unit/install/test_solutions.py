from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.install.helm import Helm
from fixtures.install.solutions import PARTS, Solution
from fixtures.machine.errors import KitError
from fixtures.machine.process import Completed

RULE = "kind: PrometheusRule\nmetadata: {name: r}\n"
HPA = "kind: HorizontalPodAutoscaler\nspec:\n  minReplicas: {{ .Values.min }}\n"
TEXTS = {"rule": RULE, "hpa": HPA}


def _solution(tmp_path: Path, *parts: str) -> Path:
    for part in parts:
        file = tmp_path / PARTS[part][1]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TEXTS.get(part, "a: 1\n"))
    return tmp_path


@pytest.mark.parametrize(
    ("parts", "step"),
    [
        (["prometheus"], 5),
        (["prometheus", "exporter"], 6),
        (["prometheus", "exporter", "rule"], 7),
        (["prometheus", "exporter", "rule", "adapter"], 8),
        (["prometheus", "exporter", "rule", "adapter", "hpa"], 9),
        (["prometheus", "exporter", "adapter"], 8),
    ],
)
def test_step(tmp_path, parts, step):
    """The highest part there is says how far the solution goes; what is missing is a step not done."""
    solution = Solution.load(_solution(tmp_path, *parts))
    assert solution.step == step
    assert [part for part in PARTS if solution.has(part)] == sorted(parts, key=list(PARTS).index)
    assert (solution.consumer_chart is not None) is bool({"rule", "hpa"} & set(parts))


@pytest.mark.parametrize(("written", "step"), [("0", 10), ("1", 9), ("10", 9)])
def test_scale_to_zero_is_step_ten(tmp_path, written, step):
    """An HPA that writes minReplicas: 0 is at step 10."""
    folder = _solution(tmp_path, "hpa")
    (folder / PARTS["hpa"][1]).write_text(f"kind: HorizontalPodAutoscaler\nspec:\n  minReplicas: {written}\n")
    assert Solution.load(folder).step == step


def test_any_file_name_and_inline_rule(tmp_path):
    """An HPA counts by its kind, whatever its file is called; a rule may stand in Prometheus's values."""
    folder = _solution(tmp_path, "prometheus", "hpa")
    hpa = folder / PARTS["hpa"][1]
    hpa.rename(hpa.with_name("scaler.yml"))
    (folder / PARTS["prometheus"][1]).write_text("additionalPrometheusRulesMap: {a: {groups: []}}\n")
    assert Solution.load(folder).parts == ("prometheus", "rule", "hpa")


@pytest.mark.parametrize("kind", ["missing", "empty", "file"])
def test_no_solution(tmp_path, kind):
    """A folder that is not there, or holds nothing of a solution, is refused with the layout."""
    path = tmp_path / "solution"
    if kind == "empty":
        path.mkdir()
    elif kind == "file":
        path.touch()
    with pytest.raises(KitError, match=r"helm/values/prometheus\.yaml"):
        Solution.load(path)


@pytest.mark.parametrize(
    ("part", "text", "says"),
    [
        ("prometheus", "a: 1\nb: [1\n", r"prometheus\.yaml:3:1: malformed YAML"),
        ("adapter", "a: 1\n b: 2\n", r"prometheus-adapter\.yaml:2:3: malformed YAML"),
        ("exporter", "- 1\n", r"exporter\.yaml: holds a list, not a mapping"),
        ("rule", "a: b\n---\nkind: PrometheusRule\nx: {\n", r"prometheusrule\.yaml:5:1: malformed YAML"),
        ("prometheus", b"\xff\xfe\x00", r"prometheus\.yaml: cannot be read"),
    ],
)
def test_malformed_yaml(tmp_path, part, text, says):
    """YAML that cannot be parsed names file, line and column."""
    folder = _solution(tmp_path, "prometheus", part)
    file = folder / PARTS[part][1]
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(KitError, match=says):
        Solution.load(folder)


def test_link_to_nothing(tmp_path):
    """A link whose target was not copied along is said, not taken for a step not done."""
    folder = _solution(tmp_path, "prometheus")
    (folder / "helm/values/redis.yaml").symlink_to(folder / "gone.yaml")
    with pytest.raises(KitError, match="a link to nothing"):
        Solution.load(folder)


def test_templates_alone_are_laid_over_the_bundled_chart(tmp_path):
    """A solution may hold its two templates only; the rest of the chart is the kit's, which stays whole."""
    base = tmp_path / "base"
    (base / "templates").mkdir(parents=True)
    (base / "Chart.yaml").write_text("name: consumer\n")
    (base / "templates" / "deployment.yaml").write_text("kind: Deployment\n")
    solution = Solution.load(_solution(tmp_path / "s", "rule"))
    chart = solution.chart(base, tmp_path / "work")
    assert {f.name for f in (chart / "templates").iterdir()} == {"deployment.yaml", "prometheusrule.yaml"}
    assert len(list((base / "templates").iterdir())) == 1
    (tmp_path / "s/helm/charts/consumer/Chart.yaml").write_text("name: own\n")
    chart = solution.chart(base, tmp_path / "work")
    assert {f.name for f in (chart / "templates").iterdir()} == {"prometheusrule.yaml"}
    assert (chart / "Chart.yaml").read_text() == "name: own\n"


def test_hpa_is_read_from_what_helm_renders(tmp_path):
    """The target is what the template renders to, with the operator's API said to be there."""
    calls = []

    def run(argv, **given):
        calls.append(argv)
        text = (
            "kind: Deployment\n---\nkind: HorizontalPodAutoscaler\napiVersion: autoscaling/v2\n"
            "metadata: {name: consumer}\nspec: {maxReplicas: 20, metrics: [{type: Object}]}\n"
        )
        return Completed(tuple(argv), 0, text, "")

    solution = Solution.load(_solution(tmp_path, "hpa"))
    target = solution.hpa(Helm(Path("helm"), run=run), tmp_path)
    assert target is not None
    assert (target.min_replicas, target.max_replicas, target.metrics) == (1, 20, ({"type": "Object"},))
    assert "monitoring.coreos.com/v1" in calls[0]


def test_unknown_part(tmp_path):
    """Asking for a part that no solution can have is a fault of the caller."""
    with pytest.raises(KeyError, match="no part"):
        Solution.load(_solution(tmp_path, "hpa")).has("hpas")
