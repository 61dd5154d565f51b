"""What is different about the events of a backfill when the engine works them."""

from __future__ import annotations

from ..model import Event
from ..store import Lane, Work
from .look import Look
from .services import Services

Events = tuple[tuple[int, Event], ...]


def wanted_still(services: Services, lane: Lane, events: Events) -> Events:
    """`events` without those of runs that were stopped meanwhile; these are finished."""
    runs = {event.backfill for _, event in events if event.backfill}
    stopped = {run for run in runs if _is_stopped(services, run)}
    over = [(id_, event) for id_, event in events if event.backfill in stopped]
    if not over:
        return events
    with services.store.fenced(lane) as work:
        for _, event in over:
            work.backfill_ended(event.tracker, event.ticket, "stopped")
        work.finish(id_ for id_, _ in over)
    return tuple(one for one in events if one not in over)


def met_before(work: Work, look: Look) -> bool:
    """Whether the ticket's row, as it is by now, says that we had to do with it outside of backfills in shadow."""
    row = work.ticket(look.tracker.name, look.ticket.id)
    return row is not None and row.contact


def _is_stopped(services: Services, run: int) -> bool:
    found = services.store.backfills.get(run)
    return found is None or found.state == "stopped"
