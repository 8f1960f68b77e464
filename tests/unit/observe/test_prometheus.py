"""Reads of Prometheus: what is there, what is not, and what could not be told."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from fixtures.observe.errors import ReadFailed
from fixtures.observe.prometheus import PrometheusReader, RawSeries, Sample
from fixtures.observe.sources import pick

PROXY = "/api/v1/namespaces/prometheus/services/prometheus-kube-prometheus-prometheus:9090/proxy"


@pytest.fixture
def prometheus(live_api) -> PrometheusReader:
    return PrometheusReader(live_api)


def ok(data):
    return lambda path: (200, {"status": "success", "data": data})


def vector(*rows):
    return ok({"resultType": "vector", "result": [{"metric": m, "value": v} for m, v in rows]})


def test_queries_go_through_the_service_proxy(server, prometheus):
    """No forward and no ingress is needed: the API server leads to the Service."""
    server.answer = vector(({"key": "padok"}, [12.5, "40"]))
    assert prometheus.query("redis_key_size") == [Sample({"key": "padok"}, 40.0, 12.5)]
    url = urlsplit(server.seen[0][0])
    assert url.path == f"{PROXY}/api/v1/query"
    assert parse_qs(url.query) == {"query": ["redis_key_size"], "timeout": ["2s"]}
    assert server.seen[0][1] == "Bearer open-sesame"


def test_no_series_is_an_answer(server, prometheus):
    """An empty result is an empty list, not a failure."""
    server.answer = vector()
    assert prometheus.query("x") == []
    assert prometheus.latest("x") == []


def test_a_scalar_is_one_sample(server, prometheus):
    """A scalar has no labels."""
    server.answer = ok({"resultType": "scalar", "result": [1.0, "2"]})
    assert prometheus.query("1+1") == [Sample({}, 2.0, 1.0)]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, {"status": "error", "error": "parse error"}, "Prometheus x: HTTP 400: parse error"),
        (503, b"no endpoints available", "HTTP 503: no endpoints"),
        (404, {"message": "services not found"}, "HTTP 404: services not found"),
        (200, b"<html>", "Prometheus x: "),
        (200, {"status": "success"}, "not an answer of Prometheus"),
        (200, {"data": {"result": [{"metric": {}}]}}, "not an answer of Prometheus"),
    ],
)
def test_anything_else_is_a_failed_read(server, prometheus, status, body, said):
    """An error of Prometheus, of the proxy, or a strange answer never looks like an empty result."""
    server.answer = lambda path: (status, body)
    with pytest.raises(ReadFailed, match=said):
        prometheus.query("x")
    assert len(server.seen) == 1  # and it is not asked again


def test_a_dead_server_is_a_failed_read(server, prometheus):
    """A refused connection is a failed read of every method, readiness included."""
    server.close()
    for ask in (lambda: prometheus.query("x"), prometheus.rules, prometheus.targets, prometheus.ready):
        with pytest.raises(ReadFailed, match="refused"):
            ask()


def test_latest_has_the_samples_own_time(server, prometheus):
    """Each series has the time at which it was sampled, found by its labels."""
    a, b = {"__name__": "m", "k": "a"}, {"__name__": "m", "k": "b"}
    server.answer = vector(
        ({"k": "a", "kit_sampled_at": "1"}, [100, "97.5"]),
        ({"k": "b", "kit_sampled_at": "1"}, [100, "98.5"]),
        (b, [100, "2"]),
        (a, [100, "1"]),
    )
    assert prometheus.latest("m") == [Sample(b, 2.0, 98.5), Sample(a, 1.0, 97.5)]


def test_raw_samples_are_the_stored_ones(server, prometheus):
    """Stored samples keep their own timestamps."""
    server.answer = ok({"result": [{"metric": {"k": "a"}, "values": [[1.25, "3"], [6.25, "NaN"]]}]})
    (found,) = prometheus.raw_samples('m{k="a"}', 120)
    assert found.samples[0] == (1.25, 3.0)
    assert parse_qs(urlsplit(server.seen[0][0]).query)["query"] == ['m{k="a"}[120000ms]']


def test_ranges(server, prometheus):
    """A range query gives a row of values for each series."""
    server.answer = ok({"result": [{"metric": {}, "values": [[1, "3"]]}]})
    assert prometheus.query_range("m", 0.0, 10.0, 5.0) == [RawSeries({}, ((1.0, 3.0),))]


def test_targets_tell_the_interval_in_force(server, prometheus):
    """A target's interval and timeout are seconds, and only active targets are listed."""
    target = {
        "scrapePool": "exporter/0", "scrapeUrl": "http://x/metrics", "health": "up", "lastError": "",
        "scrapeInterval": "5s", "scrapeTimeout": "5s", "labels": {"service": "e"},
        "discoveredLabels": {"a": "b"},
    }  # fmt: skip
    server.answer = ok({"activeTargets": [target], "droppedTargets": []})
    (found,) = prometheus.targets()
    assert (found.interval, found.health, found.labels) == (5.0, "up", {"service": "e"})
    server.answer = ok({"activeTargets": None})
    assert prometheus.targets() == []


def test_rules_know_their_group(server, prometheus):
    """A rule tells its health, and its group's interval in seconds."""
    rule = {"name": "r", "type": "recording", "query": "x", "health": "err", "lastError": "boom"}
    server.answer = ok({"groups": [{"name": "g", "file": "f", "interval": 5, "rules": [rule]}]})
    (found,) = prometheus.rules()
    assert (found.health, found.last_error, found.interval, found.group) == ("err", "boom", 5.0, "g")


def test_configuration_and_status(server, prometheus):
    """The configuration is YAML text; the status joins build and run-time information."""
    server.answer = lambda path: (
        200,
        {"data": {"yaml": "global: {}"} if path.endswith("config") else {path.rpartition("/")[2]: "1"}},
    )
    assert prometheus.config() == "global: {}"
    assert prometheus.status() == {"buildinfo": "1", "runtimeinfo": "1"}


def test_readiness(server, prometheus):
    """Ready is what Prometheus says; a 503 of it, or of the proxy, is not ready."""
    server.answer = lambda path: (200, b"Prometheus Server is Ready.")
    assert prometheus.ready()
    server.answer = lambda path: (503, b"Service Unavailable")
    assert not prometheus.ready()


def test_of_several_series_the_wanted_one_is_picked():
    """With two series at once the one with the queue's label is the value, and both are told."""
    other, ours = Sample({"key": "a"}, 1.0, 5.0), Sample({"key": "padok", "service": "s"}, 7.0, 6.0)
    for found in ([other, ours], [ours, other]):
        answer = pick(found, {"key": "padok"})
        assert answer.value == 7.0
        assert answer.detail["series"] == 2
        assert answer.detail["sample_at"] == 6.0
        assert {row["value"] for row in answer.detail["all"]} == {1.0, 7.0}
    json.dumps(answer.detail)


def test_no_series_is_absent_when_sampled():
    """No series is a reading without a value, not 0."""
    assert pick([], {}).value is None
