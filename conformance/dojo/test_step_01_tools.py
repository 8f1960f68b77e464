"""Step 1: the tools the exercise asks for."""

from __future__ import annotations

import re
import subprocess
from typing import Any

from conformance.behaviour import behaviour

from . import reading

KUBECTL_SKEW = 1
"""Minor versions kubectl may differ from the API server (kubernetes.io, version skew policy)."""
OLDEST = {"helm": (3, 15), "kind": (0, 24)}
"""helm: the oldest the kit drives. kind: the first whose nodes come with the containerd 1.7.18 that
Kubernetes 1.31 and later are tested with."""


def version(text: str) -> tuple[int, int]:
    """Major and minor of a version text such as "v1.37.1"; (0, 0) when there is none in it."""
    found = re.search(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


ASK = {"kubectl": ("version", "--client"), "helm": ("version", "--short"), "kind": ("version",)}
ANSWER_SECONDS = 10.0
"""A tool tells its version at once; a cold start from a slow disk is the most that may come on top."""


def told(tool: Any) -> str:
    """A tool's version: the kit's knowledge, or what a tool that the user named says itself."""
    if tool.version:
        return str(tool.version)
    asked = [str(tool.path), *ASK[tool.name]]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False)
    found = re.search(r"v?\d+\.\d+\S*", done.stdout)
    return found[0] if found else ""


@behaviour(
    "dojo.01.tools",
    feature="tools",
    hint="What do `kubectl version --client`, `helm version`, `kind version` and the engine's "
    "`version` say on this machine, and how far may kubectl's minor version be from the "
    "cluster's?",
    look="`tox -e preflight` lists what this machine has beside what a run needs. Once a cluster "
    "answers, `kubectl version` shows client and server together.",
    read=reading.VERSION_SKEW,
)
def test_tools(machine: Any, cluster: Any, evidence: Any) -> None:
    """kubectl, helm, kind and a container engine are there, and their versions fit each other and the
    cluster.
    """
    needed = ["kubectl", "helm"] + (["kind"] if cluster.provider == "kind" else [])
    tools = machine.tools
    versions = {name: told(tool) for name, tool in tools.items()}
    found = "\n".join(f"{tool.name} {versions[tool.name]} ({tool.path})" for tool in tools.values())
    engine = machine.engine
    evidence(
        "tools",
        "the tools this run uses",
        f"{found}\nengine: {engine}\ncluster: {cluster.kubernetes_version}",
    )

    missing = [name for name in needed if name not in tools]
    assert not missing, f"missing on this machine: {', '.join(missing)}; found: {found or 'none'}"
    if cluster.provider == "kind":
        assert engine is not None, (
            "no container engine that works was found; kind cannot make a cluster without"
        )
    for name in needed:
        assert version(versions[name]) >= OLDEST.get(name, (1, 0)), f"{name} {versions[name]} is too old"
    server, client = version(cluster.kubernetes_version), version(versions["kubectl"])
    apart = abs(server[1] - client[1]) if server[0] == client[0] else 100
    assert apart <= KUBECTL_SKEW, (
        f"kubectl {versions['kubectl']} is more than {KUBECTL_SKEW} minor version away from"
        f" the cluster's {cluster.kubernetes_version}"
    )
