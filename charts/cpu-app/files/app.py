"""`GET /?ms=10` costs 10 ms of processor time, however busy the machine is; `GET /healthz` next to none."""

import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PORT = 8080
MOST_MS = 200.0
"""What one request may ask for at most."""
IDLE_SECONDS = 5.0
"""After this long without a byte from a client its connection is closed: stopping waits no longer for it."""


def burn(milliseconds: float) -> None:
    """Use up this much of this thread's processor time: waiting for a turn does not count."""
    began = time.thread_time()
    while time.thread_time() - began < milliseconds / 1000:
        pass


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.0 on purpose: one request a connection, so no proxy reuses one that is being closed."""

    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/healthz":
            self.say(200, "ok")
        elif asked.path != "/":
            self.say(404, "no such page")
        else:
            self.work(parse_qs(asked.query).get("ms", ["0"])[-1])

    def work(self, text: str) -> None:
        try:
            milliseconds = float(text)
        except ValueError:
            milliseconds = -1.0
        if 0 <= milliseconds <= MOST_MS:
            burn(milliseconds)
            self.say(200, f"{milliseconds:g} ms")
        else:
            self.say(400, f"ms is a number from 0 to {MOST_MS:g}, not {text!r}")

    def say(self, status: int, text: str) -> None:
        body = f"{text}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged: writing would cost time, too."""


class Server(ThreadingHTTPServer):
    """Closing it waits for the requests that are being answered."""

    daemon_threads = False
    request_queue_size = 128


def main() -> None:
    with Server(("", PORT), Handler) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            # A container's first process ends on no signal by itself.
            signal.signal(number, lambda *_: sys.exit(0))
        server.serve_forever()


if __name__ == "__main__":
    main()
