"""One decision without a tracker or a store: what `try` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..core.explain import plan_json
from ..core.fact_sources import events_told
from ..core.ticket_file import read_event, read_ticket
from ..desk import Desk
from ..plugins_host import PluginHost
from ..rulebook import Rulebook
from .planning import plan_for
from .services import Services


def try_ticket(
    book: Rulebook,
    host: PluginHost,
    ticket: Any,
    event: Any,
    now: datetime,
    desk: Desk | None = None,
) -> Mapping[str, Any]:
    """The plan for the ticket file `ticket` on `event` (both parsed JSON; None: created by the requester).

    `{"applies": None}` where no rule file applies; raise `TicketFileError` naming unknown keys.
    """
    read = read_ticket(ticket, book.schema, now)
    desk = desk or book.desk
    file = book.file_for(read.tracker, read.project or None)
    seen = read_event(event, read, desk, now)
    if file is None:
        return {"applies": None}
    # Of a ticket that says nothing of its past the clocks begin with what happens now.
    born = read.created or seen.at or now
    read = replace(read, clock_events=events_told(replace(read, created=born), seen))
    return plan_json(plan_for(host, file, read, seen, desk, now), file.name, file.mode, desk.names)


def try_now(services: Services, ticket: Any, event: Any) -> Mapping[str, Any]:
    """The same with the rules in force, at this moment."""
    return try_ticket(services.rules.current, services.host, ticket, event, services.clock())
