from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
import yaml

from fixtures.install.admission import Admission, refusals
from fixtures.install.chart_sources import resolve_charts
from fixtures.install.helm import Helm, HelmError
from fixtures.install.solutions import Solution
from fixtures.install.stacks import load_stack
from fixtures.install.untrusted import Refused
from fixtures.machine.bundle.cache import Cache
from fixtures.machine.errors import KitError
from fixtures.machine.process import Limits, run

REPO = Path(__file__).resolve().parents[3]
REFERENCE = REPO / "solutions/dojo/reference"
CHART = "helm/charts/consumer"
IMAGES = {"consumer": "padok.fr/consumer:1.10", "redis-exporter": "kit.local/redis-exporter:1"}
OPERATOR = "prometheus-kube-prometheus-operator"
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"
BORROWED = {**POD, "spec": {"serviceAccountName": OPERATOR, "containers": []}}
SIDECAR = {"name": "x", "image": "kit.local/redis:7", "command": ["sh", "-c", "true"]}
BOUND = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "x"},
    "roleRef": {"kind": "ClusterRole", "name": OPERATOR},
    "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}],
}


@pytest.fixture(scope="session")
def program() -> Path:
    """A real helm: from KIT_HELM, PATH or the kit's cache; without one these tests are skipped."""
    built = next((str(found) for found in sorted((Cache().root / "bin").glob("kubernetes-*/helm"))), None)
    path = os.environ.get("KIT_HELM") or shutil.which("helm") or built
    if not path:
        pytest.skip("no helm: put it on PATH or name it with KIT_HELM")
    return Path(path)


@pytest.fixture
def admission(program, tmp_path):
    """Admission of the solution in a folder, on the kit's own charts."""

    def make(folder: Path) -> Admission:
        stack = load_stack()
        return Admission(
            Helm(program),
            stack,
            Solution.load(folder),
            resolve_charts(stack, "bundled", images_built=True),
            images=IMAGES,
            images_built=True,
            workdir=tmp_path / "work",
        )

    return make


@pytest.fixture
def solution(tmp_path) -> Path:
    """A copy of the reference's own chart, to be changed."""
    made = tmp_path / "solution"
    shutil.copytree(REFERENCE / CHART, made / CHART)
    return made


def give(solution: Path, chart: str, values: dict) -> Path:
    """Values for one of the charts."""
    file = solution / f"helm/values/{chart}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(values))
    return file


def test_the_reference_is_let_in_as_it_is(admission, program):
    """Nothing of the reference is refused, and what is installed is what its own chart renders to."""
    made = admission(REFERENCE)
    made.check()
    checked = made.own_chart("solution")
    chart = Path(checked.location)
    installed = run([str(program), "template", "consumer", str(chart)], timeout=20).stdout
    argv = ["template", "consumer", str(REFERENCE / CHART), "--set-string", "version=1.10"]
    written = run([str(program), *argv], timeout=20).stdout

    def objects(text: str) -> list:
        return sorted(filter(None, yaml.safe_load_all(text)), key=lambda each: each["kind"])

    assert objects(installed) == objects(written)
    assert (checked.name, checked.version) == ("consumer", "0.1.0")


@pytest.mark.parametrize(
    ("chart", "values"),
    [
        ("prometheus", {
            "fullnameOverride": "mine",
            "prometheusOperator": {"logLevel": "debug"},
            "prometheus": {"prometheusSpec": {"externalUrl": "http://{{ .Release.Name }}.a", "replicas": 2}},
            "additionalPrometheusRulesMap": {"a": {"groups": [{"name": "a", "rules": [
                {"alert": "A", "expr": "1", "annotations": {"b": "{{ $value | humanize }}"}}]}]}},
        }),
        ("prometheus-adapter", {
            "fullnameOverride": "other",
            "replicas": 2,
            "rules": {"default": True, "external": [{"seriesQuery": "a", "metricsQuery": "b"}]},
        }),
        ("prometheus-redis-exporter", {
            "serviceMonitor": {"enabled": True, "namespace": "prometheus"},
            "image": {"repository": "evil/x"},  # the kit's overlay wins
        }),
        ("redis", {"master": {"persistence": {"enabled": False}}}),
    ],
)  # fmt: skip
def test_other_values_are_let_in(admission, tmp_path, chart, values):
    """Names, intervals, rules and the like are the learner's choice: none of it is refused."""
    give(tmp_path / "solution", chart, values)
    admission(tmp_path / "solution").check()


