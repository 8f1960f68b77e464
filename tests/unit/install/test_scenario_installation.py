"""A scenario of a file on a cluster in memory: its pieces, and nothing of the dojo's special cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.install.beside import Beside
from fixtures.install.chart_sources import resolve_charts
from fixtures.install.installation import Installation
from fixtures.install.pieces import InstallFailed
from fixtures.install.releases import Wanted
from fixtures.install.scenario_solutions import ScenarioSolution
from fixtures.install.scenarios import BUILT_IN, CHARTS, OBJECTS, STORES, load_scenario, read_scenario
from fixtures.install.stacks import load_stack
from fixtures.machine.errors import KitError

TINY = """
name = "tiny"
namespace = "shop"
[pieces.prometheus]
chart = "kube-prometheus-stack"
namespace = "monitoring"
given = "prometheus.yaml"
values = "values/prometheus.yaml"
[pieces.shop]
chart = "shop"
[pieces.wiring]
manifests = "manifests"
after = ["prometheus", "shop"]
[pieces.adapter]
chart = "prometheus-adapter"
namespace = "monitoring"
values = "values/adapter.yaml"
after = ["wiring"]
"""
MONITOR = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: shop}\n"
CRD = "kind: CustomResourceDefinition\nmetadata:\n  name: probes.monitoring.coreos.com\n"
ALL = {"values/prometheus.yaml": "{}\n", "values/adapter.yaml": "{}\n", "manifests/a.yaml": MONITOR}


@pytest.fixture
def make(tmp_path, helm, kubectl):
    """An installation of a solution with these files (all of them by default)."""
    charts = tmp_path / "charts"
    (charts / "scenarios" / "tiny").mkdir(parents=True)
    (charts / "scenarios" / "tiny.toml").write_text(TINY)
    (charts / "scenarios" / "tiny" / "prometheus.yaml").write_text("a: 1\n")
    for name in ("shop", "storage", "ingress", "kube-prometheus-stack", "prometheus-adapter"):
        (charts / name).mkdir()
        (charts / name / "Chart.yaml").write_text(f"name: {name}\nversion: 1.0.0\n")

    def build(*files: str, **more) -> Installation:
        for name in files or ALL:
            path = tmp_path / "solution" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(ALL[name])
        scenario = read_scenario(charts / "scenarios" / "tiny.toml")
        stack = scenario.stack(load_stack(), charts)
        return Installation(
            helm,
            kubectl,
            stack,
            ScenarioSolution.load(tmp_path / "solution", scenario),
            resolve_charts(stack, "bundled", images_built=True, charts_dir=charts),
            images={},
            images_built=False,
            workdir=tmp_path / "work",
            scenario=scenario,
            charts_dir=charts,
            **more,
        )

    return build


def test_the_pieces_are_installed_in_their_order(tools, make):
    """Charts with the kit's values under the solution's, objects as a chart of their own; there's no gate."""
    lines: list[str] = []
    installation = make(progress=lines.append)
    adapter = installation.need("adapter")
    assert (adapter.release, adapter.namespace) == ("adapter", "monitoring")
    assert tools.order[-2:] == ["upgrade wiring", "upgrade adapter"]
    calls = {call[3]: call for call in tools.calls if call[:2] == ["helm", "upgrade"]}
    assert calls["wiring"][4].endswith("/wiring/checked")
    assert "shop" in calls["wiring"]
    assert (
        "--wait=legacy" in calls["wiring"]
    )  # what an operator says of its objects is for behaviours to judge
    assert "--wait" in calls["shop"]
    given = [Path(part).parts[-2:] for part in calls["prometheus"] if part.endswith(".yaml")]
    assert given == [("tiny", "prometheus.yaml"), ("values", "prometheus.yaml")]
    assert not any(call[5] == "scale" for call in tools.calls if call[0] == "kubectl")
    assert not any("pvc" in call for call in tools.calls)
    assert any(
        line.startswith("installing wiring: wiring 1.0.0 (folder) in namespace shop") for line in lines
    )


def test_what_the_solution_lacks_is_a_step_not_done(make):
    """Without objects there is no piece of them, and who needs it is told which file would bring it."""
    installation = make("values/prometheus.yaml", "values/adapter.yaml")
    assert installation.pieces() == ("prometheus", "shop", "adapter")
    assert installation.has("shop")
    assert not installation.has("wiring")
    with pytest.raises(InstallFailed, match=r"has no manifests/\*\.yaml"):
        installation.need("wiring")
    assert installation.need("adapter").name == "adapter"  # what it comes after is not there to wait for


def test_a_charts_crds_come_before_it(tools, make, tmp_path):
    """CRDs are applied for the chart they belong to, whatever the piece is called."""
    (tmp_path / "crds").mkdir()
    (tmp_path / "crds" / "probes.yaml").write_text(CRD)
    make(crds={"kube-prometheus-stack": tmp_path / "crds"}).need("prometheus")
    assert tools.order.index("apply crds") < tools.order.index("upgrade prometheus")


