"""A plan and its effects as rows of the store, and effects as what a tracker is asked to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..core.change_json import change_from_json, change_json
from ..core.digest import value_digest
from ..core.explain import applied_only_inside, note_lines, plan_json
from ..core.memory import Memory, memory_json
from ..core.slots import holds
from ..core.ticket_file import event_json, ticket_json
from ..desk import Desk
from ..model import Event, Ticket
from ..plan import Plan, jsonable
from ..rulebook import Rulebook
from ..store import EffectRow, PlanRow, TicketRow
from ..trackers import NoteWrite, Write
from .look import Look

NOTE = "note"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plan about to be stored; `events` are inbox ids."""

    plan: Plan
    event: Event
    events: tuple[int, ...]
    at: datetime


def plan_row(drawn: Drawn, look: Look, book: Rulebook, plugins: Mapping[str, str], state: str) -> PlanRow:
    """The row that keeps everything a later reader needs to see, check and repeat this decision."""
    file = look.file
    applies, mode = file.name if file else "", "live" if look.live else "shadow"
    return PlanRow(
        tracker=look.tracker.name,
        ticket=look.ticket.id,
        event_ids=drawn.events,
        event=event_json(drawn.event),
        inputs=ticket_json(look.ticket),
        decisions=plan_json(drawn.plan, applies, mode, book.desk.names),
        rules_digest=book.digest,
        rule_texts=book.texts,
        plugin_digests=plugins,
        desk=desk_json(book.desk, look.ticket),
        mode=mode,
        state=state,
        at=drawn.at,
    )


def desk_json(desk: Desk, ticket: Ticket) -> dict[str, Any]:
    """The part of the desk that a decision about `ticket` can have read, small enough to keep with each plan."""
    return {
        "teams": sorted(desk.teams),
        "people": sorted(desk.people),
        "digest": value_digest({"people": desk.people.keys(), "customers": [c.match for c in desk.customers]}),
        "requester": ticket.requester.email,
    }


def effect_rows(drawn: Drawn, look: Look, language: str, names: Mapping[str, str]) -> tuple[EffectRow, ...]:
    """One effect for each change to write, and one for the reasoning note where its text has changed."""
    lane = f"{look.tracker.name}:{look.ticket.id}"
    rows = [
        EffectRow(
            key=f"{lane}/{{plan}}/{change.slot}",
            seq=seq,
            slot=change.slot,
            op=type(change).__name__,
            before=holds(look.ticket, change.slot)[1],
            after=change_json(change),
            state="pending",
        )
        for seq, change in enumerate(drawn.plan.changes)
    ]
    if note := _note_row(drawn, look, lane, len(rows), language, names):
        rows.append(note)
    return tuple(rows)


def _note_row(
    drawn: Drawn, look: Look, lane: str, seq: int, language: str, names: Mapping[str, str]
) -> EffectRow | None:
    if look.file is None or not look.file.explain or not drawn.plan.changes or applied_only_inside(drawn.plan):
        return None
    lines = note_lines(drawn.plan, language, names)
    if look.ticket.note_id and look.memory.note_digest == value_digest(lines):
        return None
    key = f"{lane}/{{plan}}/{NOTE}"
    return EffectRow(
        key=key, seq=seq, slot=NOTE, op="Note", before=None, after={"lines": list(lines)}, state="pending"
    )


def as_write(row: EffectRow) -> Write:
    return Write(row.key, change_from_json(row.after))


def as_note(row: EffectRow, note_id: str) -> NoteWrite:
    return NoteWrite(row.key, tuple(row.after["lines"]), note_id)


def ticket_row(look: Look, ticket: Ticket, memory: Memory, plan: int | None, *, met: bool = True) -> TicketRow:
    """What the desk and the next decision need to know of `ticket` without reading it again.

    Without `met` it is kept for show alone: the first event that is no backfill's finds it as never met.
    """
    return TicketRow(
        tracker=look.tracker.name,
        id=ticket.id,
        key=ticket.key,
        project=ticket.project,
        url=ticket.url,
        title=ticket.title,
        priority=int(ticket.priority),
        status=ticket.status,
        team=ticket.team,
        assignee=ticket.assignee,
        created=ticket.created,
        updated=ticket.updated,
        memory=memory_json(memory),
        snapshot=jsonable(ticket_json(ticket)),
        comment_count=ticket.comment_count,
        contact=met,
        gone=False,
        mode=look.file.mode if look.file else "",
        applies=look.file.name if look.file else "",
        last_plan=plan if plan is not None else (look.row.last_plan if look.row else None),
    )