@pytest.mark.parametrize(
    ("chart", "values", "says"),
    [
        ("prometheus-adapter", {
            "hostNetwork": {"enabled": True},
            "extraVolumes": [{"name": "a", "hostPath": {"path": "/"}}],
            "securityContext": {"privileged": True},
            "extraManifests": [{**POD, "spec": {"hostIPC": True, "containers": []}}],
            "rules": {"resource": {"cpu": {}}},
        }, [
            r"adapter\.yaml:\d+: hostNetwork", r"adapter\.yaml:\d+: hostPath", "privileged", "hostIPC",
            "APIService v1beta1.metrics.k8s.io would answer for an API that is not the adapter's",
        ]),
        ("prometheus-adapter", {"extraContainers": [SIDECAR]}, ["adds the container x, where it has"]),
        ("prometheus-redis-exporter", {
            "serviceMonitor": {"enabled": True, "namespace": "kube-system"},
            "serviceAccount": {"create": False, "name": "a"},
        }, ["goes into namespace kube-system", "runs as the ServiceAccount a, which it does not bring"]),
        ("prometheus", {
            "extraManifests": [BORROWED, BOUND, {**POD, "kind": "Namespace"}],
            "prometheus": {
                "prometheusSpec": {
                    "hostNetwork": True,
                    "containers": [{"name": "prometheus", "command": ["sh"]}],
                    "initContainers": [{"name": "x", "image": "evil/x:1"}],
                    "additionalScrapeConfigs": [{"job_name": "a", "bearer_token_file": TOKEN}],
                },
                "ingress": {"enabled": True, "annotations": {"a/skipper-routes": "x"}},
            },
        }, [
            f"Pod x runs as {OPERATOR}, with rights", "gives ServiceAccount default/default to",
            "Namespace x belongs to the whole cluster", r"prometheus\.yaml:\d+: hostNetwork",
            "another program in the container prometheus", r"prometheus\.yaml:\d+: the image evil/x:1",
            r"prometheus\.yaml:\d+: names a pod's own credentials", "skipper-routes programs the ingress",
        ]),
        ("prometheus", {"prometheus": {"serviceAccount": {"create": False, "name": OPERATOR}}},
         ["Prometheus .* runs as .*operator, with rights that the chart does not give it"]),
    ],
)  # fmt: skip
def test_values_that_reach_out(admission, tmp_path, chart, values, says):
    """A trusted chart is no way round: what it renders to with a solution's values is looked at, too."""
    give(tmp_path / "solution", chart, values)
    with pytest.raises(Refused) as raised:
        admission(tmp_path / "solution").check()
    assert {Path(refusal.file).name for refusal in raised.value.refusals} == {f"{chart}.yaml"}
    for reason in says:
        assert re.search(reason, str(raised.value)), reason


@pytest.mark.parametrize(
    "text",
    [
        '{{ lookup "v1" "Secret" "" "" }}',
        "{{ if .Release.IsUpgrade }}a{{ end }}",
        '{{ tpl "{{ .Values.a }}" . }}',
        "{{ $.Release.Revision }}",
        "{{ .Release.Name }}{{ .Capabilities.KubeVersion }}",
        "{{{ .Release.Name }}{ .Files }}",
    ],
)
def test_a_template_in_a_value(tmp_path, text):
    """What a chart evaluates on a cluster, with the kit's rights, cannot be seen without it."""
    give(tmp_path, "prometheus", {"a": [{"b": text}]})
    (found,) = refusals(Solution.load(tmp_path), {})
    assert f"{found}".endswith(
        "prometheus.yaml:2: a template in a value, which the chart would evaluate with the kit's rights"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: {{ repeat 2000000000 `a` }}", "for ever: needs more than 1024 MB of memory"),
        ("a: |\n{{ range until 1100 }}  {{ repeat 1000 `a` }}\n{{ end }}", "for ever: printed 1 MB or more"),
        (
            "kind: HorizontalPodAutoscaler\n{{ range until 9 }}\n---\nkind: Namespace\n{{ end }}",
            "whole cluster",
        ),
    ],
)
def test_a_template_without_end(admission, solution, monkeypatch, text, says):
    """A chart that renders for ever, or to more than anybody can read, is ended and refused."""
    monkeypatch.setattr("fixtures.install.helm.RENDER_LIMITS", Limits(memory=1 << 30, output=1 << 20))
    (solution / CHART / "templates/more.yaml").write_text(text)
    with pytest.raises(Refused, match=says) as raised:
        admission(solution).check()
    assert all(CHART in refusal.file for refusal in raised.value.refusals)


