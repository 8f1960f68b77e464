"""The producer: ``POST /publish`` and ``POST /publish/{count}`` put items on the Redis list.

The items and their number in ``<queue>:published`` enter Redis in one transaction, so that at any moment
published = consumed + queued + in hand, whatever was cut off.
"""

from __future__ import annotations

import re
import signal
import uuid

import redis
from prometheus_client import Counter
from service import Handler, Server, Settings

MAX_COUNT = 10_000
"""Items of one request: one transaction of half a megabyte, which stops Redis for milliseconds only."""
PUBLISH_SECONDS = 2.0
"""How long Redis may take to answer a transaction before the request ends with 503."""
STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}

PUBLISHED = Counter("producer_messages_published", "Items put on the queue by this process.")


def publish(client: redis.Redis, settings: Settings, count: int) -> int:
    """Put ``count`` new items on the queue; returns how many were ever published."""
    batch = uuid.uuid4().hex
    with client.pipeline(transaction=True) as transaction:
        transaction.rpush(settings.queue, *(f"{batch}-{number}" for number in range(count)))
        transaction.incrby(settings.key("published"), count)
        total = int(transaction.execute()[-1])
    PUBLISHED.inc(count)
    print(f"published {count} items ({batch}), {total} in all", flush=True)
    return total


def handler(client: redis.Redis, settings: Settings) -> type[Handler]:
    """The HTTP side of a producer on ``client``."""

    class Producer(Handler):
        def post(self, path: str) -> None:
            asked = re.fullmatch(r"/publish(?:/([^/]*))?", path)
            if asked is None:
                super().post(path)
                return
            text = "1" if asked[1] is None else asked[1]
            # isascii: str.isdigit() is true of other scripts' digits; the length bounds what int() reads
            count = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_COUNT)) else 0
            if not 1 <= count <= MAX_COUNT:
                self.answer(400, error=f"count must be 1 to {MAX_COUNT}, not {text[:80]!r}")
                return
            try:
                total = publish(client, settings, count)
            except redis.RedisError as error:
                self.answer(503, error=f"Redis did not confirm: {error}")
            else:
                self.answer(200, published=count, total=total)

    return Producer


def main() -> None:
    settings = Settings.read()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)  # before any thread: only sigwait gets them
    server = Server(settings, handler(settings.connect(PUBLISH_SECONDS), settings))
    server.start()
    print(f"producer of {settings.queue} listens on port {settings.port}", flush=True)
    stopped_by = signal.Signals(signal.sigwait(STOP_SIGNALS))
    server.stop()
    print(f"{stopped_by.name}: stopped", flush=True)


if __name__ == "__main__":
    main()
