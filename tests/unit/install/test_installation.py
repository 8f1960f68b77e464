from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.install.chart_sources import ChartSource
from fixtures.install.helm import ChartAddress
from fixtures.install.installation import Installation
from fixtures.install.pieces import PIECES, InstallFailed
from fixtures.install.platform import Platform
from fixtures.install.releases import Releases
from fixtures.install.schedule import GateClosed
from fixtures.install.solutions import PARTS, Solution
from fixtures.install.stacks import ChartRef, Stack
from fixtures.install.untrusted import Refused
from fixtures.machine.errors import KitError

IMAGES = {
    "redis": "kit.local/redis:7",
    "consumer": "padok.fr/consumer:1.10",
    "producer": "padok.fr/producer:1.10",
}
IN_PROMETHEUS = {"kube-prometheus-stack": "prometheus", "prometheus-adapter": "prometheus-adapter"}
CRD = "kind: CustomResourceDefinition\nmetadata:\n  name: {}.monitoring.coreos.com\n"


def _stack(tmp_path) -> Stack:
    charts = {piece.chart: piece.chart for piece in PIECES.values()} | {
        "ingress": "ingress",
        "storage": "storage",
    }
    refs = {
        name: ChartRef(
            name,
            "bundled",
            "",
            "",
            IN_PROMETHEUS.get(name, name),
            "prometheus" if name in IN_PROMETHEUS else "default",
        )
        for name in charts
    }
    return Stack("s", tmp_path / "s.toml", "1.37.1", refs, {})


def _sources(stack: Stack) -> dict[str, ChartSource]:
    return {n: ChartSource(n, "bundled", "1.0.0", n, ChartAddress(f"charts/{n}")) for n in stack.charts}


@pytest.fixture
def make(tmp_path, tools, helm, kubectl):
    """An installation of a solution with the given parts (all of them by default)."""

    def build(*parts: str, **more) -> Installation:
        for part in parts or PARTS:
            file = tmp_path / "solution" / PARTS[part][1]
            file.parent.mkdir(parents=True, exist_ok=True)
            kind = {"rule": "kind: PrometheusRule\n", "hpa": "kind: HorizontalPodAutoscaler\n"}
            file.write_text(kind.get(part, "{}\n"))
        if not parts:
            chart = tmp_path / "solution/helm/charts/consumer/Chart.yaml"
            chart.write_text("name: consumer\nversion: 1.0.0\n")
        stack = _stack(tmp_path)
        solution = Solution.load(tmp_path / "solution")
        return Installation(
            helm, kubectl, stack, solution, _sources(stack),
            images=IMAGES, workdir=tmp_path / "work", **({"images_built": False} | more),
        )  # fmt: skip

    return build


def _charts(tools) -> list[str]:
    return [call[4] for call in tools.calls if call[:2] == ["helm", "upgrade"]]


def test_everything_in_order(tools, make):
    """All pieces get installed, the solution after the bare consumer, and the adapter last of all."""
    lines: list[str] = []
    installation = make(progress=lines.append)
    installation.need("exporter")
    installation.need("consumer")
    installation.release("solution")
    adapter = installation.need("adapter")
    assert (adapter.release, adapter.namespace) == ("prometheus-adapter", "prometheus")
    assert set(installation.seconds) == set(installation.pieces()) == set(PIECES)
    charts = _charts(tools)
    assert charts.index("charts/consumer") < next(i for i, c in enumerate(charts) if c.endswith("/checked"))
    assert charts[-1] == "charts/prometheus-adapter"
    assert charts.index("charts/kube-prometheus-stack") < charts.index("charts/prometheus-redis-exporter")
    assert charts.index("charts/redis") < charts.index("charts/producer")
    assert any(line.startswith("installing redis: redis 1.0.0 (bundled)") for line in lines)


