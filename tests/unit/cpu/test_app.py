"""The application: its requests cost the processor time they ask for, and nothing else does."""

from __future__ import annotations

import http.client
import importlib.util
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parents[3] / "charts" / "cpu-app" / "files" / "app.py"
TIMEOUT = 10.0


@pytest.fixture(scope="module")
def app() -> ModuleType:
    """The program that the chart mounts."""
    spec = importlib.util.spec_from_file_location("cpu_app", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def port(app: ModuleType) -> Iterator[int]:
    """The application on a free port."""
    with app.Server(("127.0.0.1", 0), app.Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join(TIMEOUT)


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_burning_takes_that_much_processor_time(app):
    """Time of the thread, not of the clock: a busy machine makes it later and not less."""
    began = time.thread_time()
    app.burn(30)
    assert 0.03 <= time.thread_time() - began < 0.06


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/?ms=5", 200, "5 ms"),
        ("/", 200, "0 ms"),
        ("/healthz", 200, "ok"),
        ("/?ms=-1", 400, "from 0 to 200"),
        ("/?ms=100000", 400, "from 0 to 200"),
        ("/?ms=nan", 400, "from 0 to 200"),
        ("/?ms=much", 400, "'much'"),
        ("/elsewhere", 404, "no such page"),
    ],
)
def test_what_is_answered(port, path, status, says):
    """A number within bounds is burnt; anything else is refused, so that no request can stop a pod."""
    assert get(port, path)[0] == status
    assert says in get(port, path)[1]


def test_a_request_costs_its_processor_time(port):
    """Ten requests of 10 ms cost a tenth of a second of this process."""
    began = time.process_time()
    for _ in range(10):
        assert get(port, "/?ms=10")[0] == 200
    assert time.process_time() - began >= 0.1
