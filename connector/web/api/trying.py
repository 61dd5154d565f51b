"""`POST /try`: what the rules in force would do with a ticket; nothing is kept or written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields
from webargs.flaskparser import abort as refuse

from ...core.ticket_file import TicketFileError
from ..flows import Flows
from . import schemas as of
from .part import Part
from .ticket_schemas import DecisionSchema, FailureSchema


class TrialSchema(Schema):
    """A ticket, and what happened to it."""

    class Meta:
        unknown = RAISE

    ticket = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "As a ticket file of `pointsman try`, or the `document` of a ticket."},
    )
    event = fields.Dict(
        keys=fields.String(),
        load_default=None,
        allow_none=True,
        metadata={"description": "As an event file of `pointsman try`; without it, the ticket was just created."},
    )


class TriedSchema(of.Shape):
    """The plan as `pointsman try` prints it; `applies` alone, and null, where no rule file applies."""

    applies = of.maybe()
    mode = fields.String()
    decisions = fields.List(fields.Nested(DecisionSchema))
    facts = fields.Dict(keys=fields.String(), values=of.Value(allow_none=True))
    failures = fields.List(fields.Nested(FailureSchema))


def part(flows: Flows) -> Part:
    """`/try`; for agents, since it sets plugins to work."""
    trying = Part("try", "Decisions without consequences.")

    @trying.does("/try", TriedSchema(), body=TrialSchema())
    def try_ticket(given: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the rules in force would do with a ticket; nothing is kept or written."""
        try:
            return flows.try_ticket(given["ticket"], given["event"])
        except TicketFileError as error:
            refuse(422, messages={"ticket": list(error.problems)})

    return trying
