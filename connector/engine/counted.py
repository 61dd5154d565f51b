"""What a plan makes of its ticket's clocks, stored with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ..core.clock_facts import Fact, events_of
from ..core.fact_sources import seen_facts
from ..core.instants import whole_second
from ..core.wishes import still_wished
from ..frozen import frozen
from ..rulebook import Rulebook, RuleFile
from ..store import CycleRow, Work
from .cycles import Subject, count, cycle_rows
from .in_force import in_force_since
from .look import Look
from .policy import found_policy, policies, policy_fact
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
    if policies(file) and not look.shadow:
        look = replace(look, memory=look.memory.wishing(still_wished(look.ticket, plan, drawn.at)))
    look, tier = replace(look, ticket=ticket), plan.facts.get(TIER)
    rows = _rows(look, file, book, None if tier is None else str(tier), drawn.at)
    return look, Counted(rows, (fact,) if fact else ())


def written(services: Services, work: Work, look: Look) -> Look:
    """`look` after a write, its history and clocks with what was written: not every tracker tells us of that."""
    if not policies(look.file):
        return look
    file = look.file
    assert file is not None
    tracker, id = look.tracker.name, look.ticket.id
    known = services.store.tickets.facts(tracker, id)
    seen = work.add_facts(tracker, id, seen_facts(look.ticket, known, work.now, labels=False))
    if not seen:
        return look
    look = replace(look, ticket=replace(look.ticket, clock_events=tuple(map(frozen, events_of((*known, *seen))))))
    tier = next((row.tier for row in services.store.cycles.of(tracker, id)), None)
    Counted(_rows(look, file, services.rules.current, tier, work.now)).keep(work, look)
    return look


def _rows(look: Look, file: RuleFile, book: Rulebook, tier: str | None, at: datetime) -> tuple[CycleRow, ...]:
    ticket, calendars = look.ticket, book.desk.calendars
    of = Subject(look.tracker.name, ticket.id, ticket.project, tier, ticket.channel)
    counted = count(file, calendars, ticket.clock_events, whole_second(at))
    return cycle_rows(of, file, calendars, ticket.clock_events, counted)
