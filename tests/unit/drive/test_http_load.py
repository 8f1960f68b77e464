"""Requests at a constant rate."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from fixtures.drive.errors import DriveFailed
from fixtures.drive.http_load import MAX_PER_SECOND, HttpLoad, Requests, get

WITHIN = 5.0
"""Seconds after which a thread that should have ended hangs."""


def load(ask, per_second=100.0, seconds=0.2, **more):
    return HttpLoad(1, "shop.vcap.me", per_second=per_second, seconds=seconds, ask=ask, **more)


def run(one: HttpLoad) -> Requests:
    with one:
        one._thread.join(WITHIN)
        assert not one.running
    return one.sent


def test_sends_what_the_rate_and_the_time_make():
    """A hundred a second for a fifth of a second are 20 requests, no more, each counted with its time."""
    began = time.time()
    sent = run(load(lambda: None))
    assert 15 <= sent.asked <= 20  # a busy machine may owe some at the end: they are left
    assert sent.confirmed == sent.asked == sent.by(time.time()) == sent.between(began - 1, time.time())
    assert sent.between(0, began - 1) == sent.failed == 0


def test_a_failure_is_told_and_not_sent_again():
    """A request that failed counts as asked and failed; the rate goes on."""
    count = iter(range(1000))

    def every_other() -> None:
        if next(count) % 2:
            raise DriveFailed("GET /", "503")

    sent = run(load(every_other))
    assert sent.failed
    assert sent.confirmed + sent.failed == sent.asked
    assert sent.failures[0] == "GET /: 503"


def test_slow_answers_do_not_pile_up():
    """While as many requests as may be are under way none is begun; what is owed at the end is left."""
    hold = threading.Event()

    def slow() -> None:
        hold.wait(WITHIN)

    one = load(slow, seconds=0.3)
    with one:
        one._stopped.wait(0.4)
        assert one.sent.asked <= 8
        hold.set()
    assert one.sent.confirmed == one.sent.asked


def test_ends_when_it_is_told_to():
    """After the block no request is sent, whatever time is left."""
    one = load(lambda: None, per_second=10, seconds=100)
    with one:
        pass
    assert not one.running
    assert one.sent.asked <= 1


def test_an_error_of_the_kit_is_raised_at_the_end():
    """What is no failed request is a fault of the kit: it is not swallowed."""

    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(load(broken))


@pytest.mark.parametrize(("per_second", "seconds"), [(0, 1), (MAX_PER_SECOND + 1, 1), (200, 1000), (1, 0)])
def test_a_load_without_measure_is_refused(per_second, seconds):
    """No rate, no time, or more than a machine of two cores bears: an error before anything is sent."""
    with pytest.raises(ValueError, match=r"per_second must be|a load has 1 to"):
        load(lambda: None, per_second, seconds)


@pytest.fixture
def server():
    """Answers with the status that the path names; keeps host and path."""
    seen: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.headers["Host"], self.path))
            self.send_response(int(self.path[1:]))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    http = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    yield http.server_port, seen
    http.shutdown()
    http.server_close()


def test_goes_to_this_machine_with_the_host_it_was_given(server):
    """The request enters on 127.0.0.1, whatever the host's name: no DNS is asked."""
    port, seen = server
    get(port, "shop.vcap.me", "/200")
    assert seen == [("shop.vcap.me", "/200")]


@pytest.mark.parametrize("status", [302, 404, 503])
def test_only_2xx_is_an_answer(server, status):
    """A redirect, an error: the request failed, and says how."""
    with pytest.raises(DriveFailed, match=str(status)):
        get(server[0], "shop.vcap.me", f"/{status}")


def test_nobody_listens():
    """A refused connection is a failed request."""
    with pytest.raises(DriveFailed, match="ConnectionRefused"):
        get(1, "shop.vcap.me", "/")
