"""Tickets that are deleted, not visible to us, or none of ours: nothing more to do about them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from ..errors import Gone, TrackerError
from ..store import Lane
from ..trackers import Tracker
from .loads import weigh
from .look import Look
from .notices import notice
from .services import Services, ticket_of

log = logging.getLogger(__name__)
DELETED, GONE = "deleted", "gone or not visible"


def bury(services: Services, lane: Lane, ids: Iterable[int], why: str) -> None:
    """End the events `ids` and everything planned for the ticket; warn unless we were told of a deletion."""
    tracker, ticket = ticket_of(lane.key)
    with services.store.fenced(lane) as work:
        row = work.ticket(tracker, ticket)
        known = row is not None and row.gone
        if row is not None:
            work.put_ticket(gone := replace(row, gone=True))
            weigh(work, services.rules.current, gone)
        work.bury_cycles(tracker, ticket)
        work.cancel_timers(lane.key)
        work.close_open_plans(tracker, ticket, why)
        work.audit("pointsman", why, {"tracker": tracker, "ticket": ticket})
        work.backfill_ended(tracker, ticket, "gone")
        work.finish(ids)
    if why != DELETED and not known:
        notice(services, "gone", lane.key, f"{tracker} {ticket} is {why}: check that our account sees its project")
    log.info("ticket_gone", extra={"tracker": tracker, "ticket": ticket, "why": why})


def leave(services: Services, lane: Lane, look: Look, ids: Iterable[int]) -> None:
    """End the events `ids` of a ticket whose project no rule file applies to (any more)."""
    with services.store.fenced(lane) as work:
        work.backfill_ended(look.tracker.name, look.ticket.id, "skipped")
        if look.row is not None:
            work.put_cycles(look.tracker.name, look.ticket.id, (), is_over=look.ticket.status == "done")
            weigh(work, services.rules.current, replace(look.row, project=look.ticket.project))
        work.finish(ids)
    log.info("not_for_us", extra={"tracker": look.tracker.name, "ticket": look.ticket.id})


def is_there(services: Services, tracker: Tracker, ticket: str) -> bool:
    """Whether the ticket can be read; asked when something about it was not found. Raise `TrackerError`."""
    try:
        tracker.fetch(ticket, services.words(tracker.name))
    except Gone:
        return False
    return True


def meaning(services: Services, look: Look, error: TrackerError) -> TrackerError:
    """What refused a write: a 404 is `Gone` only if the ticket cannot be read any more either."""
    if error.status != 404:
        return error
    if is_there(services, look.tracker, look.ticket.id):
        return TrackerError(error.call, status=404, permanent=True, detail=error.detail)
    return Gone(error.call, status=404, permanent=True, detail=error.detail)
