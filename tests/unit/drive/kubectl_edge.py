"""A cluster of workloads and pods behind kubectl's command line, for tests of what drives a cluster."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fixtures.install.kubectl import Kubectl
from fixtures.machine.process import CommandError, Completed


@dataclass
class ClusterEdge:
    """``run`` stands in for fixtures.machine.process.run; ``calls`` are kubectl's arguments, joined."""

    objects: dict[str, Any] = field(default_factory=dict)
    """JSON answers to ``get kind/name``."""
    pods: dict[str, str] = field(default_factory=dict)
    """Names by uid."""
    calls: list[str] = field(default_factory=list)
    applied: list[Any] = field(default_factory=list)
    broken: str = ""
    """A pattern of calls that fail."""
    refused: str = ""
    """A pattern of evictions that a PodDisruptionBudget refuses."""
    replacements: list[dict[str, str]] = field(default_factory=list)
    """What ``pods`` becomes: at the deletion of pods, then at each listing, while there is any."""
    namespaces: tuple[str, ...] = ("default",)

    def kubectl(self) -> Kubectl:
        return Kubectl(Path("kubectl"), Path("config"), "kind-test", run=self.run)

    def called(self, pattern: str) -> list[str]:
        return [call for call in self.calls if re.search(pattern, call)]

    def run(
        self, argv: list[str], *, timeout: float, input: str | None = None, env: object = None
    ) -> Completed:
        assert argv[:5] == ["kubectl", "--kubeconfig", "config", "--context", "kind-test"]
        assert timeout > 0
        words = argv[5:]
        self.calls.append(" ".join(words))
        if self.broken and re.search(self.broken, self.calls[-1]):
            raise CommandError(Completed(tuple(argv), 1, "", "the server is gone"))
        if self.refused and re.search(self.refused, self.calls[-1]):
            why = "Cannot evict pod as it would violate the pod's disruption budget."
            raise CommandError(Completed(tuple(argv), 1, "", f"Error from server (TooManyRequests): {why}"))
        if words[0] == "scale":
            replicas = int(next(word for word in words if "--replicas" in word).partition("=")[2])
            self.objects[words[1]]["spec"]["replicas"] = replicas
        if words[0] == "apply":
            self.applied.append(json.loads(input or ""))
        if words[:2] == ["delete", "pod"]:
            self.pods = self.replacements.pop(0)
        return Completed(tuple(argv), 0, self._get(words) if words[0] == "get" else "", "")

    def _get(self, words: list[str]) -> str:
        if words[1] == "namespace":
            return "\n".join(f"namespace/{name}" for name in self.namespaces)
        if words[1] != "pod":
            return json.dumps(self.objects[words[1]]) if words[1] in self.objects else ""
        pods = self.pods
        if self.replacements and self.called("^delete pod"):
            self.pods = self.replacements.pop(0)
        if "name" in words:
            return "\n".join(f"pod/{name}" for name in pods.values())
        return json.dumps({"items": [{"metadata": {"uid": uid, "name": name}} for uid, name in pods.items()]})


def deployment(replicas: int) -> dict[str, Any]:
    return {"spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "exporter"}}}}
