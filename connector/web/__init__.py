"""The web door: webhooks, health, and the pages people look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, request, url_for

from ..engine.checking import Checked, nobody
from ..engine.services import Services
from ..key_file import key_file
from ..settings import Settings
from . import (
    changes,
    connections,
    desk,
    guard,
    headers,
    health,
    hooks,
    metrics,
    navigation,
    parked,
    plugins,
    problems,
    report,
    rules_page,
    settings_page,
    shown,
    sign_in,
    tracing,
)
from .answers import Answers
from .api import add_api
from .flows import Flows, flows_of
from .language import LANGUAGES, Texts, choose, instant, load_texts
from .session import Signer

LANGUAGE_COOKIE = "lang"
YEAR = 365 * 24 * 3600

__all__ = ["Flows", "create_probe", "create_web"]


def create_web(services: Services, check: Callable[[str], Checked] = nobody) -> Flask:
    """The application on top of `services`, for any WSGI server; `check` has the doctor look at a connection."""
    return build(services.settings, flows_of(services, check))


def build(settings: Settings, flows: Flows) -> Flask:
    """The application on top of `flows`."""
    app, door = _bare(settings, flows)
    app.register_blueprint(hooks.blueprint(flows, settings.body_limit, settings.trusted_proxies))
    app.register_blueprint(sign_in.blueprint(flows, settings, door))
    app.register_blueprint(desk.blueprint(flows, door))
    app.register_blueprint(parked.blueprint(flows, door))
    for page in (report, rules_page, plugins, connections, settings_page, changes):
        app.register_blueprint(page.blueprint(flows))
    add_api(app, flows)
    return app


def create_probe(services: Services) -> Flask:
    """Health and metrics alone, for a process without pages."""
    app, _ = _bare(services.settings, flows_of(services, nobody))
    app.config["PAGES"] = False
    return app


def _bare(settings: Settings, flows: Flows) -> tuple[Flask, guard.Guard]:
    """What every application has: order matters, ids first, then the language, then who may pass."""
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = desk.FORM_LIMIT
    app.config["MAX_FORM_MEMORY_SIZE"] = desk.FORM_LIMIT
    app.config["PAGES"] = True
    app.json = Answers(app)
    keys = settings.secret_key or (key_file(settings.data_dir, "secret.key"),)
    door = guard.Guard(settings, Signer(keys, settings), flows)
    shown.install(app)
    tracing.install(app)
    _speak(app, settings)
    headers.install(app)
    guard.install(app, door, sign_in.ask_to_sign_in)
    problems.install(app)
    app.register_blueprint(health.blueprint(flows, door))
    app.register_blueprint(metrics.blueprint(flows))
    return app, door


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
            secure = request.is_secure or settings.public_url.startswith("https:")
            response.set_cookie(LANGUAGE_COOKIE, asked, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
        response.headers.add("Vary", "Accept-Language, Cookie")
        return response

    @app.context_processor
    def words() -> dict[str, Any]:
        spoken: Texts = g.texts
        return {
            "t": spoken,
            "in_language": in_language,
            "instant": instant,
            "visitor": g.get("visitor"),
            "navigation": navigation.entries(g.get("visitor"), request.path),
        }


def in_language(language: str) -> str:
    """The page at hand in `language`."""
    if request.endpoint is None or request.method != "GET":
        return url_for("desk.show", lang=language)
    # The query is joined here: handed on by name, `_scheme` and the like would steer where the link leads.
    page = url_for(request.endpoint, **(request.view_args or {}))
    return f"{page}?{urlencode({**request.args.to_dict(), 'lang': language})}"
