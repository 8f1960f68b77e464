"""Where a run's files go: `reports/runs/<time>-<scenario>/`, and `latest` that points to the newest."""

from __future__ import annotations

import os
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

RUNS = Path("reports") / "runs"
LATEST = "latest"


def utc(at: float | datetime) -> str:
    """Unix seconds or an aware datetime as the report's ISO 8601 text, to the millisecond."""
    moment = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def run_id(scenario: str, at: datetime | None = None) -> str:
    """`20261122T023000Z-dojo`: sorts by time and is a file name everywhere."""
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', scenario) or 'run'}"


def create(root: Path, scenario: str, at: datetime | None = None) -> Path:
    """Make and return a fresh directory for a run under `root`; two runs in one second get two."""
    name = run_id(scenario, at)
    for suffix in ("", *(f"-{n}" for n in range(2, 100))):
        directory = root / f"{name}{suffix}"
        try:
            directory.mkdir(parents=True)
        except FileExistsError:
            continue
        return directory
    raise FileExistsError(f"{root / name}: a hundred runs in one second")


def latest(root: Path = RUNS) -> Path:
    """The newest run's report.json under `root`, whether or not it is there; see :func:`point_latest`."""
    pointer = root / LATEST
    folder = root / pointer.read_text().strip() if pointer.is_file() else pointer
    return folder / "report.json"


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step: a reader, or a kill, sees the old file or the new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
        # mkstemp's 0600 would keep CI from collecting the file.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def point_latest(directory: Path) -> Path:
    """Point `latest` beside `directory` to it, in one step; returns the path to show a reader.

    Where links cannot be made (some file systems, Windows), `latest` is a text file with the name,
    and the path shown is the directory itself. A `latest` directory made by hand is left alone.
    """
    latest = directory.parent / LATEST
    if latest.is_dir() and not latest.is_symlink():
        return directory
    temporary = directory.parent / f".{LATEST}.{os.getpid()}"
    try:
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(directory.name, target_is_directory=True)
        temporary.replace(latest)
    except (OSError, NotImplementedError):
        write_atomically(latest, f"{directory.name}\n")
        return directory
    return latest