def test_gate_holds_the_solution_back(tools, make):
    """Until it is released, neither the solution nor the adapter behind it is installed."""
    installation = make()
    installation.need("consumer")
    with pytest.raises(GateClosed, match="solution"):
        installation.need("adapter")
    installation.need("exporter")
    assert "upgrade prometheus-adapter" not in tools.order
    assert tools.order.count("upgrade consumer") == 1


def test_version_and_values(tools, make, tmp_path):
    """Applications get their tag as a string; charts the solution's values, then the kit's overlay."""
    (tmp_path / "solution/helm/values").mkdir(parents=True)
    (tmp_path / "solution/helm/values/redis.yaml").write_text("auth: {enabled: true}\n")
    installation = make("prometheus", images_built=True)
    installation.need("consumer")
    installation.need("prometheus")
    calls = {call[3]: call for call in tools.calls if call[:2] == ["helm", "upgrade"]}
    assert "version=1.10" in calls["consumer"]
    given = [Path(part).name for part in calls["redis"] if part.endswith(".yaml")]
    assert given == ["exercise-redis.yaml", "redis.yaml", "overlay-redis.yaml"]
    assert str(tmp_path / "solution/helm/values/prometheus.yaml") in calls["prometheus"]


def test_failure_blocks_what_follows(tools, make):
    """A piece that fails gives helm's words and the namespace's state; what needs it is blocked by it."""
    tools.fail["upgrade redis"] = "Error: ImagePullBackOff"
    installation = make()
    with pytest.raises(InstallFailed, match="ImagePullBackOff") as raised:
        installation.need("redis")
    assert raised.value.piece == "redis"
    assert "ImagePullBackOff" in raised.value.evidence
    assert any(call[5:7] == ["get", "pods"] for call in tools.calls if call[0] == "kubectl")
    installation.release("solution")
    for piece in ("consumer", "solution", "adapter"):
        with pytest.raises(InstallFailed) as raised:
            installation.need(piece)
        assert raised.value.blocked_by == "redis"
    assert installation.need("exporter").name == "exporter"


def test_step_not_done(make):
    """A piece the solution does not bring names the file that would bring it."""
    installation = make("prometheus", "exporter")
    assert installation.pieces() == ("prometheus", "redis", "producer", "consumer", "exporter")
    for piece, file in (("adapter", "prometheus-adapter.yaml"), ("solution", "prometheusrule.yaml")):
        assert not installation.has(piece)
        with pytest.raises(InstallFailed, match=file):
            installation.need(piece)


def test_a_users_release_is_never_touched(tools, make):
    """A release of the same name without the kit's mark stops the run before anything is changed."""
    tools.add_release("redis", "default", own=False)
    with pytest.raises(
        KitError, match=r"(?s)release redis in namespace default is there already.*helm uninstall redis"
    ):
        make().need("producer")
    assert tools.order == []
    assert not any(
        call[5] in ("apply", "delete", "label", "scale") for call in tools.calls if call[0] == "kubectl"
    )


def test_a_users_volume_is_never_taken_over(tools, make):
    """A volume of the user's earlier redis is not handed to the kit's."""
    tools.names["pvc"].add("redis-data-redis-master-0")
    with pytest.raises(KitError, match="redis-data-redis-master-0"):
        make().start()
    assert tools.order == []


@pytest.mark.parametrize(
    ("status", "order"),
    [("deployed", ["upgrade redis"]), ("pending-install", ["uninstall redis", "upgrade redis"])],
)
def test_own_release_of_an_earlier_run(tools, make, status, order):
    """The kit's own release is upgraded in place; one left half done by a kill is replaced."""
    tools.add_release("redis", "default", own=True, status=status)
    make("prometheus").need("redis")
    assert [step for step in tools.order if step.endswith(" redis")] == order


def test_stale_piece_of_an_earlier_run(tools, make):
    """A piece an earlier solution had and this one lacks is removed: it would be judged by mistake."""
    tools.add_release("prometheus-adapter", "prometheus", own=True)
    tools.add_release("other", "default", own=True)
    make("prometheus").start()
    assert tools.order[0] == "uninstall prometheus-adapter"
    assert ("other", "default") in tools.releases


