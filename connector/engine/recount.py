"""After an edit of policies or calendars every open clock is computed anew, due soonest first, beside all other work.

No tracker is asked. A ticket on which another label or due date should now stand, or to which another policy may
apply, gets a look of its own later, one after the other.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..core.clock_facts import Fact, events_of
from ..core.instants import whole_second
from ..core.outlook import Standing, next_look
from ..core.sla import fields_after
from ..core.sla_digest import same_choice
from ..core.sla_terms import POLICY, plain_id, version_of
from ..errors import described
from ..rulebook import Rulebook, RuleFile
from ..store import CycleRow, Stale, TimerRow, settled
from .cycles import Subject, count, cycle_rows
from .first_count import first_looks
from .in_force import in_force_since
from .policy import SECTION, policies, policy_fact
from .services import Services, lane_of
from .spread import spread_looks

log = logging.getLogger(__name__)
RECOUNT_EVERY = timedelta(seconds=10)
"""How often somebody looks whether there is anything to count anew."""
BATCH = 50


@dataclass(frozen=True, slots=True)
class Recounted:
    """A ticket's clocks by the rules in force. `look`: something else should stand on the ticket, or may."""

    was: Stale
    rows: tuple[CycleRow, ...]
    facts: tuple[Fact, ...] = ()
    next_look: datetime | None = None
    look: bool = False


def recount_all(services: Services) -> Iterator[int]:
    """All that an edit asks for, some tickets at a time: after each time, how many."""
    yield from recount_stale(services)
    yield from first_looks(services)


def recount_stale(services: Services) -> Iterator[int]:
    """Count anew until nothing is left that goes by other rules than those in force."""
    while found := services.store.cycles.stale(in_force(book := services.rules.current), BATCH):
        _recount(services, book, found)
        yield len(found)


def in_force(book: Rulebook) -> dict[str, str]:
    """Rule file → by what its clocks are to be computed."""
    return {file.name: file.clocks for file in book.files}


def _recount(services: Services, book: Rulebook, found: Sequence[Stale]) -> None:
    files = {file.name: file for file in book.files}
    asked = sorted({_open(was).applies for was in found})
    since = {name: in_force_since(services, files[name]) for name in asked}
    now = services.clock()
    _store(services, [_try(was, files[_open(was).applies], book, since[_open(was).applies], now) for was in found])


def _try(was: Stale, file: RuleFile, book: Rulebook, since: datetime, now: datetime) -> Recounted:
    try:
        return recounted(was, file, book, since, now)
    except Exception as error:
        # One ticket must not hold up all others; its next event tells what is wrong with it.
        log.exception("recount_failed", extra={"ticket": was.ticket, "error": described(error)})
        return Recounted(was, tuple(replace(row, rules=file.clocks) for row in was.rows))


def recounted(was: Stale, file: RuleFile, book: Rulebook, since: datetime, now: datetime) -> Recounted:
    """The clocks of `was` at `now` by `file`, whose policies are in force since `since`."""
    calendars, events, row = book.desk.calendars, events_of(was.facts), _open(was)
    version = fields_after(events).get(POLICY)
    rule = next((rule for rule in policies(file) if rule["id"] == plain_id(version)), None)
    fact = None
    if rule is not None and version != version_of(rule):
        fact = policy_fact(events, rule, now, lambda: since)
    if fact is not None:
        events = events_of((*was.facts, fact))
    of = Subject(was.tracker, was.ticket, row.project, row.tier, row.channel)
    found = count(file, calendars, events, whole_second(now))
    is_over = any(row.is_over for row in was.rows)
    rows = tuple(settled(was.rows, cycle_rows(of, file, calendars, events, found), is_over=is_over))
    same = all(same_choice(row.rules, file.clocks) for row in was.rows if row.is_open)
    look = next_look(found.clocks.values())
    return Recounted(was, rows, (fact,) if fact else (), look, not same or shown_by(was.rows) != shown_by(rows))


def _open(was: Stale) -> CycleRow:
    return next(row for row in was.rows if row.is_open)


def shown_by(rows: Iterable[CycleRow]) -> tuple[Standing | None, datetime | None]:
    """What stands on a ticket with these cycles: its label, and the nearest deadline."""
    last = [row for row in rows if row.is_last]
    stands = {row.standing for row in last}
    due = (row.due_at for row in last if row.is_open and row.goal_s is not None and row.due_at)
    return next((each for each in Standing if each.value in stands), None), min(due, default=None)


def _store(services: Services, counted: Iterable[Recounted]) -> None:
    by_name = {each.was.name: each for each in counted}
    with services.store.begin() as work:
        mine = [by_name[was.name] for was in work.unchanged(each.was for each in by_name.values())]
        for each in mine:
            work.add_facts(*each.was.name, each.facts)
        work.exchange_cycles(
            (row for each in mine for row in each.was.rows), (row for each in mine for row in each.rows)
        )
        live = [each for each in mine if any(row.is_open for row in each.rows)]
        timers = [_timer(each.was, each.next_look) for each in live if each.next_look]
        timers += spread_looks(work, (each.was.name for each in live if each.look))
        work.set_timers(sorted(timers, key=lambda timer: (timer.key, timer.name)))


def _timer(was: Stale, at: datetime) -> TimerRow:
    """That of the plugin, which looks when the next threshold is reached."""
    tracker, ticket = was.name
    return TimerRow(lane_of(tracker, ticket), SECTION, at, {"tracker": tracker, "ticket": ticket})
