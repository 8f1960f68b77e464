"""Mutants of all scenarios: what they are called, what one installs anew, and what goes between two."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures.install.installation import Installation
from fixtures.install.kubectl import Kubectl
from fixtures.install.pieces import InstalledPiece
from fixtures.install.releases import Wanted
from fixtures.install.scenarios import DOJO, known, load_scenario
from fixtures.install.stacks import load_stack
from fixtures.machine.process import CommandError, Completed
from tests.mutants.changed import OnlyChanged
from tests.mutants.mutants import Copy, mutants, variants
from tests.mutants.pieces import Installed, wanted
from tests.mutants.rest import RESTS, Ended
from tests.mutants.shared import Shared, empty, only
from tests.mutants.verdicts import STATIC

EVERY = [*mutants(), *variants()]
OTHERS = [name for name in known() if name != DOJO]


def named(case: str):
    return next(each for each in EVERY if each.case == case)


def test_cases_and_results_are_told_apart():
    """A name may be used in several scenarios: cases and folders of results are of one each, the dojo's as
    they were.
    """
    assert len({each.case for each in EVERY}) == len({each.place for each in EVERY}) == len(EVERY)
    assert named("09-value").place == Path("09-value")
    assert named("shopfront:03-irate").place == Path("shopfront", "03-irate")


@pytest.mark.parametrize("scenario", known())
def test_a_mutants_behaviours_can_be_selected(scenario):
    """Each behaviour that is judged is found among its scenario's tests, however they are written there."""
    for each in (*mutants(scenario), *variants(scenario)):
        assert not each.live or only(each.asked)


def test_scenarios_come_one_after_the_other():
    """The dojo's first, then those of one scenario after those of another."""
    order = [each.scenario for each in mutants()]
    assert order == sorted(order, key=known().index)


@pytest.mark.parametrize(
    ("case", "changed"),
    [
        ("shopfront:03-irate", {"adapter"}),
        ("shopfront:01-no-right-to-pods", {"wiring"}),
        ("sidecar:01-no-sidecar", {"web"}),
        ("event_loop:02-typo-in-a-value", {"prometheus"}),
        ("cpu:01-no-requests", {"cpu-app"}),
    ],
)
def test_a_mutant_changes_the_piece_it_touches(case, changed, tmp_path):
    """What is installed for a mutant differs from its reference in the piece it touches, and in no other."""
    each = named(case)
    scenario = load_scenario(each.scenario)
    there = wanted(Copy(scenario.reference, tmp_path.parent / "none", scenario.name))
    copy = each.make(tmp_path / "wrong")
    made = wanted(Copy(copy.solution, tmp_path.parent / "none", scenario.name))
    assert there.keys() == made.keys() >= scenario.pieces.keys()
    assert {piece for piece in made if made[piece] != there[piece]} == changed


class Kubectls:
    """Keeps what kubectl is called with; refuses ``refused``."""

    def __init__(self, refused: str = "") -> None:
        self.calls: list[list[str]] = []
        self.refused = refused

    def __call__(self, argv: list[str], **_given: object) -> Completed:
        self.calls.append(argv[5:])
        done = Completed(tuple(argv), int(self.refused in argv), "", "no such thing")
        if done.returncode:
            raise CommandError(done)
        return done


def ended(scenario: str, pieces: dict[str, str], run: Kubectls, said: list[str]) -> Ended:
    kubectl = Kubectl(Path("kubectl"), Path("config"), "kind-x", run=run)
    return Ended(kubectl, said.append, load_scenario(scenario), Installed(pieces))


def test_every_scenario_is_brought_to_rest():
    """None is forgotten: what a load left behind would be the next mutant's."""
    assert set(OTHERS) <= RESTS.keys()


@pytest.mark.parametrize(("scenario", "replicas"), [("shopfront", 1), ("event_loop", 2), ("cpu", 2)])
def test_a_pod_metric_begins_with_new_pods(scenario, replicas):
    """New pods have no rate of an earlier load, and a new HPA no memory: the objects are installed again."""
    run, said = Kubectls(), []
    left = ended(scenario, {"prometheus": "p", "wiring": "w"}, run, said)
    left.bring_to_rest({})
    there = f"--namespace={left.scenario.namespace}"
    assert ["delete", "hpa", "--all", there] in run.calls
    assert ["scale", "deployment", "--all", f"--replicas={replicas}", there] in run.calls
    assert run.calls[-1][:3] == ["delete", "pods", "--all"]
    assert left.installed.pieces == {"prometheus": "p"}
    assert said == []