def test_consumer_left_at_zero(tools, make):
    """A Deployment that an earlier HPA left at 0 is woken for the bare consumer's measurements."""
    tools.objects["deployment/consumer --namespace=default"] = {"spec": {"replicas": 0}}
    make("prometheus").need("consumer")
    assert any(call[5:8] == ["scale", "deployment/consumer", "--replicas=1"] for call in tools.calls)


def test_waits_for_prometheus_itself(tools, make):
    """Helm is done before Prometheus is: the operator's StatefulSet is awaited too."""
    tools.names["prometheuses.monitoring.coreos.com"] = {"prometheus-kube-prometheus-prometheus"}
    make("prometheus").need("prometheus")
    waits = [call[5:8] for call in tools.calls if call[5:6] in (["wait"], ["rollout"])]
    waits = [call for call in waits if not call[1].startswith("resourcequota/")]
    workload = "statefulset/prometheus-prometheus-kube-prometheus-prometheus"
    assert waits == [["wait", workload, "--for=create"], ["rollout", "status", workload]]


def test_crds(tools, make, tmp_path):
    """CRDs come before the operator, marked; one that is the user's stays as it is."""
    folder = tmp_path / "crds"
    folder.mkdir()
    for name in ("prometheuses", "probes"):
        (folder / f"{name}.yaml").write_text(CRD.format(name))
    tools.names["crd"] = {"probes.monitoring.coreos.com"}
    make("prometheus", crds={"kube-prometheus-stack": folder}).need("prometheus")
    assert tools.order.index("apply crds") < tools.order.index("upgrade prometheus")
    assert tools.marked["crd"] == {"prometheuses.monitoring.coreos.com"}


def test_crds_are_applied_once(tools, helm, kubectl, tmp_path):
    """The same CRDs are not applied again, changed ones are; labels a CRD comes with are kept."""
    crd = CRD.format("probes")
    (tmp_path / "a.yaml").write_text(crd.replace("metadata:\n", "metadata:\n  labels:\n    a: b\n"))
    releases = Releases(helm, kubectl)
    assert len(releases.apply_crds(tmp_path)) == 1
    assert releases.apply_crds(tmp_path) == []
    (tmp_path / "a.yaml").write_text(crd + "spec: {}\n")
    assert len(releases.apply_crds(tmp_path)) == 1
    assert tools.order == ["apply crds", "apply crds"]


def test_uninstall(tools, make):
    """All that the kit made goes, Redis after those that use it, namespaces last; the user's stays."""
    tools.add_release("mine", "default", own=False)
    tools.names["namespaces"] |= {"mine", "ingress"}
    tools.marked["namespaces"].add("ingress")  # the platform's, which the dojo's end must not take along
    installation = make()
    installation.need("consumer")
    installation.release("solution")
    installation.need("adapter")
    tools.names["pvc"].add("data-redis-0")
    tools.marked["pvc"].add("data-redis-0")
    teardown = installation.uninstall()
    removals = [step for step in tools.order if not step.startswith("upgrade")]
    assert sorted(removals[:5]) == [
        "uninstall consumer", "uninstall producer", "uninstall prometheus", "uninstall prometheus-adapter",
        "uninstall prometheus-redis-exporter",
    ]  # fmt: skip
    assert removals[5:] == [
        "uninstall redis",
        "delete pvc ['data-redis-0']",
        "delete namespaces ['prometheus']",
    ]
    assert teardown.leftovers == ()
    assert len(teardown.removed) == 6
    assert set(tools.releases) == {("mine", "default")}
    assert tools.names["namespaces"] == {"default", "kube-system", "mine", "ingress"}