def test_the_deadline_of_a_render(admission, solution, monkeypatch):
    """What takes longer than a chart may is ended, whatever it is doing."""
    monkeypatch.setattr("fixtures.install.helm.RENDER_TIMEOUT", 0.5)
    loop = "{{ range until 4000000 }}{{ $x := sha256sum `a` }}{{ end }}"
    (solution / CHART / "templates/more.yaml").write_text(loop)
    with pytest.raises(Refused, match=r"helm/charts/consumer: .*still running after 0\.5 s"):
        admission(solution).check()


def test_crds_and_hooks_of_the_own_chart(admission, solution):
    """What Helm would install beside the templates is looked at as well."""
    crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n"
    (solution / CHART / "crds").mkdir()
    (solution / CHART / "crds/x.yaml").write_text(crd)
    hook = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: x\n  annotations:\n    helm.sh/hook: test\n"
    (solution / CHART / "templates/tests").mkdir()
    (solution / CHART / "templates/tests/job.yaml").write_text(hook)
    with pytest.raises(Refused) as raised:
        admission(solution).check()
    said = [str(refusal).removeprefix(f"{solution / CHART}/") for refusal in raised.value.refusals]
    assert said == [
        "crds/x.yaml:2: CustomResourceDefinition x belongs to the whole cluster",
        "templates/tests/job.yaml:6: Job x is a Helm hook (test)",
    ]


def test_what_a_template_sees_is_no_cluster(admission, solution):
    """`lookup`, DNS and a second rendering give a template nothing that was not seen when it was checked."""
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n"
        '  a: {{ lookup "v1" "Secret" "" "" | toJson | quote }}\n'
        '  b: {{ getHostByName "localhost" | quote }}\n'
        "  c: {{ randAlphaNum 8 }}\n  d: '{{`{{ .Release.Name }}`}}'\n"
    )
    (solution / CHART / "templates/more.yaml").write_text(text)
    made = admission(solution)
    chart = Path(made.own_chart("solution").location)
    (found,) = [each for each in yaml.safe_load_all((chart / "objects.yaml").read_text()) if "data" in each]
    assert (found["data"]["a"], found["data"]["b"], found["data"]["d"]) == ("{}", "", "{{ .Release.Name }}")
    assert made.own_chart("solution").location == str(chart)


def test_what_does_not_render_is_not_installed(admission, solution):
    """A broken template is the learner's next step, no refusal: it is said when its turn comes."""
    (solution / CHART / "templates/more.yaml").write_text("a: {{ .Values.nothing.here }}\n")
    give(solution, "redis", {"architecture": "replication"})
    made = admission(solution)
    made.check()
    with pytest.raises(HelmError, match=r"more\.yaml"):
        made.own_chart("solution")
    with pytest.raises(KitError, match="standalone"):
        made.require("redis")


def test_an_old_hpa_does_not_take_the_rule_along(admission, solution):
    """A version that the cluster no longer serves is one step's mistake: the rule still counts."""
    hpa = solution / CHART / "templates/horizontalpodautoscaler.yaml"
    hpa.write_text(hpa.read_text().replace("autoscaling/v2", "autoscaling/v2beta2"))
    source = admission(solution).own_chart(
        "solution", {"v1", "apps/v1", "autoscaling/v2", "monitoring.coreos.com/v1"}
    )
    objects = yaml.safe_load_all((Path(source.location) / "objects.yaml").read_text())
    assert sorted(each["kind"] for each in objects) == ["Deployment", "PrometheusRule", "Service"]
    expected = "left out: HorizontalPodAutoscaler consumer: autoscaling/v2beta2 is not served here"
    assert source.note == expected
    assert not admission(solution).own_chart("solution").note
