"""The consumer, as a process. Items take 0.2 s here."""

from __future__ import annotations

import time

import pytest

from tests.unit.apps.conftest import until
from tests.unit.apps.redis_servers import FakeRedis

QUICK = {"SECONDS_PER_ITEM": "0.2"}


def in_hand(data) -> int:
    return data.llen("padok:in-hand")


def consumed(data) -> int:
    return int(data.get("padok:consumed") or 0)


def test_takes_one_item_at_a_time_and_counts_it(start, data):
    """Five items of 0.2 s take at least 1 s, with never more than one in hand; then all are counted."""
    consumer = start("consumer", **QUICK)
    data.rpush("padok", *"abcde")
    began, most = time.monotonic(), 0
    while consumed(data) < 5 and time.monotonic() - began < 10:
        most = max(most, in_hand(data))
    took = time.monotonic() - began
    assert took >= 1 - 0.05  # the first may have been taken before the clock was read
    assert (most, in_hand(data), data.llen("padok")) == (1, 0, 0)
    until(lambda: consumer.metric("consumer_messages_consumed_total") == 5, "/metrics has another number")
    assert consumer.get("/healthz").status_code == 200


def test_consumers_share_the_queue(start, data):
    """Two consumers leave nothing behind, and every item is counted once."""
    for _ in range(2):
        start("consumer", SECONDS_PER_ITEM="0.01")
    data.rpush("padok", *map(str, range(50)))
    until(lambda: data.llen("padok") + in_hand(data) == 0, "the queue is not empty")
    assert consumed(data) == 50


def test_sigterm_finishes_the_item_in_hand(start, data):
    """After SIGTERM the item in hand is counted, no other is touched, and the exit code is 0."""
    consumer = start("consumer", SECONDS_PER_ITEM="1")
    data.rpush("padok", "first", "second")
    until(lambda: in_hand(data) == 1, "no item was taken")
    assert consumer.terminate() == 0
    assert (consumed(data), in_hand(data), data.lrange("padok", 0, -1)) == (1, 0, ["second"])
    assert "consumed first" in consumer.log.read_text()


def test_sigterm_ends_an_idle_consumer(start):
    """With an empty queue SIGTERM ends the consumer with exit code 0."""
    assert start("consumer", **QUICK).terminate() == 0


def test_a_restart_of_redis_loses_no_item(start, server, data):
    """An item in hand while Redis restarts is finished and counted once it is back, as are the others."""
    consumer = start("consumer", **QUICK)
    data.rpush("padok", "first", "second")
    until(lambda: in_hand(data) == 1, "no item was taken")
    server.stop()
    until(lambda: "Redis:" in consumer.log.read_text(), "the consumer did not notice")
    assert consumer.get("/healthz").status_code == 503
    server.start()
    until(lambda: consumed(data) == 2, "the items were not finished")
    assert in_hand(data) == data.llen("padok") == 0
    assert consumer.get("/healthz").status_code == 200


def test_an_item_lost_with_redis_is_not_counted(start, data):
    """When Redis has forgotten the item in hand it is not counted, as it was not published any more."""
    consumer = start("consumer", **QUICK)
    data.rpush("padok", "forgotten")
    until(lambda: in_hand(data) == 1, "no item was taken")
    data.flushall()
    until(lambda: "not in hand any more: forgotten" in consumer.log.read_text(), "the item was not let go")
    assert consumed(data) == 0


@pytest.mark.parametrize("server", ["fake"], indirect=True)
def test_a_lost_answer_counts_once(start, server: FakeRedis, data):
    """When Redis counted an item but its answer was lost, trying again does not count the item twice."""
    consumer = start("consumer", **QUICK)
    data.rpush("padok", "only")
    server.cut_after = "EXEC"
    until(lambda: "not in hand any more: only" in consumer.log.read_text(), "the item was not let go")
    assert (consumed(data), in_hand(data)) == (1, 0)
