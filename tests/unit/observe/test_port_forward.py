"""The port-forward, with a script in kubectl's place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fixtures.observe.errors import ReadFailed
from fixtures.observe.port_forward import PortForward

PATIENCE = 10.0
BEHAVES = """
echo "$@" >> "$DIR/arguments"
echo $$ >> "$DIR/pids"
count=$(wc -l < "$DIR/pids")
echo "Forwarding from 127.0.0.1:$((4000 + count)) -> 6379"
exec sleep 600
"""
FAILS = """
echo $$ >> "$DIR/pids"
echo "Error from server (NotFound): services \\"redis-master\\" not found" >&2
exit 1
"""
SILENT = """
echo $$ >> "$DIR/pids"
exec sleep 600
"""


@pytest.fixture
def kubectl(tmp_path, monkeypatch):
    """Makes an executable that stands for kubectl; ``pids`` in its folder tells who ran."""
    monkeypatch.setenv("DIR", str(tmp_path))

    def make(script: str) -> list[str]:
        path = tmp_path / "kubectl"
        path.write_text(f"#!/bin/sh\n{script}")
        path.chmod(0o755)
        return [str(path), "--context", "here"]

    return make


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("fixtures.observe.port_forward.RESTART_EVERY", 0.02)


def pids(tmp_path: Path) -> list[int]:
    return [int(pid) for pid in (tmp_path / "pids").read_text().split()]


def gone(pid: int) -> bool:
    """Whether the process ends soon."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
    return False


def forward(kubectl: list[str]) -> PortForward:
    return PortForward(kubectl, "default", "service/redis-master", 6379)


def test_the_port_is_the_one_kubectl_names(kubectl, tmp_path):
    """kubectl chooses a free port of 127.0.0.1, and that is the answer, twice the same."""
    with forward(kubectl(BEHAVES)) as it:
        assert it.port(PATIENCE) == it.port(PATIENCE) == 4001
    assert (tmp_path / "arguments").read_text().split("\n")[0] == (
        "--context here --namespace default port-forward --address 127.0.0.1 service/redis-master :6379"
    )


def test_nothing_runs_before_it_is_asked_for(kubectl, tmp_path):
    """Making a port-forward starts nothing."""
    with forward(kubectl(BEHAVES)):
        assert not (tmp_path / "pids").exists()


def test_closing_leaves_no_process(kubectl, tmp_path):
    """After close kubectl is gone, and the forward is not started again."""
    it = forward(kubectl(BEHAVES))
    it.port(PATIENCE)
    it.close()
    assert gone(pids(tmp_path)[0])
    with pytest.raises(ReadFailed, match="closed"):
        it.port(PATIENCE)


def test_a_dead_kubectl_is_started_again(kubectl, tmp_path):
    """When kubectl dies, the next use has a new one."""
    with forward(kubectl(BEHAVES)) as it:
        assert it.port(PATIENCE) == 4001
        os.kill(pids(tmp_path)[0], signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while it.port(PATIENCE) == 4001 and time.monotonic() < deadline:
            pass
        assert it.port(PATIENCE) == 4002


def test_renewing_ends_the_stale_forward_only(kubectl, tmp_path):
    """Renewing replaces the forward at that port, and leaves one that is newer alone."""
    with forward(kubectl(BEHAVES)) as it:
        it.renew(4001)
        assert it.port(PATIENCE) == 4001
        it.renew(4001)
        assert gone(pids(tmp_path)[0])
        assert it.port(PATIENCE) == 4002
        it.renew(4001)
        assert it.port(PATIENCE) == 4002


def test_kubectls_reason_is_told(kubectl):
    """When kubectl gives up, the error shows its words."""
    with forward(kubectl(FAILS)) as it, pytest.raises(ReadFailed, match=r"redis-master.*not found"):
        it.port(0.3)


def test_starts_are_not_a_storm(kubectl, tmp_path, monkeypatch):
    """A kubectl that fails at once is not started again before its time."""
    monkeypatch.setattr("fixtures.observe.port_forward.RESTART_EVERY", 60.0)
    it = forward(kubectl(FAILS))
    for _ in range(3):
        with pytest.raises(ReadFailed):
            it.port(0.1)
    it.close()
    assert len(pids(tmp_path)) == 1


def test_patience_is_bounded(kubectl):
    """A kubectl that says nothing costs no more than the patience."""
    began = time.monotonic()
    with forward(kubectl(SILENT)) as it, pytest.raises(ReadFailed, match="not up yet"):
        it.port(0.05)
    assert time.monotonic() - began < PATIENCE


def test_a_kill_leaves_no_process(kubectl, tmp_path):
    """When the kit is killed with -9, kubectl ends too."""
    script = (
        "import sys, time; from fixtures.observe.port_forward import PortForward\n"
        f"it = PortForward({kubectl(BEHAVES)!r}, 'default', 'service/redis-master', 6379)\n"
        f"print(it.port({PATIENCE}), flush=True); sys.stdin.read()"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as kit:
        assert kit.stdout.readline().strip() == "4001"
        kit.kill()
    assert gone(pids(tmp_path)[0])
