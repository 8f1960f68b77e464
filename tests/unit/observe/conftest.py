"""A fake API server that answers from a table, and one on 127.0.0.1 for what only a socket shows."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fixtures.observe.api import Api, said
from fixtures.observe.errors import ReadFailed

Reply = tuple[int, Any]


class FakeApi:
    """Stands for Api: ``replies`` by path; what is not in it is 404. ``asked`` keeps the questions."""

    host = "https://fake"

    def __init__(self, replies: Mapping[str, Reply] | None = None) -> None:
        self.replies = dict(replies or {})
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []

    def get(self, path, query=None):
        return self.send("GET", path, query)

    def send(self, method, path, query=None, body=None, content_type="application/json"):
        self.asked.append((method, path, dict(query or {}), body))
        return self.replies.get(path, (404, {"message": "not found"}))

    def read(self, path, query=None):
        status, answer = self.get(path, query)
        if status == 404:
            return None
        if status != 200:
            raise ReadFailed(f"GET {path}", said(answer), status)
        return answer


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


class Server:
    """An HTTP server on 127.0.0.1: ``answer`` is asked for each request, None hangs until the end."""

    def __init__(self) -> None:
        self.answer: Callable[[str], Reply | None] = lambda path: (200, {})
        self.seen: list[tuple[str, str | None]] = []
        self.over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.seen.append((self.path, self.headers.get("authorization")))
                reply = outer.answer(self.path)
                if reply is None:
                    outer.over.wait()
                    return
                body = reply[1] if isinstance(reply[1], bytes) else json.dumps(reply[1]).encode()
                self.send_response(reply[0])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def close(self) -> None:
        self.over.set()
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def kubeconfig(server: Server, tmp_path: Path) -> Path:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server.url}}],
        "users": [{"name": "u", "user": {"token": "open-sesame"}}],
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "here",
    }
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(config))
    return path


@pytest.fixture
def live_api(kubeconfig: Path) -> Iterator[Api]:
    api = Api.connect(kubeconfig, "here")
    yield api
    api.close()
