"""Small pure judgements over records and raw API objects. None of them waits, reads or drives anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from conformance.dojo.judging import part, reached

from . import names

SAMPLED = 1.0
"""Seconds between two reads of the API in a record."""


def unserved(record: Any, start: str, end: str) -> float:
    """The longest time without a value between two events that must have happened, in seconds.

    From one answer that held a value to the next; the two events count as answers.
    """
    first, last = reached(record, start).at, reached(record, end).at
    served: list[float] = [at for at, _ in part(record, start, end).recorded(names.METRIC).numbers()]
    return float(max(after - before for before, after in pairwise([first, *served, last])))


def told(record: Any, start: str, end: str) -> str:
    """What the reads between two events were answered: how many had a value, and what the others said."""
    answers = part(record, start, end).recorded(names.METRIC)
    wrong = [reading.error or "no value" for reading in answers if not reading.present]
    return f"{answers!r}" + (f"; {'; '.join(dict.fromkeys(wrong))}" if wrong else "")


def averages(record: Any, signal: str) -> list[float]:
    """What an HPA showed as its pods' average, in each reading that showed one."""
    shown = (reading.detail.get("current_metric") or {} for reading in record.recorded(signal).present())
    return [metric["average"] for metric in shown if metric.get("average") is not None]


def label_text(selector: Mapping[str, Any]) -> str:
    """A label selector object as the text the API takes; "" selects everything."""
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for each in selector.get("matchExpressions") or ():
        key, operator, values = each["key"], each["operator"], ",".join(each.get("values") or ())
        parts.append(
            {
                "In": f"{key} in ({values})",
                "NotIn": f"{key} notin ({values})",
                "Exists": key,
                "DoesNotExist": f"!{key}",
            }[operator]
        )
    return ",".join(parts)


def strange_labels(series: Iterable[Mapping[str, str]], namespace: str, pods: Iterable[str]) -> list[str]:
    """The series that do not say by the labels asked for, and by these alone, whose they are."""
    known, wrong = set(pods), []
    for labels in series:
        kept = [name for name in names.USUAL_LABELS if name in labels]
        said = labels.get(names.NAMESPACE_LABEL), labels.get(names.POD_LABEL)
        if kept or said[0] != namespace or said[1] not in known:
            wrong.append(
                f"{names.NAMESPACE_LABEL} is {said[0]!r}, {names.POD_LABEL} is {said[1]!r}"
                + (f", and it has {' and '.join(kept)}" if kept else "")
            )
    return wrong
