"""`report.html`: one file that opens from disk with no network, in any current browser.

Everything from the run is escaped by Jinja2; what the script draws comes as JSON in a script
element that cannot be closed from inside. A Content-Security-Policy forbids every request.
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import uplot, words
from .chain import chain
from .model import CORE, OUTCOMES, PASSED, RUNNING, BehaviourResult, Report
from .profile import count, first_look
from .timeline import ITEMS, LABELS, REPLICAS, clock, timeline

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE = Path(__file__).parent / "page"
# Longer answers (a whole Prometheus config) are cut for reading; report.json has them whole.
LONGEST_ANSWER = 20_000


def html(report: Report) -> str:
    """The report as one HTML page. The report must be redacted already (`write.py` does)."""
    library = uplot.load()
    timelines = [timeline(record) for record in report.records]
    ordered = sorted(report.behaviours, key=lambda b: (b.scenario, b.step))
    steps = [
        {"name": f"{scenario} {step:02d}", "id": f"{scenario}.{step:02d}", "behaviours": list(group)}
        for (scenario, step), group in groupby(ordered, key=lambda b: (b.scenario, b.step))
    ]
    drawing = {
        "records": [t.data() for t in timelines],
        "panels": [
            {"title": "items", "signals": ITEMS},
            {"title": "replicas", "signals": REPLICAS, "band": True},
        ],
    }
    page: str = (
        _templates()
        .get_template("report.html.j2")
        .render(
            report=report,
            run=report.run,
            env=report.environment,
            running=report.run.outcome == RUNNING,
            counts=count(report.behaviours),
            look=first_look(report),
            steps=steps,
            timelines=timelines,
            record_ids={t.name: f"record-{n}" for n, t in enumerate(timelines)},
            chain=chain(report.records),
            labels=LABELS,
            slowest=max((b.seconds for b in ordered), default=0.0),
            library=library,
            style=_text("report.css"),
            script=_text("report.js"),
            data=_embedded(drawing),
        )
    )
    return page


def _embedded(data: Any) -> str:
    """JSON that may stand in a script element: no `<` means no way out of it."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _text(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def pretty(text: str) -> str:
    """JSON is indented, anything else stays; control characters are shown, what is too long is cut."""
    try:
        parsed = json.loads(text)
    except ValueError:
        shown = text
    else:
        shown = json.dumps(parsed, indent=2, ensure_ascii=False) if isinstance(parsed, (dict, list)) else text
    shown = "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in shown)
    if len(shown) <= LONGEST_ANSWER:
        return shown
    return shown[:LONGEST_ANSWER] + f"\n… {len(shown) - LONGEST_ANSWER} more characters in report.json"


def opened(behaviour: BehaviourResult) -> bool:
    """Whether a behaviour is shown unfolded: what a reader came for."""
    return behaviour.outcome in ("failed", "error")


def over_budget(behaviour: BehaviourResult) -> bool:
    """Whether it took longer than its budget."""
    return behaviour.budget_seconds is not None and behaviour.seconds > behaviour.budget_seconds


@lru_cache(maxsize=1)
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(duration=words.duration, counted=words.counted, pretty=pretty, clock=clock)
    environment.filters.update(one_line=words.one_line, moment=words.moment)
    environment.tests.update(opened=opened, over_budget=over_budget)
    environment.globals.update(
        SIGNS=words.SIGNS, MEANINGS=words.MEANINGS, OUTCOMES=OUTCOMES, PASSED=PASSED, CORE=CORE
    )
    return environment
