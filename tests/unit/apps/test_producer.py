"""The producer, as a process."""

from __future__ import annotations

import runpy

import pytest

from tests.unit.apps.conftest import IMAGES, until


def test_publishes_exactly_what_was_asked_for(start, data):
    """Requests for 25 items and for one put 26 different items on the list, counted in Redis and /metrics."""
    producer = start("producer")
    assert producer.post("/publish/25").json() == {"published": 25, "total": 25}
    assert producer.post("/publish").json() == {"published": 1, "total": 26}
    assert len(set(data.lrange("padok", 0, -1))) == data.llen("padok") == 26
    assert data.get("padok:published") == "26"
    assert producer.metric("producer_messages_published_total") == 26


def test_the_most_that_one_request_may_publish(start, data):
    """10000 items in one request are published."""
    assert start("producer").post("/publish/10000").json()["published"] == 10_000
    assert data.llen("padok") == 10_000


def test_a_count_that_makes_no_sense_publishes_nothing(start, data):
    """A count that is not 1 to 10000 is answered with 400, an unknown page with 404; no item is put."""
    producer = start("producer")
    for count in ("0", "-1", "10001", "99999999999", "1.5", "many", "", "%D9%A3"):
        answer = producer.post(f"/publish/{count}")
        assert answer.status_code == 400, count
        assert "count must be 1 to 10000" in answer.json()["error"]
    for method, path in (("get", "/publish"), ("post", "/publish/1/2"), ("post", "/healthz")):
        answer = getattr(producer, method)(path)
        assert answer.status_code == 404, path
        assert path in answer.json()["error"]
    assert data.llen("padok") == 0
    assert data.get("padok:published") is None


def test_health_is_that_of_redis(start, server):
    """Without Redis /healthz and /publish answer 503; once it is back both work, in the same process."""
    producer = start("producer")
    server.stop()
    assert producer.get("/healthz").status_code == 503
    assert producer.post("/publish/3").status_code == 503
    server.start()
    until(lambda: producer.get("/healthz").status_code == 200, "not healthy with Redis back")
    assert producer.post("/publish/3").json() == {"published": 3, "total": 3}


def test_stops_on_sigterm(start):
    """SIGTERM ends the producer with exit code 0 and a word about it."""
    producer = start("producer")
    assert producer.terminate() == 0
    assert "SIGTERM: stopped" in producer.log.read_text()


@pytest.mark.parametrize(
    "wrong",
    [
        {"REDIS_ADDRESS": "redis-master"},
        {"REDIS_ADDRESS": ":6379"},
        {"PORT": "http"},
        {"SECONDS_PER_ITEM": "-1"},
        {"SECONDS_PER_ITEM": "nan"},
    ],
)
def test_a_wrong_environment_is_named(wrong):
    """A setting that makes no sense ends an application with its name, and no traceback."""
    service = runpy.run_path(str(IMAGES / "apps" / "service.py"))
    with pytest.raises(SystemExit, match=next(iter(wrong))):
        service["Settings"].read(wrong)
