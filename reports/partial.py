"""Writes a report that is not finished, again and again: whoever kills the run finds what it had.

What is dear is done once: a record that has ended is redacted and made into text the first time, and
later writes take that text. The page is drawn less often than the rest (`page=`), as it is all drawn anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .markdown import markdown
from .model import Report
from .redact import Redactor
from .runs import point_latest, write_atomically
from .write import PAGE, REPORT, SUMMARY, as_text, record_text


class PartialWriter:
    """Writes `report.json` and `summary.md`, and on demand `report.html`, and points `latest` to them.

    Records are recognised by identity: one that has ended is to be the same dict each time.
    """

    def __init__(self, directory: Path, redactor: Redactor | None = None) -> None:
        self._directory, self._redactor = directory, redactor or Redactor()
        self._known: dict[int, tuple[Mapping[str, Any], dict[str, Any], str]] = {}

    def write(self, report: Report, *, page: bool) -> None:
        """Write it as far as the run has come."""
        records = [self._record(record) for record in report.records]
        head = self._redactor.tree({**report.to_dict(), "records": []})
        clean = Report.from_dict(head)
        clean.records = [data for data, _ in records]
        self._directory.mkdir(parents=True, exist_ok=True)
        write_atomically(self._directory / REPORT, as_text(head, [text for _, text in records]))
        write_atomically(self._directory / SUMMARY, markdown(clean))
        if page:
            self._write_page(clean)
        point_latest(self._directory)

    def _write_page(self, clean: Report) -> None:
        from .html import html

        write_atomically(self._directory / PAGE, html(clean))

    def _record(self, record: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        known = self._known.get(id(record))
        if known is not None:
            return known[1], known[2]
        data = self._redactor.tree(record)
        text = record_text(data)
        if record.get("ended") is not None:
            self._known[id(record)] = record, data, text  # held, so that its id stays its own
        return data, text
