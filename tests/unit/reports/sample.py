"""A rich report made by hand: every outcome, records with gaps and failed reads, hostile texts."""

from __future__ import annotations

from functools import cache
from typing import Any

from reports.model import BehaviourResult, Chart, Environment, Evidence, Image, Phase, Report, Run
from reports.profile import conclude

START = 1_795_000_000.0
HOSTILE = "</script><img src=x onerror=alert(1)><!-- ]]> & \x07\x1b[31m `|` {{ 7*7 }}"
OUTAGE = (150.0, 175.0)


def queue_at(t: float) -> float:
    """400 items at 10 s, drained by the replicas there are."""
    return 0.0 if t < 10 else max(0.0, 400 - _taken(int(t)))


@cache
def _taken(until: int) -> float:
    return sum(ready_at(s) for s in range(10, until))


def ready_at(t: float) -> float:
    """0, 4, 8, 16, 20 replicas, one step each five seconds, back to 0 after the drain."""
    steps = ((0, 0), (18, 4), (24, 8), (29, 16), (35, 20), (85, 0))
    return float(max((s for s in steps if s[0] <= t), key=lambda s: s[0])[1])


def columns(value: Any, seconds: float, every: float = 0.5, late: float = 0.0) -> dict[str, Any]:
    """The columns of one signal, as the observe room packs them; `late` seconds behind."""
    times = [i * every for i in range(int(seconds / every))]
    return {
        "at": [START + t for t in times],
        "value": [value(max(0.0, t - late)) for t in times],
        "error": {},
        "detail": [[0, {"series": 1}]],
    }


def record(name: str = "load", seconds: float = 200.0) -> dict[str, Any]:
    """A load, drain and outage: the adapter's reads fail in the outage, the rule's metric is absent in it."""
    signals = {
        "queue_length": columns(queue_at, seconds),
        "redis_key_size": columns(lambda t: queue_at(t - t % 5), seconds, late=1),
        "redis_items_in_queue": columns(lambda t: queue_at(t - t % 5), seconds, late=3),
        "adapter_value": columns(lambda t: queue_at(t - t % 5), seconds, late=4),
        "hpa_desired_replicas": columns(lambda t: ready_at(t + 3), seconds),
        "status_replicas": columns(lambda t: ready_at(t + 2), seconds),
        "ready_replicas": columns(ready_at, seconds),
    }
    for index, at in enumerate(signals["adapter_value"]["at"]):
        if OUTAGE[0] <= at - START <= OUTAGE[1]:
            signals["adapter_value"]["value"][index] = None
            signals["adapter_value"]["error"][str(index)] = f"500: {HOSTILE}"
            signals["redis_items_in_queue"]["value"][index] = None
    # Nothing was sampled of the Deployment for 20 s: a slow source, a gap with no failed read.
    kept = [i for i, at in enumerate(signals["ready_replicas"]["at"]) if not 100 < at - START < 120]
    for key in ("at", "value"):
        signals["ready_replicas"][key] = [signals["ready_replicas"][key][i] for i in kept]
    events = [
        (10.0, "load starts", "drive", {"count": 400}),
        (36.0, "reached max", "wait", {}),
        (60.0, "drained", "wait", {}),
        (85.0, "at zero", "wait", {}),
        (OUTAGE[0], f"exporter down {HOSTILE}", "fault", {}),
        (OUTAGE[1], "exporter back", "fault", {}),
    ]
    return {
        "name": name,
        "started": START,
        "ended": START + seconds,
        "intervals": {"scrape": 5.0, "evaluation": 5.0, "hpa_sync": 5.0},
        "events": [{"at": START + t, "name": n, "kind": k, "detail": d} for t, n, k, d in events],
        "signals": signals,
        "band": [
            [START + t, START + t + 5, max(0, ready_at(t) - 2), ready_at(t + 6)] for t in range(10, 100, 5)
        ],
    }


