"""`python -m bench [--run] [--report FILE]`; options that it does not know go to pytest."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fixtures.machine.errors import KitError
from reports.errors import ReportError
from reports.model import check_version
from reports.runs import latest

from .table import lines

AGAIN = "tox -e bench -- --run"


def read(path: Path) -> dict[str, Any]:
    """A report that this kit can read. Raises KitError that says what is wrong with it and what to do."""
    try:
        report = json.loads(path.read_text())
    except OSError as error:
        raise KitError(error.strerror or str(error), AGAIN, str(path)) from error
    except ValueError as error:
        raise KitError(f"this is no JSON: {error}", AGAIN, str(path)) from error
    if not isinstance(report, dict):
        raise KitError("this is no report", AGAIN, str(path))
    try:
        check_version(report)
    except ReportError as error:
        raise KitError(str(error), AGAIN, str(path)) from error
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; run the dojo first if asked to, or if no run is there. Returns an exit code."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, allow_abbrev=False)
    parser.add_argument("--run", action="store_true", help="run the dojo first, even if there is a report")
    parser.add_argument("--report", type=Path, help="a report.json; default: the latest run's")
    asked, others = parser.parse_known_args(arguments)
    code = 0
    if asked.run or (asked.report is None and not latest().is_file()):
        # The terminal is pytest's while it runs: no timeout of our own, as its budgets end every wait.
        code = subprocess.call([sys.executable, "-m", "pytest", "conformance/dojo", *others])
    try:
        report = read(asked.report or latest())
    except KitError as error:
        print(error, file=sys.stderr)
        return code or 2
    print("\n".join(lines(report)))
    return code


if __name__ == "__main__":
    sys.exit(main())
