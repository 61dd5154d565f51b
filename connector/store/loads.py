"""Who holds how much: what a ticket contributes is compared with what it contributed, and the difference appended.

So a lost, doubled or late event changes nothing: the sum over tickets is the load, by state. The sums are a cache of
the ledger, changed in the same transaction. Who writes has the ticket to itself: by its lane, or its locked row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..core.rotation import Turn, taken
from . import retention
from .database import Database
from .schema import load_entry, load_share, load_sum, turn

Name = tuple[str, str]
CLAIMED, TAKEN, FOUND, WEIGHED, LEFT = "claimed", "taken", "found", "weighed", "left"
"""Why an entry was made: the rules gave somebody the ticket, a person did, they were found to have it, it weighs
otherwise now, they have it no more."""
_s, _sum = load_share.c, load_sum.c


class Full(Exception):
    """`person` has no room for what was to be claimed: nothing of the transaction may be kept."""

    def __init__(self, person: str) -> None:
        super().__init__(person)
        self.person = person


@dataclass(frozen=True, slots=True)
class Share:
    """What a ticket contributes to the load of `person`, in thousandths of a unit; always more than nothing."""

    person: str
    units: int


@dataclass(frozen=True, slots=True)
class Load:
    """What `person` holds, in thousandths of a unit, on how many tickets; `last` is when they were given one last.

    `turns` maps a team to how far they have come in its rotation.
    """

    person: str
    units: int = 0
    tickets: int = 0
    last: datetime | None = None
    turns: Mapping[str, Turn] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger; `tickets` is how many more the person holds by it."""

    person: str
    name: Name
    units: int
    tickets: int
    why: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A sum that was not what the ledger says: (units, tickets) as they stood, and as they are."""

    person: str
    was: tuple[int, int]
    now: tuple[int, int]


class Loads:
    """Reads loads; they are written in the transaction of a plan (`Work`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, people: Iterable[str], without: Name | None = None) -> dict[str, Load]:
        """What each of `people` holds that holds or held something; `without` names a ticket that is not counted."""
        rows = sa.select(load_sum, turn.c.team, turn.c.turn, turn.c.at, _s.units.label("own"))
        rows = rows.outerjoin(turn, turn.c.person == _sum.person)
        tracker, ticket = without or ("", "")
        mine = sa.and_(_s.tracker == tracker, _s.ticket == ticket, _s.person == _sum.person)
        rows = rows.outerjoin(load_share, mine).where(_sum.person.in_(list(people)))
        found: dict[str, Load] = {}
        turns: dict[str, dict[str, Turn]] = defaultdict(dict)
        with self._database.read() as connection:
            for row in connection.execute(rows):
                if row.team is not None:
                    turns[row.person][row.team] = Turn(row.turn, row.at)
                units, tickets = row.units - (row.own or 0), row.tickets - (row.own is not None)
                found[row.person] = Load(row.person, units, tickets, row.last, turns[row.person])
        return found

    def share(self, tracker: str, ticket: str) -> Share | None:
        """What the ticket contributes, and to whose load."""
        with self._database.read() as connection:
            return shares(connection, [(tracker, ticket)]).get((tracker, ticket))

    def prune(self, before: datetime, batch: int = 500) -> int:
        """Remove old entries of tickets that nobody holds (see `retention`), bit by bit; 0 when none is left."""
        return retention.prune_loads(self._database, before, batch)

    def rebuild(self) -> tuple[Difference, ...]:
        """Make the sums anew from the ledger, by person: what differed. Plans wait meanwhile."""
        with self._database.write() as connection:
            return rebuild(self._database, connection)


def shares(connection: Connection, names: Iterable[Name]) -> dict[Name, Share]:
    """What each of these tickets contributes; one that contributes nothing is left out."""
    by_tracker = defaultdict(list)
    for tracker, ticket in names:
        by_tracker[tracker].append(ticket)
    found: dict[Name, Share] = {}
    for tracker, tickets in by_tracker.items():
        rows = sa.select(load_share).where(_s.tracker == tracker, _s.ticket.in_(tickets))
        found |= {(tracker, row.ticket): Share(row.person, row.units) for row in connection.execute(rows)}
    return found


