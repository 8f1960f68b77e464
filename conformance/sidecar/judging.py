"""Small pure judgments of pods, targets and counts. None of them waits, reads or drives anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from conformance.dojo.judging import CLOCKS, Cycle
from conformance.pod_metric import names as shared

from . import names

NEAR = 0.1
"""Share by which what was counted may miss what was asked: requests under way, a scrape at either end."""
POD_NAME = "__meta_kubernetes_pod_name"
FEW = 5
"""Requests by which it may, however few there were: those of who looked at the page meanwhile."""


def sidecar_of(pod: Any) -> str | None:
    """The name of a pod's container that runs the exporter; None: it has none."""
    return None if pod is None else _named(pod.raw["spec"].get("containers") or ())


def _named(containers: Iterable[Mapping[str, Any]]) -> str | None:
    for each in containers:
        if names.EXPORTER in each["image"].rpartition("/")[2]:
            return str(each["name"])
    return None


def without_sidecar(pods: Iterable[Any]) -> list[str]:
    """The names of the pods that run no exporter, or one that does not run."""
    found = []
    for pod in pods:
        sidecar = sidecar_of(pod)
        states = {each["name"]: each for each in pod.raw.get("status", {}).get("containerStatuses") or ()}
        if sidecar is None:
            found.append(f"{pod.name}: its containers run {', '.join(pod.images)}")
        elif not states.get(sidecar, {}).get("ready"):
            found.append(
                f"{pod.name}: container {sidecar} is {dict(states.get(sidecar, {}).get('state', {}))}"
            )
    return found


def target_faults(pods: Iterable[Any], targets: Sequence[Any], up: Iterable[Any]) -> list[str]:
    """Where a Ready pod has not exactly one target, which is up and whose exporter reaches an nginx."""
    reached = {sample.labels.get("pod"): sample.value for sample in up}
    found = []
    for pod in pods:
        if not pod.ready or pod.deleting:
            continue
        mine = [t for t in targets if t.discovered.get(POD_NAME) == pod.name]
        if len(mine) != 1:
            found.append(f"{pod.name} has {len(mine)} targets: {', '.join(t.url for t in mine) or 'none'}")
        elif mine[0].health != "up":
            found.append(f"{pod.name}: {mine[0].url} is {mine[0].health}: {mine[0].last_error}")
        elif reached.get(pod.name) != 1:
            found.append(f"{pod.name}: {names.UP} is {reached.get(pod.name, 'absent')}, not 1")
    return found


def dead_pod(record: Any, pods: Iterable[Any]) -> Any:
    """The Ready pod with a sidecar that has counted most lately; None when there is none."""
    reading = record.recorded(shared.METRIC).last()
    rates = {} if reading is None else reading.detail.get("pods", {})
    ready = [pod for pod in pods if pod.ready and not pod.deleting and sidecar_of(pod)]
    return max(ready, key=lambda pod: (rates.get(pod.name, 0.0), pod.name), default=None)


def pause_image(nodes: Iterable[Any]) -> str | None:
    """An image on a node that does nothing: what Kubernetes holds a pod's namespaces open with."""
    for node in nodes:
        for image in node.raw.get("status", {}).get("images") or ():
            for name in image.get("names") or ():
                if name.rpartition("/")[2].startswith("pause:"):
                    return str(name)
    return None


def own_requests(pod: Any, scrape: float) -> float:
    """Requests a second that nobody sent: each scrape has the exporter ask nginx once, and each HTTP probe is
    one, too. (A probe that only connects asks for nothing.)
    """
    every = [1 / scrape]
    for container in pod.raw["spec"]["containers"]:
        for kind in ("readinessProbe", "livenessProbe"):
            probe = container.get(kind) or {}
            if "httpGet" in probe:
                every.append(1 / float(probe.get("periodSeconds", 10)))
    return sum(every)


def counted(
    samples: Sequence[Any], sent: Any, own: float, start: float, end: float
) -> tuple[float, float, float]:
    """``(counted, least, most)`` between the first and the last scrape of a stretch of time, with one pod: by
    how much all series grew, and what that can be. ``own`` are the requests a second that nobody sent.
    """
    inside = [sample for sample in samples if start <= sample.at <= end]
    if len({sample.at for sample in inside}) < 2:
        return 0.0, 0.0, 0.0
    first, last = min(sample.at for sample in inside), max(sample.at for sample in inside)
    least = (1 - NEAR) * sent.within(first + CLOCKS, last - CLOCKS) - FEW
    most = (1 + NEAR) * (sent.within(first - CLOCKS, last + CLOCKS) + own * (last - first)) + FEW
    return _growth(inside), least, most


def _growth(samples: Iterable[Any]) -> float:
    """By how much all series grew; where one fell it had begun anew."""
    series: dict[frozenset[tuple[str, str]], list[float]] = {}
    for sample in sorted(samples, key=lambda each: each.at):
        series.setdefault(frozenset(sample.labels.items()), []).append(sample.value)
    return sum(
        after - before if after >= before else after
        for values in series.values()
        for before, after in pairwise(values)
    )


def steady(record: Any, name: str, sent: Any, own: float, expect: Any) -> tuple[float, float] | None:
    """What the API gave for all pods together just before an event, and the rate of what they were asked for
    in the window before it; None where there are too few answers. ``own``: a pod's own requests a second.
    """
    end = record.event(name).at
    answers = record.between(end - expect.scrape, end).recorded(shared.METRIC).present()
    if len(answers) < FEWEST_ANSWERS:
        return None
    given = sorted(each.value for each in answers)[len(answers) // 2]
    pods = len(answers[-1].detail["pods"])
    window = expect.window + expect.scrape
    return given, sent.within(end - window, end) / window + own * pods


FEWEST_ANSWERS = 3
"""The API is asked once a second: in the time of a scrape there are more, also on a busy machine."""


def undisturbed(cycle: Cycle) -> Cycle:
    """The cycle up to the fault: as far as every sidecar was alive."""
    record = cycle.record
    if not record.has_event(shared.STOPPED):
        return cycle
    before = record.between(record.started, record.event(shared.STOPPED))
    return Cycle(before, raw=cycle.raw, seen=cycle.seen)


def lowered(record: Any) -> list[str]:
    """Where the replica count was lowered."""
    return [
        f"{before:g}→{after:g} at {at - record.started:.1f} s"
        for (_, before), (at, after) in pairwise(record.recorded(shared.SPEC).steps())
        if after < before
    ]
