"""The producer's client, against an HTTP server of the test's own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fixtures.drive import producer as module
from fixtures.drive.errors import DriveFailed
from fixtures.drive.producer import MAX_ITEMS, ProducerClient


class Ingress(ThreadingHTTPServer):
    """Answers every request with ``status`` and ``text``; keeps what it was asked."""

    daemon_threads = True
    status, text = 200, ""
    location = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.asked: list[tuple[str, str, str]] = []
        self.hold = threading.Event()
        self.hold.set()


class Page(BaseHTTPRequestHandler):
    server: Ingress

    def do_GET(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers["Host"]))
        self.server.hold.wait(5)
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        self.wfile.write(self.server.text.encode())

    do_POST = do_GET  # noqa: N815 - http.server wants it so

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def ingress() -> Iterator[Ingress]:
    with Ingress() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.hold.set()
        server.shutdown()


@pytest.fixture
def client(ingress: Ingress) -> ProducerClient:
    return ProducerClient(ingress.server_port)


def confirm(ingress: Ingress, count: int) -> None:
    ingress.text = json.dumps({"published": count, "total": 100})


def test_publishes_under_the_host_name(ingress, client):
    """One item is POST /publish, more are POST /publish/N, to 127.0.0.1 with the exercise's host name."""
    confirm(ingress, 1)
    assert client.publish() == 1
    confirm(ingress, 7)
    assert client.publish(7) == 7
    assert ingress.asked == [
        ("POST", "/publish", "producer.vcap.me"),
        ("POST", "/publish/7", "producer.vcap.me"),
    ]
    assert client.confirmed == 8


@pytest.mark.parametrize("count", [0, -1, MAX_ITEMS + 1])
def test_a_count_out_of_bounds_is_not_asked_for(ingress, client, count):
    """A count below 1 or above the limit is refused before anything is sent."""
    with pytest.raises(ValueError, match="count must be 1 to"):
        client.publish(count)
    assert ingress.asked == []


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (503, '{"error": "Redis did not confirm"}'),
        (200, '{"published": 2}'),
        (200, "<html>welcome</html>"),
        (200, "[3]"),
        (200, '{"other": 3}'),
        (301, '{"published": 3}'),
    ],
)
def test_what_is_not_confirmed_is_an_error(ingress, client, status, text):
    """Anything but a confirmation of the very number fails, with what was asked and came back; once."""
    ingress.status, ingress.text, ingress.location = status, text, "/elsewhere" if status == 301 else ""
    with pytest.raises(DriveFailed) as failed:
        client.publish(3)
    assert "POST http://127.0.0.1" in failed.value.asked
    assert str(status) in failed.value.got
    assert text in failed.value.got
    assert len(ingress.asked) == 1
    assert client.confirmed == 0


def test_health_and_metrics_are_given_as_they_are(ingress, client):
    """A bad health is an answer and no error: the caller judges it."""
    ingress.status, ingress.text = 503, "no Redis"
    assert (client.health().status, client.health().text) == (503, "no Redis")
    ingress.status, ingress.text = 200, "producer_messages_published_total 3.0"
    assert client.metrics().text == "producer_messages_published_total 3.0"
    assert {path for _, path, _ in ingress.asked} == {"/healthz", "/metrics"}


def test_no_answer_is_an_error(ingress, client, monkeypatch):
    """A port where nobody listens, or an answer that comes too late, is an error that says what was asked."""
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.05)
    ingress.hold.clear()
    with pytest.raises(DriveFailed, match=r"GET http://127\.0\.0\.1.*/healthz .*ReadTimeout"):
        client.health()
    ingress.server_close()
    with pytest.raises(DriveFailed, match="ConnectionError"):
        ProducerClient(1).health()


def test_the_users_proxy_is_not_asked(ingress, client, monkeypatch):
    """A proxy in the environment has no say in calls to 127.0.0.1."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    confirm(ingress, 1)
    assert client.publish() == 1
