"""The applications as processes of their own, on a Redis that a test may take away."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
import tenacity

from tests.unit.apps.redis_servers import REAL, FakeRedis, RealRedis, client_of, free_port

if TYPE_CHECKING:
    import redis

IMAGES = Path(__file__).parents[3] / "images"
WITHIN = 10.0
"""Seconds for what takes some hundred milliseconds on an idle machine; the tests assert no speed."""


def until(holds: Callable[[], bool], what: str) -> None:
    """Return once ``holds``; an error that names ``what`` after ``WITHIN``."""
    for attempt in tenacity.Retrying(
        stop=tenacity.stop_after_delay(WITHIN), wait=tenacity.wait_fixed(0.02), reraise=True
    ):
        with attempt:
            assert holds(), what


@dataclass
class App:
    """A running application."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=WITHIN)

    def post(self, path: str) -> requests.Response:
        return requests.post(self.url + path, timeout=WITHIN)

    def metric(self, name: str) -> float:
        """The value of the metric ``name``, which has no labels."""
        lines = [line.split() for line in self.get("/metrics").text.splitlines()]
        return next(float(words[1]) for words in lines if words[0] == name)

    def terminate(self) -> int:
        """SIGTERM; the exit code."""
        self.process.terminate()
        return self.process.wait(WITHIN)


@pytest.fixture(params=["fake", *(["real"] if REAL else [])])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeRedis | RealRedis]:
    """A Redis that is up."""
    server = RealRedis(REAL, tmp_path) if REAL and request.param == "real" else FakeRedis()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def data(server: FakeRedis | RealRedis) -> redis.Redis:
    """The test's own client of that Redis."""
    return client_of(server.port)


@pytest.fixture
def start(
    server: FakeRedis | RealRedis, tmp_path: Path, record_property: Callable[[str, object], None]
) -> Iterator[Callable[..., App]]:
    """Start an application (``producer``, ``consumer``) and wait until it is healthy; ended afterwards."""
    apps: list[App] = []

    def start(name: str, **environment: str) -> App:
        port, log = free_port(), tmp_path / f"{name}-{len(apps)}.log"
        own = {
            "REDIS_ADDRESS": f"127.0.0.1:{server.port}",
            "PORT": str(port),
            "PYTHONPATH": str(IMAGES / "apps"),
        }
        began = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, str(IMAGES / name / "app" / f"{name}.py")],
                env={**os.environ, **own, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        apps.append(app := App(process, f"http://127.0.0.1:{port}", log))

        def healthy() -> bool:
            try:
                return app.get("/healthz").ok
            except requests.ConnectionError:
                return False

        until(healthy, f"{name} is not healthy: {log.read_text()}")
        record_property(f"{name}_start_seconds", round(time.monotonic() - began, 2))
        status = Path(f"/proc/{process.pid}/status")
        if status.exists():
            resident = next(line.split()[1] for line in status.read_text().splitlines() if "VmRSS" in line)
            record_property(f"{name}_resident_mib", round(int(resident) / 1024, 1))
        return app

    yield start
    for app in apps:
        app.process.kill()
        app.process.wait(WITHIN)
