"""Parked events: what was given up, and how to bring it back or put it away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, g
from marshmallow import RAISE, Schema, fields, validate
from webargs.flaskparser import abort as refuse

from ...core.causes import WORDS, Cause
from ...engine.parking import ParkedEvent
from ...store import REASON_LIMIT
from ..flows import Flows
from ..typed import clean
from ..visitor import visitor
from . import schemas as of
from .paging import following, is_number, paged
from .part import Part

LIST = "parked"
CAUSE_LIMIT = 200
ID = "<int(max=9223372036854775807):id>"
Json = dict[str, Any]


class ParkedSchema(of.Shape):
    """An event that nobody works until somebody says so."""

    id = of.number()
    tracker = of.text()
    ticket = of.text("The tracker's id of the ticket it is about.")
    key = of.text("What people call that ticket; empty if it was never read.")
    title = of.text()
    kind = of.text("What had happened; `notice` for what was to be told to a receiver of notices.")
    receiver = of.text("To whom the notice goes; empty for what happened to a ticket.")
    error = of.text("Why it was given up.")
    cause = of.text("The same as one word and the tracker: events of one cause are mended by one remedy.")
    attempts = of.number()
    received_at = of.instant()
    parked_at = of.instant()


class ParkedCauseSchema(of.Shape):
    cause = of.text("Its name in filters, such as `right@gitlab`.")
    word = of.text("What went wrong; the documentation of the page Parked has the remedy of each.")
    tracker = of.text("Where; `notice` for what went to a receiver of notices.")
    receiver = of.text("To whom, for notices; else empty.")
    events = of.number("How many events it has parked.")


class CausesSchema(of.Shape):
    items = of.many(ParkedCauseSchema, "The most frequent first.")
    more = of.flag("Are more parked than were looked at? Then these counts are of the first 5,000.")


class CauseToReplaySchema(Schema):
    class Meta:
        unknown = RAISE

    cause = fields.String(
        required=True,
        validate=[validate.Length(max=CAUSE_LIMIT), validate.Regexp(f"^({'|'.join(WORDS)})@.")],
        metadata={"description": "As `/parked/causes` names it."},
    )


class ReplayedSchema(of.Shape):
    cause = of.text()
    events = of.number("How many are worked again; 500 at once, so ask again until it is 0.")


class DoneSchema(of.Shape):
    id = of.number()
    state = of.text("`pending` or `done`.")


class DiscardSchema(Schema):
    class Meta:
        unknown = RAISE

    reason = fields.String(
        required=True,
        validate=validate.Length(1, REASON_LIMIT),
        metadata={"description": "Why it is not worked; stands in the record of changes."},
    )


def part(flows: Flows) -> Part:
    """`/parked`, `/parked/<id>`, `replay` and `discard` of one; `/parked/causes`, and `replay` of all of a cause."""
    parked = Part("parked", "Events that were given up.")

    cause = fields.String(
        validate=validate.Length(max=CAUSE_LIMIT),
        metadata={"description": "Only events of this cause, such as `right@gitlab`."},
    )

    @parked.shows(
        "/parked",
        of.items(ParkedSchema, "Parked events, the oldest first."),
        query=paged(LIST, is_number, cause=cause),
    )
    def list_parked(asked: Mapping[str, Any]) -> Json:
        """Parked events, the oldest first."""
        limit, after = asked["limit"], asked.get("cursor", 0)
        found = flows.parking.page(after, clean(asked.get("cause", "")), limit)
        return {"items": [_shown(event) for event in found.events], "next": following(LIST, found.after)}

    @parked.shows(f"/parked/{ID}", ParkedSchema(), errors=(404,))
    def show_parked(id: int) -> Json:
        """One parked event."""
        found = flows.parking.one(id)
        return _shown(found) if found is not None else abort(404)

    @parked.shows("/parked/causes", CausesSchema())
    def list_causes() -> Json:
        """Why events are parked: each cause with how many it has."""
        found = flows.parking.page(limit=1)
        return {"items": [_counted(cause, n) for cause, n in found.causes], "more": found.more}

    @parked.does("/parked/replay", ReplayedSchema(), body=CauseToReplaySchema())
    def replay_cause(given: Mapping[str, Any]) -> Json:
        """Work the parked events of one cause again, the oldest 500 of them."""
        wanted = clean(given["cause"])
        return {"cause": wanted, "events": flows.parking.replay_cause(wanted, visitor().name)}

    @parked.does(f"/parked/{ID}/replay", DoneSchema(), errors=(404,))
    def replay(id: int) -> Json:
        """Work a parked event again, as if never tried; 404 if none has this number, or not any more."""
        return {"id": id, "state": "pending"} if flows.parking.replay(id, visitor().name) else abort(404)

    @parked.does(f"/parked/{ID}/discard", DoneSchema(), body=DiscardSchema(), errors=(404,))
    def discard(given: Mapping[str, Any], id: int) -> Json:
        """Put a parked event away for good, with a reason; 404 if none has this number, or not any more."""
        reason = " ".join(given["reason"].split())
        if not reason:
            refuse(422, messages={"reason": [g.texts("parked.no_reason")]})
        return {"id": id, "state": "done"} if flows.parking.discard(id, visitor().name, reason) else abort(404)

    return parked


def _counted(cause: Cause, events: int) -> Json:
    return {
        "cause": cause.key,
        "word": cause.word,
        "tracker": cause.tracker,
        "receiver": cause.receiver,
        "events": events,
    }


def _shown(event: ParkedEvent) -> Json:
    row = {name: getattr(event.row, name) for name in ("id", "kind", "error", "attempts", "received_at", "parked_at")}
    same = {"tracker": event.tracker, "ticket": event.ticket, "key": event.key, "title": event.title}
    same["receiver"] = event.receiver
    return {**row, **same, "cause": event.cause.key}
