"""A run's report as the lines that `tox -e bench` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fixtures.observe.record import Record

from .floor import Part, of_run

# What a warm run on two cores aims at. Over it is said, and is no failure: machines differ.
TARGETS: Mapping[str, float] = {"cluster": 40.0, "charts": 60.0, "verdict": 3.0}
WHOLE_SECONDS = 360.0
PEAK_RSS_MB = 300.0


def lines(report: Mapping[str, Any]) -> list[str]:
    """Each phase, the whole beside the floor, the memory: everything from this one report."""
    run = report["run"]
    parts = of_run(Record.from_dict(record) for record in report.get("records", ()))
    return [
        f"run {run['id']}: {run['outcome']}",
        "",
        *phase_lines(report.get("phases", ()), run["started"]),
        "",
        *floor_lines(parts),
        "",
        *whole_lines(run, sum(part.seconds for part in parts)),
    ]


def phase_lines(phases: Sequence[Mapping[str, Any]], started: str) -> list[str]:
    """When each phase began (seconds into the run) and how long it took. Phases may overlap."""
    if not phases:
        return ["the report has no phases: the run ended before the first one did"]
    begin = datetime.fromisoformat(started)
    width = max(len(phase["name"]) for phase in phases)
    found = [f"{'phase':{width}}  {'at':>8}  {'took':>8}"]
    for phase in phases:
        at = (datetime.fromisoformat(phase["started"]) - begin).total_seconds()
        row = f"{phase['name']:{width}}  {at:7.1f}s  {phase['seconds']:7.1f}s"
        found.append(row + against(phase["seconds"], TARGETS.get(phase["name"]), "s"))
    return found


def floor_lines(parts: Sequence[Part]) -> list[str]:
    """The control loops' own time, part by part."""
    if not parts:
        return ["no floor: the run recorded no cycle"]
    width = max(len(part.what) for part in parts)
    return ["what no suite could avoid", *(f"{part.what:{width}}  {part.seconds:7.1f}s" for part in parts)]


def whole_lines(run: Mapping[str, Any], floor: float) -> list[str]:
    """The whole run beside the floor, and the most memory that the kit's own processes held."""
    whole = float(run["seconds"])
    found = [f"whole  {whole:7.1f}s{against(whole, WHOLE_SECONDS, 's')}", f"floor  {floor:7.1f}s"]
    if floor:
        found.append(f"whole / floor  {whole / floor:.2f}")
    peak = run.get("peakRssMb")
    if peak is None:
        found.append("peak memory of the kit's process: not in this report")
    else:
        found.append(f"peak memory of the kit's process  {peak:.0f} MB{against(peak, PEAK_RSS_MB, ' MB')}")
    if (tree := run.get("peakTreeMb")) is not None:
        found.append(f"peak memory with the helm, kubectl and kind it runs  {tree:.0f} MB")
    return found


def against(value: float, target: float | None, unit: str) -> str:
    """The aim beside a value, if there is one, and whether it was missed."""
    if target is None:
        return ""
    return f"  (aim: {target:g}{unit}{'' if value <= target else ', MISSED'})"
