"""Scenario files: what they may say, and what is made of them."""

from __future__ import annotations

import pytest

from fixtures.install import scenarios
from fixtures.install.pieces import PIECES
from fixtures.install.releases import Wanted
from fixtures.install.scenarios import (
    BUILT_IN,
    CHARTS,
    OBJECTS,
    STORES,
    known,
    load_all,
    load_scenario,
    read_scenario,
    releases_of_others,
)
from fixtures.install.stacks import load_stack
from fixtures.machine.bundle import recipes
from fixtures.machine.errors import KitError

SHOP = """
name = "tiny"
namespace = "shop"
images = ["python"]
kinds = ["keda.sh/ScaledObject"]
[chain]
deployment = "shop"
[pieces.prometheus]
chart = "kube-prometheus-stack"
namespace = "monitoring"
given = "prometheus.yaml"
values = "values/prometheus.yaml"
[pieces.app]
chart = "shop"
[pieces.wiring]
manifests = "manifests"
after = ["prometheus", "app"]
"""


@pytest.fixture
def write(tmp_path):
    """A folder of charts with one scenario, of this text; returns its file."""

    def make(text=SHOP):
        folder = tmp_path / "charts" / "scenarios"
        (folder / "tiny").mkdir(parents=True, exist_ok=True)
        (folder / "tiny" / "prometheus.yaml").write_text("{}\n")
        (folder / "tiny.toml").write_text(text)
        (tmp_path / "charts" / "shop").mkdir(exist_ok=True)
        (tmp_path / "charts" / "shop" / "Chart.yaml").write_text("name: shop\nversion: 1.0.0\n")
        return folder / "tiny.toml"

    return make


def test_a_scenario_is_its_file(write, tmp_path):
    """Pieces, names, kinds; release and namespace default to the piece's name and the scenario's."""
    write()
    found = load_scenario("tiny", tmp_path / "charts")
    assert found.namespaces == ("shop", "monitoring")
    assert found.chain == {"deployment": "shop"}
    assert ("keda.sh", "ScaledObject") in found.kinds
    assert ("", "Service") in found.kinds
    assert found.values == {"prometheus": "values/prometheus.yaml"}
    assert found.manifests == {"wiring": "manifests"}
    app, wiring = found.pieces["app"], found.pieces["wiring"]
    assert (app.release, app.namespace, app.part, app.checked) == ("app", "shop", None, False)
    assert (wiring.chart, wiring.part, wiring.checked) == ("", "wiring", True)
    assert wiring.after == ("prometheus", "app")
    assert found.pieces["prometheus"].given == tmp_path / "charts/scenarios/tiny/prometheus.yaml"


def test_the_images_of_its_charts_are_known_by_themselves(write):
    """What the kit puts into a chart need not be named: only what a solution's own objects run."""
    found = read_scenario(write())
    assert {"python", "prometheus", "prometheus-operator", "prometheus-config-reloader"} <= set(found.images)
    assert "redis" not in found.images


@pytest.mark.parametrize(
    ("old", "new", "field", "said"),
    [
        ('namespace = "shop"\nimages', 'colour = "red"\nimages', "colour", "unknown key"),
        ('namespace = "shop"\nimages', "images", "namespace", "is missing"),
        ('name = "tiny"', 'name = "other"', "name", "is 'other'"),
        ('chart = "shop"', 'chart = "shop"\nreplicas = 2', "pieces.app.replicas", "unknown key"),
        ('chart = "shop"', "", "pieces.app.chart", "is missing"),
        ('chart = "shop"', 'chart = "Shop"', "pieces.app.chart", "not valid"),
        ('name = "tiny"', 'name = "tiny"\ncalm = "yes"', "calm", "is 'yes'"),
        ('after = ["prometheus", "app"]', 'after = ["nobody"]', "pieces.wiring.after", "no piece 'nobody'"),
        ('after = ["prometheus", "app"]', 'after = "app"', "pieces.wiring.after", "not a list"),
        ('after = ["prometheus", "app"]', 'after = ["wiring"]', "pieces.wiring.after", "waits for itself"),
        ('manifests = "manifests"', 'manifests = "../x"', "pieces.wiring.manifests", "'../x'"),
        ('manifests = "manifests"', 'manifests = "/x"', "pieces.wiring.manifests", "'/x'"),
        ('manifests = "manifests"', 'manifests = "m"\nvalues = "v"', "pieces.wiring.values", "beside"),
        ('given = "prometheus.yaml"', 'given = "gone.yaml"', "pieces.prometheus.given", "no file"),
        ('"keda.sh/ScaledObject"', '"ScaledObject"', "kinds", "no kind"),
        ('deployment = "shop"', "deployment = 3", "chain.deployment", "an integer"),
    ],
)
def test_a_mistake_in_a_file_names_file_and_field(write, old, new, field, said):
    """Nothing in a file is passed over: what is unknown, missing or wrong is told with its place."""
    assert old in SHOP
    path = write(SHOP.replace(old, new))
    with pytest.raises(KitError, match=said) as caught:
        read_scenario(path)
    assert caught.value.where == f"{path}: {field}"
    assert caught.value.remedy


