from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager, suppress

import pytest

from fixtures.cluster.registries import hosts_toml, mirrored, with_loopback
from fixtures.machine.bundle.published import is_loopback, pull_local, registry_of
from fixtures.machine.engine import Engine
from fixtures.machine.errors import KitError
from fixtures.machine.process import Completed


class FakeEngine(Engine):
    """An engine with one node, whose network's gateway is an address of this machine."""

    def __init__(self, gateway="127.0.0.2", name="podman"):
        super().__init__(name, name, "1")
        object.__setattr__(self, "calls", [])
        object.__setattr__(self, "gateway", gateway)

    def run(self, *args, timeout=1.0, **options):
        self.calls.append((args, options))
        said = {"ps": "node-1\n", "inspect": json.dumps({"kind": {"Gateway": self.gateway}})}.get(args[0], "")
        missing = args[:2] == ("image", "inspect")
        return Completed(args, 1 if missing else 0, said, "")


@contextmanager
def registry():
    """Something on the loopback that greets whoever connects; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            try:
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.sendall(b"hello " + connection.recv(100))
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def _ask(host, port):
    with socket.create_connection((host, port), timeout=5) as connection:
        connection.sendall(b"node")
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()


def test_loopback_registry_is_offered_to_the_nodes():
    """While it lasts, a registry on the loopback answers on the gateway too, and the node asks it there."""
    engine = FakeEngine()
    with registry() as port:
        with mirrored(engine, "c", {"docker.io": f"http://127.0.0.1:{port}"}):
            assert _ask("127.0.0.2", port) == b"hello node"
            args, options = engine.calls[-1]
            assert args[:3] == ("exec", "-i", "node-1")
            assert "/etc/containerd/certs.d/docker.io/hosts.toml" in args[-1]
            assert options["input"] == hosts_toml(f"http://127.0.0.2:{port}")
        with pytest.raises(OSError, match="refused"):
            _ask("127.0.0.2", port)


def test_mirror_that_nodes_reach_by_themselves():
    """A mirror elsewhere is told to the nodes as it is, and nothing is opened for it."""
    engine = FakeEngine(gateway="203.0.113.1")  # nobody's address: opening anything there would fail
    with mirrored(engine, "c", {"quay.io": "https://mirror.example.org"}):
        assert 'server = "https://mirror.example.org"' in engine.calls[-1][1]["input"]


def test_several_registries_on_one_mirror():
    """One mirror for several registries, or one that listens on the gateway already, is opened once."""
    with registry() as port:
        mirror = dict.fromkeys(("docker.io", "quay.io"), f"http://127.0.0.1:{port}")
        with mirrored(FakeEngine(), "c", mirror):
            assert _ask("127.0.0.2", port) == b"hello node"


def test_gateway_that_is_not_on_this_machine():
    """Where the engine runs in a virtual machine the loopback can't be offered: said, with what to do."""
    with (
        pytest.raises(KitError, match="name that as mirror instead of 127"),
        mirrored(FakeEngine(gateway="203.0.113.1"), "c", {"a.io": "http://127.0.0.1:5000"}),
    ):
        pass


def test_registry_that_is_gone(capsys):
    """A registry that went away ends the connection, time and again, and prints no traceback."""
    with registry() as port:
        pass
    with mirrored(FakeEngine(), "c", {"a.io": f"http://127.0.0.1:{port}"}):
        for _ in range(2):
            with suppress(OSError):
                assert _ask("127.0.0.2", port) == b""
    assert capsys.readouterr().err == ""


def test_no_mirrors():
    """Without mirrors no node is looked at."""
    engine = FakeEngine()
    with mirrored(engine, "c", {}):
        assert engine.calls == []


def test_loopback_references_mirror_themselves():
    """An image on this machine's loopback needs no table of its own; a table for it wins."""
    references = ["127.0.0.1:5000/a:1", "localhost:5001/a:1", "quay.io/a/b:1", "redis:8"]
    assert with_loopback({"quay.io": "http://m:1", "localhost:5001": "http://other:1"}, references) == {
        "127.0.0.1:5000": "http://127.0.0.1:5000",
        "quay.io": "http://m:1",
        "localhost:5001": "http://other:1",
    }


@pytest.mark.parametrize(
    ("reference", "registry", "loopback"),
    [
        ("127.0.0.1:5000/a/b:1", "127.0.0.1:5000", True),
        ("localhost/a:1", "localhost", True),
        ("quay.io/a:1", "quay.io", False),
        ("10.0.0.1:5000/a:1", "10.0.0.1:5000", False),
        ("library/redis:8", "", False),
        ("redis:8", "", False),
    ],
)
def test_registry_of_a_reference(reference, registry, loopback):
    """The registry is told from a path's first part as container engines do."""
    assert registry_of(reference) == registry
    assert is_loopback(registry) is loopback


@pytest.mark.parametrize(("name", "flags"), [("podman", ("-q", "--tls-verify=false")), ("docker", ("-q",))])
def test_pull_from_the_loopback(name, flags):
    """The engine pulls from the loopback without TLS, once; every other registry it asks by itself."""
    engine = FakeEngine(name=name)
    pull_local(engine, "quay.io/a:1")
    assert engine.calls == []
    pull_local(engine, "127.0.0.1:5000/a:1")
    assert engine.calls[-1][0] == ("pull", *flags, "127.0.0.1:5000/a:1")
