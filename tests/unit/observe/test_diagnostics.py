"""Diagnostics are read in bounded time and size, whatever state the cluster is in."""

from __future__ import annotations

import base64
import json
import shlex
import time
from pathlib import Path
from typing import Any

import pytest

from fixtures.machine.engine import Engine
from fixtures.observe import diagnostics, gathering
from fixtures.observe.diagnostics import API, ON_THE_NODE, Diagnostics
from fixtures.observe.errors import ReadFailed
from fixtures.observe.gathering import Clock, fit, gather
from fixtures.observe.planted import secret_values

PODS = {
    "items": [
        {
            "metadata": {"name": "consumer-1"},
            "status": {
                "initContainerStatuses": [{"name": "wait", "restartCount": 0}],
                "containerStatuses": [{"name": "consumer", "restartCount": 3}, {"name": "sidecar"}],
            },
        },
        {"metadata": {"name": "pending"}, "status": {}},
    ]
}
KEY = "Xk2!long-and-random"
SECRETS = {"items": [{"type": "Opaque", "data": {"any": base64.b64encode(KEY.encode()).decode()}}]}


class Prometheus:
    """Answers, or answers nothing."""

    def __init__(self, dead: bool = False) -> None:
        self.dead = dead

    def config(self) -> str:
        if self.dead:
            raise ConnectionError("no route to host")
        return "global: {}\n"

    def get(self, path: str) -> Any:
        if self.dead:
            raise ConnectionError(f"no answer for {path}")
        return {"asked": path}


class Kube:
    """An API server that answers with this status, or not at all; ``asked`` counts."""

    def __init__(self, status: int | None = 200) -> None:
        self.status, self.asked = status, 0

    def get(self, path: str) -> tuple[int, Any]:
        self.asked += 1
        if self.status is None:
            raise ReadFailed(f"GET {path}", "Read timed out")
        return self.status, "ok"


def script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def kubectl(tmp_path: Path) -> Path:
    """A kubectl that knows a few pods and a Secret, logs without end, and fails to describe HPAs."""
    return script(
        tmp_path / "kubectl",
        f'echo "$*" >> {tmp_path}/asked\n'
        'case "$*" in\n'
        f'  "get pods -o json -n default "*) echo {shlex.quote(json.dumps(PODS))} ;;\n'
        '  *"-o json"*secrets*|"get secrets"*)\n'
        f"    echo {shlex.quote(json.dumps(SECRETS))} ;;\n"
        '  "logs "*--previous*) echo panic before the restart ;;\n'
        "  logs*) yes a-long-line-of-a-log | head -c 3000000 ;;\n"
        '  "describe hpa"*) echo the server is gone >&2; exit 1 ;;\n'
        '  *) echo "said: $*" ;;\n'
        "esac",
    )


def collect(kubectl: Path, kube: Kube | None = None, dead: bool = False, **more: Any) -> dict[str, str]:
    return Diagnostics([str(kubectl)], kube or Kube(), Prometheus(dead), **more).everything()  # type: ignore[arg-type]


def test_everything_a_person_would_look_at_is_there(kubectl: Path) -> None:
    """Objects, events, descriptions, Prometheus' targets, rules and config, the adapter's, and logs."""
    found = collect(kubectl)
    assert {
        "overview.txt",
        "events.txt",
        "nodes.txt",
        "hpa.txt",
        "deployments.txt",
        "pods.txt",
        "apiservices.txt",
        "prometheus-targets.json",
        "prometheus-rules.json",
        "prometheus-config.yaml",
        "prometheus-objects.yaml",
        "adapter-config.yaml",
    } <= set(found)
    assert "# prometheus\nsaid: describe deployments -n prometheus" in found["deployments.txt"]
    assert json.loads(found["prometheus-rules.json"]) == {"asked": "/api/v1/rules"}


def test_what_cannot_be_read_is_its_error(kubectl: Path) -> None:
    """A dead Prometheus or a failing command is a text in its file, and the other files are there."""
    found = collect(kubectl, dead=True)
    assert "no route to host" in found["prometheus-config.yaml"]
    assert "the server is gone" in found["hpa.txt"]
    assert "said: get events" in found["events.txt"]


def test_each_container_has_its_log_and_the_one_before_its_restart(kubectl: Path) -> None:
    """A container that crashed says why in the log of the one before; a pod without containers has none."""
    logs = {name: text for name, text in collect(kubectl).items() if name.startswith("logs/")}
    assert set(logs) == {
        "logs/default-consumer-1-wait.txt",
        "logs/default-consumer-1-consumer.txt",
        "logs/default-consumer-1-consumer-previous.txt",
        "logs/default-consumer-1-sidecar.txt",
    }
    assert logs["logs/default-consumer-1-consumer-previous.txt"] == "panic before the restart\n"


