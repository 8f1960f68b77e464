"""What is let in of a scenario's solution: objects within its namespaces, and rights to find targets."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import yaml

from fixtures.install.admission import Admission, refusals
from fixtures.install.chart_sources import resolve_charts
from fixtures.install.helm import Helm
from fixtures.install.pieces import Piece
from fixtures.install.scenario_solutions import ScenarioSolution, load_solution
from fixtures.install.scenarios import Scenario, known, load_scenario
from fixtures.install.stacks import Stack, load_stack
from fixtures.install.untrusted import Refused
from fixtures.install.untrusted_objects import NAMESPACED, Rendered
from fixtures.machine.bundle.cache import Cache
from fixtures.machine.errors import KitError

ACCOUNT = {
    "kind": "ServiceAccount",
    "name": "prometheus-kube-prometheus-prometheus",
    "namespace": "monitoring",
}
DISCOVERY = [
    {"apiGroups": [""], "resources": ["pods", "services", "endpoints"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list", "watch"]},
]
KEDA = ("keda.sh", "ScaledObject")


def made(kind: str, version: str = "v1", namespace: str = "", **more) -> dict:
    metadata = {"name": "x", **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def role(rules, **more) -> dict:
    return made("Role", "rbac.authorization.k8s.io/v1", rules=rules, **more)


def binding(*subjects, kind: str = "Role", name: str = "x", **more) -> dict:
    reference = {"kind": kind, "name": name, "apiGroup": "rbac.authorization.k8s.io"}
    version = "rbac.authorization.k8s.io/v1"
    return made("RoleBinding", version, roleRef=reference, subjects=list(subjects), **more)


def deployment(image: str, **more) -> dict:
    spec = {"containers": [{"name": "x", "image": image}], **more}
    return made("Deployment", "apps/v1", spec={"template": {"spec": spec}})


@pytest.fixture
def scenario(tmp_path):
    """A shop in a namespace of its own, a Prometheus in `monitoring`, and objects that wire them."""
    pieces = {
        "prometheus": Piece("kube-prometheus-stack", release="prometheus", namespace="monitoring"),
        "wiring": Piece("", part="wiring", checked=True, release="wiring", namespace="shop"),
    }
    return Scenario(
        "tiny",
        "shop",
        pieces,
        images=("python",),
        kinds=NAMESPACED | {KEDA},
        manifests={"wiring": "manifests"},
        path=tmp_path / "tiny.toml",
    )


@pytest.fixture
def admit(scenario, tmp_path):
    """Admission of a solution with these objects; no chart is rendered, so no helm is needed."""

    def build(*objects: dict) -> Admission:
        folder = tmp_path / "solution" / "manifests"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.yaml").write_text(yaml.safe_dump_all(objects))
        solution = ScenarioSolution.load(folder.parent, scenario)
        stack = Stack("s", tmp_path / "s.toml", "1.37.1", {}, {})
        return Admission(
            Helm(tmp_path / "helm"),
            stack,
            solution,
            {},
            images={"shop": "kit.local/shop:1"},
            images_built=True,
            workdir=tmp_path / "work",
            scenario=scenario,
        )

    return build


def test_wiring_is_let_in_and_installed_as_it_was_checked(admit):
    """A monitor, an HPA, a budget, and a Prometheus of another namespace that may find its targets."""
    objects = [
        made("ServiceMonitor", "monitoring.coreos.com/v1", spec={"selector": {}}),
        made("HorizontalPodAutoscaler", "autoscaling/v2", spec={"maxReplicas": 3}),
        made("PodDisruptionBudget", "policy/v1", namespace="monitoring", spec={}),
        role(DISCOVERY),
        binding(ACCOUNT),
        made("ScaledObject", "keda.sh/v1alpha1", spec={}),
    ]
    admission = admit(*objects)
    admission.check()
    chart = admission.own_chart("wiring")
    assert (chart.name, chart.kind) == ("wiring", "folder")
    installed = yaml.safe_load_all((Path(chart.location) / "objects.yaml").read_text())
    assert list(installed) == objects


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        ([made("Namespace")], "belongs to the whole cluster"),
        ([made("ClusterRole", "rbac.authorization.k8s.io/v1", rules=[])], "belongs to the whole cluster"),
        ([made("CustomResourceDefinition", "apiextensions.k8s.io/v1")], "belongs to the whole cluster"),
        ([made("Widget", "example.org/v1")], "no step asks for"),
        ([made("Service", namespace="kube-system")], "outside the scenario's"),
        ([made("ConfigMap", namespace="default")], "outside the scenario's"),
        (
            [{**deployment("python"), "metadata": {"name": "x", "namespace": "monitoring"}}],
            "where this chart",
        ),
        ([deployment("docker.io/library/busybox:1")], "not one of the"),
        ([deployment("kit.local/shop:1", hostNetwork=True)], "hostNetwork"),
        ([deployment("kit.local/shop:1", serviceAccountName="admin")], "which it does not bring"),
        ([role([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}])], "beyond reading"),
        ([role([{"apiGroups": [""], "resources": ["pods"], "verbs": ["delete"]}])], "beyond reading"),
        (
            [role(DISCOVERY), binding({**ACCOUNT, "namespace": "kube-system"})],
            "gives ServiceAccount kube-system",
        ),
        ([role(DISCOVERY), binding({"kind": "Group", "name": "system:authenticated"})], "gives Group"),
        ([binding(ACCOUNT, kind="ClusterRole", name="cluster-admin")], "what ClusterRole cluster-admin"),
        (
            [
                role([{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]),
                binding(ACCOUNT),
            ],
            "gives ServiceAccount monitoring/",
        ),
        ([made("Secret", type="kubernetes.io/service-account-token")], "token of an account"),
        ([{**made("ConfigMap"), "metadata": {"name": "x", "finalizers": ["a/b"]}}], "finalizer"),
    ],
)
def test_what_reaches_out_of_a_scenario_is_refused(admit, objects, said):
    """Other namespaces, the whole cluster, other images, too many rights: with file and line."""
    with pytest.raises(Refused, match=said) as caught:
        admit(*objects).check()
    assert caught.value.refusals[0].file.endswith("manifests/a.yaml")
    assert caught.value.refusals[0].line is not None


def test_another_scenarios_kinds_are_unknown_here(scenario, admit):
    """A ScaledObject is let in where the scenario's file names its kind, and nowhere else."""
    solution = admit(made("ScaledObject", "keda.sh/v1alpha1"))._solution
    rendered = Rendered("wiring", "shop", solution.objects("wiring"), plain=True)
    assert "no step asks for" in refusals(solution, {"wiring": rendered}, [])[0].reason


