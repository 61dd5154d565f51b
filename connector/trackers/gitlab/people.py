"""Accounts as GitLab names them, and what a username alone says about who that is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...model import Actor, Person, Role
from ...words import Words
from ..shapes import mapping, word

"""Posts what customers write by mail (Service Desk)."""

_SUPPORT_BOT = re.compile(r"support-bot\d*")
_BOT = re.compile(r"(?:project|group)_\d+_bot\w*|(?:alert|automation|migration|security|visual-review)-bot\d*")


def is_support_bot(account: str) -> bool:
    return bool(_SUPPORT_BOT.fullmatch(account.casefold()))


def is_bot(account: str) -> bool:
    """A project's or group's access token, or a bot that GitLab itself runs."""
    return bool(_BOT.fullmatch(account.casefold()))


def role_by_name(account: str, words: Words) -> Role | None:
    """`_people.yaml` first, then what the username says; None where it says nothing."""
    listed = words.role_of(account)
    if listed:
        return listed
    if is_support_bot(account):
        return Role.CUSTOMER
    return Role.SYSTEM if is_bot(account) else None


def read_actor(value: Any, words: Words) -> Actor:
    """A user object of a webhook or of REST; addresses are mostly `[REDACTED]` there and read as none."""
    user = mapping(value)
    account = word(user.get("username"))
    if not account:
        return Actor(name=word(user.get("name")))
    return Actor(
        account=account,
        name=word(user.get("name")),
        role=role_by_name(account, words),
        person=words.person_of(account),
        email=_address(user.get("email")),
    )


def person_or_account(user: Mapping[str, Any], words: Words) -> str | None:
    """The person's id of `_people.yaml`, for somebody not listed there the username."""
    account = word(user.get("username"))
    return words.person_of(account) or account or None


def read_requester(issue: Mapping[str, Any], words: Words) -> Person:
    """Who asks: of a Service Desk ticket the sender of the mail, else the author."""
    sender = _address(issue.get("service_desk_reply_to"))
    author = mapping(issue.get("author"))
    account = word(author.get("username"))
    if sender and (is_support_bot(account) or not account):
        return Person(email=sender)
    person = words.person_of(account)
    name = word(author.get("name")) or words.names.get(person, "")
    return Person(id=person, name=name, email=sender or _address(author.get("email")), account=account)


def _address(value: Any) -> str:
    text = word(value)
    return text if "@" in text and " " not in text else ""
