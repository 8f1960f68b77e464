"""Step 5: Prometheus, from the kube-prometheus-stack chart."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import yaml

from conformance.behaviour import behaviour

from . import names, reading, web
from .monitors import endpoints, not_in_force, pools_with_own_interval, selecting

READY = "dojo.05.prometheus-ready"


@behaviour(
    READY,
    feature="prometheus",
    budget="component_ready",
    needs=("dojo.02.nodes-ready",),
    hint="What do the events in namespace prometheus say, and what does the operator's log say about "
    "the Prometheus object?",
    look="`kubectl -n prometheus get pods,events`, `kubectl -n prometheus describe prometheus`, and "
    "the operator's log: is there a StatefulSet, has it pods, and what are they waiting for?",
    read=reading.OPERATOR_TROUBLE,
)
def test_prometheus_ready(
    *,
    installation: Any,
    chain: Any,
    kube: Any,
    prometheus: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """Prometheus runs in its namespace, its pods are Ready and it answers queries."""
    assert installation.has("prometheus"), "not there yet: the solution deploys no Prometheus"
    installation.need("prometheus")
    namespace = chain.prometheus.namespace

    def all_ready(pods: Any) -> bool:
        assert pods, f"no pod of Prometheus in namespace {namespace}"
        unready = [pod.name for pod in pods if not pod.ready]
        assert not unready, f"not Ready: {', '.join(unready)}"
        return True

    def read_pods() -> Any:
        return kube.pods(namespace, chain.prometheus_pods)

    pods = eventually(read_pods, all_ready, budget=budgets.component_ready, what="Prometheus' pods Ready")
    answer = eventually(
        lambda: prometheus.query("vector(1)"),
        bool,
        budget=budgets.component_ready,
        what="Prometheus answers a query",
    )
    objects = kube.items("monitoring.coreos.com/v1", "prometheuses", namespace)
    eventually(
        lambda: (yaml.safe_load(prometheus.config()) or {}).get("global", {}),
        lambda loaded: any(loads(loaded, each["spec"]) for each in objects),
        budget=budgets.config_reload,
        what="Prometheus runs with the intervals its object asks for",
    )
    evidence("Prometheus", "its pods; the query vector(1)", f"{pods}\n{answer}")


def loads(loaded: Any, spec: Any) -> bool:
    """Whether a configuration has the intervals this Prometheus object asks for (the operator's default is
    30 s): on a kept cluster the configuration before it stays in force for a while.
    """
    asked = {"scrape_interval": "scrapeInterval", "evaluation_interval": "evaluationInterval"}
    return all(loaded.get(name) == (spec.get(field) or "30s") for name, field in asked.items())


@behaviour(
    "dojo.05.scrape-interval",
    feature="prometheus",
    needs=(READY,),
    hint="Which scrape_interval is Prometheus running with, and which value of the chart ends up there?",
    look="prometheus.vcap.me/api/v1/status/config is what Prometheus runs with, `kubectl -n "
    "prometheus get prometheus -o yaml` what your values became. Does the second have your "
    "value at all?",
    read=reading.STACK_VALUES,
)
def test_scrape_interval(
    *, installation: Any, kube: Any, prometheus: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """Every target whose monitor sets no interval of its own is scraped every 5 s."""
    installation.need("prometheus")
    everywhere = (yaml.safe_load(prometheus.config()) or {}).get("global", {}).get("scrape_interval")
    own = pools_with_own_interval(kube.items("monitoring.coreos.com/v1", "servicemonitors"))
    targets = eventually(prometheus.targets, bool, budget=budgets.config_reload, what="a target")
    found = {target.pool: target.interval for target in targets}
    evidence(
        "intervals", "global, by scrape pool, pools of their own", f"{everywhere}; {found}; {sorted(own)}"
    )
    assert everywhere == f"{names.SCRAPE_SECONDS}s", f"the global scrape interval is {everywhere}, not 5s"
    slow = {
        pool: interval
        for pool, interval in found.items()
        if pool not in own and interval != names.SCRAPE_SECONDS
    }
    assert not slow, f"scraped at another interval than 5 s, though their monitors set none: {slow}"


@behaviour(
    "dojo.05.targets-up",
    feature="prometheus",
    budget="target_scraped",
    needs=(READY,),
    hint="Which of Prometheus' targets is down, and what is its last error?",
    look="prometheus.vcap.me/api/v1/targets (in the full interface: Status, Target health): "
    "scrapeUrl, health and lastError. Then the pod behind that address, and its log.",
    read=reading.TARGETS,
)
def test_targets_up(
    *,
    installation: Any,
    kube: Any,
    prometheus: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """Every target in the namespaces of the exercise is up, each ServiceMonitor there being loaded. (Targets
    of the control plane are told, not judged: in a kind cluster some of them listen on the node's loopback
    only.)
    """
    with suppress(installation.Failed):  # an exporter that cannot be installed is step 6's
        if installation.has("exporter"):
            installation.need("exporter")
    monitors = [
        monitor
        for namespace in chain.namespaces
        for monitor in kube.items("monitoring.coreos.com/v1", "servicemonitors", namespace)
    ]
    services = kube.items("v1", "services", chain.exporter.namespace)
    exporter = next((each for each in services if each["metadata"]["name"] == chain.exporter.name), None)
    expected = endpoints(selecting(monitors, exporter))

    def all_up(state: Any) -> bool:
        targets, config = state
        ours = [target for target in targets if target.labels.get("namespace") in chain.namespaces]
        assert ours, f"no target in {' or '.join(chain.namespaces)} among {len(targets)} targets"
        stale = not_in_force(config, ours, monitors)
        assert not stale, f"not loaded: {'; '.join(stale)}"
        unseen = sorted(expected.keys() - {target.pool for target in ours})
        assert not unseen, f"no target yet of {'; '.join(unseen)}"
        down = [
            f"{target.url} ({target.health}: {target.last_error})" for target in ours if target.health != "up"
        ]
        assert not down, f"not up: {'; '.join(down)}"
        return True

    targets, _ = eventually(
        lambda: (prometheus.targets(), prometheus.config()),
        all_up,
        budget=budgets.target_scraped,
        what="all targets up",
    )
    evidence(
        "targets",
        "Prometheus' active targets",
        "\n".join(f"{t.health} {t.url} {t.last_error}" for t in targets),
    )


@behaviour(
    "dojo.05.selects-everything",
    feature="prometheus",
    budget="target_scraped",
    needs=(READY,),
    hint="Which labels must a ServiceMonitor or PrometheusRule have for this Prometheus to see it?",
    look="The fields that end in Selector in `kubectl -n prometheus get prometheus -o yaml`. What "
    "does one select that is empty, and what one that is not set?",
    read=reading.SELECTORS,
)
def test_selects_everything(
    unlabelled_monitor: Any, prometheus: Any, eventually: Any, budgets: Any, evidence: Any
) -> None:
    """A ServiceMonitor and a PrometheusRule without labels, in a namespace that is new, are picked up."""
    probe = unlabelled_monitor.result()

    def rule(groups: Any) -> bool:
        return any(entry.name == probe.rule for entry in groups)

    def target(targets: Any) -> bool:
        return any(entry.labels.get("namespace") == probe.namespace for entry in targets)

    limit = budgets.target_scraped
    try:
        eventually(
            prometheus.rules, rule, budget=limit, what=f"rule {probe.rule} of an unlabelled PrometheusRule"
        )
        targets = eventually(
            prometheus.targets, target, budget=limit, what="the target of an unlabelled ServiceMonitor"
        )
    finally:
        unlabelled_monitor.close()
    found = [entry for entry in targets if entry.labels.get("namespace") == probe.namespace]
    evidence("picked up", f"rules and targets of namespace {probe.namespace}", f"{probe.rule}; {found}")


@behaviour(
    "dojo.05.ingress",
    feature="prometheus",
    budget="component_ready",
    needs=(READY, "dojo.02.ingress-answers"),
    hint="What does `kubectl get ingress -A` list, with which class and host?",
    look="`kubectl -n prometheus describe ingress`: host, class, and the Service it leads to. Has "
    "that Service endpoints, and does `kubectl get ingressclass` know the class?",
    read=reading.INGRESS,
)
def test_ingress(*, installation: Any, cluster: Any, eventually: Any, budgets: Any, evidence: Any) -> None:
    """Prometheus' page and its API answer as prometheus.vcap.me through the ingress."""
    installation.need("prometheus")

    def api(answer: web.Answer) -> bool:
        assert answer.status == web.OK, f"answered {answer.status}: {answer.text[:200]}"
        assert json.loads(answer.text)["status"] == "success", answer.text[:200]
        return True

    def page(answer: web.Answer) -> bool:
        assert answer.status == web.OK, f"answered {answer.status}: {answer.text[:200]}"
        assert "prometheus" in answer.text.lower(), f"this is not Prometheus' page: {answer.text[:200]}"
        return True

    for path, accept in (("/api/v1/query?query=vector(1)", api), ("/", page)):
        answer = eventually(
            lambda path=path: web.get(cluster, names.PROMETHEUS_HOST, path),
            accept,
            budget=budgets.component_ready,
            what=f"http://{names.PROMETHEUS_HOST}{path}",
        )
        evidence(
            path, f"GET {path} with Host: {names.PROMETHEUS_HOST}", f"{answer.status}\n{answer.text[:400]}"
        )
