"""Signing in with the console token or by way of a provider, and out again."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from ..engine.identity import signs_in
from ..settings import Settings
from . import oidc
from .entry import let_in, own_path
from .flows import Flows
from .guard import CONSOLE, SESSION_COOKIE, Guard
from .problems import wants_json
from .session import LIFE, SKEW
from .tracing import current_id
from .visitor import own_form

log = logging.getLogger("pointsman.web")
FORM_LIMIT = 16 * 1024


def blueprint(flows: Flows, settings: Settings, guard: Guard) -> Blueprint:
    """`GET` and `POST /sign-in`, `POST /sign-out`; 404 while there is no way to sign in."""
    pages = Blueprint("sign_in", __name__)

    @pages.before_request
    def only_with_a_way() -> None:
        if not signs_in(settings):
            abort(404)
        request.max_content_length = FORM_LIMIT

    @pages.app_context_processor
    def ways() -> dict[str, object]:
        return {"by_token": bool(settings.console_token)}

    oidc.add(pages, flows, settings, guard)

    @pages.get("/sign-in")
    def show() -> Response:
        return make_response(render_template("sign_in.html", next=own_path(request.args.get("next", "/")), said=""))

    @pages.post("/sign-in")
    @own_form
    def enter() -> Response:
        now, client = flows.now(), guard.client(request)
        target = own_path(request.form.get("next", "/"))
        if not settings.console_token:
            abort(404)
        if wait := guard.guesses.wait(client, now):
            return _again(target, "sign_in.wait", 429, wait)
        if not guard.is_ours(request):
            return _again(target, "problem.form_expired", 403)
        right = guard.signer.is_console_token(request.form.get("token", "").strip())
        if wait := guard.guesses.judge(client, now, right=right):
            return _again(target, "sign_in.wait", 429, wait)
        if not right:
            log.warning("sign_in_refused", extra={"client": client, "way": "token"})
            return _again(target, "sign_in.wrong", 401)
        return let_in(flows, guard, CONSOLE, "token", target)

    @pages.post("/sign-out")
    def leave() -> Response:
        session = guard.session(request)
        if session is not None:
            if not guard.is_ours(request):
                abort(403)
            flows.door.end(session.id, flows.now() + LIFE[session.way] + SKEW)
            flows.audit.add(session.visitor.name, "signed_out")
        answer = make_response(redirect("/sign-in", 303))
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    return pages


def ask_to_sign_in() -> Response:
    """401 to whoever is not signed in: the form for people, a sentence for programs."""
    if wants_json():
        said = "send `Authorization: Bearer <token>` with a token that is in force"
        answer = make_response({"error": said, "request_id": current_id()})
    else:
        target = request.full_path.rstrip("?") if request.method == "GET" else "/"
        answer = make_response(render_template("sign_in.html", next=own_path(target), said=""))
    answer.status_code = 401
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _again(target: str, said: str, status: int, wait: int = 0) -> Response:
    answer = make_response(render_template("sign_in.html", next=target, said=said, seconds=wait), status)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer
