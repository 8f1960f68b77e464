"""The references of the other scenarios as they would be installed, their charts by hand; and a promtool that
knows the made-up day of three pods.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from fixtures.install.manifests import manifest_objects
from fixtures.install.scenarios import load_scenario
from fixtures.install.stacks import load_stack
from fixtures.static.analysis import Analysis
from fixtures.static.asks import POD_SCENARIOS
from fixtures.static.places import Source
from fixtures.static.pod_day import CHANGE, CHANGED, DEATH, GAUGES, RATES, STOP
from fixtures.static.promtool import Sample
from fixtures.static.rendered import Object, Release, Rendered
from fixtures.static.scenario_analysis import judge_scenario

SOLUTIONS = Path(__file__).resolve().parents[3] / "solutions"
PROMETHEUS = "monitoring-kube-prometheus-prometheus"
EVERYTHING: Mapping[str, Any] = {"matchLabels": {}}
Objects = dict[str, list[dict[str, Any]]]


def named(kind: str, name: str, spec: Any = None, **more: Any) -> dict[str, Any]:
    """An object of a chart."""
    return {"kind": kind, "metadata": {"name": name, **more.pop("metadata", {})}, "spec": spec or {}, **more}


def prometheus(*, allowed: bool = True) -> list[dict[str, Any]]:
    """kube-prometheus-stack; ``allowed``: it may read every namespace."""
    spec = {"replicas": 1, "serviceAccountName": PROMETHEUS, "scrapeInterval": "5s"}
    for what in ("rule", "serviceMonitor", "podMonitor"):
        spec |= {f"{what}Selector": EVERYTHING, f"{what}NamespaceSelector": {}}
    found = [
        named("Service", PROMETHEUS, {"ports": [{"port": 9090}]}),
        named("Prometheus", "prometheus", spec),
        named("ServiceMonitor", PROMETHEUS, {"selector": {"matchLabels": {"app": "p"}}, "endpoints": []}),
    ]
    if allowed:
        kinds = ["services", "endpoints", "pods"]
        rules = [{"apiGroups": [""], "resources": kinds, "verbs": ["get", "list", "watch"]}]
        account = {"kind": "ServiceAccount", "name": PROMETHEUS, "namespace": "monitoring"}
        role = {"kind": "ClusterRole", "name": "p"}
        found += [
            named("ClusterRole", "p", rules=rules),
            named("ClusterRoleBinding", "p", roleRef=role, subjects=[account]),
        ]
    return found


def application(name: str, ports: Mapping[str, int], **labels: str) -> list[dict[str, Any]]:
    """A Deployment and its Service, as the kit's charts have them; no replica count."""
    labels = {"app.kubernetes.io/name": name, **labels}
    container = {
        "name": name,
        "image": name,
        "ports": [{"name": port, "containerPort": number} for port, number in ports.items()],
        "resources": {"requests": {"cpu": "50m"}},
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    service = {
        "selector": {"app.kubernetes.io/name": name},
        "ports": [{"name": port, "port": number, "targetPort": port} for port, number in ports.items()],
    }
    backend = {"service": {"name": name, "port": {"name": next(iter(ports))}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    rule = {"host": f"{name}.vcap.me", "http": {"paths": [path]}}
    return [
        named("Deployment", name, {"template": template}),
        named("Service", name, service, metadata={"labels": labels}),
        named("Ingress", name, {"ingressClassName": "nginx", "rules": [rule]}),
    ]


def adapter(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """prometheus-adapter with the rules of a reference's values."""
    args = [
        f"--prometheus-url=http://{PROMETHEUS}.monitoring:9090",
        f"--metrics-relist-interval={values['metricsRelistInterval']}",
    ]
    labels = {"app": "adapter"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"args": args}]}}
    budget = {"selector": {"matchLabels": labels}, "maxUnavailable": 1}
    rules = yaml.safe_dump({"rules": values["rules"]["custom"]})
    return [
        named("ConfigMap", "adapter", data={"config.yaml": rules}),
        named("Deployment", "adapter", {"replicas": values.get("replicas", 1), "template": template}),
        named("PodDisruptionBudget", "adapter", budget),
        named("APIService", "custom", {"group": "custom.metrics.k8s.io"}),
    ]


def metrics_server() -> list[dict[str, Any]]:
    """The chart of the cpu scenario."""
    args = ["--metric-resolution=15s", "--kubelet-insecure-tls"]
    return [
        named("Deployment", "metrics-server", {"template": {"spec": {"containers": [{"args": args}]}}}),
        named("APIService", "metrics", {"group": "metrics.k8s.io"}),
    ]


def keda() -> list[dict[str, Any]]:
    """KEDA's three programs."""
    programs = ("keda-operator", "keda-operator-metrics-apiserver", "keda-admission-webhooks")
    spec = {"replicas": 1, "template": {"spec": {"containers": [{"args": []}]}}}
    return [
        *(named("Deployment", name, copy.deepcopy(spec)) for name in programs),
        named("APIService", "external", {"group": "external.metrics.k8s.io"}),
        named("ValidatingWebhookConfiguration", "keda-admission", webhooks=[{"failurePolicy": "Ignore"}]),
    ]


def charts(name: str) -> Objects:
    """Piece -> the objects of its chart."""
    if name == "cpu":
        return {"metrics-server": metrics_server(), "cpu-app": application("cpu-app", {"http": 8080})}
    values = yaml.safe_load((SOLUTIONS / name / "reference/values/prometheus-adapter.yaml").read_text())
    found = {"prometheus": prometheus(allowed=name != "shopfront"), "adapter": adapter(values)}
    if name == "shopfront":
        found["shop"] = application("shop", {"http": 8080, "http-metrics": 9090})
    elif name == "event_loop":
        part = {"app.kubernetes.io/part-of": "event-loop"}
        both = (application(each, {"http": 8080}, **part) for each in ("event-loop", "bystander"))
        found["event-loop"] = [each for one in both for each in one]
    return found


def reference(name: str) -> Objects:
    """Piece -> objects, to be changed: the charts', and those of the reference solution."""
    return {**charts(name), **objects_of(name)}


def objects_of(name: str) -> Objects:
    """Piece -> the objects of the reference solution, to be changed."""
    found = {}
    for piece, folder in load_scenario(name).manifests.items():
        files = sorted((SOLUTIONS / name / "reference" / folder).rglob("*.yaml"))
        objects = [each.object for file in files for each in manifest_objects(file, str(file))]
        found[piece] = copy.deepcopy([dict(each) for each in objects])
    return found


def world(name: str, objects: Objects) -> Rendered:
    """The pieces as they would be rendered, with the reference's files behind them."""
    scenario, stack = load_scenario(name), load_stack()
    folder, releases = SOLUTIONS / name / "reference", {}
    for piece, made in objects.items():
        want = scenario.wanted(piece, scenario.stack(stack))
        values = folder / scenario.values.get(piece, "none")
        files: dict[str, Source] = {}
        if piece in scenario.manifests:
            text = "---\n".join(yaml.safe_dump(each) for each in made)
            files = {"objects.yaml": Source("objects.yaml", text)}
        releases[piece] = Release(
            piece,
            want.release,
            want.namespace,
            tuple(Object(each, "objects.yaml" if files else "chart/templates/x.yaml") for each in made),
            Source(scenario.values[piece], values.read_text()) if values.is_file() else None,
            files,
        )
    return Rendered(stack, releases)


Answer = Callable[[str, int, float], float | None]
"""The value of a pod (its number) at a scrape's number and a time, for a query; None: it has none."""


def right(query: str, pod: int, at: float, name: str = "shopfront") -> float | None:
    """What a right rule gives."""
    asks = POD_SCENARIOS[name]
    scrape = int(at / asks.scrape)
    if 'instance="192.0.2.1:1"' in query:
        return None
    if not asks.window:
        known = (True, scrape < DEATH, scrape >= CHANGE)[pod]
        return (CHANGED if pod == 0 and scrape >= CHANGE else GAUGES[pod]) if known else None
    last = (STOP, DEATH)[pod] * asks.scrape + asks.window if pod < 2 else float("inf")
    if pod == 2 and scrape <= CHANGE:
        return None
    if at >= last:
        return 0.0 if pod == 0 else None
    return RATES[pod]


class PodPromtool:
    """Answers as promtool would for a rule that is a Python function of pod and time."""

    def __init__(self, name: str, answer: Callable[..., float | None] = right) -> None:
        self._name, self._answer = name, answer

    def evaluate(
        self, _groups: object, _series: object, queries: Sequence[tuple[str, float]], **_clock: float
    ) -> list[list[Sample]]:
        return [self._samples(query, at) for query, at in queries]

    def _samples(self, query: str, at: float) -> list[Sample]:
        asks = POD_SCENARIOS[self._name]
        pods = re.search(rf'{asks.pod_label}=~"([^"]*)"', query)
        if pods is None:  # the namespace's question
            return [Sample({asks.namespace_label: load_scenario(self._name).namespace}, 2.2)]
        found = []
        for number, pod in enumerate(pods[1].split("|")):
            value = self._answer(query, number, at, self._name)
            if value is not None:
                found.append(Sample({asks.pod_label: pod}, value))
        return found


def judged(name: str, objects: Objects, promtool: Any = None) -> Analysis:
    """The verdicts on these objects."""
    tool = promtool or PodPromtool(name)
    return judge_scenario(world(name, objects), load_scenario(name), lambda: tool)


def change(objects: Objects, piece: str, kind: str, path: Sequence[Any], value: Any) -> None:
    """Set (or with None remove) one field of the first object of a kind; an empty path: the object."""
    which = next(each for each in objects[piece] if each["kind"] == kind)
    if not path:
        objects[piece].remove(which)
        return
    place: Any = which
    for key in path[:-1]:
        place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
