"""The behaviours, solutions and mutants of sidecar and cpu as data."""

from __future__ import annotations

import importlib
import re
import shutil
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

from conformance.cpu import names
from conformance.sidecar.expect import WEB
from fixtures.install.scenarios import load_scenario
from fixtures.judge.behaviours import Behaviour, behaviour_of, check
from fixtures.observe.pod_chain import PodChain
from tests.mutants import patches

ROOT = Path(__file__).parents[3]
SCENARIOS = ("sidecar", "cpu")
MUTANTS = [
    path.parent
    for name in SCENARIOS
    for path in sorted((ROOT / "solutions" / name).glob("mutants/*/mutant.toml"))
]
FIELDS = {"why", "thread", "tier", "smoke", "passes", "may_fail", "static", "fails"}
FEWEST_MUTANTS = 8

by_scenario = pytest.mark.parametrize("scenario", SCENARIOS)
by_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda path: f"{path.parents[1].name}/{path.name}")


class Item:
    """A test function as pytest would collect it, as far as its marks are concerned."""

    def __init__(self, name: str, function: object) -> None:
        self.obj, self.nodeid = function, name
        self.location = ("", None, name)

    def get_closest_marker(self, name):
        return next((mark for mark in getattr(self.obj, "pytestmark", ()) if mark.name == name), None)


def collected(scenario: str) -> dict[str, Behaviour]:
    """Behaviours by file and test."""
    found = {}
    for file in sorted((ROOT / "conformance" / scenario).glob("test_step_*.py")):
        module = importlib.import_module(f"conformance.{scenario}.{file.stem}")
        for name, test in vars(module).items():
            if name.startswith("test_"):
                found[f"{file.stem}::{name}"] = behaviour_of(Item(name, test))
    return found


COLLECTED = {name: collected(name) for name in SCENARIOS}
ALL = [behaviour for found in COLLECTED.values() for behaviour in found.values()]


def toml(mutant: Path) -> dict:
    return tomllib.loads((mutant / "mutant.toml").read_text(encoding="utf-8"))


@by_scenario
def test_a_behaviour_stands_in_its_step_under_its_name(scenario):
    """The id is scenario, the file's step, and the test's name."""
    for where, behaviour in COLLECTED[scenario].items():
        file, _, name = where.partition("::")
        wanted = f"{scenario}.{file.split('_')[2]}.{name.removeprefix('test_').replace('_', '-')}"
        assert behaviour.id == wanted


@by_scenario
def test_needs_exist_and_go_back(scenario):
    """What a behaviour needs exists, and belongs to its own step or one before it."""
    check(COLLECTED[scenario].values())
    for behaviour in COLLECTED[scenario].values():
        assert all(int(need.split(".")[1]) <= behaviour.step for need in behaviour.needs), behaviour.id


@pytest.mark.parametrize("behaviour", ALL, ids=lambda behaviour: behaviour.id)
def test_a_behaviour_has_all_three_depths(behaviour):
    """A question first, then where to look, then an official document; none tells the solution."""
    assert behaviour.hint.endswith("?")
    assert behaviour.look
    assert behaviour.read[1].startswith("https://")
    said = " ".join(" ".join(behaviour.hints("all")).split())
    assert not [line for line in lines_of_the_reference(behaviour.scenario) if line in said]


@cache
def lines_of_the_reference(scenario: str) -> set[str]:
    """What a hint may not say."""
    found = set()
    for file in (ROOT / "solutions" / scenario / "reference").rglob("*.yaml"):
        for line in file.read_text(encoding="utf-8").splitlines():
            text = " ".join(line.split()).removeprefix("- ")
            pair = None if text.startswith("#") else re.fullmatch(r"(\S+): +(\S.*)", text)
            if pair:
                found |= {text} | ({pair[2]} if len(pair[2].split()) > 1 else set())
    return found


@by_scenario
def test_the_reference_has_lines_to_look_for(scenario):
    """The search above is not empty."""
    known = {"sidecar": {"maxReplicas: 3", "interval: 5s"}, "cpu": {"averageUtilization: 50", "cpu: 50m"}}
    assert known[scenario] <= lines_of_the_reference(scenario)


