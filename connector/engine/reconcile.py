"""What webhooks missed is found by asking each tracker for what changed since the last time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.ticket_file import ticket_from_json
from ..errors import Gone, TrackerError
from ..model import Actor, Comment, Event, Kind, Ticket
from ..store import TicketRow
from ..trackers import Tracker
from .accept import incoming_of
from .give_back import SLOTS
from .history import ECHO, UNNAMED, is_our_comment
from .services import Services, first_seen, watermark

log = logging.getLogger(__name__)
OVERLAP = timedelta(minutes=2)
ECHO_COMES = timedelta(seconds=30)
"""Within this time a tracker tells of what we wrote, if its webhook is not lost."""
_COMPARED = (
    *("key", "project", "title", "body", "type", "status", "priority", "severity", "team", "assignee"),
    *("labels", "fields", "due", "confidential"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What one pass over one tracker found: tickets listed, events added."""

    listed: int = 0
    added: int = 0


def start_watermarks(services: Services) -> None:
    """At the very first start with a tracker the watermark is now: older tickets wait for a backfill."""
    now = services.clock().isoformat()
    for name in services.trackers:
        services.store.meta.set_default(first_seen(name), now)
        services.store.meta.set_default(watermark(name), now)


def reconcile(services: Services, tracker: Tracker) -> Found:
    """Add the events that are missing since the watermark, then move it to when this pass began.

    Raise `TrackerError` with the watermark unmoved, so that the next pass looks again.
    """
    projects = services.rules.current.projects(tracker.name)
    began = services.clock()
    if not projects:
        return Found()
    since = _instant(services, watermark(tracker.name), began)
    first = _instant(services, first_seen(tracker.name), began)
    listed = added = 0
    for ticket in tracker.changed(projects, since - OVERLAP, services.words(tracker.name)):
        listed += 1
        for event, delivery in missed(services, tracker, ticket, first):
            added += not services.store.inbox.accept(incoming_of(event, delivery)).duplicate
    services.store.meta.set(watermark(tracker.name), began.isoformat())
    if added:
        log.info("reconciled", extra={"tracker": tracker.name, "listed": listed, "added": added})
    return Found(listed, added)


def reconcile_all(services: Services) -> None:
    """One pass over every tracker; one that cannot be reached does not keep the others waiting."""
    for name, tracker in services.trackers.items():
        try:
            reconcile(services, tracker)
            services.store.meta.set(f"unreachable/{name}", "")
        except TrackerError as error:
            services.store.meta.set(f"unreachable/{name}", f"{error.call}: {error.status or 'no answer'}")
            log.warning("unreachable", extra={"tracker": name, "call": error.call, "status": error.status})


def missed(services: Services, tracker: Tracker, ticket: Ticket, first: datetime) -> Iterator[tuple[Event, str]]:
    """The events, with delivery ids that repeat over passes, that `ticket` as listed shows and we never had."""
    row = services.store.tickets.get(tracker.name, ticket.id)
    stamp = ticket.updated.isoformat() if ticket.updated else ""
    if row is None or not row.contact:
        created = ticket.created is not None and ticket.created >= first
        kind = Kind.CREATED if created else Kind.RECONCILED
        yield _event(tracker, ticket, kind), f"reconcile/{ticket.id}/{kind.value}/{'' if created else stamp}"
    elif row.gone or _differs(row, ticket):
        yield _event(tracker, ticket, Kind.RECONCILED), f"reconcile/{ticket.id}/{stamp}"
    elif effect := _unheard(services, tracker, ticket):
        yield _event(tracker, ticket, Kind.RECONCILED), f"reconcile/{ticket.id}/unheard/{effect}"
    for comment in _new_comments(services, tracker, ticket, first):
        event = _event(tracker, ticket, Kind.COMMENTED, comment)
        yield event, f"reconcile/{ticket.id}/comment/{comment.id}"


def _differs(row: TicketRow, ticket: Ticket) -> bool:
    """Whether the ticket moved since we read it. Our own write moves it too, until its echo is worked.

    Looking at values alone would miss a change that our write has crossed.
    """
    if row.updated is not None and ticket.updated is not None:
        return ticket.updated > row.updated
    seen = ticket_from_json(row.snapshot)
    return any(getattr(seen, name) != getattr(ticket, name) for name in _COMPARED)


def _unheard(services: Services, tracker: Tracker, ticket: Ticket) -> str | None:
    """A write of ours whose echo was lost: what it may have crossed is known to the tracker's own record alone."""
    if tracker.kind == "local":
        return None  # It sends no webhooks, and keeps its issues in our own store.
    now = services.clock()
    return services.store.plans.unheard(tracker.name, ticket.id, SLOTS, now - ECHO, now - ECHO_COMES)


def _new_comments(services: Services, tracker: Tracker, ticket: Ticket, first: datetime) -> tuple[Comment, ...]:
    """Comments since our first start that no event told of and that are not ours, asked for if the count differs."""
    stored = services.store.tickets.comments(tracker.name, ticket.id)
    # One text may stand there twice: by its digest, and by the id that its echo told.
    known = {comment.id for comment in stored if not comment.id.startswith(UNNAMED)}
    if not ticket.comments and (ticket.comment_count or 0) == len(known):
        return ()
    try:
        comments = ticket.comments or tracker.comments(ticket.id, services.words(tracker.name))
    except Gone:
        return ()
    return tuple(
        c
        for c in comments
        if c.id not in known
        and (c.at is None or c.at >= first)
        and not is_our_comment(services.store, tracker, _event(tracker, ticket, Kind.COMMENTED, c), c)
    )


def _event(tracker: Tracker, ticket: Ticket, kind: Kind, comment: Comment | None = None) -> Event:
    return Event(
        tracker=tracker.name,
        ticket=ticket.id,
        kind=kind,
        key=ticket.key,
        project=ticket.project,
        at=comment.at if comment else ticket.updated,
        actor=comment.author if comment else Actor(),
        comment=comment,
    )


def _instant(services: Services, key: str, default: datetime) -> datetime:
    text = services.store.meta.get(key)
    return datetime.fromisoformat(text) if text else default
