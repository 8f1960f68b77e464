from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.choosing import named
from fixtures.cluster.cluster import Cluster
from fixtures.install.scenarios import DOJO, known
from fixtures.observe.kube import Kube
from fixtures.settings import CLUSTER_NAME, Settings
from tests.mutants import table
from tests.mutants.handover import Ground
from tests.mutants.mutants import ROOT, Difference
from tests.mutants.scenery import Scenery
from tests.mutants.shared import Shared

HERE = Path(__file__).parent
RESULTS = ROOT / "reports" / "runs" / "mutants"
NAME = "autoscaling-mutants"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("autoscaling-conformance mutants")
    group.addoption("--mutants-table", metavar="FILE", help="write what was caught, and by what, as Markdown")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "smoke: cheap enough to be judged by plain `tox`, too")
    config.addinivalue_line("markers", "end_of_run: see conformance/dojo/conftest.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs no cluster comes first: it is told in seconds. Then one scenario after the other: what one
    has on the cluster is removed for the next one. ``--scenario NAME``, or ``-m NAME``, leaves out others;
    on a cluster, where its mutants take an hour, a scenario beside the dojo is judged only when it is named.
    """
    ours = {item: scenario_of(item) for item in items if item.path.parent == HERE}
    for item, scenario in ours.items():
        item.add_marker(scenario)
    wanted, order = named(config), known()
    live = {item for item in ours if item.path.stem == "test_live" and "scenario" not in item.callspec.params}
    left = [
        item
        for item, scenario in ours.items()
        if scenario != (wanted or (DOJO if item in live else scenario))
    ]
    if left:
        config.hook.pytest_deselected(items=left)
    kept = [item for item in ours if item not in left]
    kept.sort(key=lambda item: (item.path.stem != "test_static", order.index(ours[item])))
    items[:] = [*(item for item in items if item not in ours), *kept]


def case(judged: Difference, smoke: bool = True) -> Any:
    """Its test case. Cheap are the dojo's only: what another scenario stands on is all to be installed."""
    cheap = smoke and judged.scenario == DOJO
    return pytest.param(judged, id=judged.case, marks=[pytest.mark.smoke] if cheap else [])


def scenario_of(item: pytest.Item) -> str:
    """The scenario that a test case is about: its parameter, or that of the mutant or variants it judges."""
    (given,) = item.callspec.params.values()
    judged = given[0] if isinstance(given, list) else given
    return judged.scenario if isinstance(judged, Difference) else judged


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The table, of what this session judged and of what was judged before."""
    if RESULTS.is_dir():
        (RESULTS / "mutants.md").write_text(table.table(RESULTS))
    if file := session.config.getoption("mutants_table"):
        Path(file).write_text(table.table(RESULTS))


@pytest.fixture(scope="session")
def say() -> Callable[[str], None]:
    """Prints a line."""

    def write(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    return write


class Teller:
    """Stands for a run's report while the session itself brings up the cluster: only its words are kept."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = self.say_plain = say
        self.report = SimpleNamespace(environment=SimpleNamespace())

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Said, not timed."""
        self.say(name)
        yield

    def described(self, *_: Any) -> None:
        """The runs' own reports describe what they stood on."""

    describe_bundle = describe_charts = describe_cluster = described


@pytest.fixture(scope="session")
def keeper(say: Callable[[str], None]) -> Teller:
    """In place of the kit's."""
    return Teller(say)


@pytest.fixture(scope="session")
def settings(request: pytest.FixtureRequest) -> Settings:
    """The kit's, for a cluster of another name: what mutants leave behind is no ground for a verdict."""
    given = Settings.read(request.config)
    return replace(given, cluster_name=NAME) if given.cluster_name == CLUSTER_NAME else given


@pytest.fixture(scope="session")
def kube(cluster: Cluster) -> Kube:
    """In place of the kit's, which has a thread beside it: runs are forks of this process."""
    return Kube.connect(cluster.kubeconfig, cluster.context)


@pytest.fixture(scope="session")
def shared(
    request: pytest.FixtureRequest,
    keeper: Teller,
    image_source: Any,
    engine: Any,
    builder: Any,
    machine: Any,
    bundle: Any,
    cluster: Any,
    kube: Kube,
    images_in_cluster: None,
    say: Callable[[str], None],
) -> Shared:
    """Judges on the session's cluster, which is kept from mutant to mutant."""
    scenery = Scenery(request.config, keeper, image_source, engine, builder, machine, cluster, kube)
    return Shared(Ground(machine, bundle, cluster), scenery, say)
