"""The report as data: what `report.json` holds, key by key.

The dataclasses are the only way reports are made; `to_dict` gives the JSON's camelCase keys and
`from_dict` reads them back. Keys it does not know are left out: v1 may gain optional keys
(docs in `schema/report-v1.schema.json`), and an older reader must still read a newer v1 report.
Clock times are ISO 8601 in UTC, durations are seconds, times inside records are unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, Self, get_args, get_origin, get_type_hints

from .errors import ReportError

API_VERSION = "autoscaling-conformance/v1"
KIND = "ConformanceReport"

PASSED, FAILED, ERROR = "passed", "failed", "error"
BLOCKED, SKIPPED, UPSTREAM_DEFECT = "blocked", "skipped", "upstream-defect"
OUTCOMES = (PASSED, FAILED, ERROR, BLOCKED, SKIPPED, UPSTREAM_DEFECT)

CONFORMANT, PARTIAL, NON_CONFORMANT, RUNNING = "conformant", "partial", "non-conformant", "running"

CORE, EXTENDED, ADVISORY = "core", "extended", "advisory"
LEVELS = (CORE, EXTENDED, ADVISORY)

FACT = "in this version"
"""The title of evidence that tells versions apart: asked is the fact's name, and answered its value."""


def _camel(name: str) -> str:
    """`budget_seconds` -> `budgetSeconds`."""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _plain(value: Any) -> Any:
    if isinstance(value, Part):
        return value.to_dict()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def _both(old: str, new: str) -> str:
    return f"{old} → {new}" if new else old


