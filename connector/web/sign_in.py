"""Signing in with the console token, and out again."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from ..settings import Settings
from .flows import Flows
from .guard import SESSION_COOKIE, Guard
from .problems import wants_json
from .session import SESSION_SECONDS, Guesses

log = logging.getLogger("pointsman.web")
FORM_LIMIT = 16 * 1024


def blueprint(flows: Flows, settings: Settings, guard: Guard) -> Blueprint:
    """`GET` and `POST /sign-in`, `POST /sign-out`; 404 while no console token is set."""
    pages = Blueprint("sign_in", __name__)
    guesses = Guesses()

    @pages.before_request
    def only_with_a_token() -> None:
        if not settings.console_token:
            abort(404)
        request.max_content_length = FORM_LIMIT

    @pages.get("/sign-in")
    def show() -> Response:
        return make_response(render_template("sign_in.html", next=_own_path(request.args.get("next", "/")), said=""))

    @pages.post("/sign-in")
    def enter() -> Response:
        now, client = flows.now(), guard.client(request)
        target = _own_path(request.form.get("next", "/"))
        if wait := guesses.wait(client, now):
            return _again(target, "sign_in.wait", 429, wait)
        if not guard.is_ours(request):
            return _again(target, "problem.form_expired", 403)
        if not guard.signer.is_console_token(request.form.get("token", "").strip()):
            guesses.wrong(client, now)
            log.warning("sign_in_refused", extra={"client": client})
            return _again(target, "sign_in.wrong", 401)
        answer = make_response(redirect(target, 303))
        # Lax, so that a link in a tracker's note leads straight in; every form has its token besides.
        answer.set_cookie(
            SESSION_COOKIE,
            guard.signer.session(),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=guard.is_secure(request),
        )
        log.info("signed_in", extra={"client": client})
        return answer

    @pages.post("/sign-out")
    def leave() -> Response:
        if not guard.is_ours(request):
            abort(403)
        answer = make_response(redirect("/sign-in", 303))
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    return pages


def ask_to_sign_in() -> Response:
    """401 to whoever is not signed in: the form for people, a sentence for programs."""
    if wants_json():
        answer = make_response({"error": "send `Authorization: Bearer <console token>`"})
    else:
        target = request.full_path.rstrip("?") if request.method == "GET" else "/"
        answer = make_response(render_template("sign_in.html", next=_own_path(target), said=""))
    answer.status_code = 401
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _again(target: str, said: str, status: int, wait: int = 0) -> Response:
    answer = make_response(render_template("sign_in.html", next=target, said=said, seconds=wait), status)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _own_path(target: str) -> str:
    """`target` if it is a path of this site, else `/`: nobody is sent elsewhere from here."""
    fine = target.startswith("/") and target[1:2] not in ("/", "\\") and target.isprintable() and "\\" not in target
    return target if fine else "/"
