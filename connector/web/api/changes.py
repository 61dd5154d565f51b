"""The record of changes: who did what here, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from ..flows import Flows
from ..typed import clean
from ..visitor import Standing
from . import schemas as of
from .paging import is_number, page, paged
from .part import Part

LIST = "changes"
LONGEST = 100


class ChangeSchema(of.Shape):
    id = of.number()
    at = of.instant()
    actor = of.text("Who: a name, `token:<name>`, `cli:<user>`, `console` or a worker.")
    what = of.text("What was done, as one word.")
    event = fields.Integer(
        required=True, allow_none=True, attribute="inbox_id", metadata={"description": "The event it was done to."}
    )
    lane = of.maybe("The ticket of that event, as `tracker:id`; null without one.")
    detail = of.table()


def part(flows: Flows) -> Part:
    """`/changes`, for those who may change something."""
    changes = Part("changes", "Who did what here, and when.")
    filters = {
        "who": fields.String(
            validate=validate.Length(max=LONGEST), metadata={"description": "Is met anywhere in the actor's name."}
        ),
        "what": fields.String(
            validate=validate.Length(max=LONGEST), metadata={"description": "The word as a whole."}
        ),
    }
    by = fields.String(
        validate=validate.OneOf(("people",)),
        metadata={"description": "`people`: without what the program did by itself."},
    )

    @changes.shows(
        "/changes",
        of.items(ChangeSchema, "Changes, the newest first."),
        needed=Standing.AGENT,
        query=paged(LIST, is_number, **filters, by=by),
    )
    def list_changes(asked: Mapping[str, Any]) -> dict[str, Any]:
        """What was done here, the newest first."""
        limit, before = asked["limit"], asked.get("cursor")
        who, what = (clean(asked.get(name, "")) for name in filters)
        people = asked.get("by") == "people"
        found = flows.audit.newest(limit + 1, before=before, who=who, what=what, people=people)
        shown, after = page(LIST, found, limit, lambda row: row.id)
        return {"items": shown, "next": after}

    return changes
