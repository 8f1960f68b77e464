"""The ScaledObject as it is now, read as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import names


def scaled_object(kube: Any, chain: Any) -> Mapping[str, Any] | None:
    """The ScaledObject that names the consumers as its target; None when there is none."""
    found = kube.items(names.API, "scaledobjects", chain.consumer.namespace)
    ours = (each for each in found if each["spec"]["scaleTargetRef"]["name"] == chain.consumer.name)
    return next(ours, found[0] if found else None)


def condition(scaled: Mapping[str, Any], kind: str) -> tuple[str, str]:
    """A condition's status, and its reason and message; ("", "not there") when nobody has set it."""
    for each in (scaled.get("status") or {}).get("conditions") or ():
        if each["type"] == kind:
            return str(each["status"]), f"{each.get('reason', '')}: {each.get('message', '')}"
    return "", "not there"


def trigger(scaled: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The type of its one trigger and what it asks for, by the Prometheus scaler's names."""
    each = scaled["spec"]["triggers"][0]
    found = dict(each.get("metadata") or {})
    for here, there in (("listLength", "threshold"), ("activationListLength", "activationThreshold")):
        if here in found:  # the Redis scaler's names of the same
            found[there] = found.pop(here)
    return str(each["type"]), found
