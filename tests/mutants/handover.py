"""A run of the suite on a cluster that stands already: fixtures that hand over what the session has made.

The run is a fork of the session's process. It finds every library imported, engine, tools and cluster
known, and leaves nothing behind in the session when it ends.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fixtures.cluster.cluster import Cluster
from fixtures.install.chart_sources import ChartSource, resolve_charts
from fixtures.install.helm import Helm
from fixtures.install.kubectl import Kubectl
from fixtures.install.platform import PLATFORM_CHARTS, Platform
from fixtures.machine.bundle.bundle import Bundle
from fixtures.machine.tools import Machine
from tests.mutants.changed import OnlyChanged

TOOK = "installed.json"
POLL = 0.1
"""Seconds between two looks whether a run has ended."""
KILLED = 9
BROKEN = 70
"""The exit code of a run that never became one (sysexits.h: an internal error)."""


@dataclass(frozen=True)
class Ground:
    """What every run stands on."""

    machine: Machine
    bundle: Bundle
    cluster: Cluster


class Handover:
    """The plugin that makes a run use the session's cluster. ``kept``: pieces that are there as wanted."""

    def __init__(self, ground: Ground, charts: Path, kept: Collection[str], folder: Path) -> None:
        self.ground, self.charts, self.kept, self.folder = ground, charts, kept, folder

    def pytest_configure(self, config: pytest.Config) -> None:
        """Registered only now, its fixtures come after the kit's own, and so take their place."""
        config.pluginmanager.register(Fixtures(self), "handed over fixtures")


class Fixtures:
    """Take the place of the kit's fixtures of the same names."""

    def __init__(self, handed: Handover) -> None:
        self.handed = handed

    @pytest.fixture(scope="session")
    def machine(self) -> Machine:
        return self.handed.ground.machine

    @pytest.fixture(scope="session")
    def engine(self, machine: Machine) -> Any:
        return machine.engine

    @pytest.fixture(scope="session")
    def bundle(self, keeper: Any) -> Bundle:
        keeper.describe_bundle(self.handed.ground.bundle)
        return self.handed.ground.bundle

    @pytest.fixture(scope="session")
    def cluster(self, keeper: Any) -> Cluster:
        keeper.describe_cluster(self.handed.ground.cluster)
        return self.handed.ground.cluster

    @pytest.fixture(scope="session")
    def images_in_cluster(self) -> None:
        """The session has looked."""

    @pytest.fixture(scope="session")
    def chart_sources(self, settings: Any, keeper: Any, bundle: Bundle) -> dict[str, ChartSource]:
        built = bundle.source == "built"
        found = resolve_charts(settings.stack, "auto", images_built=built, charts_dir=self.handed.charts)
        keeper.describe_charts(found)
        return found

    @pytest.fixture(scope="session")
    def platform(
        self,
        settings: Any,
        keeper: Any,
        helm: Helm,
        kubectl: Kubectl,
        bundle: Bundle,
        chart_sources: Any,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> Future[Any]:
        """Installed at once, and only if a chart of it is not there as wanted."""
        done: Future[Any] = Future()
        done.set_result([])
        if not set(PLATFORM_CHARTS) <= set(self.handed.kept):
            folder = tmp_path_factory.mktemp("platform")
            built = bundle.source == "built"
            made = Platform(
                *(helm, kubectl, settings.stack, chart_sources),
                images=bundle.images,
                images_built=built,
                workdir=folder,
                progress=keeper.say,
            )
            made.install()
        return done

    @pytest.fixture(scope="session")
    def installation(
        self,
        settings: Any,
        keeper: Any,
        helm: Helm,
        kubectl: Kubectl,
        bundle: Bundle,
        chart_sources: Any,
        platform: Any,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> Iterator[OnlyChanged]:
        made = OnlyChanged(
            *(helm, kubectl, settings.stack, settings.solution, chart_sources),
            images=bundle.images,
            images_built=bundle.source == "built",
            workdir=tmp_path_factory.mktemp("install"),
            crds=bundle.crds,
            owned=True,
            scenario=settings.scenario,
            others=settings.others,
            charts_dir=self.handed.charts,
            progress=keeper.say,
        )
        made.kept = self.handed.kept
        made.start()
        yield made
        made.stop()
        keeper.describe_charts_phase(made)
        platform_too = [name for name in PLATFORM_CHARTS if name not in self.handed.kept]
        installed = {"tried": [*made.began, *platform_too], "installed": [*made.seconds, *platform_too]}
        (self.handed.folder / TOOK).write_text(json.dumps(installed))

    @pytest.fixture(scope="session", autouse=True)
    def whole(self, request: pytest.FixtureRequest, settings: Any) -> None:
        """Behaviours that are judged without those before them find what those would have waited for; which
        piece failed is theirs to say. A dojo is finished to a mutant's step only, and waits as it goes.
        """
        if settings.scenario.built_in:
            return
        installation = request.getfixturevalue("installation")
        for piece in installation.pieces():
            with suppress(installation.Failed):
                installation.need(piece)


def run(arguments: Sequence[str], handover: Handover, limit: float) -> int:
    """Run pytest in a fork, its words in ``output.txt``, for at most ``limit`` seconds; its exit code."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        _judge(arguments, handover)
    ends = time.monotonic() + limit
    try:
        while time.monotonic() < ends:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            time.sleep(POLL)
    except BaseException:
        os.waitpid(child, 0)  # it got the same interrupt, and is closing
        raise
    os.kill(child, KILLED)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _judge(arguments: Sequence[str], handover: Handover) -> None:
    """The fork's whole life."""
    code = BROKEN
    try:
        with (handover.folder / "output.txt").open("wb", buffering=0) as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        code = int(pytest.main(list(arguments), plugins=[handover]))
    except BaseException:  # noqa: BLE001 - nothing of the fork may go on into the session's own code
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def installed(folder: Path) -> Mapping[str, list[str]] | None:
    """What a run installed; None when it did not come to its end."""
    path = folder / TOOK
    return json.loads(path.read_text()) if path.is_file() else None
