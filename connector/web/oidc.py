"""Signing in by OpenID Connect: to the provider and back, with a code, PKCE, a state and a nonce."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from ..engine.identity import has_provider
from ..settings import Settings
from .account import Account, role_of
from .entry import let_in, own_path
from .flows import Flows
from .guard import Guard
from .provider import NotBelieved, Provider, ProviderTrouble
from .visitor import Visitor

log = logging.getLogger("pointsman.web")
JOURNEY_COOKIE = "pointsman_oidc"
JOURNEY = timedelta(minutes=10)
PATH = "/sign-in/oidc"
AT_ONCE = 8
"""Threads that may wait for the provider: strangers can send us there, and webhooks need threads too."""


@dataclass(frozen=True, slots=True)
class Journey:
    """What a browser carries to the provider and back; only it can end what it began, and only once."""

    state: str
    nonce: str
    verifier: str
    next: str
    at: int

    @classmethod
    def begun(cls, target: str, now: datetime) -> Journey:
        state, nonce, verifier = (secrets.token_urlsafe(size) for size in (24, 24, 48))
        return cls(state, nonce, verifier, target, int(now.timestamp()))

    @classmethod
    def of(cls, value: Mapping[str, Any] | None, state: str, now: datetime) -> Journey | None:
        """The journey in a cookie, if it is the one that `state` belongs to and not too long ago."""
        if value is None or value.keys() != cls.__dataclass_fields__.keys():
            return None
        journey = cls(**value)
        mine = hmac.compare_digest(journey.state.encode(), state.encode("utf-8", "replace"))
        return journey if mine and 0 <= now.timestamp() - journey.at <= JOURNEY.total_seconds() else None


def add(pages: Blueprint, flows: Flows, settings: Settings, guard: Guard) -> None:
    """`GET /sign-in/oidc` and `GET /sign-in/oidc/callback`; 404 while no provider is set up."""
    provider = Provider(settings, flows.now) if has_provider(settings) else None
    seats = BoundedSemaphore(AT_ONCE)
    host = urlsplit(settings.oidc_issuer).netloc
    pages.app_context_processor(
        lambda: {"by_provider": host if provider else "", "half_set_up": bool(settings.oidc_issuer) and not provider}
    )

    @pages.get(PATH)
    def leave_for_provider() -> Response:
        """Send the browser to the provider, with a cookie by which it is known when it comes back."""
        if provider is None:
            abort(404)
        journey = Journey.begun(own_path(request.args.get("next", "/")), flows.now())
        try:
            with _seat(seats):
                there = provider.address(_back(settings), journey.state, journey.nonce, journey.verifier)
        except Crowded:
            return _unavailable("sign_in.crowded", journey.next)
        except ProviderTrouble as trouble:
            return _out_of_reach(str(trouble), journey.next)
        flows.provider_trouble("")
        answer = make_response(redirect(there, 302))
        # Lax: the way back is a link from another site.
        answer.set_cookie(
            JOURNEY_COOKIE,
            guard.signer.journey(asdict(journey)),
            max_age=int(JOURNEY.total_seconds()),
            path=PATH,
            httponly=True,
            samesite="Lax",
            secure=guard.is_secure(request),
        )
        return answer

    @pages.get(f"{PATH}/callback")
    def come_back() -> Response:
        """End the journey: a session for an account that has a role, a page that says why not for any other."""
        if provider is None:
            abort(404)
        answer = _arrive(provider)
        answer.delete_cookie(JOURNEY_COOKIE, path=PATH)
        return answer

    def _arrive(provider: Provider) -> Response:
        now = flows.now()
        carried = guard.signer.open_journey(request.cookies.get(JOURNEY_COOKIE, ""))
        journey = Journey.of(carried, request.args.get("state", ""), now)
        if journey is None or not flows.door.end(f"journey {journey.state}", now + JOURNEY):
            return _refused("sign_in.journey", 400, "journey")
        if "code" not in request.args:
            return _refused("sign_in.provider_refused", 403, "provider", target=journey.next)
        try:
            with _seat(seats):
                account = provider.account(_back(settings), request.args.to_dict(), journey.nonce, journey.verifier)
        except NotBelieved as error:
            return _refused("sign_in.not_believed", 403, str(error), target=journey.next)
        except Crowded:
            return _unavailable("sign_in.crowded", journey.next)
        except ProviderTrouble as trouble:
            return _out_of_reach(str(trouble), journey.next)
        return _welcome(account, journey.next)

    def _welcome(account: Account, target: str) -> Response:
        role = role_of(account, settings)
        if role is None:
            flows.audit.add(account.name, "sign_in_refused", {"way": "oidc"})
            return _refused("sign_in.no_role", 403, "no role", target=target, account=account.name)
        return let_in(flows, guard, Visitor(account.name, role), "oidc", target)

    def _refused(said: str, status: int, reason: str, *, target: str = "/", account: str = "") -> Response:
        log.warning("sign_in_refused", extra={"client": guard.client(request), "way": "oidc", "reason": reason})
        page = render_template("sign_in.html", next=target, said=said, account=account, host=host)
        return make_response(page, status)

    def _out_of_reach(why: str, target: str) -> Response:
        log.warning("provider_trouble", extra={"why": why})
        flows.provider_trouble(why)
        return _unavailable("sign_in.provider_down", target)

    def _unavailable(said: str, target: str) -> Response:
        page = render_template("sign_in.html", next=target, said=said, host=host)
        answer = make_response(page, 503)
        answer.headers["Retry-After"] = "60"
        return answer


class Crowded(Exception):
    """More people sign in at once than may wait for the provider; that is no trouble of the provider's."""


@contextmanager
def _seat(seats: BoundedSemaphore) -> Iterator[None]:
    if not seats.acquire(blocking=False):
        raise Crowded
    try:
        yield
    finally:
        seats.release()


def _back(settings: Settings) -> str:
    """The address that is registered at the provider; without `PUBLIC_URL` the one by which we are asked."""
    return f"{settings.public_url or request.host_url.rstrip('/')}{PATH}/callback"
