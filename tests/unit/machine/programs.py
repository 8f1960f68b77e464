"""Programs that a test makes: shell scripts in a folder of their own, on a PATH that holds nothing else."""

from __future__ import annotations

from pathlib import Path


def program(folder: Path, name: str, script: str) -> Path:
    """An executable of the shell's own words; nothing of the machine is on its PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path