def test_pieces_that_wait_for_each_other_are_refused(write):
    """A circle over several pieces would never start."""
    path = write(SHOP.replace('chart = "shop"', 'chart = "shop"\nafter = ["wiring"]'))
    with pytest.raises(KitError, match="waits for itself"):
        read_scenario(path)


def test_an_unknown_scenario_names_the_known_ones(write, tmp_path):
    """A mistyped name is told with the nearest one and all others."""
    write()
    with pytest.raises(KitError, match="'tinny'") as caught:
        load_scenario("tinny", tmp_path / "charts")
    assert "did you mean 'tiny'" in caught.value.remedy
    assert "dojo, tiny" in caught.value.remedy


def test_the_dojo_is_built_in():
    """It needs no file; its pieces and its namespaces are the exercise's."""
    assert load_scenario("dojo") is BUILT_IN
    assert BUILT_IN.pieces is PIECES
    assert BUILT_IN.namespaces == ("default", "prometheus")
    assert BUILT_IN.stack(load_stack()).charts.keys() == {
        *(piece.chart for piece in PIECES.values()),
        *("storage", "ingress"),
    }


def test_every_scenario_of_the_kit_loads():
    """Each file is right, its charts, images and given values are there, and its part of images/ is known."""
    assert known()[0] == "dojo"
    for each in load_all():
        stack = each.stack(load_stack())
        assert {piece.chart for piece in each.pieces.values() if piece.chart} <= set(stack.charts)
        recipes.of_scenario(recipes.load_all(), each.name, each.images)
        assert each.name in recipes.SCENARIOS


def test_no_two_scenarios_share_a_release_that_differs():
    """A release that an earlier scenario left is this one's, to be upgraded, or gone before it begins."""
    stack = load_stack()
    for each in load_all():
        assert not set(each.releases(stack)) & set(releases_of_others(each, stack))


def test_a_chart_of_the_kits_need_not_be_in_the_stack(write, tmp_path):
    """An application's chart has no published form: its folder is enough. Any other must be in the stack."""
    found = read_scenario(write())
    stack = found.stack(load_stack(), tmp_path / "charts")
    assert stack.charts["shop"].source == "bundled"
    assert "redis" not in stack.charts
    other = read_scenario(write(SHOP.replace('chart = "shop"', 'chart = "nowhere"')))
    with pytest.raises(KitError, match="no chart 'nowhere'"):
        other.stack(load_stack(), tmp_path / "charts")


def test_what_is_removed_first(write):
    """Objects go before charts, whose operators may have to let them go; what keeps a queue goes last."""
    stack = load_stack()
    tiny = read_scenario(write()).releases(stack)
    assert tiny[Wanted("wiring", "shop")] == OBJECTS
    assert tiny[Wanted("prometheus", "monitoring")] == CHARTS
    assert BUILT_IN.releases(stack)[Wanted("redis", "default")] == STORES
    assert BUILT_IN.releases(stack)[Wanted("consumer", "default")] == CHARTS


def test_a_broken_file_is_its_own_runs_business(write, tmp_path):
    """Another scenario's file that cannot be read does not end this one's run."""
    write("name = 3\n")
    assert releases_of_others(scenarios.BUILT_IN, load_stack(), tmp_path / "charts") == {}
