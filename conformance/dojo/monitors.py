"""ServiceMonitors beside what Prometheus has loaded of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import yaml


def scrape_jobs(config: str) -> list[str]:
    """The names of the jobs, which the operator also gives their scrape pools, in a configuration (YAML)."""
    return [str(job.get("job_name")) for job in (yaml.safe_load(config) or {}).get("scrape_configs") or ()]


def pools_with_own_interval(monitors: list[Any]) -> set[str]:
    """Scrape pools, as the operator names them, of the endpoints whose ServiceMonitor sets an interval."""
    return {pool for pool, endpoint in endpoints(monitors).items() if endpoint.get("interval")}


def endpoints(monitors: list[Any]) -> dict[str, Any]:
    """The endpoints of ServiceMonitors by scrape pool, as the operator names these."""
    return {
        f"serviceMonitor/{monitor['metadata']['namespace']}/{monitor['metadata']['name']}/{index}": endpoint
        for monitor in monitors
        for index, endpoint in enumerate(monitor["spec"].get("endpoints", []))
    }


def not_in_force(config: str, targets: list[Any], monitors: list[Any]) -> list[str]:
    """Endpoints of ServiceMonitors that a configuration does not have, and targets that are asked for
    another page than theirs names: a new or changed one is in force when the operator has written, and
    Prometheus loaded, a new configuration.
    """
    known = scrape_jobs(config)
    wanted = endpoints(monitors)
    pages = {pool: endpoint.get("path", "/metrics") for pool, endpoint in wanted.items()}
    return [f"{pool} is not in Prometheus' configuration" for pool in wanted if pool not in known] + [
        f"{target.url} (its ServiceMonitor says {pages[target.pool]})"
        for target in targets
        if urlsplit(target.url).path != pages.get(target.pool, urlsplit(target.url).path)
    ]


def selecting(monitors: list[Any], service: Any) -> list[Any]:
    """The ServiceMonitors that select a Service by its labels; None selects nothing."""
    labels = ((service or {}).get("metadata") or {}).get("labels") or {}
    return [each for each in monitors if selects(each["spec"].get("selector") or {}, labels)]


def selects(selector: Any, labels: Any) -> bool:
    """Whether labels have all that a selector's matchLabels ask for, and there is something asked."""
    asked = selector.get("matchLabels") or {}
    return bool(asked) and asked.items() <= labels.items()


def addresses(slices: list[Any], service: str) -> set[str]:
    """The addresses of the Ready pods behind a Service, by its EndpointSlices."""
    return {
        address
        for each in slices
        if (each["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == service
        for endpoint in each.get("endpoints") or ()
        if (endpoint.get("conditions") or {}).get("ready") is not False
        for address in endpoint["addresses"]
    }


def instances(targets: list[Any], ready: set[str]) -> set[str]:
    """The label instance of the targets at these addresses; nothing as long as one of them is no target."""
    found = {urlsplit(target.url).hostname: target.labels.get("instance", "") for target in targets}
    return {found[address] for address in ready} if ready and ready <= found.keys() else set()
