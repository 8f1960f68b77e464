"""Reads of Redis, with a Redis in this process and a port-forward that leads to it."""

from __future__ import annotations

import fakeredis
import pytest
from redis.exceptions import ConnectionError as Lost

from fixtures.observe import redis_queue
from fixtures.observe.errors import ReadFailed
from fixtures.observe.redis_queue import Counts, RedisReader


class Forward:
    """Stands for PortForward: ``ports`` one after the other, a new one for each renewal."""

    def __init__(self) -> None:
        self.now = 4001
        self.closed = False

    def port(self, patience):
        return self.now

    def renew(self, port):
        if port == self.now:
            self.now += 1

    def close(self):
        self.closed = True


@pytest.fixture
def forward() -> Forward:
    return Forward()


@pytest.fixture
def redis(monkeypatch):
    """The server; connections to it know the port they were made for."""
    server = fakeredis.FakeServer()

    def connect(port):
        client = fakeredis.FakeRedis(server=server, decode_responses=True)
        client.connection_pool.connection_kwargs["port"] = port
        return client

    monkeypatch.setattr(redis_queue, "_connect", connect)
    return connect(0)


def test_counts_are_of_one_moment(redis, forward):
    """All four counts come with one question."""
    redis.rpush("padok", "a", "b")
    redis.rpush("padok:in-hand", "c")
    redis.set("padok:published", 5)
    redis.set("padok:consumed", 2)
    reader = RedisReader(forward)
    assert reader.counts() == Counts(queued=2, in_hand=1, published=5, consumed=2)
    assert (reader.length(), reader.in_hand(), reader.published(), reader.consumed()) == (2, 1, 5, 2)


def test_what_nobody_counts_is_none(redis, forward):
    """An empty list has length 0; a count that nobody keeps is not 0."""
    assert RedisReader(forward).counts() == Counts(queued=0, in_hand=0, published=None, consumed=None)


def test_a_lost_connection_is_a_failed_read_and_renews_the_forward(redis, forward, monkeypatch):
    """When the connection is lost the read fails, and the next one goes by a new forward."""
    reader = RedisReader(forward)
    reader.length()

    def lost(*_):
        raise Lost("Connection closed by server.")

    with monkeypatch.context() as patch:
        patch.setattr(fakeredis.FakeRedis, "llen", lost)
        with pytest.raises(ReadFailed, match=r"Redis LLEN padok: Connection closed by server\."):
            reader.length()
    assert forward.now == 4002
    assert reader.length() == 0
    assert reader.client().connection_pool.connection_kwargs["port"] == 4002


def test_a_key_of_another_type_is_a_failed_read(redis, forward):
    """A queue that is no list has no length, and the forward is not to blame."""
    redis.set("padok", "text")
    with pytest.raises(ReadFailed, match="WRONGTYPE"):
        RedisReader(forward).length()
    redis.delete("padok")
    redis.set("padok:published", "many")
    with pytest.raises(ReadFailed, match="many"):
        RedisReader(forward).counts()
    assert forward.now == 4001


def test_no_forward_is_a_failed_read(forward, monkeypatch):
    """Without a port there is no answer."""

    def refuse(patience):
        raise ReadFailed("port-forward to service/redis-master", "not up yet")

    monkeypatch.setattr(forward, "port", refuse)
    with pytest.raises(ReadFailed, match="not up yet"):
        RedisReader(forward).length()


def test_a_server_that_is_not_there_fails_in_time(forward):
    """The real client gives up at once, without trying again."""
    forward.now = 1  # nobody listens at port 1
    with pytest.raises(ReadFailed, match="refused"):
        RedisReader(forward).length()


def test_closing_closes_the_forward(redis, forward):
    """Closing the reader ends the port-forward."""
    reader = RedisReader(forward)
    reader.length()
    reader.close()
    assert forward.closed