def test_nothing_is_brought_to_rest_where_nothing_is():
    """Before the first mutant of a scenario there is nothing of it on the cluster."""
    run = Kubectls()
    ended("cpu", {}, run, []).bring_to_rest({})
    assert run.calls == []


def test_what_cannot_be_brought_to_rest_is_said():
    """A kubectl that fails does not keep the next mutant from being judged."""
    said: list[str] = []
    left = ended("shopfront", {"shop": "s"}, Kubectls("scale"), said)
    left.bring_to_rest({})
    assert len(said) == 1
    assert "no such thing" in said[0]


class Stage:
    """Stands for the scenery."""

    def __init__(self) -> None:
        self.did: list[str] = []

    def clean(self, scenario: str) -> None:
        self.did.append(f"clean for {scenario}")

    def ground(self, scenario: str) -> object:
        self.did.append(f"images of {scenario}")
        return SimpleNamespace(name=scenario)


def test_between_two_scenarios_the_cluster_is_cleaned():
    """The dojo stands on what the session made; another scenario gets its images, and a cluster without what
    the one before had there, once.
    """
    tools = {"kubectl": SimpleNamespace(path=Path("kubectl"))}
    cluster = SimpleNamespace(kubeconfig=Path("config"), context="kind-x")
    bundle = SimpleNamespace(images={"consumer": "consumer:1"})
    ground = SimpleNamespace(cluster=cluster, machine=SimpleNamespace(tools=tools), bundle=bundle)
    scenery = Stage()
    shared = Shared(ground, scenery, lambda _: None)
    shared.installed.pieces["redis"] = "r"
    shared._turn_to(DOJO)
    assert scenery.did == []
    shared._turn_to("cpu")
    shared._turn_to("cpu")
    assert scenery.did == ["clean for cpu", "images of cpu"]
    assert shared.installed.pieces == {}
    assert shared.ground.name == "cpu"


def test_what_files_told_is_kept_for_the_table(tmp_path):
    """A run on a cluster begins with an empty folder, but for what was said before it by files."""
    folder = tmp_path / "shopfront" / "03-irate"
    empty(folder)
    (folder / STATIC).write_text("{}")
    (folder / "live.json").write_text("{}")
    empty(folder)
    assert [file.name for file in folder.iterdir()] == [STATIC]


class Changing(OnlyChanged):
    """An installation whose releases hold what they are told to."""

    def __init__(self, held: list[list[dict[str, str]] | None]) -> None:
        self.scenario, self.held, self.did = load_scenario("shopfront"), held, []

    def _monitored(self, name: str):
        return self.held.pop(0)

    def _begin_anew(self) -> None:
        self.did.append("anew")

    def _wait_in_force(self, name: str, since: float) -> None:
        self.did.append("waited")


RULE, OTHER_RULE = ({"apiVersion": "monitoring.coreos.com/v1", "name": name} for name in "ab")
ROLE, OTHER_ROLE = ({"apiVersion": "rbac.authorization.k8s.io/v1", "name": name} for name in "ab")
HPA, OTHER_HPA = ({"apiVersion": "autoscaling/v2", "name": name} for name in "ab")


@pytest.mark.parametrize(
    ("before", "after", "did"),
    [
        (None, [RULE], []),
        ([RULE, HPA], [RULE, OTHER_HPA], []),
        ([RULE, ROLE], [OTHER_RULE, ROLE], ["waited"]),
        ([RULE, ROLE], [RULE, OTHER_ROLE], ["anew"]),
        ([RULE, ROLE], [OTHER_RULE], ["anew", "waited"]),
    ],
)
def test_a_change_is_in_force_before_it_is_judged(before, after, did, monkeypatch):
    """What is Prometheus' configuration is waited for; of its rights it learns when its pod begins anew."""
    done = InstalledPiece("wiring", "wiring", "shop", None, 1.0)
    monkeypatch.setattr(Installation, "_install", lambda _self, _name: done)
    changing = Changing([before, after])
    assert changing._install("wiring") is done
    assert changing.did == did


def test_prometheus_is_asked_where_the_scenario_has_it():
    """Whether a change is in force is asked of the scenario's own Prometheus."""
    changing = Changing([])
    changing.stack = changing.scenario.stack(load_stack("default"))
    assert changing._prometheus() == ("prometheus", Wanted("monitoring", "monitoring"))
