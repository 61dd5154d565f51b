"""Tickets: the desk's list, one with all that is known of it, its why and why not, and the form."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, g, url_for
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from webargs.flaskparser import abort as refuse

from ...core.sla_query import QueryMistake
from ...engine.clock_desk import PressingClock
from ...engine.why import SHOWN, TicketPage
from ...model import Priority
from ...store import HIGHEST, TicketRow
from ...store.desk import Position
from ..desk import NAME_LIMIT
from ..filters import CLOSED, Filters, limit_of, mistake_shown
from ..flows import Flows
from ..typed import BODY_LIMIT, EMAIL_LIMIT, TITLE_LIMIT, Typed, clean
from .paging import MOST, Query, page, paged
from .part import Part
from .schemas import items
from .ticket_schemas import ClocksSchema, PlanSchema, TicketPageSchema, TicketSchema, TypedSchema, WhyNotSchema

DESK = "desk"
ABOUT = {
    "text": "Words of the title, or the key or its beginning.",
    "team": "A team; `-` for none.",
    "status": "Our word for it.",
    "priority": "A level.",
    "assignee": "The id of a person; `-` for nobody.",
    "tracker": "A connection.",
    "project": "A project, as its tracker calls it.",
    "mode": "Whether what is decided is written.",
    "show": "Only what is open, or only what is over: done or gone.",
    "sla": "How its SLA clocks stand now, such as `resolution remaining() < 2h and running()`; see docs/sla.md.",
}
Json = dict[str, Any]


class TicketToTypeSchema(Schema):
    """What somebody would write into the form of the desk."""

    class Meta:
        unknown = RAISE

    title = fields.String(required=True, validate=validate.Length(1, TITLE_LIMIT))
    body = fields.String(load_default="", validate=validate.Length(max=BODY_LIMIT))
    email = fields.String(load_default="", validate=validate.Length(max=EMAIL_LIMIT))


class WhichPlansSchema(Query):
    """Which of a ticket's plans."""

    limit = fields.Integer(
        load_default=SHOWN,
        validate=validate.Range(1, MOST),
        metadata={"description": "How many plans the answer has at most."},
    )
    before = fields.Integer(
        validate=validate.Range(1, HIGHEST), metadata={"description": "Only plans older than the one with this `id`."}
    )


class AtSchema(Query):
    """Which instant is meant."""

    as_of = fields.AwareDateTime(metadata={"description": "How the clocks stood then; without it now."})
    known_at = fields.AwareDateTime(metadata={"description": "By what was known then; without it by all."})


