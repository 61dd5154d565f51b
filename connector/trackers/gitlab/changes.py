"""The `changes` of an issue hook → what changed, slot by slot, in our words.

They carry no event id: (slot, value, instant within 5 s) identifies one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ...model import Actor, FieldChange
from ...words import Words
from ..shapes import day, mapping, rows, text, word
from .mapping import CLOSED, OPENED, differences, slots
from .people import person_or_account

STATES = {1: OPENED, 2: CLOSED}


def read_changes(
    body: Mapping[str, Any], issue: Mapping[str, Any], by: Actor, at: datetime, words: Words
) -> tuple[FieldChange, ...]:
    """One `FieldChange` per slot whose value differs; what cannot be read is left out."""
    changes = mapping(body.get("changes"))
    found = dict(_labels_and_state(body, issue, changes, words))
    found |= dict(_others(changes, words))
    return tuple(FieldChange(slot, was, value, at, by) for slot, (was, value) in found.items())


def _labels_and_state(
    body: Mapping[str, Any], issue: Mapping[str, Any], changes: Mapping[str, Any], words: Words
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    if not {"labels", "state", "state_id"} & changes.keys():
        return
    now = _names(issue.get("labels")) or _names(body.get("labels"))
    labels = mapping(changes.get("labels"))
    before, after = (_names(labels.get(end)) if labels else now for end in ("previous", "current"))
    state = _state(changes, "current") or word(issue.get("state"))
    earlier = _state(changes, "previous") or state
    yield from label_changes(before, after)
    yield from differences(slots(words, before, earlier), slots(words, after, state)).items()


def label_changes(before: frozenset[str], after: frozenset[str]) -> Iterator[tuple[str, tuple[bool, bool]]]:
    """One change for each label that came or went, in the order of their names."""
    for name in sorted(before ^ after):
        yield f"label:{name}", (name in before, name in after)


def _others(changes: Mapping[str, Any], words: Words) -> Iterator[tuple[str, tuple[Any, Any]]]:
    if "assignees" in changes:
        pair = mapping(changes["assignees"])
        yield "assignee", (_first(pair.get("previous"), words), _first(pair.get("current"), words))
    if "title" in changes:
        pair = mapping(changes["title"])
        yield "title", (text(pair.get("previous")), text(pair.get("current")))
    if "due_date" in changes:
        pair = mapping(changes["due_date"])
        yield "due", (_day(pair.get("previous")), _day(pair.get("current")))


def _names(value: Any) -> frozenset[str]:
    return frozenset(name for row in rows(value) if (name := word(row.get("title"))))


def _state(changes: Mapping[str, Any], end: str) -> str:
    said = word(mapping(changes.get("state")).get(end))
    number = mapping(changes.get("state_id")).get(end)
    return said or (STATES.get(number, "") if isinstance(number, int) else "")


def _first(users: Any, words: Words) -> str | None:
    return next((person_or_account(user, words) for user in rows(users)), None)


def _day(value: Any) -> str | None:
    at = day(value)
    return at.isoformat() if at else None
