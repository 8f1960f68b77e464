"""Writes a finished report's files, each in one step, with every secret taken out first.

What a run leaves that is killed before its end is written by `partial.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .errors import ReportError
from .junit import junit
from .markdown import markdown
from .model import Report
from .redact import Redactor
from .runs import point_latest, write_atomically
from .validate import validate

REPORT, JUNIT, SUMMARY, PAGE = "report.json", "junit.xml", "summary.md", "report.html"


def write_all(report: Report, directory: Path, redactor: Redactor | None = None) -> Path:
    """Write all four files and point `latest` here; returns the path to show (`…/latest`).

    An invalid report is written all the same, because a run's findings must not be lost, and
    then ReportError tells what is wrong with it.
    """
    from .html import html

    data = (redactor or Redactor()).tree(report.to_dict())
    clean = Report.from_dict(data)
    directory.mkdir(parents=True, exist_ok=True)
    write_atomically(directory / REPORT, as_text(data, map(record_text, data["records"])))
    write_atomically(directory / JUNIT, junit(clean))
    write_atomically(directory / SUMMARY, markdown(clean))
    write_atomically(directory / PAGE, html(clean))
    shown = point_latest(directory)
    validate(data, str(directory / REPORT))
    return shown


def read(path: Path) -> Report:
    """Read and validate a `report.json` (or the one in a run's directory). Raises ReportError."""
    return Report.from_dict(read_data(path))


def read_data(path: Path) -> dict[str, Any]:
    """The dict of a valid `report.json`. Raises ReportError with what is wrong and where."""
    file = path / REPORT if path.is_dir() else path
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise ReportError(f"{file}: no JSON ({error}); was it cut off?") from error
    if not isinstance(data, Mapping):
        raise ReportError(f"{file}: not a report (no JSON object)")
    validate(data, str(file))
    return dict(data)


def as_text(data: Mapping[str, Any], record_texts: Iterable[str]) -> str:
    """A report's JSON, indented for people down to the behaviours; its records as texts of their own."""
    head = {key: value for key, value in data.items() if key != "records"}
    text = json.dumps(head, indent=2, ensure_ascii=False, allow_nan=False)
    records = ",\n    ".join(record_texts)
    return text[:-2] + ',\n  "records": [' + (f"\n    {records}\n  " if records else "") + "]\n}\n"


def record_text(record: Mapping[str, Any]) -> str:
    """A record's JSON, one line a key and a signal: its columns are long."""
    lines = []
    for key, value in record.items():
        if key == "signals":
            signals = ",\n        ".join(
                f"{_line(name)}: {_line(columns)}" for name, columns in value.items()
            )
            lines.append(f'"signals": {{\n        {signals}\n      }}')
        else:
            lines.append(f"{_line(key)}: {_line(value)}")
    return "{\n      " + ",\n      ".join(lines) + "\n    }"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
