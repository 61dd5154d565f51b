"""The web door: webhooks, health, and the pages people look at."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, request, url_for

from ..engine.services import Services
from ..settings import Settings, key_file
from . import desk, guard, headers, health, hooks, problems, sign_in, tracing
from .flows import Flows, flows_of
from .language import LANGUAGES, Texts, choose, instant, load_texts
from .session import Signer

LANGUAGE_COOKIE = "lang"
YEAR = 365 * 24 * 3600

__all__ = ["Flows", "create_web"]


def create_web(services: Services) -> Flask:
    """The application on top of `services`; any WSGI server can run it."""
    return build(services.settings, flows_of(services))


def build(settings: Settings, flows: Flows) -> Flask:
    """The application on top of `flows`. Order matters: ids first, then the language, then who may pass."""
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = desk.FORM_LIMIT
    app.config["MAX_FORM_MEMORY_SIZE"] = desk.FORM_LIMIT
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    keys = settings.secret_key or (key_file(settings.data_dir, "secret.key"),)
    door = guard.Guard(settings, Signer(keys, settings.console_token))
    tracing.install(app)
    _speak(app, settings)
    headers.install(app)
    guard.install(app, door, sign_in.ask_to_sign_in)
    problems.install(app)
    app.register_blueprint(hooks.blueprint(flows, settings.body_limit))
    app.register_blueprint(health.blueprint(flows, door))
    app.register_blueprint(sign_in.blueprint(flows, settings, door))
    app.register_blueprint(desk.blueprint(flows, door))
    return app


def _speak(app: Flask, settings: Settings) -> None:
    """Give every request its language and every template its texts."""
    texts = load_texts()

    @app.before_request
    def pick() -> None:
        kept = request.cookies.get(LANGUAGE_COOKIE, "")
        g.texts = texts[choose(request.args.get("lang", ""), kept, request.accept_languages, settings.language)]

    @app.after_request
    def keep(response: Response) -> Response:
        asked = request.args.get("lang", "")
        if asked in LANGUAGES and asked != request.cookies.get(LANGUAGE_COOKIE):
            response.set_cookie(LANGUAGE_COOKIE, asked, max_age=YEAR, httponly=True, samesite="Lax")
        response.headers.add("Vary", "Accept-Language, Cookie")
        return response

    @app.context_processor
    def words() -> dict[str, Any]:
        spoken: Texts = g.texts
        return {
            "t": spoken,
            "in_language": in_language,
            "instant": instant,
            "signed_in": bool(settings.console_token),
        }


def in_language(language: str) -> str:
    """The page at hand in `language`."""
    if request.endpoint is None or request.method != "GET":
        return url_for("desk.show", lang=language)
    # The query is joined here: handed on by name, `_scheme` and the like would steer where the link leads.
    page = url_for(request.endpoint, **(request.view_args or {}))
    return f"{page}?{urlencode({**request.args.to_dict(), 'lang': language})}"
