"""`python -m reports validate|render|compare|side-by-side|catalogue`: work with reports after the run."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from .errors import ReportError
from .write import JUNIT, PAGE, SUMMARY, read


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0: done; 1: a regression, or a stale catalogue; 2: what was given cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("validate", help="check a report.json against its schema")
    check.add_argument("file", type=Path, help="a report.json, or a run's directory")
    again = commands.add_parser("render", help="write the HTML, Markdown and JUnit of a report.json again")
    again.add_argument("file", type=Path, help="a report.json, or a run's directory")
    again.add_argument("--to", type=Path, help="directory to write to (default: beside the report)")
    pair = commands.add_parser("compare", help="say what changed between two reports; 1 on a regression")
    pair.add_argument("old", type=Path, help="a report.json, or a run's directory")
    pair.add_argument("new", type=Path, help="the same of the later run")
    pair.add_argument("--to", type=Path, help="directory for compare.md and .json (default: beside the new)")
    beside = commands.add_parser("side-by-side", help="what their loads did to the replicas, as a table")
    beside.add_argument(
        "runs", type=Path, nargs="+", metavar="run", help="a report.json, or a run's directory"
    )
    beside.add_argument("--to", type=Path, help="directory for the table (default: beside the last run's)")
    listed = commands.add_parser("catalogue", help="write docs/catalogue.md from the behaviours there are")
    listed.add_argument("--check", action="store_true", help="write nothing; 1 when it is stale")
    arguments = parser.parse_args(argv)
    try:
        if arguments.command == "validate":
            return _validate(arguments.file)
        if arguments.command == "render":
            return _render(arguments.file, arguments.to)
        if arguments.command == "catalogue":
            return _catalogue(check=arguments.check)
        if arguments.command == "side-by-side":
            return _side_by_side(arguments.runs, arguments.to)
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
    directory = to or (new if new.is_dir() else new.parent)
    directory.mkdir(parents=True, exist_ok=True)
    write_atomically(directory / "compare.md", found.markdown())
    write_atomically(
        directory / "compare.json", json.dumps(found.to_dict(), indent=2, ensure_ascii=False) + "\n"
    )
    return 1 if found.regressed else 0


def _side_by_side(runs: Sequence[Path], to: Path | None) -> int:
    from .runs import write_atomically
    from .side_by_side import TABLE, compared

    text = compared([read(run) for run in runs])
    print(text, end="")
    directory = to or (runs[-1] if runs[-1].is_dir() else runs[-1].parent)
    directory.mkdir(parents=True, exist_ok=True)
    write_atomically(directory / TABLE, text)
    return 0


def _catalogue(*, check: bool) -> int:
    from .catalogue import PAGE as CATALOGUE
    from .catalogue import catalogue
    from .runs import write_atomically

    text = catalogue()
    if not check:
        write_atomically(CATALOGUE, text)
        print(CATALOGUE)
        return 0
    fresh = CATALOGUE.exists() and CATALOGUE.read_text(encoding="utf-8") == text
    print(f"{CATALOGUE}: " + ("as it should be" if fresh else "stale. Remedy: python -m reports catalogue"))
    return 0 if fresh else 1


if __name__ == "__main__":
    sys.exit(main())
