"""The consumer: takes one item a second from the Redis list and loses none when it is stopped.

An item moves from the queue to ``<queue>:in-hand`` in one step, is worked on for ``SECONDS_PER_ITEM``, and
leaves ``in-hand`` in the transaction that counts it in ``<queue>:consumed``. On SIGTERM the item in hand is
finished first. When Redis goes away the item stays in hand and is finished after it is back.
"""

from __future__ import annotations

import signal
import time
from types import FrameType

import redis
from prometheus_client import Counter
from service import Handler, Server, Settings

TAKE_SECONDS = 1
"""How long one wait for an item blocks; so long, at most, does an idle consumer not see SIGTERM."""
ANSWER_SECONDS = 5.0
"""Beyond TAKE_SECONDS by far: an item moved for a client that has stopped waiting would have no owner."""
RETRY_SECONDS = 0.5
"""Between two tries to reach Redis."""
GIVE_UP_SECONDS = 20.0
"""After SIGTERM, how long Redis may stay away before the item is left in hand: below a pod's 30 s grace."""
DRIFT = 0.1
"""An item taken this soon after the one before, as a share of its time, keeps the beat: no delay adds up."""

CONSUMED = Counter("consumer_messages_consumed", "Items finished by this process.")


class Consumer:
    """One consumer; ``run`` returns after :meth:`stop`, with no item in hand."""

    def __init__(self, client: redis.Redis, settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self.in_hand = settings.key("in-hand")
        self.stopped_at: float | None = None
        self._due = 0.0

    def stop(self, number: int, _frame: FrameType | None) -> None:
        """Signal handler: take nothing more."""
        if self.stopped_at is None:
            self.stopped_at = time.monotonic()
        print(f"{signal.Signals(number).name}: no more items are taken", flush=True)

    def run(self) -> None:
        while self.stopped_at is None:
            try:
                item = self.take()
            except redis.RedisError as error:
                self._wait_for_redis(error)
                continue
            if item is not None:
                self._work()
                self._let_go(item)

    def take(self) -> str | None:
        """The next item, now in hand; None when the queue stayed empty."""
        settings = self.settings
        item = self.client.blmove(settings.queue, self.in_hand, TAKE_SECONDS, src="LEFT", dest="RIGHT")
        return None if item is None else str(item)

    def finish(self, item: str) -> bool:
        """Count ``item`` and let go of it, once: False when it is in hand no more.

        That is so when the answer to an earlier try was lost, or Redis came back without its data. Looking
        first is safe because an item has one owner, this process.
        """
        if self.client.lpos(self.in_hand, item) is None:
            return False
        with self.client.pipeline(transaction=True) as transaction:
            transaction.lrem(self.in_hand, 1, item)
            transaction.incr(self.settings.key("consumed"))
            transaction.execute()
        CONSUMED.inc()
        return True

    def _work(self) -> None:
        taken, seconds = time.monotonic(), self.settings.seconds_per_item
        on_beat = taken - self._due < DRIFT * seconds
        self._due = (self._due if on_beat else taken) + seconds
        time.sleep(max(0.0, self._due - taken))

    def _let_go(self, item: str) -> None:
        """Finish ``item`` as soon as Redis answers; the program ends when it stays away after a stop."""
        while True:
            try:
                counted = self.finish(item)
            except redis.RedisError as error:
                if self.stopped_at is not None and time.monotonic() - self.stopped_at > GIVE_UP_SECONDS:
                    raise SystemExit(f"{item} is left in {self.in_hand}: {error}") from None
                self._wait_for_redis(error)
            else:
                print(f"consumed {item}" if counted else f"not in hand any more: {item}", flush=True)
                return

    def _wait_for_redis(self, error: redis.RedisError) -> None:
        print(f"Redis: {error}", flush=True)
        time.sleep(RETRY_SECONDS)


def main() -> None:
    settings = Settings.read()
    consumer = Consumer(settings.connect(TAKE_SECONDS + ANSWER_SECONDS), settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, consumer.stop)
    server = Server(settings, Handler)
    server.start()
    print(f"consumer of {settings.queue}, one item in {settings.seconds_per_item:g} s", flush=True)
    consumer.run()
    server.stop()
    print("stopped with nothing in hand", flush=True)


if __name__ == "__main__":
    main()
