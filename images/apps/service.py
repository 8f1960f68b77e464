"""What the producer and the consumer share: settings, the way to Redis, and the HTTP side."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.backoff import NoBackoff
from redis.retry import Retry

PING_SECONDS = 0.8
"""How long /healthz waits for Redis: below the one second that a kubelet's probe waits by default."""
IDLE_SECONDS = 5.0
"""After this long without a byte from a client its connection is closed: stopping waits no longer for it."""
BODY_LIMIT = 64 * 1024
"""Bytes of a request's body that are read and thrown away; no path takes a body."""


@dataclass(frozen=True)
class Settings:
    """The environment of an application; :meth:`read` ends the program when a value makes no sense."""

    host: str
    redis_port: int
    queue: str
    port: int
    seconds_per_item: float

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        address = environ.get("REDIS_ADDRESS", "redis-master:6379")
        host, _, redis_port = address.rpartition(":")
        try:
            settings = cls(
                host=host,
                redis_port=int(redis_port),
                queue=environ.get("QUEUE", "padok"),
                port=int(environ.get("PORT", "8080")),
                seconds_per_item=float(environ.get("SECONDS_PER_ITEM", "1")),
            )
        except ValueError as error:
            raise SystemExit(f"REDIS_ADDRESS (host:port), PORT or SECONDS_PER_ITEM: {error}") from None
        if not host or not 0 <= settings.seconds_per_item < float("inf"):
            raise SystemExit(f"REDIS_ADDRESS={address!r} must be host:port, SECONDS_PER_ITEM 0 or more")
        return settings

    def connect(self, timeout: float) -> redis.Redis:
        """A client whose every read and connect takes ``timeout`` seconds at most and is tried once.

        Never twice: when an answer is lost, only the caller knows whether asking again does harm.
        """
        return redis.Redis(
            host=self.host,
            port=self.redis_port,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
            protocol=2,  # every Redis speaks it
        )

    def key(self, name: str) -> str:
        """The key of the bookkeeping beside the queue, such as ``padok:published``."""
        return f"{self.queue}:{name}"


class Server(ThreadingHTTPServer):
    """Serves /healthz (does Redis answer a ping now?) and /metrics in threads of its own."""

    daemon_threads = False  # closing waits for the requests that are being answered
    request_queue_size = 128

    def __init__(self, settings: Settings, handler: type[Handler]) -> None:
        super().__init__(("", settings.port), handler)
        self.pinger = settings.connect(PING_SECONDS)

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, name="http", daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.0 on purpose: one request a connection, so no proxy reuses one that is being closed."""

    server: Server
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._health()
        elif self.path == "/metrics":
            self._send(200, CONTENT_TYPE_LATEST, generate_latest())
        else:
            self.answer(404, error=f"no such page: GET {self.path}")

    def do_POST(self) -> None:
        self.rfile.read(min(int(self.headers.get("Content-Length") or 0), BODY_LIMIT))
        self.post(self.path)

    def post(self, path: str) -> None:
        self.answer(404, error=f"no such page: POST {path}")

    def answer(self, status: int, **fields: object) -> None:
        self._send(status, "application/json", json.dumps(fields).encode() + b"\n")

    def _health(self) -> None:
        try:
            self.server.pinger.ping()
        except redis.RedisError as error:
            self.answer(503, redis=str(error))
        else:
            self.answer(200, redis="ok")

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Probes and scrapes are not logged; an application logs what it did."""
