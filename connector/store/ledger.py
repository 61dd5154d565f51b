"""What a ticket contributes is compared with what it contributed, and the difference is appended to a ledger.

So a lost, doubled or late event changes nothing: the sum over tickets is the load, by state. The sums are a cache of
the ledger, changed in the same transaction. Who writes has the ticket to itself: by its lane, or its locked row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .database import Database
from .load_rows import CLAIMED, LEFT, TAKEN, WEIGHED, Difference, Full, Name, Share
from .schema import load_entry, load_share, load_sum

_s, _sum = load_share.c, load_sum.c


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger; `tickets` is how many more the person holds by it."""

    person: str
    name: Name
    units: int
    tickets: int
    why: str


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
    more = [_added(person, mine, now) for person, mine in sorted(by_person.items())]
    if most is None:
        _add(database, connection, more)
        return
    for one in more:
        if one["units"] <= 0:
            _add(database, connection, [one])
        else:
            _claim(database, connection, one, most)


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


def _added(person: str, entries: Iterable[Entry], now: datetime) -> dict[str, Any]:
    """What `entries` add to the sum of `person`."""
    mine = tuple(entries)
    given = any(entry.why in (CLAIMED, TAKEN) for entry in mine)
    units, tickets = sum(entry.units for entry in mine), sum(entry.tickets for entry in mine)
    return {"person": person, "units": units, "tickets": tickets, "last": now if given else None}


def _add(database: Database, connection: Connection, rows: list[dict[str, Any]]) -> None:
    statement = database.insert(load_sum)
    new = statement.excluded
    sums = {"units": _sum.units + new.units, "tickets": _sum.tickets + new.tickets}
    last = sa.func.coalesce(new.last, _sum.last)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[_sum.person], set_={**sums, "last": last}), rows
    )


def _claim(database: Database, connection: Connection, row: Mapping[str, Any], most: int) -> None:
    person, units = row["person"], row["units"]
    _insert_sum(database, connection, person)
    sums = {"units": _sum.units + units, "tickets": _sum.tickets + row["tickets"]}
    last = {"last": row["last"]} if row["last"] else {}
    room = sa.update(load_sum).where(_sum.person == person, _sum.units + units <= most)
    if not connection.execute(room.values(**sums, **last)).rowcount:
        raise Full(person)


def _insert_sum(database: Database, connection: Connection, person: str) -> None:
    nothing = {"person": person, "units": 0, "tickets": 0}
    connection.execute(database.insert(load_sum).values(**nothing).on_conflict_do_nothing())
