"""The images of one scenario: what is built, what is pulled, and what a cluster is brought."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from fixtures.machine.bundle import bundle as bundles
from fixtures.machine.bundle.recipes import Program, Recipe, load_all, needed, of_scenario
from fixtures.machine.errors import KitError


def recipe(name: str, part: str, **more) -> Recipe:
    return Recipe(name, Path(name), f"kit.local/{name}", "1", part, **more)


RECIPES = {
    each.name: each
    for each in (
        recipe("base", "platform", published="r.example/base:1"),
        recipe("ingress", "platform", published="r.example/ingress:1"),
        recipe("node", "cluster", published="r.example/node:v{kubernetes}"),
        recipe("prometheus", "dojo", published="r.example/prometheus:1"),
        recipe("prometheus-operator", "dojo", program=Program("kubernetes", "operator", "/bin/operator")),
        recipe("python", "dojo", published="r.example/python:1", base="base"),
        recipe("consumer", "dojo", base="python"),
        recipe("shop", "shopfront", base="python"),
        recipe("web", "sidecar", base="base"),
    )
}


class Builder:
    """Has built everything but ``lacking``; notes what is asked of it."""

    def __init__(self, *lacking: str) -> None:
        self.recipes = self.wanted = RECIPES
        self.kubernetes = "1.37.1"
        self.lacking, self.asked = lacking, []
        self.cache = self

    @contextmanager
    def locked(self, say):
        self.asked.append("locked")
        yield

    def missing(self, parts, names=()):
        return [each for each in needed(RECIPES, parts, names) if each.name in self.lacking]

    def build(self, parts, names=()):
        self.asked.append([each.name for each in self.missing(parts, names)])

    def has_module_file(self, *_):
        return "crds" not in self.lacking

    def module_file(self, *where):
        return Path(where[-1])

    def ids(self):
        return {f"local/{name}": f"id-{name}" for name in RECIPES}

    def local(self, one):
        return f"local/{one.name}"

    def cluster_ref(self, one):
        return f"{one.repository}:{one.version}"

    def archive(self, recipes):
        return Path("-".join(each.name for each in recipes))

    def archived(self, recipes):
        return None


def test_a_scenario_brings_its_own_images_and_those_it_names():
    """The platform's are everybody's; another scenario's are none of it, unless it names one."""
    assert [each.name for each in of_scenario(RECIPES, "shopfront", ["prometheus"])] == [
        *("base", "ingress", "prometheus", "shop"),
    ]
    with pytest.raises(KitError, match="no image 'moon'"):
        of_scenario(RECIPES, "shopfront", ["moon"])


def test_nobody_waits_for_another_build_when_all_is_there():
    """A warm run takes no lock: another scenario's images may be compiled beside it."""
    builder = Builder()
    made = bundles.built(builder, "shopfront", "why", print, images=["prometheus"])
    assert builder.asked == [[]]
    assert set(made.images) == {"base", "ingress", "prometheus", "shop"}
    assert made.ids["shop"] == "id-shop"
    assert set(made.crds) == {"kube-prometheus-stack"}


@pytest.mark.parametrize("lacking", ["shop", "prometheus", "crds"])
def test_what_is_missing_is_built_with_the_cache_held(lacking):
    """An image of its own, one that it names, or CRDs that were never copied."""
    builder = Builder(lacking)
    bundles.built(builder, "shopfront", "why", print, images=["prometheus"])
    assert builder.asked == ["locked", [lacking] if lacking != "crds" else []]


def test_another_scenarios_images_are_not_built():
    """What this one does not run may be missing."""
    builder = Builder("web")
    bundles.built(builder, "shopfront", "why", print)
    assert builder.asked == [[]]


def test_a_cluster_is_brought_what_it_lacks():
    """The node image holds most: the archive is of the others."""
    made = bundles.built(Builder(), "shopfront", "why", print, images=["prometheus"])
    assert "kit.local/shop:1" in made.archived
    assert made.archive({"kit.local/shop:1"}) == Path("shop")


def test_published_images_are_the_scenarios(monkeypatch):
    """What nobody publishes is built on published bases; a base of the platform's stays one to be run."""
    monkeypatch.setattr(bundles, "load_all", lambda: RECIPES)

    def published(scenario, **named):
        return bundles.published("1.37.1", named, "why", scenario=scenario, engine=None, say=print)

    shop = published("shopfront", ingress="other.example/ingress:2")
    assert shop.node_image == "r.example/node:v1.37.1"
    assert shop.images == {
        "base": "r.example/base:1",
        "ingress": "other.example/ingress:2",
        "shop": "kit.local/shop:1",
    }
    assert shop.archived == {"kit.local/shop:1"}
    assert published("sidecar").images["base"] == "r.example/base:1"
    assert "python" not in published("dojo").images
    with pytest.raises(KitError, match="nobody publishes"):
        shop.archive(shop.archived)


def test_charts_without_crds_are_charts_of_the_kit():
    """A line for a chart that was renamed would be passed over in silence."""
    charts = Path(__file__).parents[3] / "charts"
    assert all((charts / name / "Chart.yaml").is_file() for name in bundles.CRDS)
    assert load_all()
