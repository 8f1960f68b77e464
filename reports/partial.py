"""Writes a report that is not finished, again and again: whoever kills the run finds what it had.

What is dear is done once: a record or a behaviour that has ended is redacted (and a record made into text)
the first time, and later writes take that. The page is drawn less often than the rest (`page=`), as it is
all drawn anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .markdown import markdown
from .model import BehaviourResult, Report
from .redact import Redactor
from .runs import point_latest, write_atomically
from .write import PAGE, REPORT, SUMMARY, as_text, record_text


class PartialWriter:
    """Writes `report.json` and `summary.md`, and on demand `report.html`, and points `latest` to them.

    Behaviours and ended records are recognised by identity, and must not change once they are here.
    """

    def __init__(self, directory: Path, redactor: Redactor | None = None) -> None:
        self._directory, self._redactor = directory, redactor or Redactor()
        # What was given is held beside what became of it, so that its id stays its own.
        self._records: dict[int, tuple[Mapping[str, Any], dict[str, Any], str]] = {}
        self._behaviours: dict[int, tuple[BehaviourResult, dict[str, Any], BehaviourResult]] = {}

    def write(self, report: Report, *, page: bool) -> None:
        """Write it as far as the run has come."""
        records = [self._record(record) for record in report.records]
        behaviours = [self._behaviour(result) for result in report.behaviours]
        head = self._redactor.tree(replace(report, behaviours=[], records=[]).to_dict())
        clean = Report.from_dict(head)
        clean.records = [data for _, data, _ in records]
        clean.behaviours = [result for _, _, result in behaviours]
        head["behaviours"] = [data for _, data, _ in behaviours]
        self._directory.mkdir(parents=True, exist_ok=True)
        write_atomically(self._directory / REPORT, as_text(head, [text for _, _, text in records]))
        write_atomically(self._directory / SUMMARY, markdown(clean))
        if page:
            from .html import html

            write_atomically(self._directory / PAGE, html(clean))
        point_latest(self._directory)

    def _record(self, record: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, Any], str]:
        if (known := self._records.get(id(record))) is not None:
            return known
        data = self._redactor.tree(record)
        made = record, data, record_text(data)
        if record.get("ended") is not None:
            self._records[id(record)] = made
        return made

    def _behaviour(self, result: BehaviourResult) -> tuple[BehaviourResult, dict[str, Any], BehaviourResult]:
        known = self._behaviours.get(id(result))
        if known is None:
            data = self._redactor.tree(result.to_dict())
            known = self._behaviours[id(result)] = result, data, BehaviourResult.from_dict(data)
        return known
