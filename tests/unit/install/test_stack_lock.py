from __future__ import annotations

import pytest

from charts.__main__ import main
from fixtures.install.stack_lock import differences, lock_of, lock_path, read_lock, write_lock
from fixtures.install.stacks import load_stack
from fixtures.machine.errors import KitError

STACK = """
name = "mine"
inherits = "default"
[charts.redis]
source = "redis"
[charts.redis.values]
replicas = 1
"""


@pytest.fixture
def stack(tmp_path):
    """A stack of its own, with a chart beside it."""
    chart = tmp_path / "redis"
    chart.mkdir()
    (chart / "Chart.yaml").write_text("name: redis\nversion: 1.0.0\n")
    path = tmp_path / "mine.toml"
    path.write_text(STACK)
    return path


def test_a_lock_says_what_the_stack_is_now(stack):
    """Charts by what is in them, images by what they are built from: a change of a file changes it."""
    before = lock_of(load_stack(str(stack)))
    assert before["kubernetes"] == "1.37.1"
    assert before["charts.redis"].startswith("1.0.0 sha256:")
    assert before["images.prometheus"].startswith("v3.15.0 sha256:")
    (stack.parent / "redis" / "values.yaml").write_text("a: 1\n")
    (line,) = differences(before, lock_of(load_stack(str(stack))))
    assert line.startswith("charts.redis: 1.0.0 sha256:")


def test_values_are_part_of_it(stack):
    """The same chart with other values is another stack."""
    before = lock_of(load_stack(str(stack)))
    stack.write_text(STACK.replace("replicas = 1", "replicas = 2"))
    (line,) = differences(before, lock_of(load_stack(str(stack))))
    assert line.startswith("charts.redis.values: ")


def test_what_was_locked_is_read_again(stack):
    """And what is no lock is refused with the command that writes one."""
    loaded = load_stack(str(stack))
    assert read_lock(loaded) is None
    locked = lock_of(loaded)
    write_lock(loaded, locked)
    assert read_lock(loaded) == locked
    lock_path(loaded).write_text("nonsense")
    with pytest.raises(KitError, match="is no lock") as caught:
        read_lock(loaded)
    assert caught.value.remedy == "python -m charts lock mine"


def test_the_command_shows_locks_and_compares(stack, capsys):
    """0 while it is as locked, 1 when it changed or two differ, 2 for one that is not there."""
    name = str(stack)
    assert main(["lock", name]) == 0
    assert main(["show", name]) == 0
    assert "mine (as locked)" in capsys.readouterr().out
    (stack.parent / "redis" / "values.yaml").write_text("a: 1\n")
    assert main(["show", name]) == 1
    assert "changed: charts.redis" in capsys.readouterr().out
    assert main(["diff", name, name]) == 0
    assert main(["diff", "default", name]) == 1
    assert main(["show", "nobody"]) == 2


def test_the_kits_own_stacks_are_as_locked():
    """What a stack is made from does not change unseen. Remedy: python -m charts lock."""
    for name in ("default", "previous", "kubernetes-1.36"):
        stack = load_stack(name)
        assert differences(read_lock(stack) or {}, lock_of(stack)) == [], "python -m charts lock"
