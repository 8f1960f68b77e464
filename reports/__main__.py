"""`python -m reports validate|render|compare`: work with reports after the run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .errors import ReportError
from .write import JUNIT, PAGE, SUMMARY, read


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0: done; 1: a regression (compare); 2: a file that cannot be read or is no valid report."""
    parser = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("validate", help="check a report.json against its schema")
    check.add_argument("file", type=Path, help="a report.json, or a run's directory")
    again = commands.add_parser("render", help="write the HTML, Markdown and JUnit of a report.json again")
    again.add_argument("file", type=Path, help="a report.json, or a run's directory")
    again.add_argument("--to", type=Path, help="directory to write to (default: beside the report)")
    pair = commands.add_parser("compare", help="say what changed between two reports; 1 on a regression")
    pair.add_argument("old", type=Path)
    pair.add_argument("new", type=Path)
    pair.add_argument("--to", type=Path, help="also write it as Markdown to this file")
    arguments = parser.parse_args(argv)
    try:
        if arguments.command == "validate":
            return _validate(arguments.file)
        if arguments.command == "render":
            return _render(arguments.file, arguments.to)
        return _compare(arguments.old, arguments.new, arguments.to)
    except (ReportError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _validate(file: Path) -> int:
    report = read(file)
    print(f"valid: {report.run.id}, {len(report.behaviours)} behaviours, {report.run.outcome}")
    return 0


def _render(file: Path, to: Path | None) -> int:
    from .html import html
    from .junit import junit
    from .markdown import markdown
    from .runs import write_atomically

    report = read(file)
    directory = to or (file if file.is_dir() else file.parent)
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in ((PAGE, html(report)), (JUNIT, junit(report)), (SUMMARY, markdown(report))):
        write_atomically(directory / name, text)
        print(directory / name)
    return 0


def _compare(old: Path, new: Path, to: Path | None) -> int:
    from .compare import compare
    from .runs import write_atomically

    found = compare(read(old), read(new))
    print(found.text(), end="")
    if to is not None:
        write_atomically(to, found.markdown())
    return 1 if found.regressed else 0


if __name__ == "__main__":
    sys.exit(main())
