"""The HTTP session under python-gitlab: it sees every answer's headers, limits sizes and keeps the token at home."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

LARGEST_ANSWER = 64 * 2**20
CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5.0, 20.0, 60.0
_CHUNK = 2**16

Listener = Callable[[int, Mapping[str, str]], None]


class OverLimit(requests.RequestException):
    """The answer is larger, or trickles in longer, than any honest one."""


class Session(requests.Session):
    """Calls `listener(status, headers)` for each answer, before python-gitlab drops the headers of errors."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self.hooks["response"].append(self._heard)
        self._listener = listener

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Streamed, so that the size is known before the body lies in memory; both time limits always set.

        Only reads follow redirects: a write would arrive somewhere as another method.
        """
        kwargs["stream"] = True
        kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        kwargs["allow_redirects"] = str(method).upper() == "GET"
        return super().request(method, url, *args, **kwargs)

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """On a redirect to another host the token stays behind: requests itself knows only `Authorization`."""
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]
        there, here = str(prepared_request.url), str(response.request.url)
        if self.should_strip_auth(here, there):  # type: ignore[no-untyped-call]
            prepared_request.headers.pop("PRIVATE-TOKEN", None)

    def _heard(self, response: requests.Response, *_: Any, **__: Any) -> requests.Response:
        self._listener(response.status_code, response.headers)
        response._content = _read(response)  # as requests itself keeps a body it has read
        return response


def _read(response: requests.Response) -> bytes:
    """The whole body; raises `OverLimit` as soon as it is too large or takes too long."""
    parts: list[bytes] = []
    size, end = 0, time.monotonic() + WHOLE_SECONDS
    for part in response.iter_content(_CHUNK):
        size += len(part)
        if size > LARGEST_ANSWER or time.monotonic() > end:
            response.close()
            raise OverLimit("the answer is too large or too slow")
        parts.append(part)
    return b"".join(parts)
