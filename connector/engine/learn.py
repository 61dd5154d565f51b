"""What events tell: who acted, which comments are new, whose changes they were; stored with each fact."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import datetime, timedelta

from ..core.clock_facts import Fact
from ..core.slots import unexplained
from ..model import Actor, Audience, Comment, Event, FieldChange, Kind, Role, Ticket
from ..store import CommentRow, Lane
from .clock_past import heard_fact, keep, told
from .give_back import overwrote
from .history import each_role, is_our_comment, own_changes, rows_of
from .look import Look, caught_up, with_history, with_project, with_role
from .services import Services


def learn(
    services: Services, lane: Lane, look: Look, events: tuple[tuple[int, Event], ...]
) -> tuple[Look, list[tuple[int, Event]]]:
    """Decide who acted and which comments are new, and store that with each fact."""
    store = services.store
    known: list[tuple[int, Event]] = []
    comments: list[CommentRow] = list(look.heard)
    stored = {row.id: row for row in store.tickets.comments(look.tracker.name, look.ticket.id)}
    worked = {id_ for id_, row in stored.items() if row.worked}
    facts: list[Fact] = []
    unsure = False
    for id_, event in events:
        event = _who(services, look, own_changes(store, look.tracker, with_project(event, look.ticket)))
        by = _author(event)
        unsure = unsure or _tells_too_little(event, stored)
        event, comment, look = _hear(services, look, event, worked)
        if comment and by and (fact := heard_fact(look, comment, by.person)):
            facts.append(fact)
        if comment and not (comment.id in stored and stored[comment.id].ours):
            comments.append(comment)
        if comment and event.kind is not Kind.COMMENT_EDITED:
            worked.add(comment.id)
        known.append((id_, event))
    changes = tuple(after_creation(look.ticket, c) for _, e in known if e.kind is not Kind.CREATED for c in e.changes)
    lost = unexplained(replace(look.ticket, history=look.ticket.history + changes))
    if lost or unsure or any(overwrote(store, event) for _, event in known):
        look = caught_up(services, look)
    history = look.ticket.history + changes
    past = told(
        services, replace(look, ticket=replace(look.ticket, history=history)), facts, (event for _, event in known)
    )
    with store.fenced(lane) as work:
        new = work.add_history(look.tracker.name, look.ticket.id, look.learned + rows_of(changes))
        for row in comments:
            work.put_comment(row)
        for alias in {look.ticket.key, look.ticket.id}:
            work.alias(look.tracker.name, alias, look.ticket.id)
        clock_events = keep(work, look, past, new)
    look = replace(look, ticket=replace(look.ticket, clock_events=clock_events), learned=())
    return with_history(look, history), known


def _who(services: Services, look: Look, event: Event) -> Event:
    project = look.ticket.project
    return each_role(
        lambda actor: with_role(services, look.tracker, project, actor), _by_somebody(event, look.ticket)
    )


def _by_somebody(event: Event, ticket: Ticket) -> Event:
    """An event that names nobody: time and reconcile are machines, a creation is its requester's."""
    if event.actor != Actor():
        return event
    match event.kind:
        case Kind.TIMER | Kind.RECONCILED | Kind.ASSIGN:
            return replace(event, actor=Actor(role=Role.SYSTEM))
        case Kind.CREATED:
            asks = ticket.requester
            return replace(event, actor=Actor(asks.account, asks.name, email=asks.email))
        case _:
            return event


def _hear(services: Services, look: Look, event: Event, worked: set[str]) -> tuple[Event, CommentRow | None, Look]:
    """The event as it is to be worked: a comment of ours, or one worked before, is only a reason to look."""
    comment = event.comment
    if comment is None:
        return event, None, look
    if event.kind is Kind.COMMENT_DELETED:
        return event, None, _without_note(look, comment.id)
    ours = is_our_comment(services.store, look.tracker, event, comment)
    look = _own_note(look, event, comment, ours)
    if not ours and comment.id not in worked:
        comment = _with_audience(look, comment)
        event = replace(event, comment=comment)
    row = comment_row(look, event, comment, ours=ours, worked=ours)
    if ours:
        return (
            replace(event, kind=Kind.UPDATED, comment=None, actor=replace(event.actor, role=Role.US)),
            row,
            look,
        )
    if comment.id in worked:
        kind = event.kind if event.kind is Kind.COMMENT_EDITED else Kind.UPDATED
        return replace(event, kind=kind, comment=None), None, look
    return event, row, look


def _author(event: Event) -> Actor | None:
    """Who wrote the comment of `event`; None where it is edited and only who did that is known."""
    if event.comment is None:
        return None
    if event.comment.author.account:
        return event.comment.author
    return None if event.kind is Kind.COMMENT_EDITED else event.actor


def _tells_too_little(event: Event, stored: Container[str]) -> bool:
    """Whether a comment is meant, but not told which, or of one unheard of not whose: then all are asked for."""
    if event.kind is Kind.COMMENT_EDITED:
        return event.comment is not None and event.comment.id not in stored and _author(event) is None
    return event.kind is Kind.COMMENT_DELETED and event.comment is None


def _with_audience(look: Look, comment: Comment) -> Comment:
    """`comment` with who may read it: as its event says, else the read of the ticket, else the tracker when asked.

    Still unknown, it counts as internal.
    """
    if comment.audience is not None:
        return comment
    shown = next((c.audience for c in look.ticket.comments if c.id == comment.id), None)
    found = shown or look.tracker.audience(look.ticket.id, comment.id)
    return replace(comment, audience=found or Audience.INTERNAL)


def _without_note(look: Look, deleted: str) -> Look:
    """`look` that forgets our note if it is the comment `deleted`."""
    if deleted != look.memory.note_id:
        return look
    memory = replace(look.memory, note_id="", note_digest="")
    return replace(look, memory=memory, ticket=replace(look.ticket, note_id=""))


def _own_note(look: Look, event: Event, comment: Comment, ours: bool) -> Look:
    memory = look.memory
    if comment.id != memory.note_id:
        return look
    by_us = ours and event.actor.account == look.tracker.me().account
    if event.kind is Kind.COMMENT_EDITED and not by_us:
        return replace(look, memory=replace(memory, note_digest=""))
    return look


def after_creation(ticket: Ticket, change: FieldChange) -> FieldChange:
    """`change` as an event told it: later than the creation, though a tracker may cut its instant to the second."""
    if ticket.created is None or change.at > ticket.created:
        return change
    return replace(change, at=ticket.created + timedelta(milliseconds=1))


def comment_row(look: Look, event: Event, comment: Comment, *, ours: bool, worked: bool) -> CommentRow:
    author = comment.author if comment.author.account else event.actor
    return CommentRow(
        tracker=look.tracker.name,
        ticket=look.ticket.id,
        id=comment.id,
        at=comment.at or event.at or look.read_at,
        by_role=Role.US.value if ours else (author.role or Role.CUSTOMER).value,
        by_account=author.account,
        audience=(comment.audience or Audience.INTERNAL).value,
        ours=ours,
        digest="",
        worked=worked,
        effect_key="",
    )


def our_comment(look: Look, id: str, audience: Audience, us: str, at: datetime) -> CommentRow:
    """A text of ours at the tracker; until its id is known it is kept by its digest."""
    return CommentRow(
        tracker=look.tracker.name,
        ticket=look.ticket.id,
        id=id,
        at=at,
        by_role=Role.US.value,
        by_account=us,
        audience=audience.value,
        ours=True,
        worked=True,
    )
