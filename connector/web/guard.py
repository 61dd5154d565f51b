"""Who is asking, and whose form is it?  Asked before every route that is not public."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, g, request

from ..engine.identity import signs_in
from ..errors import StoreUnavailable
from ..settings import Settings
from ..store.tokens import MARK
from .access import client_address, is_local_host, is_loopback
from .flows import Flows
from .guesses import Guesses
from .problems import is_nowhere
from .session import Session, Signer, new_browser
from .visitor import SAFE, NotEnough, Standing, Visitor, is_own_form, standing_of

# By path, not by route: what is wrong below them (404, 405) is as public as they are.
PUBLIC = ("/hooks/", "/forms/", "/intake/", "/status/", "/healthz", "/readyz", "/static/")
METRICS = "/metrics"
SESSION_COOKIE = "pointsman_session"
BROWSER_COOKIE = "pointsman_browser"
CONSOLE = Visitor("console", Standing.ADMIN)
LOOPBACK = Visitor("loopback", Standing.ADMIN)

log = logging.getLogger("pointsman.web")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A stranger: 401 (sign in first), 403 (not from here), or 429 (too many wrong tokens; `wait` is in seconds)."""

    status: int
    wait: int = 0


class Guard:
    """Answers for one application who asks, and whether a form is ours."""

    def __init__(self, settings: Settings, signer: Signer, flows: Flows) -> None:
        self._settings = settings
        self._flows = flows
        self.signer = signer
        self.guesses = Guesses(flows.door)

    def client(self, asked: Request) -> str:
        """Whom wrong guesses are counted against: the address, for IPv6 its network."""
        address = client_address(asked.remote_addr or "", _lower(asked), self._settings.trusted_proxies)
        if address is None:
            return "unknown"
        return str(address) if address.version == 4 else address.exploded[:19]

    def who(self, asked: Request) -> Visitor | Refusal:
        """The visitor behind `asked`; where a bearer token is sent, it alone counts. May raise `StoreUnavailable`."""
        if token := bearer(asked):
            return self._by_token(token, asked)
        if session := self.session(asked):
            return session.visitor
        if signs_in(self._settings):
            return Refusal(401)
        address = client_address(asked.remote_addr or "", _lower(asked), self._settings.trusted_proxies)
        here = is_loopback(address) and is_local_host(asked.host, self._settings.public_url)
        return LOOPBACK if here else Refusal(403)

    def sees(self, asked: Request) -> bool:
        """May whoever asks see the pages?  For public routes that tell such people more; False when in doubt."""
        try:
            found = self.who(asked)
        except StoreUnavailable:
            return False
        return isinstance(found, Visitor) and found.may(Standing.VIEWER)

    def session(self, asked: Request) -> Session | None:
        """The session that the browser carries, unless it was ended."""
        session = self.signer.open_session(asked.cookies.get(SESSION_COOKIE, ""), self._flows.now())
        return None if session is None or self._flows.door.is_over(session.id) else session

    def is_ours(self, asked: Request) -> bool:
        """Was this POST made by a page of ours, or by a program that no foreign page can steer?

        A browser sends JSON or an `Authorization` header to another site only after asking that site
        by an OPTIONS request, which we never grant; a plain form it sends at once, so that needs the token.
        """
        if not _same_origin(asked):
            return False
        if asked.is_json or bearer(asked):
            return True
        browser = asked.cookies.get(BROWSER_COOKIE, "")
        return bool(browser) and self.signer.is_form_token(asked.form.get("csrf", ""), _bound(browser))

    def is_secure(self, asked: Request) -> bool:
        """Whether cookies may be bound to https."""
        return asked.is_secure or self._settings.public_url.startswith("https:")

    def _by_token(self, token: str, asked: Request) -> Visitor | Refusal:
        now, client = self._flows.now(), self.client(asked)
        if found := self._flows.tokens.find(token):
            return Visitor(f"token:{found.name}", standing_of(found.scopes), frozenset(found.scopes))
        # Nobody guesses an API token; a program that goes on with a revoked one must lock no person out.
        bucket = f"api {client}" if token.startswith(MARK) else client
        right = self.signer.is_console_token(token)
        if wait := self.guesses.judge(bucket, now, right=right):
            return Refusal(429, wait)
        if right:
            return CONSOLE
        log.warning("sign_in_refused", extra={"client": client, "way": "bearer"})
        return Refusal(401)


def install(app: Flask, guard: Guard, sign_in: Callable[[], Response]) -> None:
    """Put `guard` before every route of `app`; who is not signed in gets what `sign_in` gives."""

    @app.before_request
    def check() -> Response | None:
        if is_nowhere(request):
            abort(400)
        g.browser = request.cookies.get(BROWSER_COOKIE) or new_browser()
        if request.path.startswith(PUBLIC):
            return None
        found = guard.who(request)
        if isinstance(found, Refusal):
            return _turned_away(found, sign_in)
        g.visitor = found
        measures = request.path == METRICS and "metrics" in found.scopes
        if not (measures or found.may(Standing.VIEWER)):
            raise NotEnough(Standing.VIEWER)
        view = app.view_functions.get(request.endpoint or "")
        if request.method not in SAFE and view and not is_own_form(view) and not guard.is_ours(request):
            abort(403)
        return None

    @app.after_request
    def remember(response: Response) -> Response:
        if g.get("form_shown") and request.cookies.get(BROWSER_COOKIE) != g.browser:
            _keep(response, BROWSER_COOKIE, g.browser, guard.is_secure(request))
        return response

    @app.context_processor
    def forms() -> dict[str, object]:
        return {"csrf_token": lambda: form_token(guard), "signed_in": _has_session()}


def form_token(guard: Guard) -> str:
    """The token for a form on the page at hand; the answer then also sets the cookie it belongs to."""
    g.form_shown = True
    return guard.signer.form_token(_bound(g.browser))


def bearer(asked: Request) -> str:
    """The token of `Authorization: Bearer …`, '' without one."""
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _turned_away(refusal: Refusal, sign_in: Callable[[], Response]) -> Response | None:
    if refusal.status == 429:
        g.wait = refusal.wait
    if refusal.status != 401:
        abort(refusal.status)
    return None if request.blueprint == "sign_in" else sign_in()


def _has_session() -> bool:
    return "visitor" in g and SESSION_COOKIE in request.cookies


def _bound(browser: str) -> str:
    """The browser together with who is signed in: a cookie that somebody planted is of no use after the sign-in."""
    session = hashlib.sha256(request.cookies.get(SESSION_COOKIE, "").encode("utf-8", "replace")).hexdigest()
    return f"{browser}.{session[:16]}"


def _keep(response: Response, name: str, value: str, secure: bool) -> None:
    response.set_cookie(name, value, httponly=True, samesite="Lax", secure=secure, path="/")


def _same_origin(asked: Request) -> bool:
    """False if the browser says that another site's page sent this."""
    if asked.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = asked.headers.get("Origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == asked.host
    except ValueError:
        return False


def _lower(asked: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in asked.headers.items()}
