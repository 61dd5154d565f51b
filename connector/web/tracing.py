"""Every request has an id and one log line; neither holds a body, a query or a secret."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, g, request

from ..log import request_id

log = logging.getLogger("pointsman.web")

_SANE = re.compile(r"[A-Za-z0-9._\-]{8,64}")
_ENVIRON = "pointsman.request"


class Tracing:
    """WSGI middleware: takes over a sane `X-Request-Id` or makes one, for all that is logged inside."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        environ[_ENVIRON] = given if _SANE.fullmatch(given) else secrets.token_hex(8)
        with request_id(environ[_ENVIRON]):
            answer: Iterable[bytes] = self._inner(environ, start_response)
            return answer


def current_id() -> str:
    """The id of the request at hand."""
    return str(request.environ.get(_ENVIRON, ""))


def masked(path: str) -> str:
    """`path` as it may be logged: whatever follows the tracker's name below `/hooks/` may be a secret."""
    head, hooks, rest = path.partition("/hooks/")
    if head or not hooks:
        return path[:200]
    name, slash, _ = rest.partition("/")
    return f"/hooks/{name[:100]}{slash}{'***' if slash else ''}"


def install(app: Flask) -> None:
    """Give `app` its ids and its log lines."""
    app.wsgi_app = Tracing(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = current_id()
    started = g.get("started")
    fields = {
        "method": request.method,
        "path": masked(request.path),
        "status": response.status_code,
        "ms": round((time.perf_counter() - started) * 1000, 1) if started else None,
        "reason": g.get("refused"),
    }
    log.log(_level(), "request", extra={name: value for name, value in fields.items() if value is not None})
    return response


def _level() -> int:
    if g.get("refused"):
        return logging.WARNING
    return logging.DEBUG if request.endpoint == "static" else logging.INFO
