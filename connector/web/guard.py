"""Who may see the pages, and whose form is it?  Asked before every route that is not public."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, g, request

from ..settings import Settings
from .access import client_address, is_local_host, is_loopback
from .session import Signer, new_browser

# By path, not by route: what is wrong below them (404, 405) is as public as they are.
PUBLIC = ("/hooks/", "/forms/", "/intake/", "/status/", "/healthz", "/readyz", "/static/")
SESSION_COOKIE = "pointsman_session"
BROWSER_COOKIE = "pointsman_browser"


class Guard:
    """Answers for one application whether a request may pass."""

    def __init__(self, settings: Settings, signer: Signer) -> None:
        self._settings = settings
        self.signer = signer

    def client(self, asked: Request) -> str:
        """Whom wrong guesses are counted against: the address, for IPv6 its network."""
        address = client_address(asked.remote_addr or "", _lower(asked), self._settings.trusted_proxies)
        if address is None:
            return "unknown"
        return str(address) if address.version == 4 else address.exploded[:19]

    def refusal(self, asked: Request) -> int:
        """0 if `asked` may pass, else 401 (sign in first) or 403 (not from here)."""
        if self._settings.console_token:
            return 0 if self._signed_in(asked) else 401
        address = client_address(asked.remote_addr or "", _lower(asked), self._settings.trusted_proxies)
        here = is_loopback(address) and is_local_host(asked.host, self._settings.public_url)
        return 0 if here else 403

    def is_ours(self, asked: Request) -> bool:
        """Was this POST made by a page of ours, or by a program that no foreign page can steer?

        A browser sends JSON or an `Authorization` header to another site only after asking that site
        by an OPTIONS request, which we never grant; a plain form it sends at once, so that needs the token.
        """
        if not _same_origin(asked):
            return False
        if asked.is_json or bearer(asked):
            return True
        token = asked.form.get("csrf", "")
        return self.signer.is_form_token(token, asked.cookies.get(BROWSER_COOKIE, ""))

    def is_secure(self, asked: Request) -> bool:
        """Whether cookies may be bound to https."""
        return asked.is_secure or self._settings.public_url.startswith("https:")

    def _signed_in(self, asked: Request) -> bool:
        token = bearer(asked)
        if token:
            return self.signer.is_console_token(token)
        return self.signer.is_session(asked.cookies.get(SESSION_COOKIE, ""))


def install(app: Flask, guard: Guard, sign_in: Callable[[], Response]) -> None:
    """Put `guard` before every route of `app`; who is not signed in gets what `sign_in` gives."""

    @app.before_request
    def check() -> Response | None:
        g.browser = request.cookies.get(BROWSER_COOKIE) or new_browser()
        if request.path.startswith(PUBLIC):
            return None
        refused = guard.refusal(request)
        if refused == 403:
            abort(403)
        if refused and request.blueprint != "sign_in":
            return sign_in()
        return None

    @app.after_request
    def remember(response: Response) -> Response:
        if g.get("form_shown") and request.cookies.get(BROWSER_COOKIE) != g.browser:
            _keep(response, BROWSER_COOKIE, g.browser, guard.is_secure(request))
        return response

    @app.context_processor
    def forms() -> dict[str, object]:
        return {"csrf_token": lambda: form_token(guard)}


def form_token(guard: Guard) -> str:
    """The token for a form on the page at hand; the answer then also sets the cookie it belongs to."""
    g.form_shown = True
    return guard.signer.form_token(g.browser)


def bearer(asked: Request) -> str:
    """The token of `Authorization: Bearer …`, '' without one."""
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _keep(response: Response, name: str, value: str, secure: bool) -> None:
    response.set_cookie(name, value, httponly=True, samesite="Strict", secure=secure, path="/")


def _same_origin(asked: Request) -> bool:
    """False if the browser says that another site's page sent this."""
    if asked.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = asked.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == asked.host


def _lower(asked: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in asked.headers.items()}
