"""The steady load: as many items as are missing, and none twice."""

from __future__ import annotations

from types import SimpleNamespace

from conformance.upgrade import names
from conformance.upgrade.steady import Steady


class Queue:
    """A producer that answers before it has published, and the Redis behind it."""

    class Failed(Exception):
        pass

    def __init__(self, published: int = 100) -> None:
        self.queued, self.published, self.taken = 0, published, 0

    def counts(self):
        return SimpleNamespace(queued=self.queued, in_hand=0, published=self.published, consumed=0)

    def publish(self, count):
        self.taken += count

    def arrive(self, count):
        self.taken -= count
        self.queued += count
        self.published += count


def load(queue: Queue) -> Steady:
    return Steady(SimpleNamespace(producer=queue, redis_queue=queue))


def test_what_is_on_its_way_is_not_published_again():
    """A queue that is filled twice asks for eight consumers, who then leave: no scale-down of an upgrade."""
    queue = Queue()
    steady = load(queue)
    steady._top_up()
    queue.arrive(20)
    steady._top_up()
    assert steady.published == names.LEVEL
    queue.arrive(names.LEVEL - 20)
    queue.queued -= 8
    steady._top_up()
    assert steady.published == names.LEVEL + 8


def test_what_never_comes_is_published_again():
    """A producer that was restarted has lost what it had taken; the load goes on."""
    queue = Queue()
    steady = load(queue)
    for _ in range(names.LOST + 1):
        steady._top_up()
    assert steady.published == 2 * names.LEVEL


def test_a_store_that_forgot():
    """A Redis that starts empty counts from nothing."""
    queue = Queue()
    steady = load(queue)
    steady._top_up()
    queue.queued = queue.published = 0
    for _ in range(names.LOST + 2):
        steady._top_up()
    assert steady.published == 2 * names.LEVEL
