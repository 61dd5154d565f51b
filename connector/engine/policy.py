"""Which SLA policy applies is a fact of the ticket's history: another one later is a change of the goal."""

from __future__ import annotations

from datetime import datetime

from ..core.clock_facts import Fact
from ..core.sla import POLICY, fields_after
from ..frozen import FrozenDict
from ..model import Ticket
from ..plan import Plan

PLUGIN = "sla"
TOLD = "sla.policy"


def policy_fact(ticket: Ticket, plan: Plan, at: datetime) -> Fact | None:
    """The policy that `plan` found, if the history has another; None too where the plugin could not say.

    The first one holds from the creation on: before it nobody had looked.
    """
    if any(failure.plugin == PLUGIN for failure in plan.failures):
        return None
    events = ticket.clock_events
    known, found = fields_after(events), plan.facts.get(TOLD)
    if known.get(POLICY) == found:
        return None
    number = sum(1 for event in events if event.get("field") == POLICY)
    since = at if number else ticket.created or at
    return Fact(f"policy{number}", since, "field", FrozenDict({"field": POLICY, "value": found}))
