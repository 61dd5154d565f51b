"""Users in Jira's JSON → `Actor` and `Person`: Cloud names them by accountId, Data Center by user name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...frozen import EMPTY
from ...model import Actor, Person, Role
from ...words import Words
from ..shapes import mapping, word

ROLES = {"customer": Role.CUSTOMER, "app": Role.SYSTEM}
"""Jira Cloud's `accountType`; `atlassian` alone does not tell an agent from a colleague who only asks."""


def account_of(user: Any) -> str:
    """The account id (Cloud), else the user name, else the key (Data Center); '' for nobody."""
    known = mapping(user)
    return word(known.get("accountId")) or word(known.get("name")) or word(known.get("key"))


def actor_of(user: Any, words: Words, mails: Mapping[str, str] = EMPTY) -> Actor:
    """Who `user` is. `mails` holds addresses found by look-up for accounts whose profile hides them."""
    known = mapping(user)
    account = account_of(known)
    email = word(known.get("emailAddress")) or mails.get(account, "")
    person = words.person_of(account, email, word(known.get("name")), word(known.get("key")))
    role = ROLES.get(word(known.get("accountType")))
    return Actor(account, word(known.get("displayName")), Role.AGENT if person else role, person, email)


def requester_of(user: Any, words: Words, mails: Mapping[str, str] = EMPTY) -> Person:
    """Who asks, as a `Person`; their domain is '' where Jira hides the address."""
    actor = actor_of(user, words, mails)
    return Person(id=actor.person, name=actor.name, email=actor.email, account=actor.account)


def aliases_of(*users: Any) -> Mapping[str, str]:
    """Keys and names of `users` → their account: a changelog names people by key where the rest does by account."""
    known = [(mapping(user), account_of(user)) for user in users]
    named = ((word(user.get(name)), account) for user, account in known for name in ("name", "key"))
    return {name: account for name, account in named if name and account}