def test_what_another_scenario_left_is_removed_first(tools, make):
    """Two Prometheus operators would both act: the other scenario's goes before anything is installed."""
    stack = load_stack()
    tools.add_release("prometheus", "prometheus", own=True)
    tools.add_release("redis", "default", own=True)
    tools.add_release("theirs", "default", own=True)
    installation = make(others=BUILT_IN.releases(stack))
    installation.start()
    assert tools.order[:2] == ["uninstall prometheus", "uninstall redis"]
    assert ("theirs", "default") in tools.releases
    installation.need("adapter")


def test_everything_goes_objects_first(tools, make):
    """An operator lets its objects go before it goes itself; what other scenarios left goes as well."""
    others = {Wanted("redis", "default"): STORES, Wanted("objects", "b"): OBJECTS, Wanted("c", "b"): CHARTS}
    for want in others:
        tools.add_release(want.release, want.namespace, own=True)
    installation = make()
    installation.need("adapter")
    tools.order.clear()
    left = make(others=others).uninstall().leftovers
    removed = [step.partition(" ")[2] for step in tools.order if step.startswith("uninstall")]
    assert set(removed[:2]) == {"wiring", "objects"}
    assert set(removed[2:-1]) == {"prometheus", "shop", "adapter", "c"}
    assert removed[-1] == "redis"
    assert left == ()
    assert not {"shop", "monitoring"} & tools.names["namespaces"]


def test_a_users_release_is_never_touched(tools, make):
    """A release of the user's that has a piece's name stops the run, here as in the dojo."""
    tools.add_release("shop", "shop", own=False)
    with pytest.raises(KitError, match="release shop in namespace shop is there already"):
        make().start()
    assert tools.order == []


def test_crds_may_be_kept_for_the_next_scenario(tools, make, tmp_path):
    """Between two scenarios they stay, as they hold nothing of the first; else they go."""
    (tmp_path / "crds").mkdir()
    (tmp_path / "crds" / "probes.yaml").write_text(CRD)
    crds = {"kube-prometheus-stack": tmp_path / "crds"}
    make(crds=crds).need("prometheus")
    assert make(crds=crds).uninstall(keep_crds=True).leftovers == ()
    assert tools.names["crd"] == {"probes.monitoring.coreos.com"}
    assert make(crds=crds).uninstall().leftovers == ()
    assert tools.names["crd"] == set()


class Taken:
    """Stands for the turns: notes who takes and gives back what."""

    def __init__(self, order: list[str]) -> None:
        self.order = order

    def take(self, api, ended=lambda: False):
        self.order.append(f"take {api}")

    def give_back(self, api):
        self.order.append(f"give back {api}")


API = "custom.metrics.k8s.io"


@pytest.fixture
def beside(make, tools):
    """Makes installations with neighbours, and notes their turns among what the tools do."""
    others = [load_scenario("dojo"), load_scenario("shopfront")]

    def build(**more) -> Installation:
        neighbours = Beside("run", make().scenario, others, load_stack())
        return make(beside=neighbours, turns=Taken(tools.order), **more)

    return build


def test_a_turn_is_taken_before_the_adapter_and_given_back_after_it(tools, beside):
    """The custom metrics API is a scenario's from the adapter's installation to its removal, no longer."""
    installation = beside()
    installation.need("adapter")
    assert tools.order[-2:] == [f"take {API}", "upgrade adapter"]
    tools.order.clear()
    installation.uninstall()
    assert tools.order.index("uninstall adapter") < tools.order.index(f"give back {API}")
    assert installation.gone


def test_it_is_told_that_a_removal_begins(tools, make):
    """Before anything is removed: whoever comes next may get ready."""
    installation = make()
    installation.need("adapter")
    tools.order.clear()
    installation.leaves = lambda: tools.order.append("leaves")
    installation.uninstall()
    assert tools.order[0] == "leaves"


def test_what_a_killed_neighbour_left_of_the_api_goes(tools, beside):
    """Whoever has the turn removes the release of one that had it and is dead; other releases stay."""
    tools.add_release("prometheus-adapter", "prometheus", own=True)
    tools.add_release("redis", "default", own=True)
    beside().need("adapter")
    assert ("prometheus-adapter", "prometheus") not in tools.releases
    assert ("redis", "default") in tools.releases


def test_what_is_not_needed_any_longer_is_spared(tools, beside, make):
    """A scenario that has seen enough of the adapter gives it up; with no neighbours it stays."""
    installation = beside()
    installation.need("adapter")
    installation.spare("adapter")
    assert tools.order[-2:] == ["uninstall adapter", f"give back {API}"]
    assert ("adapter", "monitoring") not in tools.releases
    alone = make()
    alone.need("adapter")
    alone.spare("adapter")
    assert ("adapter", "monitoring") in tools.releases


def test_a_neighbours_kinds_stay(tools, beside, tmp_path):
    """CRDs that the neighbours' objects are of are no leftovers; those of nobody else go."""
    (tmp_path / "crds").mkdir()
    other = CRD.replace("probes.monitoring.coreos.com", "scaledobjects.keda.sh")
    (tmp_path / "crds" / "probes.yaml").write_text(CRD)
    (tmp_path / "crds" / "scaled.yaml").write_text(other)
    crds = {"kube-prometheus-stack": tmp_path / "crds"}
    installation = beside(crds=crds)
    installation.need("prometheus")
    assert installation.uninstall().leftovers == ()
    assert tools.names["crd"] == {"probes.monitoring.coreos.com"}
