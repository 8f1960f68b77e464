"""Step 5's targets: what Prometheus asks beside what the ServiceMonitors say."""

from __future__ import annotations

from types import SimpleNamespace

from conformance.dojo.monitors import addresses, instances, not_in_force, selecting

MONITOR = {"metadata": {"namespace": "default", "name": "exporter"}, "spec": {"endpoints": [{"path": "/m"}]}}


def target(
    path: str, pool: str = "serviceMonitor/default/exporter/0", host: str = "10.0.0.1"
) -> SimpleNamespace:
    return SimpleNamespace(pool=pool, url=f"http://{host}:9121{path}", labels={"instance": f"{host}:9121"})


CONFIG = "scrape_configs: [{job_name: serviceMonitor/default/exporter/0}]"


def test_a_monitor_that_was_changed_is_not_in_force_yet():
    """A target that is still asked for the page of before is told with the page it is to be asked for."""
    assert not_in_force(CONFIG, [target("/metrics")], [MONITOR]) == [
        "http://10.0.0.1:9121/metrics (its ServiceMonitor says /m)"
    ]


def test_a_monitor_that_is_new_is_not_in_force_before_it_is_in_the_configuration():
    """As long as Prometheus has not loaded it there is no target of it that could be down."""
    assert not_in_force("scrape_configs: []", [], [MONITOR]) == [
        "serviceMonitor/default/exporter/0 is not in Prometheus' configuration"
    ]


def test_what_is_asked_as_its_monitor_says_is_in_force():
    """So is a target of a pool that no ServiceMonitor stands behind, whatever its page."""
    others = [target("/m"), target("/x", "podMonitor/default/other/0")]
    assert not_in_force(CONFIG, others, [MONITOR]) == []


def test_the_monitors_of_the_exporters_service_are_those_that_ask_for_its_labels():
    """What they select must have a target; a monitor that names no label is not known to select it."""
    service = {"metadata": {"name": "exporter", "labels": {"app": "exporter", "release": "r"}}}
    its, others = (
        {"metadata": {"name": app}, "spec": {"selector": {"matchLabels": {"app": app}}}}
        for app in ("exporter", "other")
    )
    assert selecting([its, others, MONITOR], service) == [its]
    assert selecting([its, others, MONITOR], None) == []


def slice_of(service: str, *endpoints: tuple[str, bool]) -> dict:
    found = [{"addresses": [address], "conditions": {"ready": ready}} for address, ready in endpoints]
    return {"metadata": {"labels": {"kubernetes.io/service-name": service}}, "endpoints": found}


def test_only_ready_pods_of_the_service_count():
    """A pod that is going, or another Service's, is none of them."""
    slices = [
        slice_of("exporter", ("10.0.0.1", False), ("10.0.0.2", True)),
        slice_of("web", ("10.0.0.3", True)),
    ]
    assert addresses(slices, "exporter") == {"10.0.0.2"}


def test_a_pod_that_is_no_target_yet_is_waited_for():
    """Until Prometheus has found the new pod, what it knows is of the old one."""
    old, new = target("/metrics", host="10.0.0.1"), target("/metrics", host="10.0.0.2")
    assert instances([old], {"10.0.0.2"}) == set()
    assert instances([old, new], {"10.0.0.2"}) == {"10.0.0.2:9121"}
    assert instances([old], set()) == set()
