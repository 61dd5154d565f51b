"""Slots: what a ticket holds in each, and who holds it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..changes import Change
from ..model import FieldChange, Pin, Role, Ticket
from ..plan import jsonable

_EPOCH = datetime.min.replace(tzinfo=UTC)


def holds(ticket: Ticket, slot: str) -> tuple[bool, Any]:
    """Whether `slot` can be compared with what we stand for, and its (JSON) value at `ticket` now.

    Texts, links, notices, wake-ups and facts cannot: nobody can change them to something else.
    """
    head, _, rest = slot.partition(":")
    match head:
        case "priority":
            return True, ticket.priority.word
        case "severity" | "team" | "assignee" | "status":
            return True, getattr(ticket, head)
        case "label":
            return True, rest in ticket.labels
        case "field":
            return True, jsonable(ticket.fields.get(rest))
        case "due":
            return True, ticket.due.isoformat() if ticket.due else None
        case _:
            return False, None


def stood_for(change: Change) -> Any:
    """The (JSON) value that `change` brings to its slot, comparable with `holds`."""
    shown = jsonable(change.shown)
    return str(shown)[:10] if change.slot.startswith("due:") else shown


def pins_of(ticket: Ticket) -> Mapping[str, Pin]:
    """Every slot that a person holds: taken by command, changed away from ours, or changed after creation."""
    pins = dict(ticket.pins)
    for slot, value in ticket.ours.items():
        comparable, now = holds(ticket, slot)
        if comparable and now != value and slot not in pins:
            pins[slot] = _last_hand(ticket, slot)
    for change in ticket.history:
        if _by_a_person(change) and _later(ticket, change) and _comparable(ticket, change.slot):
            earlier = pins.get(change.slot)
            if earlier is None or (earlier.at or _EPOCH) < change.at:
                pins[change.slot] = _pin(change)
    return pins


def by_hand(ticket: Ticket) -> frozenset[str]:
    """The slots that people took or changed after the creation, whatever `ticket` holds in them."""
    changed = (change for change in ticket.history if _by_a_person(change) and _later(ticket, change))
    return frozenset((*ticket.pins, *(change.slot for change in changed if _comparable(ticket, change.slot))))


def unexplained(ticket: Ticket) -> bool:
    """Whether somebody changed a slot of ours, and no history tells who and when."""
    for slot, value in ticket.ours.items():
        comparable, now = holds(ticket, slot)
        told = any(change.slot == slot and change.value == now for change in ticket.history)
        if comparable and now != value and slot not in ticket.pins and not told:
            return True
    return False


def _comparable(ticket: Ticket, slot: str) -> bool:
    return holds(ticket, slot)[0]


def _by_a_person(change: FieldChange) -> bool:
    return change.by.role not in (Role.US, Role.SYSTEM)


def _later(ticket: Ticket, change: FieldChange) -> bool:
    if ticket.created and change.at <= ticket.created:
        return False
    return change.at > ticket.released.get(change.slot, _EPOCH)


def _pin(change: FieldChange) -> Pin:
    return Pin(change.by.person or change.by.name or change.by.account, change.at)


def _last_hand(ticket: Ticket, slot: str) -> Pin:
    for change in reversed(ticket.history):
        if change.slot == slot and change.by.role is not Role.US:
            return _pin(change)
    return Pin()
