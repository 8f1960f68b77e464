"""Reports for the browser to open, each written by the code that a run writes it with."""

from __future__ import annotations

from pathlib import Path

from reports.model import BehaviourResult, Chart, Evidence, Image, Place, Report
from reports.partial import PartialWriter
from reports.profile import conclude
from reports.write import read, write_all
from tests.unit.reports import sample

LATEST = Path(__file__).parents[2] / "reports" / "runs" / "latest"
OWNED = "window.owned = 1; document.title = 'owned'"
ATTACKS = (
    f"</script><script>{OWNED}</script>",
    f'<img src=x onerror="{OWNED}">',
    f'--><svg onload="{OWNED}"></svg>]]>',
    "'\"><iframe srcdoc='<script>parent.owned = 1</script>'></iframe>",
    f"</style></title></textarea><script>{OWNED}</script>",
    "{{ 7*7 }} ${7*7} javascript:window.owned=1 \u202e\x07\x1b[31m",
)
ATTACK = " ".join(ATTACKS)


def written(report: Report, folder: Path) -> Path:
    """The page of a finished run."""
    write_all(conclude(report), folder)
    return folder / "report.html"


def failing(folder: Path) -> Path:
    """Every outcome, a fault, gaps and failed reads."""
    cases = sample.behaviours()
    places = [Place("load", sample.START + sample.OUTAGE[0], sample.START + sample.OUTAGE[1])]
    for case in cases:
        if case.records:
            case.places = places
    return written(sample.report(cases), folder)


def good(folder: Path) -> Path:
    """All passed, on a record without faults."""
    record = sample.record()
    record["events"] = record["events"][:4]
    cases = [
        sample.behaviour(f"{n:02d}.good-{n}", records=["load"], budget_seconds=10.0) for n in range(1, 11)
    ]
    return written(sample.report(cases, [record]), folder)


def killed(folder: Path) -> Path:
    """What lies there when the run was killed: the page of an unfinished run."""
    report = sample.report([sample.behaviour("01.tools"), sample.behaviour("07.rule")])
    report.run.outcome, report.run.ended, report.run.exit_code, report.run.asked = "running", None, None, 53
    report.profiles, report.records[0]["ended"] = [], None
    PartialWriter(folder).write(report, page=True)
    return folder / "report.html"


def stopped(folder: Path) -> Path:
    """Stopped by a signal after two of 53 behaviours."""
    report = sample.report([sample.behaviour("01.tools"), sample.behaviour("02.nodes")])
    report.run.interrupted, report.run.asked = "SIGTERM", 53
    return written(report, folder)


def dead(folder: Path) -> Path:
    """The cluster went away: all that came after could not be told."""
    lost = "ReadFailed: hpa/consumer: connection refused"
    cases = [
        sample.behaviour("01.tools"),
        *(sample.behaviour(f"{n:02d}.a", "error", message=lost) for n in (7, 9)),
    ]
    report = sample.report(cases)
    report.run.message = "the cluster does not answer any more\nRemedy: look at diagnostics/, then run again"
    return written(report, folder)


def empty(folder: Path) -> Path:
    """Nothing was judged at all."""
    return written(sample.report([], []), folder)


def hostile(folder: Path) -> Path:
    """A solution's and a cluster's texts are attacks, in every place that takes a text."""
    record = sample.record(f"load {ATTACK}")
    for event in record["events"]:
        event["name"], event["detail"] = f"{event['name']} {ATTACK}", {ATTACK: ATTACK, "what": ATTACK}
    record["events"].append(
        {
            "at": sample.START + 60,
            "name": ATTACK,
            "kind": "wait",
            "detail": {"budget": ATTACK, "budget_seconds": 30},
        }
    )
    errors = record["signals"]["adapter_value"]["error"]
    record["signals"]["adapter_value"]["error"] = dict.fromkeys(errors, ATTACK)
    attacked = {"message": ATTACK, "hint": ATTACK, "statement": ATTACK, "feature": ATTACK, "source": ATTACK}
    outcomes = {
        "failed": "javascript:window.owned=1",
        "upstream-defect": f'https://a/"{ATTACK}',
        "error": ATTACK,
    }
    cases = [
        sample.behaviour(
            f"{n:02d}.attack",
            outcome,
            **attacked,
            budget=ATTACK,
            budget_seconds=1.0,
            evidence=[Evidence(text, text, text) for text in ATTACKS],
            records=[record["name"]],
            link=link,
        )
        for n, (outcome, link) in enumerate(outcomes.items(), 1)
    ]
    cases.append(sample.behaviour("04.attack", "blocked", blocked_by=f'"{ATTACK}'))
    report = sample.report(cases, [record])
    run, environment = report.run, report.environment
    run.message = run.command = run.solution = run.stack = run.interrupted = run.kit_version = ATTACK
    environment.cluster = environment.engine = environment.images_reason = ATTACK
    environment.tools = {ATTACK: ATTACK}
    environment.charts, environment.images = [Chart(ATTACK, ATTACK, ATTACK)], [Image(ATTACK, ATTACK, ATTACK)]
    report.phases[0].name, report.diagnostics = ATTACK, [ATTACK, "diagnostics/../../etc/passwd"]
    return written(report, folder)


def large(folder: Path) -> Path:
    """A hundred behaviours with evidence, and one hour in which every signal was read each second."""
    hour = sample.record("one hour", 200.0)
    names = list(hour["signals"])
    times = list(range(3600))
    hour["signals"] = {
        name: {
            "at": [sample.START + t + n / 10 for t in times],
            "value": [None if (t + n) % 97 == 0 else float((t * (n + 3)) % 450) for t in times],
            "error": {str(t): f"timed out after {t % 7} s" for t in times if (t + n) % 97 == 0},
            "detail": [],
        }
        for n, name in enumerate(names)
    }
    hour["ended"] = sample.START + 3600
    waited = {"seconds": 30, "budget_seconds": 50}
    hour["events"] = [
        {"at": sample.START + 60 * n, "name": f"{name} {n}", "kind": kind, "detail": detail}
        for n in range(1, 60)
        for name, kind, detail in (("published", "drive", {"count": n}), ("drained", "wait", waited))
    ]
    hour["band"] = [[sample.START + t, sample.START + t + 5, 0, 20] for t in range(0, 3600, 5)]
    cases: list[BehaviourResult] = [
        sample.behaviour(
            f"{n % 11 + 1:02d}.case-{n}",
            "failed" if n % 10 == 0 else "passed",
            message="it was not so " * 20 if n % 10 == 0 else "",
            evidence=[sample.QUERY, Evidence("answer", "GET /api/v1/query", '{"a": [1, 2, 3]}' * 40)],
            budget_seconds=10.0,
            records=["one hour"],
        )
        for n in range(100)
    ]
    return written(sample.report(cases, [hour]), folder)


def latest(folder: Path) -> Path | None:
    """The last real run on this machine, drawn anew; None where there is none."""
    if not (LATEST / "report.json").is_file():
        return None
    from reports.html import html

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "report.html"
    path.write_text(html(read(LATEST)), encoding="utf-8")
    return path


PAGES = {
    make.__name__: make for make in (failing, good, killed, stopped, dead, empty, hostile, large, latest)
}
