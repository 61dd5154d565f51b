"""What is old enough goes, bit by bit: events, delivery ids, what plans were made from, notices."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from .notices import forget_notices
from .services import Services

FORGET_AFTER = timedelta(days=400)
"""Delivery ids outlive what was delivered, so that a doubled delivery is known for longer."""
MOST_BATCHES = 20
"""In one turn, of 500 events each: up to 60,000 events an hour."""


def clean_up(services: Services, now: datetime) -> None:
    """Remove events that were finished long ago, delivery ids that nobody will send again, and stale notices.

    What old plans were made from goes too; that they were made, and what they wrote, stays. Of the ledger of loads
    goes what is as old and over.
    Tickets that the search does not know yet are indexed.
    In batches, and not all at once: an end of the process waits for it, and the next turn goes on.
    """
    inbox, keep = services.store.inbox, services.settings.keep_events
    turns = (
        partial(inbox.prune, now - keep),
        partial(inbox.forget, now - max(FORGET_AFTER, keep)),
        partial(services.store.plans.prune, now - services.settings.keep_plans),
        partial(services.store.loads.prune, now - services.settings.keep_plans),
        services.store.tickets.index,
    )
    for turn in turns:
        for _ in range(MOST_BATCHES):
            if not turn():
                break
    forget_notices(services)
    services.store.door.forget(now)
