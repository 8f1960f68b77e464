from __future__ import annotations

import contextlib
import socket
import ssl
import threading

import pytest

from fixtures.machine.bundle import published
from fixtures.machine.bundle.published import host_and_port, unreachable

IMAGE = "registry.example/team/image:1"


class NoTls:
    """TLS that does nothing: the far end of the test speaks plain text."""

    def wrap_socket(self, connection, server_hostname):
        assert server_hostname == "registry.example"
        return contextlib.nullcontext(connection)


@pytest.fixture
def registry(monkeypatch):
    """Makes a far end on 127.0.0.1 that answers ``words`` (None: nothing); returns how to get there."""
    monkeypatch.setattr(ssl, "create_default_context", NoTls)
    monkeypatch.setattr(published, "REGISTRY_ANSWERS", 0.3)
    with contextlib.ExitStack() as stack:

        def make(words: bytes | None):
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                with contextlib.suppress(OSError):
                    connection, _ = listener.accept()
                    stack.enter_context(connection)
                    connection.recv(1024)
                    if words is not None:
                        connection.sendall(words)

            threading.Thread(target=serve, daemon=True).start()
            return lambda _address, timeout: socket.create_connection(listener.getsockname(), timeout=timeout)

        yield make


@pytest.mark.parametrize("status", [b"200 OK", b"401 Unauthorized"])
def test_a_registry_that_answers_is_used(registry, status):
    """An answer of a registry is one, and so is its wish for a login."""
    assert unreachable([IMAGE], registry(b"HTTP/1.1 " + status + b"\r\n\r\n")) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "403"),
        (b"HTTP/1.1 302 Found\r\n\r\n", "302"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0"),
        (None, "timed out"),
    ],
)
def test_what_is_no_registrys_answer_is_told(registry, words, said):
    """A proxy's page, another protocol or silence: not used, and why."""
    why = unreachable([IMAGE], registry(words))
    assert why is not None
    assert said in why
    assert why.startswith("registry.example does not answer within 0.3 s")


def test_a_registry_that_refuses_is_told():
    """Nobody listens: the host and the refusal are in the reason."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    why = unreachable([f"127.0.0.1:{port}/image:1"])
    assert why is not None
    assert "refused" in why


def test_each_registry_is_asked_once():
    """Images of one registry ask it once; what names no image asks nobody."""
    asked = []

    def connect(address, timeout):
        asked.append(address)
        return socket.socket()

    assert unreachable(["127.0.0.1:5000/a", "127.0.0.1:5000/b", ""], connect) is None
    assert asked == [("127.0.0.1", 5000)]


def test_docker_hub_is_asked_where_it_listens():
    """Its images' name is not its registry's host."""
    assert host_and_port("docker.io/kindest/node:v1") == ("registry-1.docker.io", 443)
    assert host_and_port("localhost:5000/a") == ("localhost", 5000)
