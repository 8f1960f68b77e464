"""One HTTP request through the cluster's ingress, as a browser would send it: by host name, no DNS needed."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple
from urllib.parse import urlsplit

ANSWER_SECONDS = 5.0
"""An answer that takes longer is none: every page asked for here is served in well under a second."""
REDIRECTS = 3
"""Redirects that are followed: Prometheus sends / to its query page, and some versions once more."""


SERVER_ERROR = 500
"""Statuses from here on say that what answered is broken."""
OK = 200


class Answer(NamedTuple):
    """Status (None: no answer at all) and text: the body, or why there was none."""

    status: int | None
    text: str


def get(cluster: Any, host: str, path: str) -> Answer:
    """GET ``path`` from ``host`` through 127.0.0.1 and the ingress's port, redirects followed."""
    answer = Answer(None, "not asked")
    for _ in range(REDIRECTS + 1):
        answer, path = _get_once(cluster.http_port, host, path)
        if not path:
            return answer
    return answer


def _get_once(port: int, host: str, path: str) -> tuple[Answer, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        target = urlsplit(response.headers.get("Location", ""))
    except (OSError, HTTPException) as error:
        return Answer(None, f"{type(error).__name__}: {error}"), ""
    finally:
        connection.close()
    there = f"{target.path}?{target.query}" if target.query else target.path
    return Answer(response.status, text), there if response.status in (301, 302, 303, 307, 308) else ""
