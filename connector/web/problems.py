"""What people and programs see when something went wrong: a page or JSON, always with the request's id."""

from __future__ import annotations

import logging

from flask import Flask, Request, Response, current_app, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import BadRequest, HTTPException

from ..errors import StoreUnavailable
from .tracing import current_id
from .visitor import NotEnough

log = logging.getLogger("pointsman.web")
KNOWN = (400, 403, 404, 405, 413, 415, 422, 429, 500, 503)
_MACHINES = ("/hooks/", "/api/", "/healthz", "/readyz", "/metrics", "/forms/", "/intake/", "/status/")


def install(app: Flask) -> None:
    """Catch whatever `app` raises; no request ends in a bare page or a traceback."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StoreUnavailable, _unavailable)
    app.register_error_handler(Exception, _unexpected)


def is_nowhere(asked: Request) -> bool:
    """Is `Host` no name that there can be?  No page can be shown then, since none of its links could be made."""
    return isinstance(asked.routing_exception, BadRequest)


def wants_json() -> bool:
    """Is the asker a program? By the path, a bearer token, a JSON body, or what it says it accepts."""
    if current_app.config["PAGES"] is False or is_nowhere(request):
        return True
    if request.path.startswith(_MACHINES) or request.is_json or "Authorization" in request.headers:
        return True
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"


def problem(status: int, said: str = "") -> Response:
    """The answer for `status` in the asker's language, or as JSON; `said` is the key of a text that tells more."""
    known = status if status in KNOWN else (500 if status >= 500 else 400)
    said = said or f"problem.{known}"
    if wants_json():
        answer = jsonify(error=g.texts(said), request_id=current_id())
    else:
        page = render_template("problem.html", status=status, said=said, request_id=current_id())
        answer = make_response(page)
    answer.status_code = status
    return answer


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    g.refused = error.name
    answer = problem(error.code, _told(error))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    if wait := g.get("wait"):
        answer.headers["Retry-After"] = str(wait)
    return answer


def _told(error: HTTPException) -> str:
    """What a 403 means: the role is too low, the form is not ours, or these pages are for this machine only."""
    if isinstance(error, NotEnough):
        return f"problem.needs_{error.needed.name.lower()}"
    if error.code != 403 or "visitor" not in g:
        return ""
    return "problem.not_json" if request.path.startswith("/api/") else "problem.not_ours"


def _unavailable(_: StoreUnavailable) -> Response:
    g.refused = "could not store"
    answer = problem(503)
    answer.headers["Retry-After"] = "10"
    return answer


def _unexpected(error: Exception) -> Response:
    log.error("request_failed", exc_info=error)
    return problem(500)
