"""One decision without a tracker or a store: what `try` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..core.assigning import assignment, assigns, matching
from ..core.candidate_words import candidates_json
from ..core.candidates import Record
from ..core.decide import seen_by
from ..core.explain import plan_json
from ..core.fact_sources import events_told
from ..core.ticket_file import read_event, read_ticket
from ..desk import Desk
from ..frozen import EMPTY, FrozenDict
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
    records: Mapping[str, Record] = EMPTY,
) -> Mapping[str, Any]:
    """The plan for the ticket file `ticket` on `event` (both parsed JSON; None: created by the requester).

    `records` tell what people have to do already. Where the file chooses people the candidates stand beside the
    decisions. `{"applies": None}` where no rule file applies; raise `TicketFileError` naming unknown keys.
    """
    read = read_ticket(ticket, book.schema, now)
    desk = desk or book.desk
    file = book.file_for(read.tracker, read.project or None)
    seen = read_event(event, read, desk, now)
    if file is None:
        return {"applies": None}
    # Of a ticket that says nothing of its past the clocks begin with what happens now.
    born = read.created or seen.at or now
    read = replace(read, clock_events=events_told(replace(read, created=born), seen), records=records)
    plan = plan_for(host, file, read, seen, desk, now)
    told = plan_json(plan, file.name, file.mode, desk.names)
    section = file.sections.get("routing")
    if not assigns(section):
        return told
    pins = FrozenDict({slot: pin for slot, pin in read.pins.items() if slot not in plan.released})
    view = seen_by("routing", file.plugins, replace(read, event=seen, as_of=now, pins=pins), plan)
    found = assignment(section, matching(section, view), view, desk, now)
    return {**told, "candidates": candidates_json(found.candidates if found else (), desk)}


def try_now(services: Services, ticket: Any, event: Any) -> Mapping[str, Any]:
    """The same with the rules in force, at this moment."""
    return try_ticket(services.rules.current, services.host, ticket, event, services.clock())
