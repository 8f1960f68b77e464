"""The other scenarios' references, changed in one place: the mistake is named at its behaviour."""

from __future__ import annotations

import pytest

from tests.unit.static.pod_world import change, judged, reference

MONITOR, POD_MONITOR, HPA = "ServiceMonitor", "PodMonitor", "HorizontalPodAutoscaler"
ENDPOINT = ("spec", "endpoints", 0)
ENTRY = ("spec", "podMetricsEndpoints", 0)
POD = ("spec", "template", "spec")
ARGS = (*POD, "containers", 0, "args")
METRIC = ("spec", "metrics", 0, "pods")
OTHER_LABELS = {"matchLabels": {"a": "b"}}

WRONG = {
    "no Prometheus runs": (
        ("shopfront", "prometheus", "Prometheus", ("spec", "replicas"), 0),
        ("01.prometheus-ready", "no Prometheus runs"),
    ),
    "monitor of another namespace": (
        ("shopfront", "wiring", MONITOR, ("metadata", "namespace"), "monitoring"),
        ("01.monitor-loaded", "in namespaces monitoring"),
    ),
    "monitor selects nobody": (
        ("shopfront", "wiring", MONITOR, ("spec", "selector"), OTHER_LABELS),
        ("01.monitor-loaded", "selects {'matchLabels': {'a': 'b'}}"),
    ),
    "monitors of the release": (
        ("sidecar", "prometheus", "Prometheus", ("spec", "podMonitorSelector"), OTHER_LABELS),
        ("02.monitor-loaded", "web has no labels"),
    ),
    "timeout above the interval": (
        ("shopfront", "wiring", MONITOR, (*ENDPOINT, "scrapeTimeout"), "10s"),
        ("01.monitor-loaded", "longer than the interval"),
    ),
    "no right to watch": (
        ("shopfront", "wiring", "Role", ("rules", 0, "verbs"), ["get", "list"]),
        ("01.prometheus-may-read", "pods, services"),
    ),
    "rights of names only": (
        ("shopfront", "wiring", "Role", ("rules", 0, "resourceNames"), ["shop"]),
        ("01.prometheus-may-read", "may not list and watch pods"),
    ),
    "bound to nobody": (
        ("shopfront", "wiring", "RoleBinding", ("subjects",), []),
        ("01.prometheus-may-read", "binds it to nobody"),
    ),
    "another role": (
        ("shopfront", "wiring", "RoleBinding", ("roleRef", "name"), "view"),
        ("01.prometheus-may-read", "which is not there"),
    ),
    "no such port": (
        ("shopfront", "wiring", MONITOR, (*ENDPOINT, "port"), "metrics"),
        ("01.target-up", "called http, http-metrics"),
    ),
    "the application's own port": (
        ("shopfront", "wiring", MONITOR, (*ENDPOINT, "port"), "http"),
        ("01.target-up", "8080, and the metrics are at 9090"),
    ),
    "https": (
        ("shopfront", "wiring", MONITOR, (*ENDPOINT, "scheme"), "https"),
        ("01.target-up", "https"),
    ),
    "every minute": (
        ("shopfront", "wiring", MONITOR, (*ENDPOINT, "interval"), "1m"),
        ("01.scrape-interval", "60 s, not every 5 s"),
    ),
    "metric dropped": (
        (
            "shopfront",
            "wiring",
            MONITOR,
            (*ENDPOINT, "metricRelabelings"),
            [{"action": "drop", "sourceLabels": ["__name__"], "regex": "http_.*"}],
        ),
        ("02.series-per-pod", "take http_requests_total away"),
    ),
    "renamed by hand only": (
        ("event_loop", "wiring", POD_MONITOR, (*ENTRY, "relabelings", 2, "regex"), "nothing"),
        ("02.labels-renamed", "namespace and pod beside"),
    ),
    "adapter asks nobody": (
        ("shopfront", "adapter", "Deployment", (*ARGS, 0), "--prometheus-url=http://prometheus:9090"),
        ("03.api-available", "no Service of Prometheus"),
    ),
    "adapter relists too often": (
        ("event_loop", "adapter", "Deployment", (*ARGS, 1), "--metrics-relist-interval=2s"),
        ("03.relist-covers-scrape", "looks back 2 s"),
    ),
    "told where there is no such behaviour": (
        ("sidecar", "adapter", "Deployment", (*ARGS, 1), "--metrics-relist-interval=2s"),
        ("03.pods-metric-listed", "looks back 2 s"),
    ),
    "one replica of the adapter": (
        ("event_loop", "adapter", "Deployment", ("spec", "replicas"), 1),
        ("05.two-ready-and-guarded", "1 replica"),
    ),
    "all may be evicted": (
        ("event_loop", "adapter", "PodDisruptionBudget", ("spec", "maxUnavailable"), "100%"),
        ("05.two-ready-and-guarded", "nobody is left"),
    ),
    "all are replaced at once": (
        (
            "event_loop",
            "adapter",
            "Deployment",
            ("spec", "strategy"),
            {"rollingUpdate": {"maxUnavailable": 2}},
        ),
        ("05.rolling-update", "may stop 2 of the adapter's 2 pods"),
    ),
    "a Pods metric with a value": (
        ("shopfront", "wiring", HPA, (*METRIC, "target"), {"type": "Value", "value": 2}),
        ("04.reads-metric", "the API refuses it without"),
    ),
    "no amount": (
        ("shopfront", "wiring", HPA, (*METRIC, "target", "averageValue"), "much"),
        ("04.target", "no amount"),
    ),
    "Object metric": (
        ("shopfront", "wiring", HPA, ("spec", "metrics", 0, "type"), "Object"),
        ("04.target", "expected one of type Pods"),
    ),
    "another HPA's name": (
        ("shopfront", "wiring", HPA, ("metadata", "name"), "web"),
        ("04.target", "there is no HPA shop"),
    ),
    "replicas beside an HPA": (
        ("shopfront", "shop", "Deployment", ("spec", "replicas"), 2),
        ("04.follows-model", "resets the count"),
    ),
    "left behind": (
        ("shopfront", "wiring", HPA, ("metadata", "annotations"), {"helm.sh/resource-policy": "keep"}),
        ("05.teardown-clean", "behind"),
    ),
    "no exporter": (
        ("sidecar", "web", "Deployment", (*POD, "containers", 1, "image"), "kit.local/nginx:1"),
        ("01.sidecar-in-every-pod", "none is an"),
    ),
    "another port of nginx": (
        (
            "sidecar",
            "web",
            "Deployment",
            (*POD, "containers", 1, "args", 0),
            "--nginx.scrape-uri=http://[::1]:1/",
        ),
        ("02.target-up", "nginx listens at 80, 8081"),
    ),
    "leads nowhere": (
        ("sidecar", "web", "Service", ("spec", "ports", 0, "targetPort"), "web"),
        ("01.serves", "which no container has"),
    ),
    "another class": (
        ("sidecar", "web", "Ingress", ("spec", "ingressClassName"), "traefik"),
        ("01.serves", "traefik"),
    ),
    "resolution too fine": (
        ("cpu", "metrics-server", "Deployment", (*ARGS, 0), "--metric-resolution=5s"),
        ("02.api-available", "does not start"),
    ),
    "a share of nothing": (
        ("cpu", "cpu-app", "Deployment", (*POD, "containers", 0, "resources"), {}),
        ("01.requests-cpu", "requests no cpu"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_in_one_place(name: str) -> None:
    """A mistake is named at its behaviour, with a file and what was found; nothing else fails."""
    (scenario, piece, kind, path, value), (behaviour, says) = WRONG[name]
    objects = reference(scenario)
    change(objects, piece, kind, path, value)
    analysis = judged(scenario, objects)
    verdict = analysis.verdicts[f"{scenario}.{behaviour}"]
    assert (verdict.outcome, says in verdict.message) == ("failed", True), verdict
    assert verdict.message.split(":")[0].endswith((".yaml", "manifests"))
    others = {f.behaviour for f in analysis.findings if f.level != "advisory"} - {f"{scenario}.{behaviour}"}
    assert others <= ALSO.get(name, set())


ALSO = {
    "a Pods metric with a value": {"shopfront.04.target"},
}
"""What fails with it, for the same reason."""
