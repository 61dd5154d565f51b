"""What a tracker or a file tells of a ticket's past → facts for the SLA clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..frozen import FrozenDict, frozen
from ..model import Audience, Comment, Event, FieldChange, Kind, Role, Ticket
from ..plan import jsonable
from .clock_facts import CREATED, LABEL, MERGED, Fact, events_of
from .sla import fields_after, now_of

FIELD = "field:"
LONGEST = 160
"""A policy compares words: a text with more characters than this is no part of a fact."""

_SLOTS = ("status", "priority", "team", "assignee", "type", "severity")
_FREE_TEXTS = frozenset({"title", "body"})
_BY = {Role.CUSTOMER: "customer", Role.AGENT: "agent"}


def created_fact(ticket: Ticket, by: Role | None, changes: Iterable[FieldChange], otherwise: datetime) -> Fact:
    """The ticket as it was made: what it holds now without its known `changes`; `by` is the role of its requester."""
    data = {"by": "customer" if by is Role.CUSTOMER else "agent", "fields": fields_at_creation(ticket, changes)}
    return Fact(CREATED, ticket.created or otherwise, "created", frozen(data))


def fields_at_creation(ticket: Ticket, changes: Iterable[FieldChange]) -> dict[str, Any]:
    """What the ticket held before the first known change of each slot; JSON."""
    now = {slot: getattr(ticket, slot) for slot in _SLOTS} | {"priority": ticket.priority.word}
    return _undone({**ticket.fields, **now, "labels": ticket.labels}, changes)


def _undone(now: Mapping[str, Any], changes: Iterable[FieldChange]) -> dict[str, Any]:
    values, labels = dict(now), set(now.get("labels") or ())
    in_order = sorted(changes, key=lambda change: change.at)
    for change in reversed(in_order):
        name = field_of(change.slot)
        if change.slot.startswith(LABEL):
            (labels.add if change.was else labels.discard)(change.slot.removeprefix(LABEL))
        elif name in now or name != change.slot:
            values[name] = change.was
    kept = {name: jsonable(value) for name, value in values.items() if _is_short(value)}
    return {**kept, "labels": sorted(labels)}


def made_before(created: Fact, changes: Iterable[FieldChange]) -> Fact:
    """`created` without what was taken for the first state of the ticket, but came of one of these `changes`."""
    fields = jsonable(created.data.get("fields") or {})
    labels = fields.get("labels") or ()
    first: dict[str, FieldChange] = {}
    for change in sorted(changes, key=lambda change: change.at):
        first.setdefault(change.slot, change)
    seen_late = [
        change
        for slot, change in first.items()
        if (created.recorded_at is None or change.at <= created.recorded_at)
        and jsonable(change.value)
        == (slot.removeprefix(LABEL) in labels if slot.startswith(LABEL) else fields.get(field_of(slot)))
    ]
    data = {**created.data, "fields": _undone(fields, seen_late)}
    return Fact(CREATED, created.at, "created", frozen(data))


def change_fact(number: int | str, change: FieldChange) -> Fact | None:
    """A change of a field; None where it is one of free text, by which no clock goes."""
    if change.slot in _FREE_TEXTS or not _is_short(change.value):
        return None
    name = change.slot if change.slot.startswith(LABEL) else field_of(change.slot)
    who = by_whom(change.by.role, change.by.person)
    data = {"field": name, "value": jsonable(change.value), **who}
    return Fact(f"h{number}", change.at, "field", frozen(data))


def seen_facts(ticket: Ticket, facts: Iterable[Fact], at: datetime, *, labels: bool = True) -> tuple[Fact, ...]:
    """What `ticket` shows and its `facts` do not lead to, as of `at`; with `labels`, these too.

    Of what we write ourselves not every tracker tells, and events get lost: what is seen once holds from then on.
    """
    known_facts = tuple(facts)
    known = fields_after(events_of(known_facts))
    if not known:
        return ()
    now = now_of(ticket)
    held, holds = frozenset(known.get("labels") or ()), frozenset(now.pop("labels"))
    changed: dict[str, Any] = {name: value for name, value in now.items() if known.get(name) != value}
    changed |= {f"{LABEL}{name}": name in holds for name in sorted(held ^ holds) if labels}
    return tuple(_seen(name, value, known_facts, at) for name, value in changed.items())


def _seen(name: str, value: Any, facts: tuple[Fact, ...], at: datetime) -> Fact:
    """It comes after all that is known of that field, whatever clocks say."""
    before = [fact for fact in facts if fact.data.get("field") == name]
    number = sum(fact.source.startswith("s") for fact in before)
    data = frozen({"field": name, "value": value, **by_whom(Role.SYSTEM, "")})
    return Fact(f"s{number}:{name}", max((at, *(fact.at for fact in before))), "field", data)


def comment_fact(id: str, at: datetime, by: Role | None, *, public: bool, person: str = "") -> Fact:
    """Who said something, and whether the customer could read it; what was said is no part of it."""
    return Fact(f"c{id}", at, "comment", FrozenDict({**by_whom(by, person), "public": public}))


def merged_fact(target: str, at: datetime) -> Fact:
    """The ticket goes on in `target`. It comes before what else bears that instant: closing it solved nothing."""
    return Fact(MERGED, at, "merged_into", FrozenDict({"target": target}), seq=-1)


def by_whom(role: Role | None, person: str) -> dict[str, str]:
    """What an event says of who it was; what we do ourselves is done by a `system`, as with any other machine."""
    return {"by": _BY.get(role or Role.CUSTOMER, "system"), **({"person": person} if person else {})}


def field_of(slot: str) -> str:
    """The name of a slot among a ticket's fields: `environment` for `field:environment`."""
    return slot.removeprefix(FIELD)


def events_told(ticket: Ticket, event: Event | None) -> tuple[Mapping[str, Any], ...]:
    """The events of a ticket that is written down with its `history` and `comments`; none without `created`.

    What `event` says comes last: the ticket is as it was found afterwards.
    """
    if ticket.created is None:
        return ()
    new = event if event and event.kind is not Kind.CREATED else None
    changes = (*ticket.history, *(new.changes if new else ()))
    comments = (*ticket.comments, *([new.comment] if new and new.kind is Kind.COMMENTED and new.comment else ()))
    by = Role.AGENT if ticket.requester.id else Role.CUSTOMER
    facts: list[Fact | None] = [created_fact(ticket, by, changes, ticket.created)]
    facts += [change_fact(number, change) for number, change in enumerate(changes)]
    facts += [_told(comment, ticket.updated or ticket.created) for comment in comments]
    known = sorted(filter(None, facts), key=lambda fact: (fact.source != CREATED, fact.at))
    return tuple(map(frozen, events_of(known)))


def _told(comment: Comment, otherwise: datetime) -> Fact:
    """A comment that says nothing of its audience is the customer's own word, or internal."""
    by = comment.author.role or Role.CUSTOMER
    public = comment.audience is Audience.PUBLIC or (comment.audience is None and by is Role.CUSTOMER)
    return comment_fact(comment.id, comment.at or otherwise, by, public=public, person=comment.author.person)


def _is_short(value: Any) -> bool:
    if isinstance(value, Mapping):
        return False
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_short, value))
    return not isinstance(value, str) or len(value) <= LONGEST