def test_an_application_of_the_solutions_own_may_run_the_kits_images(admit):
    """The scenario's images, those it names, and the account that the same objects bring."""
    admit(
        made("ServiceAccount"),
        deployment("kit.local/shop:1", serviceAccountName="x"),
        {**deployment("kit.local/python:3.11"), "metadata": {"name": "y"}},
    ).check()


@pytest.fixture(scope="session")
def program() -> Path:
    """A real helm: from KIT_HELM, PATH or the kit's cache; without one these tests are skipped."""
    built = next((str(found) for found in sorted((Cache().root / "bin").glob("kubernetes-*/helm"))), None)
    path = os.environ.get("KIT_HELM") or shutil.which("helm") or built
    if not path:
        pytest.skip("no helm: put it on PATH or name it with KIT_HELM")
    return Path(path)


@pytest.mark.parametrize("name", [name for name in known() if name != "dojo"])
def test_every_reference_is_let_in(program, tmp_path, name):
    """Nothing of a scenario's reference is refused, and every chart of it renders."""
    scenario = load_scenario(name)
    if not scenario.reference.is_dir():
        pytest.skip("has no reference yet")
    stack = scenario.stack(load_stack())
    admission = Admission(
        Helm(program),
        stack,
        load_solution(scenario.reference, scenario),
        resolve_charts(stack, "bundled", images_built=True),
        images={},
        images_built=True,
        workdir=tmp_path / "work",
        scenario=scenario,
    )
    try:
        for piece in (*scenario.values, *scenario.manifests):
            admission.require(piece)
    except KitError as error:
        pytest.fail(str(error))
