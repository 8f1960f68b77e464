from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.cluster.state import ClusterState
from fixtures.install.stacks import load_stack
from fixtures.machine import engine as engines
from fixtures.machine.bundle.bundle import make_builder
from fixtures.machine.bundle.cache import Cache
from fixtures.machine.process import run
from fixtures.machine.tools import Machine, ensure_tools
from tests.mutants import breaks

RESULTS = breaks.ROOT / "reports" / "runs" / "mutants"
NAME = "autoscaling-mutants"
PYTEST_KIND_NAME = "pytest-kind"
DELETE = 120.0
"""Seconds to delete a cluster: the engine gives a node's processes 10 s and then kills them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("autoscaling-conformance mutants")
    group.addoption("--mutants-table", metavar="FILE", help="write what was caught, and by what, as Markdown")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "smoke: a cheap break that stands for all of them in plain `tox`")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The table, of this session's breaks and of those that were run before."""
    if file := session.config.getoption("mutants_table"):
        Path(file).write_text(breaks.table(RESULTS))


@pytest.fixture(scope="session")
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Prints a line."""

    def write(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    return write


@pytest.fixture(scope="session")
def cluster_name(request: pytest.FixtureRequest) -> str:
    """The cluster that breaks share."""
    given: str = request.config.getoption("cluster_name")
    return NAME if given == PYTEST_KIND_NAME else given


@pytest.fixture(scope="session")
def tools(say: Callable[[str], None]) -> Machine:
    """The tools the kit itself uses."""
    engine = engines.ensure(Cache().root, say)
    version = load_stack("default").kubernetes
    return Machine(engine, ensure_tools(version, lambda: make_builder(engine, version, say), {}))


@pytest.fixture(scope="session")
def shared_cluster(request: pytest.FixtureRequest, cluster_name: str, tools: Machine) -> Iterator[str]:
    """The cluster's name; it is kept from break to break, and deleted at the end unless --keep-cluster."""
    yield cluster_name
    if request.config.getoption("keep_cluster"):
        return
    state = ClusterState(Cache().root / "clusters", cluster_name)
    if state.read() is not None:
        kind, env = tools.tools["kind"].path, tools.engine.kind_env if tools.engine else {}
        run([str(kind), "delete", "cluster", "--name", cluster_name], timeout=DELETE, env=env)
        state.forget()
