"""The door to the API server, against a server on 127.0.0.1."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fixtures.machine.errors import KitError
from fixtures.observe.api import Api
from fixtures.observe.errors import ReadFailed


def test_the_kubeconfigs_token_goes_with_each_request(server, live_api):
    """Reads are authenticated as the context's user, by both doors."""
    live_api.get("/version")
    live_api.session().get(f"{live_api.host}/metrics", timeout=5)
    assert server.seen == [("/version", "Bearer open-sesame"), ("/metrics", "Bearer open-sesame")]


def test_any_status_is_an_answer_to_get(server, live_api):
    """get() tells status and body, JSON or text, and judges neither."""
    server.answer = lambda path: (503, b"no endpoints") if path == "/a" else (418, {"message": "tea"})
    assert live_api.get("/a") == (503, "no endpoints")
    assert live_api.get("/b", {"x": "1 2"}) == (418, {"message": "tea"})
    assert server.seen[1][0] == "/b?x=1%202"


def test_read_tells_nothing_there_from_failure(server, live_api):
    """404 is nothing there; every other status but 200 is a failed read with what was said."""
    server.answer = lambda path: (404, b"404 page not found")
    assert live_api.read("/x") is None
    server.answer = lambda path: (503, {"message": "the server is currently unable"})
    with pytest.raises(ReadFailed, match="GET /x: HTTP 503: the server is currently unable") as caught:
        live_api.read("/x")
    assert caught.value.status == 503


def test_text_where_json_is_expected_is_a_failed_read(server, live_api):
    """A login page with status 200 is no object."""
    server.answer = lambda path: (200, b"<html>log in</html>")
    with pytest.raises(ReadFailed, match="log in"):
        live_api.read("/x")


def test_a_dead_server_is_a_failed_read_at_once(server, live_api):
    """A refused connection is not tried again: the next sample asks anyway."""
    server.close()
    began = time.monotonic()
    with pytest.raises(ReadFailed, match=r"GET /x: .*refused"):
        live_api.read("/x")
    assert time.monotonic() - began < 1.0


def test_a_silent_server_is_a_failed_read_in_time(server, live_api, monkeypatch):
    """A server that accepts and says nothing costs no more than the read's time limit, once."""
    monkeypatch.setattr("fixtures.observe.api.READ_TIMEOUT", 0.05)
    server.answer = lambda path: None
    with pytest.raises(ReadFailed, match=r"timed out"):
        live_api.read("/x")
    assert len(server.seen) == 1


@pytest.mark.parametrize(("context", "name"), [("elsewhere", "kubeconfig"), ("here", "missing")])
def test_a_context_that_is_not_there_is_the_users_error(kubeconfig, context, name):
    """A wrong context or file is one error with a remedy, before anything is asked."""
    with pytest.raises(KitError) as caught:
        Api.connect(Path(kubeconfig).with_name(name), context)
    assert "get-contexts" in caught.value.remedy


def test_no_proxy_is_asked_for_this_machine(kubeconfig, server, monkeypatch):
    """A proxy in the environment is for other machines than this one."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    api = Api.connect(kubeconfig, "here")
    assert api.get("/x") == (200, {})
    assert api.session().get(f"{api.host}/y", timeout=5).status_code == 200
