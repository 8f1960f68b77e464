"""A cluster in memory behind the one edge to the operating system: what helm and kubectl would answer."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from fixtures.install.helm import Helm
from fixtures.install.kubectl import Kubectl
from fixtures.install.releases import CONTENT, MARK
from fixtures.machine.process import CommandError, Completed


class FakeTools:
    """Stands for ``run``: keeps every argv, holds releases and objects, fails where it is told to."""

    def __init__(self) -> None:
        self.helm_version = "v4.3.1"
        self.calls: list[list[str]] = []
        self.releases: dict[tuple[str, str], dict[str, Any]] = {}
        self.names: dict[str, set[str]] = {
            "namespaces": {"default", "kube-system"},
            "crd": set(),
            "pvc": set(),
        }
        self.marked: dict[str, set[str]] = {"namespaces": set(), "crd": set(), "pvc": set()}
        self.objects: dict[str, Any] = {}
        self.contents: dict[str, str] = {}
        self.rendered: dict[str, str] = {}
        self.labelled: dict[str, dict[str, str]] = {}
        self.quotas: set[str] = set()
        self.fail: dict[str, str] = {}
        self.raw: dict[str, list[str]] = {}
        self.order: list[str] = []
        self._lock = threading.Lock()

    def add_release(self, name: str, namespace: str, *, own: bool, status: str = "deployed") -> None:
        self.releases[name, namespace] = {"own": own, "status": status}

    def __call__(self, argv: list[str], *, timeout: float, **given: Any) -> Completed:
        with self._lock:
            self.calls.append(list(argv))
            text = self._helm(argv) if argv[0] == "helm" else self._kubectl(argv, given.get("input"))
            return Completed(tuple(argv), 0, text, "")

    def _refuse(self, argv: list[str], key: str) -> None:
        if key in self.fail:
            raise CommandError(Completed(tuple(argv), 1, "", self.fail[key]))

    def _helm(self, argv: list[str]) -> str:
        verb = argv[1]
        if verb == "version":
            return self.helm_version
        if verb == "list":
            own_only = "--selector" in argv
            rows = [
                {"name": n, "namespace": ns, "status": r["status"], "chart": f"{n}-1.0.0", "revision": "1"}
                for (n, ns), r in self.releases.items()
                if r["own"] or not own_only
            ]
            return json.dumps(rows)
        if verb == "template":
            self._refuse(argv, f"template {argv[2]}")
            return self.rendered.get(argv[3], "")
        if verb == "show":
            return "image: {registry: x, repository: y, tag: z}\n"
        if verb == "get":
            return ""
        if verb == "rollback":
            self._refuse(argv, f"rollback {argv[2]}")
            return ""
        release = argv[3] if verb == "upgrade" else argv[2]
        namespace = argv[argv.index("--namespace") + 1]
        self.order.append(f"{verb} {release}")
        self._refuse(argv, f"{verb} {release}")
        if verb == "upgrade":
            self.add_release(release, namespace, own="--labels" in argv)
        elif verb == "uninstall":
            self.releases.pop((release, namespace), None)
        return ""

    def _kubectl(self, argv: list[str], text: str | None) -> str:
        verb, rest = argv[5], argv[6:]
        selector = next((a.removeprefix("--selector=") for a in rest if a.startswith("--selector=")), "")
        self._refuse(argv, f"{verb} {rest[0]}" if rest else verb)
        if verb == "get":
            return self._get(rest, selector)
        if verb == "apply":
            return self._apply(text or "")
        if verb == "label":
            for what in rest[1:]:
                kind, _, name = what.partition("/")
                if name and "=" not in what:
                    kind = "crd" if kind.startswith("customresource") else kind
                    self.marked[kind].add(name)
        if verb == "delete":
            self._delete(rest, selector)
        return ""

    def _get(self, rest: list[str], selector: str) -> str:
        if rest[0] == "--raw":
            answers = self.raw[rest[1]]
            return answers.pop(0) if len(answers) > 1 else answers[0]
        if "name" in rest:
            names = self.names.get(rest[0], set())
            marked = self.marked.get(rest[0], set())
            if f"!{MARK}" in selector:
                names = names - marked
            elif f"{MARK}=true" in selector:
                names = names & marked
            elif CONTENT in selector:
                names = {name for name in names if self.contents.get(name) == selector}
            return "\n".join(f"{rest[0]}/{name}" for name in sorted(names))
        if "json" in rest:
            if rest[0] == "namespaces":
                return json.dumps(
                    {"items": [{"metadata": {"name": n}} for n in sorted(self.names["namespaces"])]}
                )
            namespace = next((a for a in rest if a.startswith("--namespace=")), "")
            item = self.objects.get(f"{rest[0]} {namespace}".strip())
            return json.dumps(item) if item else ""
        return ""

    def _delete(self, what: list[str], selector: str) -> None:
        kind = what[0].partition("/")[0]
        kind = "namespaces" if kind == "namespace" else kind
        if kind == "resourcequota":
            self.quotas -= {a.removeprefix("--namespace=") for a in what if a.startswith("--namespace=")}
            return
        named = {item.partition("/")[2] for item in what if "/" in item and not item.startswith("--")}
        gone = named or (set(self.marked[kind]) if f"{MARK}=true" in selector else set())
        self.names[kind] -= gone
        self.marked[kind] -= gone
        self.order.append(f"delete {kind} {sorted(gone)}")

    def _apply(self, text: str) -> str:
        if text.startswith("{"):
            for each in map(json.loads, text.split("\n---\n")):
                if each.get("kind") == "ResourceQuota":
                    self.quotas.add(each["metadata"]["namespace"])
                elif MARK in each["metadata"].get("labels", {MARK: ""}):
                    self.names["namespaces"].add(each["metadata"]["name"])
                    self.marked["namespaces"].add(each["metadata"]["name"])
                else:
                    self.labelled[each["metadata"]["name"]] = each["metadata"]["labels"]
            return ""
        self.order.append("apply crds")
        crds = [yaml.safe_load(document)["metadata"] for document in text.split("\n---\n")]
        made = [crd["name"] for crd in crds]
        self.names["crd"] |= set(made)
        self.marked["crd"] |= {crd["name"] for crd in crds if crd["labels"][MARK] == "true"}
        self.contents |= {crd["name"]: f"{CONTENT}={crd['labels'][CONTENT]}" for crd in crds}
        return "\n".join(f"customresourcedefinition.apiextensions.k8s.io/{name}" for name in made)


@pytest.fixture
def tools() -> FakeTools:
    return FakeTools()


@pytest.fixture
def helm(tools: FakeTools) -> Helm:
    return Helm(Path("helm"), Path("kube.config"), "kind-x", run=tools)


@pytest.fixture
def kubectl(tools: FakeTools) -> Kubectl:
    return Kubectl(Path("kubectl"), Path("kube.config"), "kind-x", run=tools)