def put(
    database: Database,
    connection: Connection,
    wanted: Mapping[Name, Share | None],
    now: datetime,
    why: str = TAKEN,
    most: int | None = None,
) -> None:
    """From now on each of these tickets contributes this; `why` somebody holds it who did not.

    With `most` raise `Full` where somebody would come to hold more than that by it.
    """
    old = shares(connection, wanted)
    entries = [entry for name, share in wanted.items() for entry in _entries(name, old.get(name), share, why)]
    if not entries:
        return
    _put_shares(database, connection, {entry.name: wanted[entry.name] for entry in entries})
    rows = [
        {"at": now, "tracker": each.name[0], "ticket": each.name[1]}
        | {"person": each.person, "units": each.units, "why": each.why}
        for each in entries
    ]
    connection.execute(sa.insert(load_entry), rows)
    by_person = defaultdict(list)
    for each in entries:
        by_person[each.person].append(each)
    # In order, so that two who change the same sums do not wait for each other.
    for person, mine in sorted(by_person.items()):
        _add(database, connection, person, mine, now, most)


def take_turn(
    database: Database, connection: Connection, team: str, person: str, members: Iterable[str], now: datetime
) -> None:
    """`person` had a turn in the rotation of `team`; whoever calls has changed their sum, and so holds its row."""
    rows = sa.select(turn).where(turn.c.team == team, turn.c.person.in_(list(members)))
    mine = taken({row.person: Turn(row.turn, row.at) for row in connection.execute(rows)}, person, now)
    statement = database.insert(turn).values(person=person, team=team, turn=mine.turn, at=mine.at)
    new = {name: statement.excluded[name] for name in ("turn", "at")}
    connection.execute(statement.on_conflict_do_update(index_elements=[turn.c.person, turn.c.team], set_=new))


def rebuild(database: Database, connection: Connection) -> tuple[Difference, ...]:
    """See `Loads.rebuild`."""
    if not database.is_sqlite:
        connection.execute(sa.text("LOCK TABLE load_sum IN SHARE ROW EXCLUSIVE MODE"))
    e = load_entry.c
    total = sa.func.sum(e.units)
    by_ticket = sa.select(e.person, total.label("units")).group_by(e.person, e.tracker, e.ticket).having(total != 0)
    each = by_ticket.subquery().c
    sums = sa.select(each.person, sa.func.sum(each.units).label("units"), sa.func.count().label("tickets"))
    now = {row.person: (int(row.units), row.tickets) for row in connection.execute(sums.group_by(each.person))}
    was = {row.person: (row.units, row.tickets) for row in connection.execute(sa.select(load_sum))}
    found = []
    for person in sorted(now.keys() | was.keys()):
        stood, stands = was.get(person, (0, 0)), now.get(person, (0, 0))
        if stood != stands:
            found.append(Difference(person, stood, stands))
            _insert_sum(database, connection, person)
            values = {"units": stands[0], "tickets": stands[1]}
            connection.execute(sa.update(load_sum).where(_sum.person == person).values(**values))
    return tuple(found)


def _entries(name: Name, old: Share | None, new: Share | None, why: str) -> Iterator[Entry]:
    if old == new:
        return
    if old and new and old.person == new.person:
        yield Entry(old.person, name, new.units - old.units, 0, WEIGHED)
        return
    if old:
        yield Entry(old.person, name, -old.units, -1, LEFT)
    if new:
        yield Entry(new.person, name, new.units, 1, why)


def _put_shares(database: Database, connection: Connection, wanted: Mapping[Name, Share | None]) -> None:
    values = []
    for (tracker, ticket), share in wanted.items():
        if share is None:
            connection.execute(sa.delete(load_share).where(_s.tracker == tracker, _s.ticket == ticket))
        else:
            values.append({"tracker": tracker, "ticket": ticket, "person": share.person, "units": share.units})
    if values:
        statement = database.insert(load_share)
        new = {name: statement.excluded[name] for name in ("person", "units")}
        connection.execute(statement.on_conflict_do_update(index_elements=[_s.tracker, _s.ticket], set_=new), values)


def _add(
    database: Database,
    connection: Connection,
    person: str,
    entries: Iterable[Entry],
    now: datetime,
    most: int | None,
) -> None:
    _insert_sum(database, connection, person)
    entries = tuple(entries)
    units = sum(entry.units for entry in entries)
    new = {"units": _sum.units + units, "tickets": _sum.tickets + sum(entry.tickets for entry in entries)}
    if any(entry.why in (CLAIMED, TAKEN) for entry in entries):
        new["last"] = sa.literal(now, load_sum.c.last.type)
    room = () if most is None or units <= 0 else (_sum.units + units <= most,)
    if not connection.execute(sa.update(load_sum).where(_sum.person == person, *room).values(**new)).rowcount:
        raise Full(person)


def _insert_sum(database: Database, connection: Connection, person: str) -> None:
    nothing = {"person": person, "units": 0, "tickets": 0}
    connection.execute(database.insert(load_sum).values(**nothing).on_conflict_do_nothing())