class Part:
    """A piece of the report that goes to and from a plain dict with camelCase keys."""

    def to_dict(self) -> dict[str, Any]:
        assert is_dataclass(self)
        return {_camel(f.name): _plain(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read a dict as `to_dict` wrote it. Raises ReportError when a key without default is missing."""
        assert is_dataclass(cls)
        hints = get_type_hints(cls)
        known: dict[str, Any] = {}
        for f in fields(cls):
            key = _camel(f.name)
            if key in data:
                known[f.name] = _read(hints[f.name], data[key])
            elif f.default is MISSING and f.default_factory is MISSING:
                raise ReportError(f"{cls.__name__} has no {key!r}: is this a report.json of this kit?")
        return cls(**known)


def _read(hint: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        for part in (hint, *get_args(hint)):
            if isinstance(part, type) and issubclass(part, Part):
                return part.from_dict(value)
    if get_origin(hint) is list and isinstance(value, list):
        (inner,) = get_args(hint)
        return [_read(inner, item) for item in value]
    return value


@dataclass
class Evidence(Part):
    """What was asked (a query, a request, a command) and what came back."""

    title: str
    asked: str = ""
    answer: str = ""


@dataclass
class Place(Part):
    """The part of a record that a behaviour was judged from, in unix seconds; `end` None is its end."""

    record: str
    start: float
    end: float | None = None


@dataclass
class BehaviourResult(Part):
    """One behaviour's outcome, with all a reader needs to understand it without the code."""

    id: str
    scenario: str
    step: int
    level: str
    outcome: str
    feature: str = ""
    seconds: float = 0.0
    budget_seconds: float | None = None
    budget: str = ""
    message: str = ""
    hint: str = ""
    hints: list[str] = field(default_factory=list)
    statement: str = ""
    blocked_by: str | None = None
    link: str = ""
    source: str = ""
    file: str = ""
    line: int | None = None
    records: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)

    @property
    def all_hints(self) -> list[str]:
        """The hints that are shown, the question first; an older report has that one only."""
        return self.hints or ([self.hint] if self.hint else [])

    @property
    def name(self) -> str:
        """The id without scenario and step: `dojo.07.one-series` -> `one-series`."""
        return self.id.split(".", 2)[-1]


@dataclass
class Profile(Part):
    """The verdict on one scenario; the rules are in `profile.py`."""

    name: str
    outcome: str
    message: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    levels: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass
class Points(Part):
    """Points got `of` those that could be got, and how many more were skipped."""

    got: int = 0
    of: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        return f"{self.got} of {self.of}" + (f", {self.skipped} skipped" if self.skipped else "")


@dataclass
class StepPoints(Part):
    """The points of one step; `shipped`: the exercise's starting point brings them."""

    step: int
    shipped: bool
    points: Points


@dataclass
class Next(Part):
    """What to look at next: a behaviour, how it ended ("" for no result) and its hints, as far as shown."""

    step: int
    id: str
    level: str
    outcome: str
    statement: str
    hints: list[str] = field(default_factory=list)


@dataclass
class Grade(Part):
    """A solution's points; the rules are in `grade.py`. `not_asked`: behaviours that -k, --step or the like
    left out. `whole`: all of the scenario was asked for.
    """

    total: Points = field(default_factory=Points)
    steps: list[StepPoints] = field(default_factory=list)
    beyond: Points = field(default_factory=Points)
    advisories: list[str] = field(default_factory=list)
    next: Next | None = None
    not_asked: int = 0
    whole: bool = True


@dataclass
class Chart(Part):
    """A Helm chart that was installed: `source` is `bundled`, `published` or the folder it came from. `to`:
    the version that an upgrade led to, if that is another.
    """

    name: str
    version: str
    source: str
    app_version: str = ""
    to: str = ""

    @property
    def versions(self) -> str:
        """Its version, of an upgrade both."""
        return _both(self.version, self.to)


@dataclass
class Image(Part):
    """A container image that was run; `id` is its content id, so that two runs can be told apart. `to` and
    `to_id`: those that an upgrade led to, if they are others.
    """

    name: str
    id: str = ""
    version: str = ""
    source: str = ""
    to: str = ""
    to_id: str = ""

    @property
    def versions(self) -> str:
        """Its version, of an upgrade both."""
        return _both(self.version, self.to)

    @property
    def ids(self) -> str:
        """Its content id, of an upgrade both."""
        return _both(self.id, self.to_id)


@dataclass
class Environment(Part):
    """Where it ran. `images_source`: `published` or `built`; `images_reason`: why that one."""

    kubernetes: str = ""
    engine: str = ""
    provider: str = ""
    cluster: str = ""
    images_source: str = ""
    images_reason: str = ""
    charts: list[Chart] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    tools: dict[str, str] = field(default_factory=dict)


@dataclass
class Phase(Part):
    """A stretch of the run (bundle, cluster, charts, load …) for `tox -e bench`."""

    name: str
    started: str
    seconds: float


@dataclass
class Run(Part):
    """One run. `asked` is how many behaviours were asked for: fewer results means an unfinished run.

    `interrupted` names what stopped it (`SIGINT`, `SIGTERM`, a dead engine); empty when nothing did.
    `tier` is `static` when files alone were judged; empty: a cluster was.
    """

    id: str
    scenario: str
    started: str
    ended: str | None = None
    seconds: float = 0.0
    outcome: str = RUNNING
    command: str = ""
    exit_code: int | None = None
    interrupted: str = ""
    solution: str = ""
    stack: str = ""
    message: str = ""
    asked: int | None = None
    tier: str = ""
    peak_rss_mb: float | None = None
    peak_tree_mb: float | None = None
    kit_version: str = ""


@dataclass
class Report(Part):
    """The whole report. `records` are the observe room's `Record.to_dict()` dicts, taken as they are."""

    run: Run
    environment: Environment = field(default_factory=Environment)
    profiles: list[Profile] = field(default_factory=list)
    behaviours: list[BehaviourResult] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    diagnostics: list[str] = field(default_factory=list)
    grade: Grade | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"apiVersion": API_VERSION, "kind": KIND, **super().to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read a report; refuses another kind or major version with a message that says which it reads."""
        check_version(data)
        return super().from_dict(data)


def check_version(data: Mapping[str, Any]) -> None:
    """Raises ReportError unless `data` says it is a ConformanceReport of the version read here."""
    kind, version = data.get("kind"), data.get("apiVersion")
    if kind != KIND:
        raise ReportError(f"this is no {KIND} (kind is {kind!r})")
    if version != API_VERSION:
        run = data.get("run")
        kit = str(run.get("kitVersion") or "") if isinstance(run, Mapping) else ""
        raise ReportError(
            f"the report's version is {version!r} and this kit reads {API_VERSION!r}: "
            f"read it with the kit that wrote it{kit and f' (version {kit})'}, or run again with this one"
        )
