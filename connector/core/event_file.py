"""An event file of `pointsman try` → the event; without one, the ticket was just created by its requester."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..desk import Desk
from ..model import Actor, Audience, Comment, Event, Kind, Role, Ticket
from .doc import Notes, document_of
from .ticket_parts import read_actor, read_audience, read_change, read_comment

_KEYS = ("kind", "by", "person", "text", "public", "audience", "at", "comment", "changes", "note")
_WHOLE = ("tracker", "ticket", "key", "project", "actor", "chain", "delivery")
_COMMENTS = (Kind.COMMENTED, Kind.COMMENT_EDITED, Kind.COMMENT_DELETED)
_MACHINES = (Kind.TIMER, Kind.RECONCILED, Kind.ASSIGN)


def read_event(document: Any, ticket: Ticket, desk: Desk, now: datetime) -> Event:
    """The event in `document`, a parsed JSON object, about `ticket`; None stands for `created` by the requester.

    `kind by person text public at` are enough; `comment`, `changes`, `note` and whatever `event_json`
    writes are understood too. `person` is an id of `desk`, which makes the actor an agent. A comment is
    internal unless it says otherwise or a customer wrote it. Raises `TicketFileError` with all problems.
    """
    if document is None:
        return _filled(ticket.event or Event(ticket.tracker, ticket.id, Kind.CREATED), ticket, now)
    notes = Notes()
    event = event_in(notes, document_of(document, "an event file", '{"kind": "updated"}'), ticket, desk, now)
    notes.check()
    return event


def event_in(notes: Notes, row: Mapping[str, Any], ticket: Ticket, desk: Desk, now: datetime) -> Event:
    """The same for an event that is part of a larger file: problems go to `notes`."""
    notes.only(row, (*_KEYS, *_WHOLE), "the event")
    kind = notes.enum("kind", row.get("kind"), Kind) or _likely_kind(row)
    at = notes.instant("at", row.get("at")) or now
    actor = _actor(notes, row, kind, ticket, desk)
    words = {key: notes.word(key, row.get(key)) for key in ("tracker", "ticket", "key", "project")}
    event = Event(
        tracker=words["tracker"] or ticket.tracker,
        ticket=words["ticket"] or ticket.id,
        kind=kind,
        key=words["key"] or None,
        project=words["project"] or None,
        at=at,
        actor=actor,
        comment=_comment(notes, row, kind, actor, at),
        changes=notes.each("changes", row.get("changes"), lambda name, each: read_change(notes, name, each, at)),
        chain=notes.word("chain", row.get("chain")),
        delivery=notes.word("delivery", row.get("delivery")),
        note=notes.word("note", row.get("note")),
    )
    return _filled(event, ticket, now)


def _filled(event: Event, ticket: Ticket, now: datetime) -> Event:
    actor = event.actor
    if actor == Actor(role=Role.CUSTOMER) or (actor == Actor() and event.kind not in _MACHINES):
        actor = requester_of(ticket)
    comment = event.comment
    if comment and comment.author == event.actor:
        comment = replace(comment, author=actor)
    return replace(
        event,
        comment=comment,
        key=event.key or ticket.key or None,
        project=event.project or ticket.project or None,
        at=event.at or now,
        actor=actor,
    )


def requester_of(ticket: Ticket) -> Actor:
    """The requester of `ticket` as the one who acts."""
    asks = ticket.requester
    return Actor(
        account=asks.account or asks.email, name=asks.name, role=Role.CUSTOMER, person=asks.id, email=asks.email
    )


def _likely_kind(row: Mapping[str, Any]) -> Kind:
    if row.get("text") is not None or row.get("comment") is not None:
        return Kind.COMMENTED
    return Kind.UPDATED if row.get("changes") else Kind.CREATED


def _actor(notes: Notes, row: Mapping[str, Any], kind: Kind, ticket: Ticket, desk: Desk) -> Actor:
    if row.get("actor") is not None:
        return read_actor(notes, "actor", row["actor"])
    role = notes.enum("by", row.get("by"), Role)
    who = notes.word("person", row.get("person"))
    if not who:
        return Actor(role=role or (Role.SYSTEM if kind in _MACHINES else Role.CUSTOMER))
    known = desk.people.get(who)
    if known is None:
        return Actor(account=who, name=who, role=role or Role.AGENT)
    accounts = known.ids.get(ticket.tracker, ())
    return Actor(
        account=accounts[0] if accounts else who,
        name=known.name or who,
        role=role or Role.AGENT,
        person=who,
        email=known.email,
    )


def _comment(notes: Notes, row: Mapping[str, Any], kind: Kind, actor: Actor, at: datetime) -> Comment | None:
    audience = read_audience(notes, "event", row)
    if audience is None:
        audience = Audience.PUBLIC if actor.role is Role.CUSTOMER else Audience.INTERNAL
    if row.get("comment") is not None:
        found = read_comment(notes, "comment", row["comment"])
        whole = isinstance(row["comment"], Mapping) and "actor" in row
        if found is None or whole:
            return found
        author = found.author if found.author != Actor() else actor
        return replace(found, audience=found.audience or audience, author=author, at=found.at or at)
    if row.get("text") is None and kind not in _COMMENTS:
        return None
    return Comment(id="event", text=notes.word("text", row.get("text")), audience=audience, author=actor, at=at)
