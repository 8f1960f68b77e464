"""Checks a report's dict against the published schema, and what a schema cannot say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import ReportError
from .model import check_version

SCHEMA = Path(__file__).parent / "schema" / "report-v1.schema.json"
# More would bury the first one, which is nearly always the cause of the others.
SHOWN = 5


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The published JSON Schema (2020-12) of `report.json`."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


def problems(data: Mapping[str, Any]) -> list[str]:
    """What is wrong with a report, one line each with the place; empty when it is valid."""
    from jsonschema import Draft202012Validator

    errors = sorted(
        Draft202012Validator(schema()).iter_errors(data), key=lambda e: list(map(str, e.absolute_path))
    )
    found = [f"{e.json_path}: {e.message[:300]}" for e in errors]
    return found or _columns(data) + _references(data)


def _columns(data: Mapping[str, Any]) -> list[str]:
    """Columns of one signal that are not of one length."""
    found = []
    for record in data["records"]:
        for name, columns in record["signals"].items():
            lengths = {key: len(columns[key]) for key in ("at", "asked", "value") if key in columns}
            if len(set(lengths.values())) > 1:
                found.append(f"record {record['name']!r}, signal {name}: columns of unequal length {lengths}")
    return found


def _references(data: Mapping[str, Any]) -> list[str]:
    """Ids that occur twice."""
    ids = [b["id"] for b in data["behaviours"]]
    return [f"behaviour {i} occurs {ids.count(i)} times" for i in sorted(set(ids)) if ids.count(i) > 1]


def validate(data: Mapping[str, Any], where: str = "the report") -> None:
    """Raises ReportError with the first problems found when `data` is no valid report of this version."""
    check_version(data)
    if found := problems(data):
        more = f"\n  … and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise ReportError(f"{where} does not follow its schema:\n  " + "\n  ".join(found[:SHOWN]) + more)
