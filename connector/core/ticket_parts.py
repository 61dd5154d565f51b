"""The parts of a ticket file that are objects of their own: people, comments, past changes, pins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..frozen import FrozenDict
from ..model import Actor, Audience, Comment, FieldChange, Person, Pin, Role
from .doc import Notes, brief
from .json_values import value_from_json

_ROLES = tuple(str(role) for role in Role)


def read_person(notes: Notes, name: str, value: Any) -> Person:
    """An object with `email`, `name`, …, or one text: an address if it holds an `@`, else a name."""
    if isinstance(value, str):
        return Person(email=value) if "@" in value else Person(name=value)
    row = notes.table(name, value)
    notes.only(row, ("id", "name", "email", "domain", "account", "teams", "role", "ids"), f"`{name}`")
    email, domain = notes.word(f"{name}.email", row.get("email")), notes.word(f"{name}.domain", row.get("domain"))
    return Person(
        id=notes.word(f"{name}.id", row.get("id")),
        name=notes.word(f"{name}.name", row.get("name")),
        email=_address(notes, name, email, domain.lower()),
        account=notes.word(f"{name}.account", row.get("account")),
        teams=frozenset(notes.words(f"{name}.teams", row.get("teams"))),
        role=notes.word(f"{name}.role", row.get("role")) or "first_line",
        ids=FrozenDict(
            {
                key: notes.words(f"{name}.ids", each)
                for key, each in notes.table(f"{name}.ids", row.get("ids")).items()
            }
        ),
    )


def _address(notes: Notes, name: str, email: str, domain: str) -> str:
    if not domain or Person(email=email).domain == domain:
        return email
    if email:
        notes.bad(f"`{name}.domain` is `{domain[:60]}`, but `{name}.email` is an address of another domain")
        return email
    # An address without a person: the domain is known, and nobody is invented.
    return f"@{domain}"


def read_actor(notes: Notes, name: str, value: Any, person: Any = None) -> Actor:
    """An object as `account name role person email`; a text is a role (`agent`), else somebody of the desk."""
    if isinstance(value, Mapping):
        row = notes.table(name, value)
        notes.only(row, ("account", "name", "role", "person", "email"), f"`{name}`")
        words = {key: notes.word(f"{name}.{key}", row.get(key)) for key in ("account", "name", "person", "email")}
        return Actor(role=notes.enum(f"{name}.role", row.get("role"), Role), **words)
    word = notes.word(name, value)
    who = notes.word(f"{name}.person", person)
    if word.lower() in _ROLES:
        return Actor(account=who, name=who, role=Role(word.lower()), person=who)
    who = who or word
    return Actor(account=who, name=who, role=Role.AGENT if who else None, person=who)


def read_comment(notes: Notes, name: str, value: Any) -> Comment | None:
    """An object with `text`, and `id author at audience`; or friendlier: `by person public`; or only the text."""
    if isinstance(value, str):
        return Comment(id=name, text=value)
    if not isinstance(value, Mapping):
        notes.bad(f"`{name}` wants a comment as an object or a text, not {brief(value)}")
        return None
    row = notes.table(name, value)
    notes.only(row, ("id", "text", "audience", "public", "author", "by", "person", "at"), f"`{name}`")
    return Comment(
        id=notes.word(f"{name}.id", row.get("id")) or name,
        text=notes.word(f"{name}.text", row.get("text")),
        audience=read_audience(notes, name, row),
        author=read_actor(notes, f"{name}.by", row.get("author", row.get("by")), row.get("person")),
        at=notes.instant(f"{name}.at", row.get("at")),
    )


def read_audience(notes: Notes, name: str, row: Mapping[str, Any]) -> Audience | None:
    """`audience`, or `public: true | false`; None if neither is said."""
    if row.get("audience") is not None:
        return notes.enum(f"{name}.audience", row["audience"], Audience)
    if row.get("public") is None:
        return None
    return Audience.PUBLIC if notes.flag(f"{name}.public", row["public"]) else Audience.INTERNAL


def read_change(notes: Notes, name: str, value: Any, otherwise: datetime) -> FieldChange | None:
    """An object with `slot was value at by person id`; a change without `at` happened at `otherwise`."""
    if not isinstance(value, Mapping):
        notes.bad(f"`{name}` wants a change as an object with slot, was, value, at, by; not {brief(value)}")
        return None
    row = notes.table(name, value)
    notes.only(row, ("slot", "was", "value", "at", "by", "person", "id"), f"`{name}`")
    slot = notes.word(f"{name}.slot", row.get("slot"))
    if not slot:
        notes.bad(f"`{name}` needs a `slot`, such as priority, team, assignee or status")
    return FieldChange(
        slot=slot,
        was=value_from_json(row.get("was")),
        value=value_from_json(row.get("value")),
        at=notes.instant(f"{name}.at", row.get("at")) or otherwise,
        by=read_actor(notes, f"{name}.by", row.get("by"), row.get("person")),
        id=notes.word(f"{name}.id", row.get("id")),
    )


def read_pin(notes: Notes, name: str, value: Any) -> Pin:
    """An object with `by` and `at`, or only the person."""
    if isinstance(value, str):
        return Pin(by=value)
    row = notes.table(name, value)
    notes.only(row, ("by", "at"), f"`{name}`")
    return Pin(by=notes.word(f"{name}.by", row.get("by")), at=notes.instant(f"{name}.at", row.get("at")))
