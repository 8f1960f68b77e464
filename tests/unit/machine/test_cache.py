from __future__ import annotations

import errno
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fixtures.machine.bundle import cache as caches
from fixtures.machine.bundle.cache import Cache
from fixtures.machine.errors import KitError

WITHIN = 20.0
"""Seconds for what takes some hundredths."""
HALF_DONE = """
import sys
from pathlib import Path
from fixtures.machine.bundle.cache import Cache
with Cache(Path(sys.argv[1])).publish("bin", "key") as draft:
    (draft / "half").write_text("half")
    print("in the middle", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path)


def fill(cache: Cache, text: str = "whole") -> None:
    with cache.publish("bin", "key") as draft:
        (draft / "file").write_text(text)


def test_an_entry_is_there_when_its_block_ended(cache):
    """Nothing before and in between, the whole entry after, and a later one replaces it."""
    assert cache.entry("bin", "key") is None
    with cache.publish("bin", "key") as draft:
        (draft / "file").write_text("whole")
        assert cache.entry("bin", "key") is None
    assert (cache.entry("bin", "key") / "file").read_text() == "whole"
    fill(cache, "newer")
    assert (cache.entry("bin", "key") / "file").read_text() == "newer"


def test_a_failure_leaves_nothing(cache):
    """An exception in the block: no entry, and no draft either."""

    def half() -> None:
        with cache.publish("bin", "key") as draft:
            (draft / "half").touch()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert cache.entry("bin", "key") is None
    assert list(cache.work.iterdir()) == []


def test_a_kill_leaves_no_entry_and_the_next_run_works(cache, tmp_path):
    """kill -9 in the middle of publishing: no entry; the next holder of the lock clears up and publishes."""
    child = subprocess.Popen(
        [sys.executable, "-c", HALF_DONE, str(tmp_path)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert child.stdout.readline() == b"in the middle\n"
    finally:
        child.kill()
        child.communicate(timeout=WITHIN)
    assert cache.entry("bin", "key") is None
    assert [path.name for path in cache.work.rglob("half")] == ["half"]
    with cache.locked(print):
        assert not cache.work.exists()
        fill(cache)
    assert cache.entry("bin", "key") is not None


def test_a_second_run_waits_and_says_so(cache, tmp_path):
    """While one run builds, another says that it waits, and goes on once the first has ended."""
    waits, entered = threading.Event(), threading.Event()
    said = []

    def second() -> None:
        def say(text: str) -> None:
            said.append(text)
            waits.set()

        with Cache(tmp_path).locked(say):
            entered.set()

    thread = threading.Thread(target=second)
    with cache.locked(print):
        thread.start()
        assert waits.wait(WITHIN)
        assert not entered.is_set()
    assert entered.wait(WITHIN)
    thread.join(WITHIN)
    assert "another run is building" in said[0]


def test_waiting_has_an_end(cache, tmp_path, monkeypatch):
    """A lock that is never let go is an error that names its file."""
    monkeypatch.setattr(caches, "BUILD_WAIT", 0.05)
    with cache.locked(print), pytest.raises(KitError, match="lock"), Cache(tmp_path).locked(lambda _: None):
        pass


def test_a_full_disk_is_said_with_its_remedy(cache):
    """No space left becomes an error with a remedy; any other error stays itself."""
    with pytest.raises(KitError, match="disk is full") as caught, cache.publish("bin", "key"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "XDG_CACHE_HOME" in caught.value.remedy
    with pytest.raises(PermissionError), cache.publish("bin", "key"):
        raise PermissionError(errno.EACCES, "Permission denied")


def test_what_takes_a_moment_needs_no_hold(tmp_path):
    """An archive is written while another run builds: who takes the cache then does not sweep it away."""
    cache = Cache(tmp_path)
    with cache.publish("archive", "a", held=False) as draft:
        (draft / "images.tar").write_text("x")
        with cache.locked(print):
            assert draft.is_dir()
        assert cache.entry("archive", "a") is None
    assert [path.name for path in (tmp_path / "archive").iterdir()] == ["a"]
