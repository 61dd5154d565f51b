"""Signing in: which ways there are, whether OpenID Connect is set up whole, and whether its provider answers."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ..settings import Settings
from .services import Services

TROUBLE = "sign_in/trouble"
"""The name under which the store keeps why the provider of identities cannot be used; '' while it can."""
_LOCAL = ("localhost", "127.0.0.1", "::1")


def signs_in(settings: Settings) -> bool:
    """Is there any way to sign in?  One that is half set up counts: then nobody is let in for being near."""
    return bool(settings.console_token or settings.oidc_issuer or settings.oidc_client_id)


def has_provider(settings: Settings) -> bool:
    """Can somebody be sent to a provider of identities?"""
    return bool(settings.oidc_issuer and settings.oidc_client_id) and not any(gaps(settings))


def gaps(settings: Settings) -> Iterator[str]:
    """What the settings of OpenID Connect lack, each with its remedy; nothing while none is set."""
    roles = bool(settings.oidc_viewers or settings.oidc_agents or settings.oidc_admins)
    if not (settings.oidc_issuer or settings.oidc_client_id or settings.oidc_client_secret or roles):
        return
    if not settings.oidc_issuer:
        yield "POINTSMAN_OIDC_ISSUER is not set: the address of who signs people in, such as https://gitlab.example"
    if not settings.oidc_client_id:
        yield "POINTSMAN_OIDC_CLIENT_ID is not set: the provider shows it where this application is registered"
    if not roles:
        yield "none of POINTSMAN_OIDC_VIEWERS, _AGENTS and _ADMINS is set: whoever signs in has no role"
    issuer = urlsplit(settings.oidc_issuer)
    if issuer.scheme == "http" and issuer.hostname not in _LOCAL:
        yield "POINTSMAN_OIDC_ISSUER must begin with https: by http anybody on the way can sign in as anybody"


def note_trouble(services: Services, why: str) -> None:
    """Keep for `/readyz` why the provider cannot be used; '' once it can."""
    if (services.store.meta.get(TROUBLE) or "") != why:
        services.store.meta.set(TROUBLE, why)


def remarks(services: Services) -> Iterator[str]:
    """What keeps people from signing in by OpenID Connect."""
    found = list(gaps(services.settings))
    yield from found
    if not found and services.settings.oidc_issuer and (why := services.store.meta.get(TROUBLE)):
        yield f"nobody can sign in by OpenID Connect: {why}"
