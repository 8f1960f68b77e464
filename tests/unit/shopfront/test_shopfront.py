"""The shop front's behaviours, solution and mutants as data."""

from __future__ import annotations

import importlib
import re
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml

from conformance.shopfront.expect import SHOP
from fixtures.install.scenarios import load_scenario
from fixtures.judge.behaviours import Behaviour, behaviour_of, check
from fixtures.observe.pod_chain import PodChain
from tests.mutants import patches

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "conformance" / "shopfront"
SOLUTIONS = ROOT / "solutions" / "shopfront"
REFERENCE = SOLUTIONS / "reference"
MUTANTS = sorted(path.parent for path in SOLUTIONS.glob("mutants/*/mutant.toml"))
FIELDS = {"why", "thread", "tier", "smoke", "passes", "may_fail", "static", "fails"}
OFFICIAL = (
    "https://kubernetes.io/",
    "https://github.com/kubernetes-sigs/prometheus-adapter",
    "https://prometheus.io/",
    "https://prometheus-operator.dev/",
)


class Item:
    """A test function as pytest would collect it, as far as its marks are concerned."""

    def __init__(self, name: str, function: object) -> None:
        self.obj, self.nodeid = function, name
        self.location = ("", None, name)

    def get_closest_marker(self, name):
        return next((mark for mark in getattr(self.obj, "pytestmark", ()) if mark.name == name), None)


def collected() -> dict[str, Behaviour]:
    """Behaviours by file and test."""
    found = {}
    for file in sorted(FOLDER.glob("test_step_*.py")):
        module = importlib.import_module(f"conformance.shopfront.{file.stem}")
        for name, test in vars(module).items():
            if name.startswith("test_"):
                found[f"{file.stem}::{name}"] = behaviour_of(Item(name, test))
    return found


COLLECTED = collected()
BEHAVIOURS = list(COLLECTED.values())
CORE = {behaviour.id for behaviour in BEHAVIOURS if behaviour.level == "core"}


def toml(mutant: Path) -> dict:
    return tomllib.loads((mutant / "mutant.toml").read_text(encoding="utf-8"))


def test_a_behaviour_stands_in_its_step_under_its_name():
    """The id is scenario, the file's step, and the test's name."""
    for where, behaviour in COLLECTED.items():
        file, _, name = where.partition("::")
        wanted = f"shopfront.{file.split('_')[2]}.{name.removeprefix('test_').replace('_', '-')}"
        assert behaviour.id == wanted


def test_needs_exist_and_go_back():
    """What a behaviour needs exists, and belongs to its own step or one before it."""
    check(BEHAVIOURS)
    for behaviour in BEHAVIOURS:
        assert all(int(need.split(".")[1]) <= behaviour.step for need in behaviour.needs), behaviour.id


def test_there_are_as_many_as_the_scenario_promises():
    """Thirty behaviours, all but two core."""
    assert (len(BEHAVIOURS), len(CORE)) == (30, 28)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.id)
def test_a_behaviour_has_all_three_depths(behaviour):
    """A question first, then where to look, then an official document; none tells the solution."""
    assert behaviour.hint.endswith("?")
    assert behaviour.look
    assert behaviour.read[1].startswith(OFFICIAL)
    said = " ".join(" ".join(behaviour.hints("all")).split())
    assert not [line for line in lines_of_the_reference() if line in said]


def lines_of_the_reference() -> set[str]:
    found = set()
    for file in REFERENCE.rglob("*.yaml"):
        for line in file.read_text(encoding="utf-8").splitlines():
            text = " ".join(line.split()).removeprefix("- ")
            pair = None if text.startswith("#") else re.fullmatch(r"(\S+): +(\S.*)", text)
            if pair:
                found |= {text} | ({pair[2]} if len(pair[2].split()) > 1 else set())
    return found


def test_the_reference_has_lines_to_look_for():
    """The search above is not empty."""
    assert {"maxReplicas: 3", "averageValue: 2", "interval: 5s"} <= lines_of_the_reference()


def test_the_names_are_told_once_and_alike():
    """What the scenario's file calls the series and the metric is what the behaviours expect."""
    chain = PodChain.of("shop", load_scenario("shopfront").chain)
    assert (chain.series, chain.metric, chain.window) == (SHOP.series, SHOP.metric, "2m")
    assert (chain.namespace_label, chain.pod_label) == (SHOP.namespace_label, SHOP.pod_label)
    hpa = yaml.safe_load((REFERENCE / "manifests" / "hpa.yaml").read_text(encoding="utf-8"))["spec"]
    assert (hpa["minReplicas"], hpa["maxReplicas"]) == (SHOP.minimum, SHOP.maximum)


def test_prometheus_comes_without_rights():
    """What the scenario gives leaves Prometheus no right; its operator's are another account's."""
    scenario = load_scenario("shopfront")
    given = yaml.safe_load(scenario.pieces["prometheus"].given.read_text(encoding="utf-8"))
    assert given["global"]["rbac"]["create"] is False
    accounts = {
        subject["name"]
        for each in given["extraManifests"]
        if each["kind"] == "ClusterRoleBinding"
        for subject in each["subjects"]
    }
    assert accounts == {"monitoring-kube-prometheus-operator"}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda path: path.name)
def test_a_mutant_is_one_change_that_fits(mutant, tmp_path):
    """Its patch fits the reference as it is now; it says why, and which behaviours see it."""
    about = toml(mutant)
    assert set(about) <= FIELDS
    assert about["why"]
    assert about["fails"]
    known = {behaviour.id for behaviour in BEHAVIOURS}
    assert {*about["fails"], *about.get("passes", ()), *about.get("may_fail", ())} <= known
    for pattern in about["fails"].values():
        re.compile(pattern)
    if (patch := mutant / "change.patch").is_file():
        copy = Path(shutil.copytree(REFERENCE, tmp_path / "solution"))
        patches.apply(patches.parse(patch.read_text(encoding="utf-8"), str(patch)), copy, mutant.name)
        for file in copy.rglob("*.yaml"):
            assert list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
    else:
        assert list(yaml.safe_load_all((mutant / "objects.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda path: path.name)
def test_what_passes_is_not_what_fails(mutant):
    """A behaviour that must pass needs none that must fail: it would be blocked."""
    about, needs = toml(mutant), {behaviour.id: behaviour.needs for behaviour in BEHAVIOURS}

    def causes(behaviour: str) -> set[str]:
        return {behaviour}.union(*(causes(need) for need in needs[behaviour]))

    for behaviour in about.get("passes", ()):
        assert not causes(behaviour) & set(about["fails"])
    for behaviour in about["fails"]:
        assert not (causes(behaviour) - {behaviour}) & set(about["fails"]), f"{behaviour} would be blocked"


def test_every_core_behaviour_has_a_mutant():
    """No core behaviour is without a mutant that is to fail it."""
    assert set().union(*(toml(mutant)["fails"] for mutant in MUTANTS)) >= CORE