def test_a_kept_cluster_is_cleaned_before_the_next_solution(tools, make):
    """One that was never started removes what an earlier run left (--clean); the user's own stays."""
    tools.add_release("redis", "default", own=True)
    tools.add_release("consumer", "default", own=True, status="pending-install")
    tools.add_release("mine", "default", own=False)
    teardown = make("prometheus").uninstall()
    assert tools.order[:2] == ["uninstall consumer", "uninstall redis"]
    assert set(tools.releases) == {("mine", "default")}
    assert teardown.leftovers == ()
    make("prometheus").need("redis")
    assert "upgrade redis" in tools.order


def test_stop(tools, make):
    """After a stop nothing more is installed, and who waits for a piece is told at once."""
    installation = make()
    installation.need("exporter")
    installation.stop()
    installation.release("solution")
    with pytest.raises(InstallFailed, match="the installation was stopped"):
        installation.need("adapter")
    assert "upgrade prometheus-adapter" not in tools.order


def test_leftovers(tools, make):
    """What could not be removed, and what helm left behind, is listed; the user's own is not."""
    tools.fail["uninstall redis"] = "Error: timed out"
    installation = make("prometheus")
    for piece in installation.pieces():
        installation.need(piece)
    note = {"meta.helm.sh/release-name": "consumer", "meta.helm.sh/release-namespace": "default"}
    tools.objects["hpa --namespace=default"] = {
        "items": [{"metadata": {"name": "consumer", "annotations": note}}, {"metadata": {"name": "mine"}}]
    }
    left = installation.uninstall().leftovers
    assert any("timed out" in line for line in left)
    assert "release redis in namespace default" in left
    assert [line for line in left if line.startswith("hpa/")] == ["hpa/consumer"]


def test_platform(tools, helm, kubectl, tmp_path):
    """The platform's charts are installed with the images given, storage before ingress."""
    stack = _stack(tmp_path)
    images = {"ingress": "kit.local/ingress:v0.22.0"}
    platform = Platform(
        helm, kubectl, stack, _sources(stack), images=images, images_built=True, workdir=tmp_path / "w"
    )
    done = platform.install()
    assert [piece.name for piece in done] == ["storage", "ingress"]
    assert tools.order == ["upgrade storage", "upgrade ingress"]
    assert "kit.local" in (tmp_path / "w" / "overlay-ingress.yaml").read_text()


@pytest.mark.parametrize("owned", [True, False])
def test_a_solution_is_held_within_its_namespaces(tools, make, owned):
    """Pod Security's baseline and a quota hold on the kit's own cluster; a user's namespace stays."""
    installation = make(owned=owned)
    installation.need("exporter")
    ours = {"default", "prometheus"} if owned else {"prometheus"}
    assert set(tools.labelled) == tools.quotas == ours
    assert all(
        labels == {"pod-security.kubernetes.io/enforce": "baseline"} for labels in tools.labelled.values()
    )
    calls = [call[5:7] for call in tools.calls if call[0] == "kubectl"]
    assert ["wait", "resourcequota/autoscaling-conformance"] in calls
    installation.uninstall()
    assert not tools.quotas & {"default"}


def test_a_refused_solution_changes_nothing(tools, make, tmp_path):
    """A solution that is refused is not installed in part: the cluster is not even looked at."""
    own = str(tmp_path / "work/solution/consumer")
    tools.rendered[own] = "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n"
    with pytest.raises(Refused, match="Namespace x belongs to the whole cluster"):
        make().start()
    assert tools.order == []
    assert not any(call[0] == "kubectl" for call in tools.calls)


def test_what_does_not_render_is_not_installed(tools, make):
    """A chart that failed while it was looked at is that piece's failure: nobody knows what it installs."""
    tools.fail["template prometheus-adapter"] = "Error: no rules"
    installation = make()
    installation.need("exporter")
    installation.release("solution")
    with pytest.raises(InstallFailed, match="no rules"):
        installation.need("adapter")
    assert "upgrade prometheus-adapter" not in tools.order
