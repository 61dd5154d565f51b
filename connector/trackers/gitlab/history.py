"""What happened to an issue before we met it. Pure.

Labels and states have resource events with ids; title, assignee and due date exist only as system
notes, in English whatever the reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...model import Actor, FieldChange
from ...words import Words
from ..shapes import instant, mapping, text, whole, word
from .mapping import CLOSED, OPENED, differences, slots
from .people import read_actor

_TITLE = re.compile(r"changed title from \*\*(?P<was>.*)\*\* to \*\*(?P<value>.*)\*\*", re.DOTALL)
_MARKS = re.compile(r"\{[-+](.*?)[-+]\}", re.DOTALL)
_ASSIGNED = re.compile(r"(?<!un)assigned to @([\w.-]+)")
_UNASSIGNED = re.compile(r"unassigned @([\w.-]+)")
_DUE = re.compile(r"changed due date to (\w+ \d{1,2}, \d{4})")

LONGEST_REMARK = 4_000
"""Of a system note: two titles of 255 characters, each sign of them marked."""

STATES = {"closed": CLOSED, "reopened": OPENED, "opened": OPENED}


@dataclass(frozen=True, slots=True)
class _Step:
    """One resource event: a label that came or went, or a new state."""

    id: str
    at: datetime
    by: Actor
    label: str = ""
    added: bool = False
    state: str = ""


def past_changes(
    notes: Iterable[Any], label_events: Iterable[Any], state_events: Iterable[Any], words: Words
) -> tuple[FieldChange, ...]:
    """Every change that GitLab still knows, oldest first."""
    steps = sorted(
        [*_label_steps(label_events, words), *_state_steps(state_events, words)],
        key=lambda s: (s.at, len(s.id), s.id),
    )
    changes = [*_replayed(steps, words), *_from_notes(notes, words)]
    return tuple(sorted(changes, key=lambda change: change.at))


def _label_steps(events: Iterable[Any], words: Words) -> Iterator[_Step]:
    for event in map(mapping, events):
        number, at = whole(event.get("id"), 2**63 - 1), instant(event.get("created_at"))
        name, action = word(mapping(event.get("label")).get("name")), event.get("action")
        if number and at and name and action in ("add", "remove"):
            by = read_actor(event.get("user"), words)
            yield _Step(f"label-event:{number}", at, by, label=name, added=action == "add")


def _state_steps(events: Iterable[Any], words: Words) -> Iterator[_Step]:
    for event in map(mapping, events):
        number, at = whole(event.get("id"), 2**63 - 1), instant(event.get("created_at"))
        state = STATES.get(word(event.get("state")))
        if number and at and state:
            yield _Step(f"state-event:{number}", at, read_actor(event.get("user"), words), state=state)


def _replayed(steps: list[_Step], words: Words) -> Iterator[FieldChange]:
    """Steps of one instant are one change: `priority::2` going and `priority::1` coming is one new priority."""
    labels, state = _labels_at_first(steps), OPENED
    for group in _groups(steps):
        before, was = labels, state
        for step in group:
            if step.state:
                state = step.state
            else:
                labels = labels | {step.label} if step.added else labels - {step.label}
                held = step.label in before
                yield FieldChange(f"label:{step.label}", held, step.added, step.at, step.by, step.id)
        last = group[-1]
        for slot, (old, new) in differences(slots(words, before, was), slots(words, labels, state)).items():
            yield FieldChange(slot, old, new, last.at, last.by, f"{last.id}:{slot}")


def _labels_at_first(steps: list[_Step]) -> frozenset[str]:
    """Labels whose first known event is their removal: they were there before the record begins."""
    first: dict[str, bool] = {}
    for step in steps:
        if step.label:
            first.setdefault(step.label, step.added)
    return frozenset(label for label, added in first.items() if not added)


def _groups(steps: list[_Step]) -> Iterator[list[_Step]]:
    group: list[_Step] = []
    for step in steps:
        if (group and (step.at - group[-1].at).total_seconds() > 1) or (group and step.by != group[-1].by):
            yield group
            group = []
        group.append(step)
    if group:
        yield group


def _from_notes(notes: Iterable[Any], words: Words) -> Iterator[FieldChange]:
    holder: str | None = None
    for note in sorted(map(mapping, notes), key=lambda n: word(n.get("created_at"))):
        number, at = whole(note.get("id"), 2**63 - 1), instant(note.get("created_at"))
        if note.get("system") is not True or not number or not at:
            continue
        for slot, was, value in _told(text(note.get("body"), LONGEST_REMARK), holder, words):
            holder = value if slot == "assignee" else holder
            yield FieldChange(slot, was, value, at, read_actor(note.get("author"), words), f"note:{number}:{slot}")


def _told(body: str, holder: str | None, words: Words) -> Iterator[tuple[str, Any, Any]]:
    """(slot, was, value) for each change in one system note."""
    title = _TITLE.match(body)
    if title:
        yield "title", _unmarked(title["was"]), _unmarked(title["value"])
        return
    assigned, unassigned = _ASSIGNED.search(body), _UNASSIGNED.search(body)
    if assigned or unassigned:
        was = _person(unassigned[1], words) if unassigned else holder
        yield "assignee", was, _person(assigned[1], words) if assigned else None
    due = _DUE.match(body)
    if due:
        yield "due", None, _written_day(due[1])
    elif body.startswith("removed due date"):
        yield "due", None, None


def _unmarked(title: str) -> str:
    """A title without the marks around what came and went."""
    return _MARKS.sub(r"\1", title)


def _person(account: str, words: Words) -> str:
    return words.person_of(account) or account


def _written_day(written: str) -> str | None:
    try:
        return datetime.strptime(written, "%B %d, %Y").date().isoformat()  # noqa: DTZ007 (a day has no zone)
    except ValueError:
        return None
