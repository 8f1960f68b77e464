"""A solution of a scenario: which of its files are meant, and which are refused before they are read."""

from __future__ import annotations

import pytest

from fixtures.install.pieces import Piece
from fixtures.install.scenario_solutions import ScenarioSolution, load_solution
from fixtures.install.scenarios import BUILT_IN, KIND_CLUSTER, Scenario, load_all
from fixtures.install.solutions import Solution
from fixtures.install.untrusted import Refused
from fixtures.install.untrusted_files import MAX_BYTES
from fixtures.machine.errors import KitError

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\n"
HPA = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: shop}\n"


@pytest.fixture
def scenario(tmp_path):
    """One with a chart that takes values, one that takes none, and two pieces of objects."""
    pieces = {
        "prometheus": Piece("kube-prometheus-stack", part="prometheus", release="p", namespace="monitoring"),
        "shop": Piece("shop", release="shop", namespace="shop"),
        "wiring": Piece("", part="wiring", checked=True, release="wiring", namespace="shop"),
        "hpa": Piece("", part="hpa", checked=True, release="hpa", namespace="shop"),
    }
    return Scenario(
        "tiny",
        "shop",
        pieces,
        values={"prometheus": "values/prometheus.yaml"},
        manifests={"wiring": "manifests", "hpa": "manifests/hpa.yaml"},
        path=tmp_path / "tiny.toml",
    )


@pytest.fixture
def write(tmp_path):
    """Writes files of a solution; returns its folder."""

    def make(**files):
        folder = tmp_path / "solution"
        for name, text in files.items():
            path = folder / name.replace("__", "/").replace("_yaml", ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    return make


def test_every_part_that_is_there_is_found(scenario, write):
    """Values, and the objects of each piece: what one piece names by itself is not another's, too."""
    folder = write(
        values__prometheus_yaml="{}\n", manifests__a_yaml=SERVICE, manifests__hpa_yaml=HPA, manifests__b="no"
    )
    found = load_solution(folder, scenario)
    assert isinstance(found, ScenarioSolution)
    assert found.values == {"prometheus": folder / "values/prometheus.yaml"}
    assert [str(each) for each in found.objects("wiring")] == ["Service shop"]
    assert [str(each) for each in found.objects("hpa")] == ["HorizontalPodAutoscaler shop"]
    assert found.file_of("wiring", found.objects("wiring")[0]) == folder / "manifests/a.yaml"
    assert found.kind_cluster == KIND_CLUSTER


def test_a_step_that_is_not_done_names_its_file(scenario, write):
    """What is missing is no mistake; a behaviour that lacks it can say what would bring it."""
    found = ScenarioSolution.load(write(values__prometheus_yaml="{}\n"), scenario)
    assert found.has("prometheus")
    assert found.has("shop")  # the scenario's own
    assert not found.has("wiring")
    assert found.missing("wiring").endswith("has no manifests/*.yaml")
    assert found.missing("hpa").endswith("has no manifests/hpa.yaml")
    with pytest.raises(KeyError, match="no piece 'nothing'"):
        found.has("nothing")


def test_an_empty_folder_is_no_solution(scenario, write, tmp_path):
    """Nothing of the scenario there: what would be is named."""
    with pytest.raises(KitError, match="holds nothing of the scenario tiny") as caught:
        ScenarioSolution.load(write(README="hello"), scenario)
    assert "values/prometheus.yaml, manifests" in caught.value.remedy
    with pytest.raises(KitError, match="there is no folder"):
        ScenarioSolution.load(tmp_path / "nowhere", scenario)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\n", "no Kubernetes object"),
        ("kind: Service\nkind: Pod\n", "twice"),
        (SERVICE + "---\n" + SERVICE, "Service shop is there twice"),
        ("kind: [Service\n", "malformed YAML"),
        ("kind: A\na: &a [x, x]\nb: &b [*a, *a]\n" + "c: " + "[" * 70 + "]" * 70, "nested more than"),
        ("kind: A\nx: !!binary aGk=\n", "hides a text"),
    ],
)
def test_objects_are_read_strictly(scenario, write, text, said):
    """What another reader could understand otherwise is told with its file, before anything is started."""
    folder = write(manifests__a_yaml=text)
    with pytest.raises(KitError, match=said) as caught:
        ScenarioSolution.load(folder, scenario)
    assert "a.yaml" in caught.value.where


def test_a_bomb_of_aliases_is_not_written_out(scenario, write):
    """A text that grows to millions of values is refused by its size before it has it."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 8)]
    with pytest.raises(KitError, match="grows to more than"):
        ScenarioSolution.load(write(manifests__a_yaml="kind: A\n" + "\n".join(lines)), scenario)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"kind: Service\n\xff\n", "not UTF-8"),
        ("kind: Service\n".encode("utf-16"), "UTF-16"),
        (b"# " + b"x" * MAX_BYTES, "more than"),
    ],
)
def test_files_that_cannot_be_read_safely_are_refused(scenario, write, text, said):
    """Encodings and sizes are looked at before a file is parsed, of objects and of values."""
    for name in ("manifests__a_yaml", "values__prometheus_yaml"):
        with pytest.raises(Refused, match=said):
            ScenarioSolution.load(write(**{name: text}), scenario)


@pytest.mark.parametrize(
    "place", ["values/prometheus.yaml", "manifests/a.yaml", "manifests", "manifests/hpa.yaml"]
)
def test_a_link_does_not_lead_out(scenario, write, tmp_path, place):
    """A file of the machine is not read, nor a folder of it, whatever the solution calls it."""
    folder = write(README="hello")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.yaml").write_text(SERVICE)
    link = folder / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside / "a.yaml" if "." in link.name else outside)
    with pytest.raises(Refused, match="leads out of"):
        ScenarioSolution.load(folder, scenario)


def test_a_folder_that_leads_into_itself_is_refused(scenario, write):
    """A loop of links ends the reading with its name, not never."""
    folder = write(manifests__a_yaml=SERVICE)
    (folder / "manifests" / "again").symlink_to(folder / "manifests")
    with pytest.raises(Refused, match="leads into a folder it is in"):
        ScenarioSolution.load(folder, scenario)


def test_the_dojos_solution_is_read_as_ever():
    """Its layout is the exercise's."""
    assert isinstance(load_solution(BUILT_IN.reference, BUILT_IN), Solution)


def test_every_reference_is_complete():
    """Each scenario's reference brings everything that the scenario leaves to its solution."""
    for each in load_all():
        if each.built_in or not each.reference.is_dir():
            continue
        found = ScenarioSolution.load(each.reference, each)
        assert {*found.values, *found.manifests} == {*each.values, *each.manifests}, each.name
