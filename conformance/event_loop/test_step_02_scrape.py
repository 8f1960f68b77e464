"""Step 2: Prometheus reads both services, and the series say by other labels than usual whose they are."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.pod_metric import scrape

from . import judging, names, reading

READY = "event_loop.02.prometheus-ready"
LOADED = "event_loop.02.monitor-loaded"
UP = "event_loop.02.target-up"
SERIES = "event_loop.02.series-per-pod"

test_prometheus_ready = scrape.prometheus_ready.of(names.SCENARIO, "02")
test_monitor_loaded = scrape.monitor_loaded.of(
    names.SCENARIO,
    "02",
    needs=(READY,),
    hint="Does a PodMonitor (or ServiceMonitor) select the two services, and does Prometheus select "
    "that monitor?",
    read=reading.POD_MONITOR,
)
test_target_up = scrape.target_up.of(names.SCENARIO, "02", needs=(LOADED,), read=reading.POD_MONITOR)
test_scrape_interval = scrape.scrape_interval.of(names.SCENARIO, "02", needs=(UP,))
test_named_port = scrape.named_port.of(names.SCENARIO, "02", needs=(UP,))
test_series_per_pod = scrape.series_per_pod.of(names.SCENARIO, "02", needs=(UP,), read=reading.RELABELING)


@behaviour(
    "event_loop.02.labels-renamed",
    feature="series",
    budget="target_scraped",
    needs=(SERIES,),
    hint="Which labels do the series of elu_utilization have beside those that were asked for?",
    look="The series in Prometheus' page without any matcher, those of the bystander too: "
    "kubernetes_namespace, kubernetes_pod_name, and what prometheus-operator sets by itself before the "
    "monitor's own relabelings.",
    read=reading.RELABELING,
)
def test_labels_renamed(
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
    """The series of both services say whose they are by kubernetes_namespace and kubernetes_pod_name,
    and have no label namespace or pod.
    """
    scrape.there(solution, installation, "wiring")

    def look() -> tuple[list[Any], list[Any]]:
        return prometheus.query(names.SERIES), kube.pods(chain.namespace)

    def renamed(read: tuple[list[Any], list[Any]]) -> bool:
        found, pods = read
        wrong = judging.strange_labels([s.labels for s in found], chain.namespace, [pod.name for pod in pods])
        assert not wrong, f"of {len(found)} series {len(wrong)} have other labels, the first: {wrong[0]}"
        whose = {sample.labels[names.POD_LABEL] for sample in found}
        for service in (chain.deployment.name, names.BYSTANDER):
            assert any(pod.startswith(f"{service}-") for pod in whose), f"there is no series of {service}"
        return True

    found, _ = eventually(
        look, renamed, budget=budgets.target_scraped, what="the labels asked for, and no others"
    )
    evidence("series", names.SERIES, "\n".join(f"{s.value:g} {dict(s.labels)}" for s in found))
