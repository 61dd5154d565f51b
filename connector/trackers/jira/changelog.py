"""Items of a Jira changelog → changes of slots, in our words.

An item names its field for display (`field`), on Cloud also by id (`fieldId`); values come as an id
(`from`, `to`) and as text (`fromString`, `toString`). Labels come as two lists in one text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from ...frozen import EMPTY
from ...model import Actor, FieldChange
from ...words import Place, PlaceKind, Words, word_at
from ..shapes import day, mapping, rows, text, word
from .shapes import number

Table: TypeAlias = Mapping[Any, tuple[Place, ...]]

MOVED = frozenset({"key", "project"})
MAX_ITEMS = 500


@dataclass(frozen=True, slots=True)
class Item:
    """One changed field: its name and id in lower case, and its value before and after, as id and as text."""

    field: str
    id: str
    was: str
    was_text: str
    now: str
    now_text: str


def items_of(changelog: Any) -> tuple[Item, ...]:
    """The items of a changelog that name a field, at most `MAX_ITEMS`."""
    found = rows(mapping(changelog).get("items"), MAX_ITEMS)
    return tuple(item for item in map(_item, found) if item.field)


def is_move(items: tuple[Item, ...]) -> bool:
    """Whether the issue got another key or another project."""
    return any(item.field in MOVED or item.id in MOVED for item in items)


def changes_of(
    changelog: Any, at: datetime | None, by: Actor, words: Words, aliases: Mapping[str, str] = EMPTY
) -> tuple[FieldChange, ...]:
    """What the changelog says of slots that rules may write; nothing without an instant.

    `aliases` maps what the changelog may call a user to their account.
    """
    if at is None:
        return ()
    id = number(mapping(changelog).get("id"))
    found = {
        slot: FieldChange(slot, was, value, at, by, f"{id}:{slot}" if id else "")
        for item in items_of(changelog)
        for slot, was, value in _slots(item, words, aliases)
        if was != value
    }
    return tuple(found.values())


def _item(raw: Mapping[str, Any]) -> Item:
    was, now = raw.get("from"), raw.get("to")
    return Item(
        field=(word(raw.get("field")) or word(raw.get("fieldId"))).casefold(),
        id=word(raw.get("fieldId")).casefold(),
        was=word(was) or number(was),
        was_text=text(raw.get("fromString")),
        now=word(now) or number(now),
        now_text=text(raw.get("toString")),
    )


def _slots(item: Item, words: Words, aliases: Mapping[str, str]) -> Iterator[tuple[str, Any, Any]]:
    match item.field:
        case "priority":
            yield "priority", *_both(words.priority, PlaceKind.NAME, item, missing="none")
        case "status":
            yield "status", *_both(words.status, PlaceKind.NAME, item)
        case "assignee":
            was, now = aliases.get(item.was, item.was), aliases.get(item.now, item.now)
            yield "assignee", _person(was, item.was_text, words), _person(now, item.now_text, words)
        case "duedate" | "due date":
            yield "due", _day(item.was, item.was_text), _day(item.now, item.now_text)
        case "labels":
            yield from _labels(set(item.was_text.split()), set(item.now_text.split()), words)
        case "component" | "components":
            yield from _members(PlaceKind.COMPONENT, {item.was_text} - {""}, {item.now_text} - {""}, words)
        case _:
            yield from _custom(item, words)


def _labels(was: set[str], now: set[str], words: Words) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted(was ^ now):
        yield f"label:{name}", name in was, name in now
    yield from _members(PlaceKind.LABEL, was, now, words)


def _members(kind: PlaceKind, was: set[str], now: set[str], words: Words) -> Iterator[tuple[str, Any, Any]]:
    """Slots whose word lies in a set of labels or components."""
    before, after = _present(kind, was), _present(kind, now)
    yield "team", word_at(words.team, before), word_at(words.team, after)
    yield "severity", word_at(words.severity, before), word_at(words.severity, after)
    yield "priority", word_at(words.priority, before) or "none", word_at(words.priority, after) or "none"
    for name, place in words.fields.items():
        if place.kind is kind:
            yield f"field:{name}", _starred(place.value, was), _starred(place.value, now)


def _custom(item: Item, words: Words) -> Iterator[tuple[str, Any, Any]]:
    names = {item.field, item.id}
    for slot, table in (("team", words.team), ("severity", words.severity), ("priority", words.priority)):
        if any(p.kind is PlaceKind.FIELD and p.field.casefold() in names for ps in table.values() for p in ps):
            yield slot, _held(table, names, item.was_text), _held(table, names, item.now_text)
    for name, place in words.fields.items():
        if place.kind is PlaceKind.FIELD and place.field.casefold() in names:
            yield f"field:{name}", item.was_text or None, item.now_text or None


def _held(table: Table, names: set[str], value: str) -> Any:
    def holds(place: Place) -> bool:
        return place.kind is PlaceKind.FIELD and place.field.casefold() in names and same(place.value, value)

    return word_at(table, holds)


def _both(table: Table, kind: PlaceKind, item: Item, missing: Any = None) -> tuple[Any, Any]:
    def of(value: str) -> Any:
        return word_at(table, lambda p: p.kind is kind and same(p.value, value)) or missing

    return of(item.was_text), of(item.now_text)


def _present(kind: PlaceKind, names: set[str]) -> Callable[[Place], bool]:
    return lambda place: place.kind is kind and any(same(place.value, name) for name in names)


def _starred(pattern: str, names: set[str]) -> str | None:
    return next((value for name in sorted(names) if (value := behind(pattern, name)) is not None), None)


def _person(account: str, name: str, words: Words) -> str | None:
    """Their id; else the account. On Data Center it may be a key: then the name shown helps, if only one has it."""
    if not account:
        return None
    named = [person for person, shown in words.names.items() if name and shown == name]
    return words.person_of(account) or (named[0] if len(named) == 1 else account)


def _day(value: str, shown: str) -> str | None:
    found = day(value) or day(shown)
    return found.isoformat() if found else None


def same(a: str, b: str) -> bool:
    """Whether Jira takes two names for one: it ignores case."""
    return bool(a) and a.casefold() == b.casefold()


def behind(pattern: str, name: str) -> str | None:
    """What stands for the `*` of `pattern` in `name`; None where it does not fit."""
    head, star, tail = pattern.partition("*")
    fits = name.startswith(head) and name.endswith(tail) and len(name) > len(head) + len(tail)
    return name[len(head) : len(name) - len(tail)] if star and fits else None
