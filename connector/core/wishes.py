"""What rules wish for and the ticket does not have: for its clocks it holds from when it was wished for first.

In shadow nothing is written, and a tracker may refuse; without this such a wish would begin anew at every look.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..model import Ticket, Verdict
from ..plan import Plan
from .instants import whole_second

WISHED = "wished"
"""Where a ticket's memory has them, beside the slots."""


def clock_fields(ticket: Ticket) -> dict[str, Any]:
    """The fields that goals and pauses go by, as the ticket has them; labels apart."""
    return {
        "status": ticket.status,
        "priority": ticket.priority.word,
        "team": ticket.team,
        "assignee": ticket.assignee,
        "type": ticket.type,
    }


def still_wished(ticket: Ticket, plan: Plan, at: datetime) -> dict[str, Any]:
    """Field → the value that `plan` would give it, and since when (UTC seconds) that is so."""
    view = ticket
    for decision in plan.decisions:
        if decision.verdict in (Verdict.APPLY, Verdict.REFUSED):
            view = decision.change.on(view)
    has, wanted = clock_fields(ticket), clock_fields(view)
    return {
        name: [value, wished_since(ticket, name, value) or whole_second(at)]
        for name, value in wanted.items()
        if value != has[name]
    }


def wished_since(ticket: Ticket, name: str, value: Any) -> int | None:
    """Since when (UTC seconds) the field `name` is to have `value`; None if that is new."""
    told: Mapping[str, Any] = ticket.ours.get(WISHED) or {}
    known, since = told.get(name) or (None, None)
    return since if since is not None and known == value else None
