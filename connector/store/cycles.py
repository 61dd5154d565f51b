"""How SLA clocks stood when they were last counted: one row for each cycle of each metric of each ticket."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from . import stale
from .cycle_row import IN_ROW, CycleRow, row_of
from .database import Database
from .schema import cycle
from .stale import Stale

_c = cycle.c
_KEY = (_c.tracker, _c.ticket, _c.metric, _c.number)
_NEW = tuple(name for name in IN_ROW if name not in {column.name for column in _KEY})


class Cycles:
    """Reads cycles; they are written in the transaction of a plan, or of a recount (`Work`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, tracker: str, ticket: str) -> tuple[CycleRow, ...]:
        """All cycles of the ticket, by metric and number."""
        with self._database.read() as connection:
            return read(connection, tracker, ticket)

    def of_many(self, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[CycleRow, ...]]:
        """All cycles of each of these tickets (tracker, id)."""
        with self._database.read() as connection:
            return stale.read_all(connection, names)

    def stale(self, in_force: Mapping[str, str], limit: int) -> list[Stale]:
        """Up to `limit` tickets whose open cycles go by other rules than `in_force` (file → digest of its clocks).

        Due soonest first, and those of which nobody can tell last.
        """
        with self._database.read() as connection:
            return stale.find(connection, in_force, limit)

    def left(self, in_force: Mapping[str, str], most: int) -> int:
        """How many open cycles go by other rules than `in_force`, counted up to `most`."""
        with self._database.read() as connection:
            return stale.left(connection, in_force, most)


def read(connection: Connection, tracker: str, ticket: str) -> tuple[CycleRow, ...]:
    """All cycles of the ticket, by metric and number."""
    rows = sa.select(cycle).where(_c.tracker == tracker, _c.ticket == ticket).order_by(_c.metric, _c.number)
    return tuple(map(row_of, connection.execute(rows).mappings()))


def put(
    database: Database, connection: Connection, tracker: str, ticket: str, rows: Iterable[CycleRow], *, is_over: bool
) -> tuple[CycleRow, ...]:
    """Store `rows` as all cycles of the ticket, those that were finished as they were judged; as they are stored.

    Of a metric that is in none of `rows` nothing runs any more: what was finished stays.
    """
    old = read(connection, tracker, ticket)
    new = tuple(settled(old, rows, is_over=is_over))
    exchange(database, connection, old, new)
    return new


def exchange(database: Database, connection: Connection, old: Iterable[CycleRow], new: Iterable[CycleRow]) -> None:
    """Store `new` in place of `old`; what is the same in both is not touched."""
    before, after = ({_key(row): row for row in rows} for rows in (old, new))
    for key in before.keys() - after.keys():
        connection.execute(sa.delete(cycle).where(*(c == value for c, value in zip(_KEY, key, strict=True))))
    _write(database, connection, [row for key, row in after.items() if before.get(key) != row])


def bury(connection: Connection, tracker: str, ticket: str) -> None:
    """The ticket is gone: nothing of it runs any more."""
    mine = sa.and_(_c.tracker == tracker, _c.ticket == ticket)
    connection.execute(sa.delete(cycle).where(mine, _c.stopped_at.is_(None)))
    connection.execute(sa.update(cycle).where(mine).values(is_over=True))


def settled(old: Iterable[CycleRow], new: Iterable[CycleRow], *, is_over: bool) -> Iterator[CycleRow]:
    """`new` with what was finished as `old` has it, if the history up to its stop is the same."""
    finished = [row for row in old if not row.is_open]
    judged = {_past(row): row for row in finished}
    found: dict[str, list[CycleRow]] = defaultdict(list)
    for row in new:
        found[row.metric].append(row)
    yield from (replace(row, is_over=is_over) for row in finished if row.metric not in found)
    for rows in found.values():
        before = False
        for row in rows:
            kept = replace(judged.get(_past(row), row), number=row.number, is_last=row.is_last)
            yield replace(kept, is_over=is_over, breached_before=before)
            before = before or kept.breached_at is not None


def _key(row: CycleRow) -> tuple[Any, ...]:
    return row.tracker, row.ticket, row.metric, row.number


def _past(row: CycleRow) -> tuple[Any, ...]:
    return row.metric, row.started_at, row.stopped_at, row.history


def _write(database: Database, connection: Connection, rows: Iterable[CycleRow]) -> None:
    values = [{name: getattr(row, name) for name in IN_ROW} for row in rows]
    if values:
        connection.execute(_upsert(database.is_sqlite), values)


@cache
def _upsert(is_sqlite: bool) -> Any:
    """Made once: to make it takes longer than to store a row."""
    statement = (sqlite if is_sqlite else postgresql).insert(cycle)
    new = {name: statement.excluded[name] for name in _NEW}
    return statement.on_conflict_do_update(index_elements=list(_KEY), set_=new)
