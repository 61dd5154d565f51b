"""What people and programs see when something went wrong: a page or JSON, always with the request's id."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from ..errors import StoreUnavailable
from .tracing import current_id

log = logging.getLogger("pointsman.web")
KNOWN = (400, 403, 404, 405, 413, 429, 500, 503)
_MACHINES = ("/hooks/", "/api/", "/healthz", "/readyz", "/forms/", "/intake/", "/status/")


def install(app: Flask) -> None:
    """Catch whatever `app` raises; no request ends in a bare page or a traceback."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StoreUnavailable, _unavailable)
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    """Is the asker a program? By the path, a bearer token, a JSON body, or what it says it accepts."""
    if request.path.startswith(_MACHINES) or request.is_json or "Authorization" in request.headers:
        return True
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"


def problem(status: int) -> Response:
    """The answer for `status` in the asker's language, or as JSON."""
    known = status if status in KNOWN else (500 if status >= 500 else 400)
    if wants_json():
        answer = jsonify(error=g.texts(f"problem.{known}"), request_id=current_id())
    else:
        answer = make_response(render_template("problem.html", status=status, known=known, request_id=current_id()))
    answer.status_code = status
    return answer


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    g.refused = error.name
    answer = problem(error.code)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _unavailable(_: StoreUnavailable) -> Response:
    g.refused = "could not store"
    answer = problem(503)
    answer.headers["Retry-After"] = "10"
    return answer


def _unexpected(error: Exception) -> Response:
    log.error("request_failed", exc_info=error)
    return problem(500)
