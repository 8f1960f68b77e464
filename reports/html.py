"""`report.html`: one file that opens from disk with no network, in any current browser.

Everything from the run is escaped by Jinja2; what the script draws comes as JSON in a script
element that cannot be closed from inside. A Content-Security-Policy forbids every request, and every
script but the page's own, which it knows by their digests.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import grade as grades
from . import uplot, words
from .chain import chain, without_fault
from .model import CORE, OUTCOMES, PASSED, RUNNING, BehaviourResult, Report
from .places import by_behaviour, by_record
from .profile import GOOD, count, first_look
from .readable import fitting, pretty, visible
from .timeline import ITEMS, LABELS, POD_METRIC, REPLICAS, clock, timeline
from .upgrade import away, changes, step_name

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE = Path(__file__).parent / "page"
# Without scripts all that they do is hidden; with them this comes first.
NO_JS = 'document.documentElement.classList.remove("no-js")'
# A diagnostics file beside the page, or the page of a whole run within an upgrade, and nothing that leads
# anywhere else.
BESIDE = re.compile(r"diagnostics(/[\w@+,-][\w@+,.-]*)+|(before|after|back)/[\w-]+/report\.html")


def html(report: Report) -> str:
    """The report as one HTML page. The report must be redacted already (`write.py` does)."""
    library = uplot.load()
    timelines = [timeline(record) for record in report.records]
    ordered = sorted(report.behaviours, key=lambda b: (b.scenario, b.step))
    steps = [
        {"name": step_name(scenario, step), "id": f"{scenario}.{step:02d}", "behaviours": list(group)}
        for (scenario, step), group in groupby(ordered, key=lambda b: (b.scenario, b.step))
    ]
    drawing = {
        "records": [t.data() for t in timelines],
        "panels": [
            {"title": "items", "signals": ITEMS},
            {"title": "replicas", "signals": REPLICAS, "band": True},
            {"title": "the pods' metric", "signals": POD_METRIC},
        ],
    }
    texts = [b.message for b in ordered]
    texts += [text for b in ordered for e in b.evidence for text in (e.title, e.asked, e.answer)]
    scripts = [NO_JS, library.script, _text("timeline.js"), _text("report.js")]
    places = by_behaviour(report, timelines)
    gaps = away(report)
    page: str = (
        _templates()
        .get_template("report.html.j2")
        .render(
            report=report,
            run=report.run,
            env=report.environment,
            running=report.run.outcome == RUNNING,
            said=words.plainly(report.run, len(report.behaviours)),
            counts=count(report.behaviours),
            look=first_look(report),
            grade=report.grade,
            grade_lines=grades.summary(report.grade) if report.grade else [],
            steps=steps,
            timelines=timelines,
            places=places,
            judged=by_record(ordered, places),
            away=gaps,
            changes=changes(gaps),
            chain=chain(report.records),
            measured=[r["name"] for r in without_fault(report.records)],
            labels=LABELS,
            library=library,
            longest=fitting(texts),
            style=_text("report.css"),
            scripts=scripts,
            policy=_policy(scripts),
            data=_embedded(drawing),
        )
    )
    return page


def _policy(scripts: list[str]) -> str:
    """What the page may do: run its own scripts and have styles; load, send and frame nothing."""
    digests = (b64encode(sha256(script.encode()).digest()).decode() for script in scripts if script)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _embedded(data: Any) -> str:
    """JSON that may stand in a script element: no `<` means no way out of it."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _text(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def opened(behaviour: BehaviourResult) -> bool:
    """Whether a behaviour is shown unfolded: what a reader came for."""
    return behaviour.outcome in ("failed", "error")


def over_budget(behaviour: BehaviourResult) -> bool:
    """Whether it took longer than its budget."""
    return behaviour.budget_seconds is not None and behaviour.seconds > behaviour.budget_seconds


def beside(path: str) -> bool:
    """Whether a text is a path that can be linked to: it stays below the page's own folder."""
    return BESIDE.fullmatch(path) is not None


@lru_cache(maxsize=1)
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(duration=words.duration, counted=words.counted, pretty=pretty, clock=clock)
    environment.filters.update(one_line=words.one_line, moment=words.moment, flowing=words.flowing)
    environment.tests.update(opened=opened, over_budget=over_budget, beside=beside)
    environment.globals.update(
        SIGNS=words.SIGNS,
        HINTS=words.HINTS,
        MEANINGS=words.MEANINGS,
        OUTCOMES=OUTCOMES,
        GOOD=GOOD,
        PASSED=PASSED,
        CORE=CORE,
    )
    return environment
