"""Who holds how much, and whose turn it is: read for all who may take a ticket at once, and never by counting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..core.rotation import Turn, taken
from . import ledger, retention
from .database import Database
from .load_rows import Difference, Load, Name, Share
from .rows import TicketRow
from .schema import load_share, load_sum, ticket, turn

_s, _sum = load_share.c, load_sum.c


class Loads:
    """Reads loads; they are written in the transaction of a plan (`Work`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, people: Iterable[str], without: Name | None = None) -> dict[str, Load]:
        """What each of `people` holds that holds or held something; `without` names a ticket that is not counted."""
        rows = sa.select(load_sum, turn.c.team, turn.c.turn, turn.c.at, _s.units.label("own"))
        rows = rows.outerjoin(turn, turn.c.person == _sum.person)
        tracker, id = without or ("", "")
        mine = sa.and_(_s.tracker == tracker, _s.ticket == id, _s.person == _sum.person)
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

    def share(self, tracker: str, id: str) -> Share | None:
        """What the ticket contributes, and to whose load."""
        with self._database.read() as connection:
            return ledger.shares(connection, [(tracker, id)]).get((tracker, id))

    def prune(self, before: datetime, batch: int = 500) -> int:
        """Remove old entries of tickets that nobody holds (see `retention`), bit by bit; 0 when none is left."""
        return retention.prune_loads(self._database, before, batch)

    def rebuild(self) -> tuple[Difference, ...]:
        """Make the sums anew from the ledger, by person: what differed. Plans wait meanwhile."""
        with self._database.write() as connection:
            return ledger.rebuild(self._database, connection)


def page(connection: Connection, after: Name, limit: int) -> list[TicketRow]:
    """The next tickets behind `after` that contribute to a load, or may; nobody else stores them until the end.

    Of each what its contribution goes by, and nothing else.
    """
    t = ticket.c
    known = sa.exists().where(_s.tracker == t.tracker, _s.ticket == t.id)
    may = sa.and_(t.is_over.is_(False), t.assignee.is_not(None))
    columns = (t.tracker, t.id, t.project, t.status, t.priority, t.assignee, t.gone)
    rows = sa.select(*columns).where(sa.tuple_(t.tracker, t.id) > sa.tuple_(*map(sa.literal, after)))
    rows = rows.where(sa.or_(may, known)).order_by(t.tracker, t.id).limit(limit).with_for_update(of=ticket)
    return [TicketRow(**row) for row in connection.execute(rows).mappings()]


def take_turn(
    database: Database, connection: Connection, team: str, person: str, members: Iterable[str], now: datetime
) -> None:
    """`person` had a turn in the rotation of `team`; whoever calls has changed their sum, and so holds its row."""
    rows = sa.select(turn).where(turn.c.team == team, turn.c.person.in_(list(members)))
    mine = taken({row.person: Turn(row.turn, row.at) for row in connection.execute(rows)}, person, now)
    statement = database.insert(turn).values(person=person, team=team, turn=mine.turn, at=mine.at)
    new = {name: statement.excluded[name] for name in ("turn", "at")}
    connection.execute(statement.on_conflict_do_update(index_elements=[turn.c.person, turn.c.team], set_=new))