@by_scenario
def test_what_the_scenario_installs_the_reference_has(scenario):
    """Every file and folder that a piece takes from a solution is there, and each is YAML."""
    found = load_scenario(scenario)
    for part in (*found.values.values(), *found.manifests.values()):
        path = ROOT / "solutions" / scenario / "reference" / part
        files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        assert files
        for file in files:
            assert list(yaml.safe_load_all(file.read_text(encoding="utf-8"))), file


def test_the_sidecars_names_are_told_once_and_alike():
    """What the scenario's file calls the series and the metric is what the behaviours expect."""
    chain = PodChain.of("web", load_scenario("sidecar").chain)
    assert (chain.series, chain.metric, chain.window) == (WEB.series, WEB.metric, f"{WEB.window}s")
    reference = ROOT / "solutions/sidecar/reference"
    hpa = yaml.safe_load((reference / "manifests/wiring/horizontalpodautoscaler.yaml").read_text())["spec"]
    assert (hpa["minReplicas"], hpa["maxReplicas"]) == (WEB.minimum, WEB.maximum)
    adapter = yaml.safe_load((reference / "values/prometheus-adapter.yaml").read_text())
    assert f"[{WEB.window}s]" in adapter["rules"]["custom"][0]["metricsQuery"]


def test_the_cpu_load_asks_for_more_than_the_maximum():
    """At the request and the target of the reference, the requests alone are worth more than six pods."""
    reference = ROOT / "solutions/cpu/reference"
    values = yaml.safe_load((reference / "values/cpu-app.yaml").read_text())
    request = float(values["resources"]["requests"]["cpu"].removesuffix("m")) / 1000
    asked = names.PER_SECOND * names.COST_MS / 1000 / (request * names.UTILIZATION / 100)
    assert asked > names.MAXIMUM
    hpa = yaml.safe_load((reference / "manifests/horizontalpodautoscaler.yaml").read_text())["spec"]
    assert (hpa["minReplicas"], hpa["maxReplicas"]) == (names.MINIMUM, names.MAXIMUM)


@by_mutant
def test_a_mutant_is_one_change_that_fits(mutant, tmp_path):
    """Its patch fits the reference as it is now; it says why, and which behaviours see it."""
    scenario, about = mutant.parents[1].name, toml(mutant)
    assert set(about) <= FIELDS
    assert about["why"]
    assert about["fails"]
    known = {behaviour.id for behaviour in COLLECTED[scenario].values()}
    assert {*about["fails"], *about.get("passes", ()), *about.get("may_fail", ())} <= known
    assert min(int(each.split(".")[1]) for each in about["fails"]) >= int(mutant.name[:2])
    for pattern in about["fails"].values():
        re.compile(pattern)
    copy = Path(shutil.copytree(ROOT / "solutions" / scenario / "reference", tmp_path / "solution"))
    patch = mutant / "change.patch"
    patches.apply(patches.parse(patch.read_text(encoding="utf-8"), str(patch)), copy, mutant.name)
    for file in copy.rglob("*.yaml"):
        assert list(yaml.safe_load_all(file.read_text(encoding="utf-8"))), file


@by_mutant
def test_what_passes_is_not_what_fails(mutant):
    """A behaviour that must pass or fail needs none that must fail: it would be blocked."""
    needs = {behaviour.id: behaviour.needs for behaviour in ALL}
    about = toml(mutant)

    def causes(behaviour: str) -> set[str]:
        return set().union(*({need} | causes(need) for need in needs[behaviour]))

    for behaviour in (*about.get("passes", ()), *about["fails"]):
        assert not causes(behaviour) & set(about["fails"]), f"{behaviour} would be blocked"


@by_scenario
def test_every_core_behaviour_has_a_mutant(scenario):
    """No core behaviour is without a mutant that is to fail it, and there are eight at least."""
    mine = [mutant for mutant in MUTANTS if mutant.parents[1].name == scenario]
    core = {each.id for each in COLLECTED[scenario].values() if each.level == "core"}
    assert len(mine) >= FEWEST_MUTANTS
    assert core - set().union(*(toml(mutant)["fails"] for mutant in mine)) == set()