def part(flows: Flows) -> Part:
    """`/tickets`, `/tickets/<tracker>/<key>`, `…/why`, `…/whynot`; `key` is a key, an older key, or the id."""
    tickets = Part("tickets", "Tickets, and why they are as they are.")

    @tickets.shows(
        "/tickets", items(TicketSchema, "Tickets in working order."), query=paged(DESK, _is_position, **_filters())
    )
    def list_tickets(asked: Mapping[str, Any]) -> Json:
        """Tickets in working order: urgent first, then the oldest; those done or gone last."""
        limit, after = asked["limit"], asked.get("cursor")
        filters = Filters.of(asked)
        query = filters.query()
        clocks = {"clocks": flows.clock_wish(query)} if query else {}
        found = flows.desk(**filters.asked(), **clocks, after=after, limit=limit + 1)
        shown, following = page(DESK, found, limit, lambda row: Position.of(row).written())
        return {"items": lines(flows, shown), "next": following}

    @tickets.does("/tickets", TypedSchema(), status=201, body=TicketToTypeSchema())
    def type_ticket(given: Mapping[str, Any]) -> Json:
        """Type a ticket into the `local` tracker, as the form on the desk does."""
        typed = Typed.of(given)
        if typed.mistake:
            wrong = "email" if typed.mistake == "form.no_address" else "title"
            refuse(422, messages={wrong: [g.texts(typed.mistake)]})
        key = flows.type_ticket(typed.title, typed.body, typed.email)
        flows.record("ticket_typed", {"tracker": "local", "ticket": key})
        return {"tracker": "local", "key": key, "url": url_for("desk.ticket", tracker="local", key=key)}

    @tickets.shows("/tickets/<tracker>/<path:key>", TicketPageSchema(), errors=(404,))
    def show_ticket(tracker: str, key: str) -> Json:
        """One ticket with its timeline, its plans, and the rules that did not match."""
        found = known(tracker, key)
        return {
            "ticket": lines(flows, [found.row])[0],
            "document": found.row.snapshot,
            "timeline": found.timeline,
            "why": found.plans,
            "whynot": found.whynot,
            "troubles": found.troubles,
            "waiting": found.waiting,
        }

    @tickets.shows(
        "/tickets/<tracker>/<path:key>/why", PlanSchema(many=True), errors=(404,), query=WhichPlansSchema()
    )
    def show_why(asked: Mapping[str, Any], tracker: str, key: str) -> Sequence[Mapping[str, Any]]:
        """The plans of a ticket, the newest first; `before` is the `id` of the last one of the answer before."""
        plans = flows.plans(_name(tracker), _name(key), asked["limit"], asked.get("before"))
        if plans is None:
            abort(404)
        return plans

    @tickets.shows("/tickets/<tracker>/<path:key>/whynot", WhyNotSchema(many=True), errors=(404,))
    def show_whynot(tracker: str, key: str) -> Sequence[Any]:
        """Each rule of today that does not match the ticket, with its first false condition."""
        return list(known(tracker, key).whynot)

    @tickets.shows("/tickets/<tracker>/<path:key>/sla", ClocksSchema(), errors=(404,), query=AtSchema())
    def show_clocks(asked: Mapping[str, Any], tracker: str, key: str) -> Json:
        """The ticket's SLA clocks now, or as they stood at `as_of` by what was known at `known_at`."""
        found = flows.clocks(_name(tracker), _name(key), asked.get("as_of"), asked.get("known_at"))
        if found is None:
            abort(404)
        clocks: Json = found.json()
        return clocks

    def known(tracker: str, key: str) -> TicketPage:
        found: TicketPage | None = flows.ticket_page(_name(tracker), _name(key))
        return found if found is not None else abort(404)

    return tickets


def lines(flows: Flows, rows: Sequence[TicketRow]) -> list[Json]:
    """Lines of the desk."""
    marks, clocks = flows.marks(rows), flows.pressing(rows)
    return [_line(row, marks.get(name, frozenset()), clocks.get(name)) for row in rows if (name := _name_of(row))]


def _name_of(row: TicketRow) -> tuple[str, str]:
    return row.tracker, row.id


def _line(row: TicketRow, marks: frozenset[str], clock: PressingClock | None) -> Json:
    names = ("tracker", "id", "key", "project", "url", "title", "status", "team", "assignee", "created", "updated")
    same = {name: getattr(row, name) for name in (*names, "applies", "mode", "gone")}
    shown = dataclasses.asdict(clock) if clock else None
    told = {"priority": Priority(row.priority).word, "marks": sorted(marks), "clock": shown}
    return {**same, "key": row.key or row.id, **told}


def _filters() -> dict[str, fields.Field[Any]]:
    """The filters of the desk, each with its values where it has no others."""
    found: dict[str, fields.Field[Any]] = {}
    for each in dataclasses.fields(Filters):
        known = CLOSED.get(each.name)
        check = validate.OneOf(known) if known else validate.Length(max=limit_of(each.name))
        checks = [check, _is_query] if each.name == "sla" else [check]
        found[each.name] = fields.String(validate=checks, metadata={"description": ABOUT[each.name]})
    return found


def _is_query(text: str) -> None:
    try:
        Filters(sla=text.strip()).query()
    except QueryMistake as mistake:
        raise ValidationError(mistake_shown(mistake, g.texts)) from mistake


def _is_position(position: Any) -> bool:
    return isinstance(position, str) and Position.read(position) is not None


def _name(text: str) -> str:
    return clean(text)[:NAME_LIMIT]
