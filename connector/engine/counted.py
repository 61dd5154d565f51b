"""What a plan makes of its ticket's clocks, stored with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..core.clock_facts import Fact, events_of
from ..core.instants import whole_second
from ..frozen import frozen
from ..rulebook import Rulebook
from ..store import CycleRow, Work
from .cycles import Subject, count, cycle_rows
from .in_force import in_force_since
from .look import Look
from .policy import found_policy, policy_fact
from .record import Drawn
from .services import Services

TIER = "customer.tier"


@dataclass(frozen=True, slots=True)
class Counted:
    """All cycles as they stand, and a new fact if another policy applies than the history says."""

    rows: tuple[CycleRow, ...]
    facts: tuple[Fact, ...] = ()

    def keep(self, work: Work, look: Look) -> None:
        """Store it in the transaction of the plan."""
        tracker, ticket = look.tracker.name, look.ticket
        work.add_facts(tracker, ticket.id, self.facts)
        work.put_cycles(tracker, ticket.id, self.rows, is_over=ticket.status == "done")


def counted(services: Services, look: Look, book: Rulebook, drawn: Drawn) -> tuple[Look, Counted]:
    """The ticket's clocks after `drawn`, and `look` with the policy that it found in the ticket's history."""
    ticket, file, plan = look.ticket, look.file, drawn.plan
    assert file is not None
    rule = found_policy(plan, file)
    fact = None
    if rule is not False:
        fact = policy_fact(ticket.clock_events, rule, drawn.at, lambda: in_force_since(services, file))
    if fact is not None:
        known = services.store.tickets.facts(look.tracker.name, ticket.id)
        ticket = replace(ticket, clock_events=tuple(map(frozen, events_of((*known, fact)))))
    tier = plan.facts.get(TIER)
    of = Subject(look.tracker.name, ticket.id, ticket.project, None if tier is None else str(tier), ticket.channel)
    calendars, events = book.desk.calendars, ticket.clock_events
    rows = cycle_rows(of, file, calendars, events, count(file, calendars, events, whole_second(drawn.at)))
    return replace(look, ticket=ticket), Counted(rows, (fact,) if fact else ())
