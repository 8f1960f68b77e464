"""The shop, as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from tests.unit.apps.conftest import IMAGES, WITHIN, until
from tests.unit.apps.redis_servers import free_port

SHOP = IMAGES / "shop" / "app" / "shop.py"


class Shop:
    """A running shop."""

    def __init__(self) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        ports = {"PORT": str(self.port), "METRICS_PORT": str(self.metrics_port)}
        self.process = subprocess.Popen([sys.executable, str(SHOP)], env={**os.environ, **ports})
        until(self._healthy, "the shop is not healthy")

    def get(self, path: str, port: int | None = None) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{port or self.port}{path}", timeout=WITHIN)

    def counted(self) -> float:
        lines = self.get("/metrics", self.metrics_port).text.splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("http_requests_total "))

    def _healthy(self) -> bool:
        try:
            return self.get("/healthz").ok
        except requests.ConnectionError:
            return False


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.process.kill()
    made.process.wait(WITHIN)


def test_counts_its_customers_only(shop):
    """Pages of the shop are counted, each once; a probe, a scrape and a page that is not there are not."""
    for _ in range(3):
        assert shop.get("/").status_code == 200
    shop.get("/healthz")
    assert shop.get("/nowhere").status_code == 404
    assert shop.counted() == shop.counted() == 3


def test_the_metrics_have_a_port_of_their_own(shop):
    """Where customers come in there are no metrics, and where the metrics are there is no shop."""
    assert shop.get("/metrics").status_code == 404
    assert shop.get("/", shop.metrics_port).status_code == 404


def test_ends_when_it_is_told_to(shop):
    """SIGTERM ends it by itself, without an error."""
    shop.get("/")
    shop.process.terminate()
    assert shop.process.wait(WITHIN) == 0


def test_a_port_that_is_no_number_is_said(tmp_path):
    """A value that makes no sense ends the program with its name."""
    ended = subprocess.run(
        [sys.executable, str(SHOP)],
        env={**os.environ, "PORT": "http"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "PORT and METRICS_PORT are numbers" in ended.stderr
