"""An account at the provider of identities: its name in the audit, its groups, and the role they give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..settings import Settings
from .visitor import Standing

_MAIL = re.compile(r"[^\s:@]{1,100}@[^\s:@]{1,150}")


@dataclass(frozen=True, slots=True)
class Account:
    """Who has signed in; `name` is what stands in the audit."""

    name: str
    groups: frozenset[str]


def role_of(account: Account, settings: Settings) -> Standing | None:
    """The highest role that any group of the account has; None for an account without one."""
    named = (
        (Standing.ADMIN, settings.oidc_admins),
        (Standing.AGENT, settings.oidc_agents),
        (Standing.VIEWER, settings.oidc_viewers),
    )
    mine = {group.strip("/") for group in account.groups}
    return next((role for role, names in named if "*" in names or mine & {n.strip("/") for n in names}), None)


def account_of(settings: Settings, claims: Mapping[str, Any], told: Mapping[str, Any]) -> Account:
    """GitLab tells all groups in `groups` of the userinfo, and in the token those one is a member of oneself."""
    claim = settings.oidc_groups_claim
    places = [claims.get(claim), told.get(claim)]
    if claim == "groups":
        places += [claims.get("groups_direct"), told.get("groups_direct")]
    return Account(_name({**claims, **told}), frozenset(group for place in places for group in _words(place)))


def _name(claims: Mapping[str, Any]) -> str:
    """A verified mail address; else the user's name, marked so that nobody is called `console` or like a token."""
    mail = claims.get("email")
    if (
        claims.get("email_verified") is True
        and isinstance(mail, str)
        and _MAIL.fullmatch(mail)
        and mail.isprintable()
    ):
        return mail
    words = [*_words(claims.get("preferred_username")), *_words(claims.get("nickname")), str(claims["sub"])]
    return "oidc:" + "".join(c for c in words[0] if c.isprintable())[:200]


def _words(value: Any) -> Iterable[str]:
    values = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return [word for word in values if isinstance(word, str) and word.strip()]
