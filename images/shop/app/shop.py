"""The shop front: ``/`` is a page of the shop, ``/healthz`` says that it serves; its metrics have a port of
their own, so that the ingress never leads to them.

``http_requests_total`` counts answered requests of the shop only: a probe or a scrape is no customer, and
with either counted an idle shop would never be idle.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest

IDLE_SECONDS = 5.0
"""After this long without a byte from a client its connection is closed: stopping waits no longer for it."""
PAGE = b"<!doctype html><title>Shop</title><h1>The shop is open</h1>\n"
STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}


@dataclass(frozen=True)
class Settings:
    """The environment; :meth:`read` ends the program when a value makes no sense."""

    port: int
    metrics_port: int

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        try:
            return cls(int(environ.get("PORT", "8080")), int(environ.get("METRICS_PORT", "9090")))
        except ValueError as error:
            raise SystemExit(f"PORT and METRICS_PORT are numbers: {error}") from None


class Shop:
    """What the shop counts. The library adds ``_total`` to a counter's name."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("http_requests", "Requests that the shop answered.", registry=self.registry)


class Server(ThreadingHTTPServer):
    """HTTP for one shop; closing it waits for the requests that are being answered."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, port: int, handler: type[Handler], shop: Shop) -> None:
        super().__init__(("", port), handler)
        self.shop = shop

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, name="http", daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.0 on purpose: one request a connection, so no proxy reuses one that is being closed."""

    server: Server
    timeout = IDLE_SECONDS

    def send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are counted, not logged."""


class Front(Handler):
    """What customers see, and the kubelet's probe."""

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self.send(200, "text/plain", b"ok\n")
        elif self.path == "/":
            # Before the answer: whoever has the answer finds the request counted.
            self.server.shop.requests.inc()
            self.send(200, "text/html; charset=utf-8", PAGE)
        else:
            self.send(404, "text/plain", b"no such page\n")


class Metrics(Handler):
    """What Prometheus reads."""

    def do_GET(self) -> None:
        if self.path == "/metrics":
            self.send(200, CONTENT_TYPE_LATEST, generate_latest(self.server.shop.registry))
        else:
            self.send(404, "text/plain", b"no such page\n")


def main() -> None:
    settings, shop = Settings.read(), Shop()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)  # before any thread: only sigwait gets them
    servers = [Server(settings.port, Front, shop), Server(settings.metrics_port, Metrics, shop)]
    for server in servers:
        server.start()
    print(f"the shop is open on port {settings.port}, metrics on {settings.metrics_port}", flush=True)
    stopped_by = signal.Signals(signal.sigwait(STOP_SIGNALS))
    for server in servers:
        server.stop()
    print(f"{stopped_by.name}: stopped", flush=True)


if __name__ == "__main__":
    main()
