"""Shared behaviours of the first half of the chain: Prometheus finds the pods, and counts what they count."""

from __future__ import annotations

from typing import Any

from conformance.dojo.judging import part
from conformance.dojo.monitors import scrape_jobs

from . import names, reading
from .judging import Times, counted_bounds, growth, selects
from .shared import shared

MONITORING = "monitoring.coreos.com/v1"
KINDS = {"servicemonitors": "serviceMonitor", "podmonitors": "podMonitor"}
"""How prometheus-operator begins the name of a monitor's scrape pool (pkg/prometheus/promcfg.go)."""


def there(solution: Any, installation: Any, piece: str) -> None:
    """Wait for a piece of the solution; an AssertionError where the solution does not have it yet."""
    assert solution.has(piece), f"not there yet: {solution.missing(piece)}"
    installation.need(piece)


def pools(kube: Any, chain: Any) -> list[str]:
    """The scrape pools, as the operator names them, of all monitors that select the application."""
    service = kube.service(*chain.service)
    deployment = kube.deployment(*chain.deployment)
    labels = {
        "servicemonitors": ((service or {}).get("metadata") or {}).get("labels") or {},
        "podmonitors": {} if deployment is None else deployment.raw["spec"]["template"]["metadata"]["labels"],
    }
    found = []
    for kind, prefix in KINDS.items():
        for monitor in kube.items(MONITORING, kind):
            if labels[kind] and selects(monitor, labels[kind], chain.namespace):
                place = f"{monitor['metadata']['namespace']}/{monitor['metadata']['name']}"
                ends = monitor["spec"].get("endpoints") or monitor["spec"].get("podMetricsEndpoints") or ()
                found += [f"{prefix}/{place}/{number}" for number, _ in enumerate(ends)]
    return found


def pods_of(kube: Any, chain: Any) -> list[Any]:
    """The pods that the application's Deployment selects; all of its namespace where there is none."""
    deployment = kube.deployment(*chain.deployment)
    return list(kube.pods(chain.namespace, {} if deployment is None else deployment.selector))


def targets_of(kube: Any, prometheus: Any, chain: Any) -> list[Any]:
    """The active targets of the application: those of its monitors' pools, in its namespace."""
    ours = set(pools(kube, chain))
    return [
        target
        for target in prometheus.targets()
        if target.pool in ours and target.discovered.get("__meta_kubernetes_namespace") == chain.namespace
    ]