def behaviour(key: str, outcome: str = "passed", level: str = "core", **more: Any) -> BehaviourResult:
    """A behaviour of the dojo by its key, as `07.one-series`."""
    more.setdefault("statement", f"The statement of {key}, which says what is seen when all is well.")
    more.setdefault("seconds", 1.25)
    return BehaviourResult(f"dojo.{key}", "dojo", int(key[:2]), level, outcome, **more)


QUERY = Evidence(
    "the recorded metric in the outage",
    "redis_items_in_queue[2m]",
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"service":"prometheus-redis-exporter"},"values":[[1795000151,"0"]]}]}}',
)


def behaviours() -> list[BehaviourResult]:
    """Every outcome at least once, core and beyond."""
    return [
        behaviour("01.tools", seconds=0.21, feature="tools"),
        behaviour("02.nodes-ready", feature="cluster"),
        behaviour("03.producer-publishes", seconds=2.4, budget_seconds=10.0, budget="request 5 s + read 5 s"),
        behaviour("05.ingress", "skipped", level="extended", message="no ingress class on this cluster"),
        behaviour("06.target-up", evidence=[Evidence("targets", "GET /api/v1/targets", '{"health":"up"}')]),
        behaviour(
            "07.absent-series-becomes-zero",
            "failed",
            feature="recording-rule",
            seconds=25.0,
            budget_seconds=20.0,
            budget="scrape 5 s + evaluation 5 s + query 10 s",
            message=f"redis_items_in_queue was absent for 25 s while the exporter was gone\nlast: {HOSTILE}",
            hint="What does the rule return when redis_key_size has no series at all?",
            records=["load"],
            evidence=[QUERY, Evidence(f"hostile {HOSTILE}", HOSTILE, HOSTILE)],
        ),
        behaviour("08.zero-during-outage", "blocked", blocked_by="dojo.07.absent-series-becomes-zero"),
        behaviour(
            "08.freshness", "error", message="could not tell: no read of the adapter succeeded (12 failed)"
        ),
        behaviour("09.follows-model", records=["load"], seconds=3.2, budget_seconds=60.0),
        behaviour(
            "10.average-value-status",
            "upstream-defect",
            level="extended",
            message="averageValue is -9223372036854775808m at 0 replicas",
            link="https://github.com/kubernetes/kubernetes/issues/140956",
        ),
        behaviour("11.adapter-restart", "failed", level="advisory", message="works by luck"),
    ]


def report(cases: list[BehaviourResult] | None = None, records: list[dict[str, Any]] | None = None) -> Report:
    """The whole sample, concluded."""
    found = behaviours() if cases is None else cases
    run = Run(
        id="20261122T023000Z-dojo",
        scenario="dojo",
        started="2026-11-22T02:30:00.000Z",
        ended="2026-11-22T02:35:12.000Z",
        seconds=312.0,
        command="tox -e conformance -- --solution solutions/dojo/reference",
        exit_code=1,
        solution="solutions/dojo/reference",
        stack="charts/stacks/default.toml",
        asked=len(found),
        kit_version="0.1.0",
    )
    environment = Environment(
        kubernetes="v1.37.1",
        engine="podman 4.3.1",
        provider="kind",
        cluster="conformance",
        images_source="built",
        images_reason="no image registry answered within 3 s",
        charts=[
            Chart("kube-prometheus-stack", "88.5.3", "bundled", "v0.93.1"),
            Chart("redis", "1.0.0", "bundled"),
        ],
        images=[Image("kit.local/prometheus", "sha256:" + "ab" * 32, "v3.15.0", "built")],
        tools={"kind": "0.33.0", "helm": "4.3.1", "kubectl": "1.37.1"},
    )
    phases = [
        Phase("cluster", "2026-11-22T02:30:00.000Z", 31.5),
        Phase("charts", "2026-11-22T02:30:31.500Z", 40.2),
    ]
    kept = [record()] if records is None else records
    return conclude(Report(run, environment, [], found, kept, phases, ["diagnostics/events.txt"]))
