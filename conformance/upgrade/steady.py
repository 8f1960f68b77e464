"""A steady load: the queue is kept at one length while the charts are changed under it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import names


class Steady:
    """Publishes what was taken from the queue, again and again; counts what it published."""

    def __init__(self, stage: Any) -> None:
        self._stage, self._end = stage, threading.Event()
        self._thread = threading.Thread(target=self._go, name="steady-load", daemon=True)
        self.published, self.refused = 0, 0
        self._sent: int | None = None
        self._arrived, self._looks = 0, 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No more is published from now on."""
        self._end.set()
        self._thread.join()

    def _go(self) -> None:
        while not self._end.is_set():
            self._top_up()
            self._end.wait(names.TOP_UP)

    def _top_up(self) -> None:
        producer = self._stage.producer
        try:
            counts = self._stage.redis_queue.counts()
            missing = names.LEVEL - counts.queued - self._on_the_way(counts.published or 0)
            if missing > 0:
                producer.publish(missing)
                self.published += missing
                self._sent = (self._sent or 0) + missing
        except (producer.Failed, self._stage.redis_queue.Failed):
            self.refused += 1  # one of them may be what is being changed: it is asked again

    def _on_the_way(self, arrived: int) -> int:
        """Items that the producer has taken and not published yet: it answers first. Those that do not come
        for some looks were lost with it, or the count of those that came was.
        """
        if self._sent is None:
            self._sent = arrived
        self._looks = self._looks + 1 if arrived == self._arrived else 0
        self._arrived = arrived
        if self._looks >= names.LOST:
            self._sent, self._looks = arrived, 0
        return max(0, self._sent - arrived)


@contextmanager
def steady(stage: Any) -> Iterator[Steady]:
    """The load, for as long as the block lasts."""
    load = Steady(stage)
    load.start()
    try:
        yield load
    finally:
        load.stop()
