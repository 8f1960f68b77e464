"""What the API server was asked to write, by its own count: what a way of scaling costs it.

Its metrics do not say who asked. So only what the kit itself never does is counted: writes, and reads of a
scale. The metrics APIs are served by others, and are not in its count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

METRICS: Final = "/metrics"
REQUESTS: Final = re.compile(r"^apiserver_request_total\{([^}]*)\} (\S+)$", re.MULTILINE)
LABEL: Final = re.compile(r'(\w+)="([^"]*)"')
WRITES: Final = frozenset({"POST", "PUT", "PATCH", "APPLY", "DELETE"})
EVENT: Final = "API requests"
"""The mark in a record that has the counts of a load."""


def counted(stage: Any) -> dict[str, float]:
    """Requests since the API server's start; nothing where its metrics are not to be read, or where others
    are at work on the cluster as well: nobody could tell whose they are.
    """
    if not stage.alone:
        return {}
    status, text = stage.kube.get(METRICS)
    return totals(text) if status == 200 and isinstance(text, str) else {}


def totals(text: str) -> dict[str, float]:
    """The counts in a page of the API server's metrics, by what was written."""
    found: dict[str, float] = {}
    for labels, value in REQUESTS.findall(text):
        kind = _kind(dict(LABEL.findall(labels)))
        if kind:
            found[kind] = found.get(kind, 0.0) + float(value)
    return found


def mark(live: Any, before: Mapping[str, float], after: Mapping[str, float]) -> None:
    """Note in a record what came to the counts; nothing where they could not be read."""
    if before and after:
        counts = {kind: int(value - before.get(kind, 0.0)) for kind, value in sorted(after.items())}
        live.mark(EVENT, kind="phase", **{kind: count for kind, count in counts.items() if count > 0})


def _kind(labels: Mapping[str, str]) -> str:
    writes, resource = labels.get("verb") in WRITES, labels.get("resource", "")
    if labels.get("subresource") == "scale":
        return "scale_writes" if writes else "scale_reads"
    if not writes:
        return ""
    if labels.get("group") == "autoscaling":
        return "hpa_writes"
    if labels.get("group") == "keda.sh":
        return "scaled_object_writes"
    return "event_writes" if resource == "events" else ""