@shared(
    "prometheus-ready",
    feature="prometheus",
    budget="component_ready",
    hint="What do the events in Prometheus' namespace say, and what does the operator's log say about the "
    "Prometheus object?",
    look="`kubectl -n monitoring get pods,events`, `kubectl -n monitoring describe prometheus`, and the "
    "operator's log: is there a StatefulSet, has it pods, and what are they waiting for?",
    read=reading.OPERATOR_TROUBLE,
)
def prometheus_ready(
    *,
    solution: Any,
    installation: Any,
    chain: Any,
    kube: Any,
    prometheus: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """Prometheus runs in its namespace, its pods are Ready and it answers queries."""
    there(solution, installation, "prometheus")
    namespace = chain.prometheus.namespace

    def all_ready(pods: Any) -> bool:
        assert pods, f"no pod of Prometheus in namespace {namespace}"
        unready = [pod.name for pod in pods if not pod.ready]
        assert not unready, f"not Ready: {', '.join(unready)}"
        return True

    limit = budgets.component_ready
    pods = eventually(
        lambda: kube.pods(namespace, chain.prometheus_pods), all_ready, budget=limit, what="Prometheus' pods"
    )
    answer = eventually(lambda: prometheus.query("vector(1)"), bool, budget=limit, what="an answered query")
    evidence("Prometheus", "its pods; the query vector(1)", f"{pods}\n{answer}")


@shared(
    "monitor-loaded",
    feature="prometheus",
    budget="config_reload",
    hint="Does a ServiceMonitor select the application's Service, and does Prometheus select that "
    "ServiceMonitor?",
    look="Two selectors, one after the other: that of the ServiceMonitor against the labels of `kubectl get "
    "service --show-labels` in the application's namespace, then the fields that end in Selector in `kubectl "
    "-n monitoring get prometheus -o yaml` against the ServiceMonitor's own labels and namespace.",
    read=reading.SELECTORS,
)
def monitor_loaded(
    *,
    solution: Any,
    installation: Any,
    kube: Any,
    prometheus: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """A monitor selects the application, and Prometheus has loaded its scrape pool."""
    there(solution, installation, "wiring")
    ours = pools(kube, chain)
    evidence("monitors", "scrape pools of the monitors that select the application", ", ".join(ours))
    assert ours, f"no ServiceMonitor or PodMonitor selects Service {chain.service} or its pods"

    # Not /api/v1/scrape_pools: a pool is there only once its discovery has found something, or nothing.
    def loaded(found: list[str]) -> bool:
        assert set(ours) & set(found), f"Prometheus has the scrape pools {found}, none of {ours}"
        return True

    found = eventually(
        lambda: scrape_jobs(prometheus.config()),
        loaded,
        budget=budgets.config_reload,
        what="the application's scrape pool in Prometheus",
    )
    evidence("scrape pools", "job names in Prometheus' configuration", ", ".join(found))


@shared(
    "prometheus-may-read",
    feature="prometheus",
    budget="target_scraped",
    hint="Which objects does Prometheus list to find what to scrape, and who permits its service account to "
    "list them in the application's namespace?",
    look="The log of Prometheus (`kubectl -n monitoring logs -l app.kubernetes.io/name=prometheus -c "
    "prometheus`) says what was refused, to whom and where. Then `kubectl auth can-i list pods --as "
    "system:serviceaccount:NAMESPACE:NAME -n …` for each kind it names.",
    read=reading.PROMETHEUS_RIGHTS,
)
def prometheus_may_read(
    *,
    solution: Any,
    installation: Any,
    kube: Any,
    prometheus: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """Prometheus is permitted to discover the application's namespace: its scrape pool has found addresses
    there, whatever it then makes of them.
    """
    there(solution, installation, "wiring")
    ours = set(pools(kube, chain))

    def discovered(answer: Any) -> bool:
        known = (answer.get("activeTargets") or []) + (answer.get("droppedTargets") or [])
        here = [each for each in known if each.get("scrapePool") in ours]
        names_there = {each["discoveredLabels"].get("__meta_kubernetes_namespace") for each in here}
        assert chain.namespace in names_there, (
            f"Prometheus has found nothing in namespace {chain.namespace} for {', '.join(sorted(ours))}:"
            " it may not list what is there, or nothing is there"
        )
        return True

    found = eventually(
        lambda: prometheus.get("/api/v1/targets"),
        discovered,
        budget=budgets.target_scraped,
        what=f"an address in namespace {chain.namespace}",
    )
    evidence("discovered", "GET /api/v1/targets", f"{len(found.get('activeTargets') or [])} active targets")


@shared(
    "target-up",
    feature="prometheus",
    budget="target_scraped",
    hint="Which of the application's targets is down, and what is its last error? Is there a target at all?",
    look="Prometheus' page Status, Target health: address, health and last error of the application's pool. "
    "Where there is none: has the Service a port of the name that the ServiceMonitor gives, with endpoints?",
    read=reading.TARGETS,
)
def target_up(
    *,
    solution: Any,
    installation: Any,
    kube: Any,
    prometheus: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """Every Ready pod of the application is a target that is up."""
    there(solution, installation, "wiring")

    def all_up(read: Any) -> bool:
        pods, targets = read
        assert targets, "the application's scrape pool has no active target"
        down = [f"{t.url} ({t.health}: {t.last_error})" for t in targets if t.health != "up"]
        assert not down, f"not up: {'; '.join(down)}"
        scraped = {t.discovered.get("__meta_kubernetes_pod_name") for t in targets}
        left = [pod.name for pod in pods if pod.ready and not pod.deleting and pod.name not in scraped]
        assert not left, f"Ready, but no target: {', '.join(left)}"
        return True

    def read() -> Any:
        return pods_of(kube, chain), targets_of(kube, prometheus, chain)

    _, targets = eventually(read, all_up, budget=budgets.target_scraped, what="every pod is a target, and up")
    evidence("targets", "of the application", "\n".join(f"{t.health} {t.url} {t.labels}" for t in targets))


@shared(
    "scrape-interval",
    feature="prometheus",
    hint="Which scrape_interval is in force for the application's target, and where is it set?",
    look="The ServiceMonitor's endpoint, if it says anything, else the global one: both are in Prometheus' "
    "page Status, Configuration.",
    read=reading.SERVICE_MONITOR,
)
def scrape_interval(
    *, solution: Any, installation: Any, expect: Any, kube: Any, prometheus: Any, chain: Any, evidence: Any
) -> None:
    """The application is scraped as often as the scenario asks for."""
    there(solution, installation, "wiring")
    found = {target.url: target.interval for target in targets_of(kube, prometheus, chain)}
    evidence("intervals", "of the application's targets, seconds", str(found))
    assert found, "the application has no target"
    wrong = {url: interval for url, interval in found.items() if interval != expect.scrape}
    assert not wrong, f"scraped every {wrong} s, not every {expect.scrape:g} s"


@shared(
    "named-port",
    feature="prometheus",
    level="extended",
    hint="What happens to a monitor that names a port's number, the day the container listens elsewhere?",
    look="The ServiceMonitor's endpoint beside `kubectl get service -o yaml`: the port's name there, and the "
    "label endpoint of the series.",
    read=reading.SERVICE_MONITOR,
)
def named_port(
    *, solution: Any, installation: Any, expect: Any, kube: Any, prometheus: Any, chain: Any, evidence: Any
) -> None:
    """The port that is scraped is named, not numbered."""
    there(solution, installation, "wiring")
    found = {t.url: t.labels.get("endpoint") for t in targets_of(kube, prometheus, chain)}
    evidence("ports", "label endpoint of the application's targets", str(found))
    assert found, "the application has no target"
    wrong = {url: port for url, port in found.items() if port != expect.port}
    assert not wrong, f"scraped by {wrong}, the port's name is {expect.port}"


@shared(
    "series-per-pod",
    feature="series",
    budget="target_scraped",
    hint="Which labels does the application's series have in Prometheus, and does each pod have one of its "
    "own?",
    look="The series in Prometheus' page, without any matcher: the labels that say namespace and pod, their "
    "names, and whether two series differ in nothing but those. The relabelings of the ServiceMonitor write "
    "and drop such labels.",
    read=reading.CONFIGURATION,
)
def series_per_pod(
    *,
    solution: Any,
    installation: Any,
    expect: Any,
    kube: Any,
    prometheus: Any,
    chain: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """Every Ready pod of the application has a series, which says by its labels whose it is."""
    there(solution, installation, "wiring")

    def owned(read: Any) -> bool:
        pods, found = read
        assert found, f"Prometheus has no series {expect.series}"
        whose = {(s.labels.get(expect.namespace_label), s.labels.get(expect.pod_label)) for s in found}
        ready = [pod.name for pod in pods if pod.ready and not pod.deleting]
        assert ready, f"no pod of {chain.deployment} is Ready"
        left = [name for name in ready if (chain.namespace, name) not in whose]
        labels = f"{expect.namespace_label} and {expect.pod_label}"
        assert not left, f"no series with {labels} of {', '.join(left)}; there are {sorted(map(str, whose))}"
        return True

    def read() -> Any:
        return pods_of(kube, chain), prometheus.query(expect.series)

    _, found = eventually(read, owned, budget=budgets.target_scraped, what=f"{expect.series} of every pod")
    evidence("series", expect.series, "\n".join(f"{s.value:g} {dict(s.labels)}" for s in found))


@shared(
    "counts-what-was-sent",
    feature="series",
    hint="What does the application count while nobody asks it for anything, and what when somebody does?",
    look="The raw series in Prometheus over the last minutes, beside what was sent: do probes, scrapes or "
    "pages of another kind count too, and are there two targets for one pod?",
    read=reading.COUNTERS,
)
def counts_what_was_sent(*, pod_cycle: Any, expect: Any, evidence: Any, could_not_tell: Any) -> None:
    """Between two scrapes the series grows by the requests that were sent in between, and by nothing else."""
    record = pod_cycle.record
    evidence.record(record)
    calm = part(record, names.BELOW, names.HELD)
    evidence.record(calm)
    sent = Times(pod_cycle.seen["below"].times)
    unsure = pod_cycle.seen["below"].failed
    end = calm.ended or calm.started
    grown = growth(pod_cycle.raw[expect.series], calm.started, end, expect.scrape)
    if grown is None:
        could_not_tell("no pod was scraped twice under the small load")
        return
    least, most = counted_bounds(sent, grown.start, grown.end)
    told = f"{grown.grown:g} in {grown.end - grown.start:.1f} s, sent {least} to {most + unsure}"
    evidence("counted", f"{expect.series}, first and last scrape under the small load", told)
    assert least <= grown.grown <= most + unsure, f"counted otherwise than sent: {told}"
