"""What is told to a node's network."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fixtures.cluster.nodes import PODS, SERVICES, STAY_INSIDE, stay_inside
from fixtures.machine.engine import Engine
from fixtures.machine.process import Completed

IPTABLES = """#!/bin/sh
table=$2; verb=$3; shift 3
[ "$verb" = -C ] && { grep -qxF -- "$table $*" "$RULES"; exit; }
echo "$table $*" >> "$RULES"
"""
IP = "#!/bin/sh\necho default via 10.89.0.1 dev eth0 proto static metric 100\n"


class Node(Engine):
    """An engine with one node, in which the script ends so."""

    def __init__(self, code: int = 0, stderr: str = ""):
        super().__init__("podman", "podman", "1")
        object.__setattr__(self, "calls", [])
        object.__setattr__(self, "ends", (code, stderr))

    def run(self, *args, timeout=1.0, check=True, **options):
        self.calls.append(args)
        if args[0] == "ps":
            return Completed(args, 0, "kit-control-plane\n", "")
        return Completed(args, self.ends[0], "", self.ends[1])


@pytest.fixture
def tools(tmp_path):
    """A folder with an iptables that keeps what it was told, and the file where it does."""
    rules = tmp_path / "rules"
    rules.touch()
    for name, text in (("iptables", IPTABLES), ("ip", IP)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path, rules


def told(tools: tuple[Path, Path]) -> list[str]:
    folder, rules = tools
    env = {"PATH": f"{folder}:/usr/bin:/bin", "RULES": str(rules)}
    subprocess.run(["sh", "-c", STAY_INSIDE], env=env, check=True)
    return rules.read_text().splitlines()


def test_what_is_the_clusters_own_does_not_leave_the_node(tools):
    """By the way out that it has; told once."""
    rules = told(tools)
    assert rules == [f"mangle POSTROUTING -o eth0 -d {net} -p tcp -j DROP" for net in (PODS, SERVICES)]
    assert told(tools) == rules


@pytest.mark.parametrize(("code", "said"), [(0, []), (127, ["sh: iptables: not found"])])
def test_a_node_that_cannot_be_told_is_said(code, said):
    """The run goes on: on most networks it makes no difference."""
    lines: list[str] = []
    engine = Node(code, "sh: iptables: not found")
    stay_inside(engine, "kit", lines.append)
    assert engine.calls[-1][:2] == ("exec", "kit-control-plane")
    assert [line.partition("kit-control-plane: ")[2] for line in lines] == said
