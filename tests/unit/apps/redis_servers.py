"""Redis for the applications' tests: a small one of our own, and the real one where it is installed.

fakeredis (2.40) does not do: its BLMOVE returns at once and puts a nil into the other list.
"""

from __future__ import annotations

import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis
import tenacity

STARTS_WITHIN = 5.0
"""Seconds for a redis-server on this machine, which takes 20 ms."""


def client_of(port: int) -> redis.Redis:
    """A client for the test's own look at the data."""
    return redis.Redis(port=port, decode_responses=True, protocol=2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class FakeRedis:
    """The commands that the applications use, over RESP2; the data outlive a stop, as with a disk."""

    def __init__(self) -> None:
        self.port = free_port()
        self.data: dict[str, Any] = {}
        self.changed = threading.Condition(threading.RLock())
        self.cut_after = ""
        """A command (``EXEC``) that is carried out once, but whose answer is lost with its connection."""
        self._open: set[socket.socket] = set()

    def start(self) -> None:
        class Listener(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        fake = self

        class Connection(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                fake._open.add(self.request)
                try:
                    fake.converse(self.rfile, self.wfile)
                except OSError:
                    return  # the client, or stop(), has closed it

        self._listener = Listener(("127.0.0.1", self.port), Connection)
        threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        for connection in self._open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed already
        self._open.clear()

    def converse(self, rfile: Any, wfile: Any) -> None:
        queued: list[list[str]] | None = None
        while header := rfile.readline():
            words = [rfile.read(int(rfile.readline()[1:]) + 2)[:-2].decode() for _ in range(int(header[1:]))]
            name = words[0].upper()
            if name == "MULTI":
                queued, answer = [], "OK"
            elif name == "EXEC":
                with self.changed:
                    queued, answer = None, [self.do(command) for command in queued or []]
            elif queued is not None:
                queued.append(words)
                answer = "QUEUED"
            else:
                answer = self.do(words)
            if name == self.cut_after:
                self.cut_after = ""
                return
            wfile.write(encode(answer))
            wfile.flush()

    def do(self, words: list[str]) -> Any:
        command: Callable[..., Any] | None = getattr(self, f"do_{words[0].lower()}", None)
        if command is None:
            return redis.ResponseError(f"unknown command {words[0]}")
        with self.changed:
            answer = command(*words[1:])
            self.changed.notify_all()
            return answer

    def list(self, key: str) -> list[str]:
        items: list[str] = self.data.setdefault(key, [])
        return items

    def do_ping(self) -> str:
        return "PONG"

    def do_client(self, *_words: str) -> str:
        return "OK"

    def do_flushall(self) -> str:
        self.data.clear()
        return "OK"

    def do_get(self, key: str) -> str | None:
        return str(self.data[key]) if key in self.data else None

    def do_incrby(self, key: str, amount: str) -> int:
        self.data[key] = self.data.get(key, 0) + int(amount)
        return int(self.data[key])

    def do_rpush(self, key: str, *items: str) -> int:
        self.list(key).extend(items)
        return len(self.list(key))

    def do_llen(self, key: str) -> int:
        return len(self.list(key))

    def do_lrange(self, key: str, _first: str, _last: str) -> list[str]:
        return self.list(key)

    def do_lpos(self, key: str, item: str) -> int | None:
        return self.list(key).index(item) if item in self.list(key) else None

    def do_lrem(self, key: str, _count: str, item: str) -> int:
        if item not in self.list(key):
            return 0
        self.list(key).remove(item)
        return 1

    def do_blmove(self, source: str, target: str, _left: str, _right: str, seconds: str) -> str | None:
        if not self.changed.wait_for(lambda: bool(self.list(source)), float(seconds)):
            return None
        self.list(target).append(self.list(source).pop(0))
        return self.list(target)[-1]


def encode(answer: Any) -> bytes:
    """``answer`` in RESP2."""
    if answer is None:
        return b"$-1\r\n"
    if isinstance(answer, redis.ResponseError):
        return f"-ERR {answer}\r\n".encode()
    if isinstance(answer, int):
        return b":%d\r\n" % answer
    if isinstance(answer, list):
        return b"*%d\r\n" % len(answer) + b"".join(encode(item) for item in answer)
    return b"$%d\r\n%s\r\n" % (len(answer.encode()), answer.encode())


class RealRedis:
    """A redis-server of this machine that keeps its data over a restart."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.port = free_port()
        self._argv = [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)]

    def start(self) -> None:
        argv = [*self._argv, "--appendonly", "yes", "--appendfsync", "always"]
        self._server = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        for attempt in tenacity.Retrying(
            stop=tenacity.stop_after_delay(STARTS_WITHIN), wait=tenacity.wait_fixed(0.02), reraise=True
        ):
            with attempt:
                client_of(self.port).ping()

    def stop(self) -> None:
        self._server.terminate()
        self._server.wait(STARTS_WITHIN)


REAL = shutil.which("redis-server")
"""Where this machine's redis-server is, if it has one."""
