from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import tenacity

from fixtures.machine.errors import KitError
from fixtures.machine.process import CommandError, CommandTimeout, run

LONG = 30.0
"""Seconds that none of these programs needs."""


def alive(pid: int) -> bool:
    """Whether the process runs: one that has ended and was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_what_a_program_prints_comes_back():
    """Both outputs, the exit code, the input and the added environment go through."""
    done = run(
        ["sh", "-c", "cat; echo $WORD >&2; exit 3"], timeout=LONG, input="in", env={"WORD": "w"}, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("in", "w\n", 3)


def test_a_failure_shows_command_code_and_the_end_of_both_outputs():
    """The error names command and exit code, and holds the last lines of each output, not the first."""
    numbers = " ".join(map(str, range(1, 21)))
    script = f"for n in {numbers}; do echo out-$n; echo err-$n >&2; done; exit 7"
    with pytest.raises(CommandError) as caught:
        run(["sh", "-c", script], timeout=LONG)
    text = str(caught.value)
    assert "exit code 7" in text
    assert {"out-20", "err-20"} <= set(text.splitlines())
    assert not {"out-1", "err-1"} & set(text.splitlines())
    assert caught.value.returncode == 7


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
def test_a_timeout_ends_the_children_too(tmp_path):
    """A program that does not end is killed with what it started; what it printed until then is told."""
    script = f"sleep 60 & echo $! > {tmp_path}/child; echo started; wait"
    with pytest.raises(CommandTimeout, match=r"still running after 0\.5 s") as caught:
        run(["sh", "-c", script], timeout=0.5)
    assert caught.value.stdout == "started\n"
    child = int((tmp_path / "child").read_text())
    for attempt in tenacity.Retrying(
        stop=tenacity.stop_after_delay(LONG / 2), wait=tenacity.wait_fixed(0.02), reraise=True
    ):
        with attempt:
            assert not alive(child)


def test_a_missing_program_is_named():
    """There is no traceback for a program that is not installed, but its name and what to do."""
    with pytest.raises(KitError, match="no program 'no-such-program'") as caught:
        run(["no-such-program"], timeout=LONG)
    assert caught.value.remedy == "install no-such-program"


def test_output_that_is_no_text_is_no_failure():
    """Bytes that are not UTF-8 are replaced."""
    code = "import sys; sys.stdout.buffer.write(b'a\\xffb')"
    assert run([sys.executable, "-S", "-c", code], timeout=LONG).stdout == "a�b"
    assert os.environ.get("WORD") is None
