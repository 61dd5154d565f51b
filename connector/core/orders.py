"""Orders that people write in comments: `@handle verb words [because …]`, each on a line of its own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..desk import Desk
from ..model import Actor, Event, Kind, Role
from .prose import own_words

HANDLE, EVERYBODY = "pointsman", "agent"
ACK = "ack"
MOST_ORDERS = 20
"""Of one comment; those behind them are not read."""

_BECAUSE = re.compile(r"(?:^|\s)(?:because\b|因为)[\s:：]*", re.IGNORECASE)
_PUNCTUATION = " \t.,;:!?`'\"。、"


@dataclass(frozen=True, slots=True)
class Order:
    """`verb` is in lower case, '' after a bare handle; `words` stand behind it, `because` is the reason given."""

    verb: str
    words: str = ""
    because: str = ""


def orders_in(text: str, handle: str) -> tuple[Order, ...]:
    """The orders of a comment, in order; code blocks and quoted lines hold none.

    The handle may be indented by at most three blanks, in any case, with a full-width `＠`, or a Jira
    mention `[~handle]`. Full-width letters count as ordinary ones; punctuation after a word is dropped.
    """
    name = re.escape(handle)
    call = re.compile(rf"[ \u3000]{{0,3}}(?:[@＠]{name}(?![\w-]|\.\w)|\[~{name}\])[\s:,：，]*(.*)", re.IGNORECASE)
    found = (call.match(line) for line in own_words(text).splitlines())
    return tuple(_order(match[1]) for match in found if match)


def commander(event: Event) -> Actor | None:
    """The agent whose comment this is; None for customers, machines, edits and events without a comment."""
    if event.kind not in (Kind.COMMENTED, Kind.UPDATED) or event.comment is None:
        return None
    author = event.comment.author
    stranger = author.account and author.account != event.actor.account
    actor = author if stranger else event.actor
    return actor if actor.role is Role.AGENT and (actor.person or actor.account) else None


def may_order(verb: str, actor: Actor, desk: Desk, section: Mapping[str, Any]) -> bool:
    """Whether `allow` of the section `commands` names the actor: by person, role or team."""
    listed: str | Iterable[str] = (section.get("allow") or {}).get(verb, EVERYBODY)
    person = desk.people.get(actor.person)
    names = {EVERYBODY, actor.person or actor.account} | ({person.role, *person.teams} if person else set())
    return not names.isdisjoint({listed} if isinstance(listed, str) else listed)


def handle_of(section: Mapping[str, Any]) -> str:
    """By which name comments address us, without `@`."""
    return str(section.get("handle") or HANDLE).lstrip("@")


def ordered_at(verb: str, event: Event, desk: Desk, section: Mapping[str, Any] | None) -> datetime | None:
    """When the comment of `event` gave the order `verb`, which stands alone; None if it did not, or was not obeyed.

    `section` is that of `commands`, None where nobody listens.
    """
    actor = commander(event)
    if section is None or actor is None or event.comment is None or not may_order(verb, actor, desk, section):
        return None
    orders = orders_in(event.comment.text, handle_of(section))[:MOST_ORDERS]
    if not any(order.verb == verb and not order.words for order in orders):
        return None
    return event.comment.at or event.at


def _order(line: str) -> Order:
    verb, _, rest = " ".join(line.split()).partition(" ")
    words, *reasons = _BECAUSE.split(rest, maxsplit=1)
    return Order(_plain(verb).casefold(), _plain(words), "".join(reasons).strip())


def _plain(words: str) -> str:
    return unicodedata.normalize("NFKC", words).strip(_PUNCTUATION)
