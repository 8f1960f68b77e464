"""Turns a record into what the timeline draws, and into a table of its events.

On one time axis: the lines of the signals, what the driver did, the faults as stretches, each wait
beside what its budget allowed, and the replica counts that the model allowed where it was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .lines import Line, line, number
from .words import one_line

# What is drawn, panel by panel, with the words of the legend.
ITEMS = {
    "queue_length": "queue length",
    "redis_key_size": "exporter's key size",
    "redis_items_in_queue": "recorded metric",
    "adapter_value": "adapter value",
}
REPLICAS = {
    "hpa_desired_replicas": "HPA desired",
    "status_replicas": "pods there are",
    "ready_replicas": "ready replicas",
}
POD_METRIC = {
    "pod_series": "Prometheus, sum over the pods",
    "pod_metric": "API, sum over the pods",
    "pod_usage": "cpu used, cores",
}
LABELS = {**ITEMS, **REPLICAS, **POD_METRIC}
# A wait that is met at once is no wait; it stays in the table of events.
SHORTEST_WAIT = 0.5
# More rows of waits than this are not read any more. The rest stays in the table of events.
MOST_ROWS = 12
# Different reasons of failed reads that are carried along; report.json has them all.
MOST_REASONS = 100


@dataclass
class Timeline:
    """All of a record that is shown; times are seconds since its start."""

    name: str
    start: float
    seconds: float
    lines: dict[str, Line]
    events: list[dict[str, Any]]
    band: list[list[float]]
    waits: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """What the page's script draws, as small as it can be."""
        messages: dict[str, int] = {}
        signals = {}
        for name, found in self.lines.items():
            signals[name] = {
                "t": [p[0] for p in found.points],
                "v": [_short(p[1]) for p in found.points],
                "f": [[t, _number_of(messages, m)] for t, m in found.failed],
                "a": found.absent,
            }
        return {
            "name": self.name,
            "seconds": self.seconds,
            "signals": signals,
            "events": [{key: e[key] for key in ("t", "name", "kind")} for e in self.events],
            "waits": [w for w in self.waits if w["row"] < MOST_ROWS],
            "faults": self.faults,
            "band": self.band,
            "messages": list(messages),
        }

    def rows(self) -> list[dict[str, Any]]:
        """The events with what each signal showed at that moment: the timeline as a table."""
        return [
            {**event, "number": n, "clock": clock(event["t"]), "values": self._values(event["t"])}
            for n, event in enumerate(self.events, 1)
        ]

    def _values(self, time: float) -> list[str]:
        values = (found.at(time) for found in self.lines.values())
        return ["–" if value is None else f"{_short(value)}" for value in values]

    @property
    def thinned(self) -> list[str]:
        """The labels of the lines of which not every reading is drawn."""
        return [LABELS[name] for name, found in self.lines.items() if found.thinned]

    @property
    def not_drawn(self) -> int:
        """How many waits are only in the table of events."""
        return sum(1 for wait in self.waits if wait["row"] >= MOST_ROWS)

    @property
    def failures(self) -> dict[str, int]:
        """How many reads failed, by signal's label, where any did."""
        return {LABELS[name]: len(found.failed) for name, found in self.lines.items() if found.failed}


def timeline(record: Mapping[str, Any]) -> Timeline:
    """The timeline of one record's dict."""
    signals: Mapping[str, Any] = record.get("signals") or {}
    start = float(record["started"])
    lines = {name: line(signals[name], start) for name in LABELS if signals.get(name, {}).get("at")}
    events = [_event(e, start) for e in record.get("events") or []]
    band = [
        [round(a - start, 1), round(b - start, 1), low, high] for a, b, low, high in record.get("band") or []
    ]
    ends = [p[0] for found in lines.values() for p in found.points[-1:]] + [e["t"] for e in events]
    ended = record.get("ended")
    seconds = round(float(ended) - start if ended is not None else max(ends, default=0.0), 1)
    raw = record.get("events") or []
    waits, faults = _in_rows(list(_waits(raw, start)), seconds), list(_faults(raw, start, seconds))
    return Timeline(str(record["name"]), start, seconds, lines, events, band, waits, faults)


def _event(event: Mapping[str, Any], start: float) -> dict[str, Any]:
    return {
        "t": round(event["at"] - start, 1),
        "name": one_line(str(event["name"])),
        "kind": str(event.get("kind", "")),
        "detail": _detail(event.get("detail") or {}),
    }


def _waits(events: Iterable[Mapping[str, Any]], start: float) -> Iterator[dict[str, Any]]:
    """What was waited for: from when, how long it took, how long was allowed, and whether it came."""
    for event in events:
        detail = event.get("detail") or {}
        allowed = number(detail.get("budget_seconds"))
        if event.get("kind") != "wait" or allowed is None:
            continue
        took = number(detail.get("seconds"))
        if took is not None and took < SHORTEST_WAIT:
            continue
        began = event["at"] - (allowed if took is None else took)
        yield {
            "t": round(max(0.0, began - start), 1),
            "took": round(allowed if took is None else took, 1),
            "allowed": round(allowed, 1),
            "name": one_line(str(event["name"]), 60),
            "met": took is not None,
        }


def _in_rows(waits: list[dict[str, Any]], seconds: float) -> list[dict[str, Any]]:
    """Each wait in the first row that is free for its whole window."""
    free: list[float] = []
    for wait in waits:
        row = next((n for n, until in enumerate(free) if until <= wait["t"]), len(free))
        wait["row"] = row
        free[row : row + 1] = [min(seconds, wait["t"] + max(wait["allowed"], wait["took"]))]
    return waits


def _faults(events: Sequence[Mapping[str, Any]], start: float, seconds: float) -> Iterator[dict[str, Any]]:
    """From each fault to the next event about the same thing: the stretch in which it was in force."""
    faults = [e for e in events if e.get("kind") == "fault"]
    what = [str((e.get("detail") or {}).get("what", "")) for e in faults]
    ended: set[int] = set()
    for n, event in enumerate(faults):
        if n in ended:
            continue
        over = next((m for m in range(n + 1, len(faults)) if what[m] == what[n]), None)
        if over is not None:
            ended.add(over)
        until = faults[over]["at"] - start if over is not None else seconds
        name = one_line(what[n] or str(event["name"]), 60)
        yield {"from": round(event["at"] - start, 1), "to": round(until, 1), "name": name}


def _number_of(messages: dict[str, int], message: str) -> int:
    """The place of a reason in the list of reasons, which does not grow without end."""
    text = one_line(message)
    if text not in messages and len(messages) >= MOST_REASONS:
        text = "another reason: report.json has it"
    return messages.setdefault(text, len(messages))


def _detail(detail: Mapping[str, Any]) -> str:
    rest = dict(detail)
    allowed, took, budget = (rest.pop(key, None) for key in ("budget_seconds", "seconds", "budget"))
    words = []
    if number(allowed) is not None:
        taken = "not within the" if number(took) is None else f"{took:.1f} s of the"
        words.append(f"{taken} {allowed:g} s allowed ({budget})")
    elif took is not None:
        words.append(f"seconds {took}")
    return one_line(", ".join([*words, *(f"{key} {value}" for key, value in rest.items())]))


def _short(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value


def clock(seconds: float) -> str:
    """`75.04` -> `1:15.0`."""
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"


def sparkline(values: Iterable[float]) -> str:
    """A row of block characters for a terminal or Markdown, scaled from 0 to the largest value."""
    found = list(values)
    top = max(found, default=0) or 1
    return "".join("▁▂▃▄▅▆▇█"[min(7, max(0, int(v / top * 7.999)))] for v in found)
