"""A person's change that our write crossed on its way is given back.

Neither tracker has a compare-and-set: between our read and our write somebody may have changed the
same slot, and their value is lost under ours. Their change still arrives as an event; then the slot
holds what we sent although their change is the newer word, and we write theirs back in their name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from ..changes import AssignTo, Change, RouteTo, SetPriority, SetSeverity
from ..core.slots import holds, pins_of
from ..model import Event, FieldChange, Priority, Role, Ticket
from ..store import Store
from .history import ECHO, value_sent

SKEW = timedelta(minutes=1)
"""How far the tracker's clock and ours may differ."""

SLOTS = ("priority", "severity", "team", "assignee")


def overwrote(store: Store, event: Event) -> bool:
    """Whether an echo of ours tells that we replaced a value which the read before our write had not shown.

    Somebody's change was crossed then, and its own event may be lost.
    """
    ours = [c for c in event.changes if c.by.role is Role.US and c.slot in SLOTS]
    return any(_replaced_unseen(store, event, change) for change in ours)


def _replaced_unseen(store: Store, event: Event, change: FieldChange) -> bool:
    sent = store.plans.sent(event.tracker, event.ticket, change.slot, change.at - ECHO)
    echoed = next((effect for effect in sent if value_sent(effect) == change.value), None)
    return echoed is not None and echoed.before != change.was


def crossed(store: Store, ticket: Ticket) -> Iterator[Change]:
    """The changes that put back what people set while a write of ours was under way."""
    held = pins_of(ticket)
    for slot in SLOTS:
        theirs = _last_word(ticket, slot)
        if theirs is None or slot not in held or theirs.at <= ticket.released.get(slot, theirs.at - SKEW):
            continue
        if _was_ours(store, ticket, slot, theirs) and (change := _back(slot, theirs)):
            yield change


def _last_word(ticket: Ticket, slot: str) -> FieldChange | None:
    """The newest change of `slot` that is not ours, if a person made it and the slot holds something else now."""
    for change in reversed(ticket.history):
        if change.slot != slot or change.by.role is Role.US:
            continue
        person = change.by.role is not Role.SYSTEM
        return change if person and holds(ticket, slot)[1] != change.value else None
    return None


def _was_ours(store: Store, ticket: Ticket, slot: str, theirs: FieldChange) -> bool:
    """Whether what the slot holds is what a rule of ours sent, without having seen their value.

    A change from before the ticket was read for that write is only told late: the read has shown what became of it.
    """
    now = holds(ticket, slot)[1]
    sent = store.plans.sent(ticket.tracker, ticket.id, slot, theirs.at - SKEW)
    newest = next((effect for effect in sent if effect.state == "done"), None)
    return (
        newest is not None
        and not _landed_before(ticket, theirs, now, [value_sent(effect) for effect in sent].count(now) - 1)
        and (newest.at is None or newest.at <= theirs.at + SKEW)
        and not newest.after.get("by")
        and newest.before != theirs.value
        and value_sent(newest) == now
    )


def _landed_before(ticket: Ticket, theirs: FieldChange, value: Any, others: int) -> bool:
    """Whether the tracker's record has our write before their change, beside those of `others` that say the same.

    Then theirs was not crossed by it: what came later is a write that a restored database does not remember.
    """
    echoes = [
        change
        for change in ticket.history
        if change.slot == theirs.slot and change.by.role is Role.US and change.value == value
    ]
    return sum(theirs.at - SKEW <= change.at < theirs.at for change in echoes) > others


def _back(slot: str, theirs: FieldChange) -> Change | None:
    who, value = theirs.by.person or theirs.by.account or theirs.by.name, theirs.value
    because = f"{theirs.by.name or who} set it while we were writing"
    match slot, value:
        case "priority", str() if value.upper() in Priority.__members__:
            return SetPriority(Priority.of(value), because=because, by=who)
        case "severity", int():
            return SetSeverity(value, because=because, by=who)
        case "team", str():
            return RouteTo(value, because=because, by=who)
        case "assignee", str() | None:
            return AssignTo(value, because=because, by=who)
        case _:
            return None