def test_logs_are_bounded(kubectl: Path) -> None:
    """A container that logs without end does not fill the disk: the newest of it is kept, and it says so."""
    log = collect(kubectl)["logs/default-consumer-1-sidecar.txt"]
    assert len(log.encode()) <= gathering.MOST
    assert log.startswith("… the first 3000000 bytes less what follows are left out")
    assert "a-long-line-of-a-log\n" in log[-100:]


def test_all_together_is_bounded() -> None:
    """However many files there are, they stay below the limit; what is important comes first and is whole."""
    texts = {"first": "é" * 1000, **{f"log-{n}": "x" * 5000 for n in range(10)}}
    found = fit(texts, most=4000, everything=10_000)
    assert found["first"] == texts["first"]
    assert all(len(text.encode()) <= 4000 for text in found.values())
    assert sum(len(text.encode()) for text in found.values()) <= 10_000
    assert set(found) == set(texts)


def test_a_dead_api_server_costs_no_time(tmp_path: Path, kubectl: Path) -> None:
    """Nothing is asked of it that would hang, each file says why it is empty, and the node is asked."""
    engine = Engine("podman", str(script(tmp_path / "podman", 'echo "node: $*"')), "4")
    kube, began = Kube(status=None), time.monotonic()
    found = collect(kubectl, kube, engine=engine, node="kit-control-plane")
    assert time.monotonic() - began < 5
    assert not (tmp_path / "asked").exists()
    assert kube.asked == diagnostics.TRIES
    assert "does not answer: ReadFailed: GET /readyz: Read timed out" in found[API]
    assert found["hpa.txt"].startswith("not asked: the API server does not answer")
    assert found["node/kubelet.txt"] == f"node: exec kit-control-plane bash -c {ON_THE_NODE['kubelet']}\n"
    assert set(ON_THE_NODE) < {name.removeprefix("node/").removesuffix(".txt") for name in found}


def test_a_dead_node_says_so(tmp_path: Path, kubectl: Path) -> None:
    """With API server and node gone, the engine's word on the container is what is left."""
    podman = script(
        tmp_path / "podman", '[ "$1" = ps ] && echo "Exited (137)" || { echo no such >&2; exit 125; }'
    )
    found = collect(kubectl, Kube(None), engine=Engine("podman", str(podman), "4"), node="kit-control-plane")
    assert "Exited (137)" in found["node/container.txt"]
    assert "no such" in found["node/kubelet.txt"]


def test_an_api_server_that_says_it_is_not_ready_is_asked(kubectl: Path) -> None:
    """Half dead is not dead: with etcd gone it answers 500, and may still know a lot."""
    assert "said: get events" in collect(kubectl, Kube(500))["events.txt"]


def test_commands_that_hang_end_with_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All diagnostics together take no longer than they may, and what was not had says so."""
    monkeypatch.setattr(diagnostics, "SECONDS", 0.8)
    monkeypatch.setattr(gathering, "ONE", 0.5)
    hanging = script(tmp_path / "kubectl", "exec sleep 30")
    began = time.monotonic()
    found = collect(hanging)
    assert time.monotonic() - began < 4
    said = " ".join(found.values())
    assert "still running after" in said
    assert "for all diagnostics were over" in said


def test_a_question_that_never_ends_is_left_alone() -> None:
    """A read without a limit of its own does not hold up the others."""
    found = gather({"slow": lambda _: time.sleep(3) or "late", "quick": lambda _: "here"}, Clock(0.3))
    assert found["quick"] == "here"
    assert found["slow"] == "not read: the 0.3 s for all diagnostics were over\n"


def test_the_values_of_secrets_are_known(kubectl: Path) -> None:
    """What Secrets hold is learned, so that it can be taken out of a log that shows it."""
    found = Diagnostics([str(kubectl)], Kube(), Prometheus())  # type: ignore[arg-type]
    found.overview()
    assert found.secrets == {KEY}


@pytest.mark.parametrize(
    ("value", "kind", "known"),
    [
        (KEY, "Opaque", True),
        ("f3a9c1d2e4", "Opaque", True),
        ("prometheus", "Opaque", False),
        ("prom-operator", "Opaque", False),
        ("default", "kubernetes.io/service-account-token", False),
        ("short1", "Opaque", False),
        ("12345678", "Opaque", False),
        (KEY, "helm.sh/release.v1", False),
        ("x1" * 4000, "Opaque", False),
    ],
)
def test_plain_words_are_no_secrets(value, kind, known) -> None:
    """A word that is in every text is not hidden everywhere: the report would be unreadable."""
    data = base64.b64encode(value.encode()).decode()
    assert secret_values(json.dumps({"items": [{"type": kind, "data": {"a": data}}]})) == (
        {value} if known else set()
    )


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", '{"items": [{"data": {"a": "%%%"}}, {}]}', '{"items": null}']
)
def test_what_is_no_list_of_secrets_tells_nothing(text) -> None:
    """A refusal, an error's text or bytes that are no text are no reason to fail."""
    assert secret_values(text) == set()
