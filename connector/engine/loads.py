"""Who holds how much, for those who choose among people, and with every plan of a ticket what it contributes then.

Nothing of this is asked or stored where no rule file has the section `assign`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from ..changes import AssignTo
from ..core.candidates import Record
from ..core.instants import whole_second
from ..core.rotation import standings
from ..desk import Desk
from ..frozen import FrozenDict
from ..model import Verdict
from ..plan import Plan
from ..rulebook import Rulebook
from ..store import Full, Load, TicketRow, Work
from ..store.load_rows import UNIT
from .look import Look
from .services import Services
from .shares import chooses, keeps_loads, share_of
from .weigh import make_sure

Done = TypeVar("Done")


def with_records(services: Services, look: Look, desk: Desk, full: frozenset[str]) -> Look:
    """`look` with what is known of everybody of the desk, where its file chooses among people; one query.

    `full` are those for whom a claim found no room.
    """
    if not chooses(look.file):
        return look
    make_sure(services)
    loads = services.store.loads.of(desk.people, without=(look.tracker.name, look.ticket.id))
    return replace(look, ticket=replace(look.ticket, records=records(desk, loads, look.read_at, full)))


def records(
    desk: Desk, loads: Mapping[str, Load], at: datetime, full: frozenset[str] = frozenset()
) -> Mapping[str, Record]:
    """What a choice at `at` goes by, of everybody of the desk."""
    turns = _turns(desk, loads, at)
    found = {}
    for person, agent in desk.people.items():
        load = loads.get(person, Load(person))
        units = load.units / UNIT
        last = None if load.last is None else whole_second(load.last)
        found[person] = Record(max(units, agent.capacity) if person in full else units, last, turns[person])
    return FrozenDict(found)


def keep_load(work: Work, look: Look, book: Rulebook, row: TicketRow, plan: Plan, full: frozenset[str]) -> None:
    """Store what the ticket contributes after `plan`, whose row is `row`; raise `Full` if whom it chose has no room.

    A plan that is only shown changes nothing: then the ticket contributes what it has. Who is chosen though they are
    known to be `full` was meant by name.
    """
    if not keeps_loads(book):
        return
    name = row.tracker, row.id
    planned = _planned(look, row, plan) if look.live else row
    share = share_of(book, planned, work.cycles([name])[name])
    person = chosen(plan) if look.live and chooses(look.file) else None
    if share is None or share.person != person or person in full:
        work.put_loads({name: share})
        return
    people = book.desk.people
    work.claim(name, share, round(UNIT * people[person].capacity))
    if planned.team:
        work.take_turn(planned.team, person, [id for id, agent in people.items() if planned.team in agent.teams])


def weigh(work: Work, book: Rulebook, row: TicketRow) -> None:
    """Store what the ticket contributes as it stands in `row`."""
    if keeps_loads(book):
        name = row.tracker, row.id
        work.put_loads({name: share_of(book, row, work.cycles([name])[name])})


def chosen(plan: Plan) -> str | None:
    """To whom `plan` gives the ticket by rules, and not by a person's order."""
    given = (each.change for each in plan.decisions if each.verdict is Verdict.APPLY)
    return next((each.person for each in given if isinstance(each, AssignTo) and not each.by), None)


def until_there_is_room(attempt: Callable[[frozenset[str]], Done]) -> Done:
    """What `attempt` gives; while whom it chose turns out to have no room, it is told of one more who is full."""
    full: frozenset[str] = frozenset()
    while True:
        try:
            return attempt(full)
        except Full as found:
            full |= {found.person}


def _turns(desk: Desk, loads: Mapping[str, Load], now: datetime) -> dict[str, Mapping[str, int]]:
    """Of each person their turn in each of their teams."""
    members: dict[str, list[str]] = defaultdict(list)
    for person, agent in desk.people.items():
        for team in agent.teams:
            members[team].append(person)
    found: dict[str, dict[str, int]] = {person: {} for person in desk.people}
    for team, people in members.items():
        known = {id: loads[id].turns[team] for id in people if id in loads and team in loads[id].turns}
        for person, turn in standings(known, people, now).items():
            found[person][team] = turn
    return {person: FrozenDict(turns) for person, turns in found.items()}


def _planned(look: Look, row: TicketRow, plan: Plan) -> TicketRow:
    ticket = look.ticket
    for change in plan.changes:
        ticket = change.on(ticket)
    priority = int(ticket.priority)
    return replace(row, assignee=ticket.assignee, priority=priority, status=ticket.status, team=ticket.team)
