"""Diagnostics are read in bounded time, whatever state the cluster is in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.observe.diagnostics import MOST, Diagnostics


class DeadPrometheus:
    """Answers nothing."""

    def config(self) -> str:
        raise ConnectionError("no route to host")

    def get(self, path: str) -> Any:
        raise ConnectionError(f"no answer for {path}")


@pytest.fixture
def kubectl(tmp_path: Path) -> Path:
    """A kubectl that lists one pod, logs without end, and fails to describe."""
    script = tmp_path / "kubectl"
    script.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        '  *"get pods"*) echo pod/consumer-1 ;;\n'
        "  logs*) yes a-long-line-of-a-log | head -c 3000000 ;;\n"
        "  describe*) echo the server is gone >&2; exit 1 ;;\n"
        '  *) echo "said: $*" ;;\n'
        "esac\n"
    )
    script.chmod(0o755)
    return script


def test_what_cannot_be_read_is_its_error(kubectl: Path) -> None:
    """A dead Prometheus or a failing command is a text in its file, and the other files are there."""
    found = Diagnostics([str(kubectl)], None, DeadPrometheus()).everything()  # type: ignore[arg-type]

    assert "no route to host" in found["prometheus-config.yaml"]
    assert "the server is gone" in found["hpa.txt"]
    assert found["events.txt"].startswith("said: get events")


def test_logs_are_bounded(kubectl: Path) -> None:
    """A container that logs without end does not fill the disk."""
    found = Diagnostics([str(kubectl)], None, DeadPrometheus()).everything()  # type: ignore[arg-type]

    assert len(found["logs/default-consumer-1.txt"]) == MOST
