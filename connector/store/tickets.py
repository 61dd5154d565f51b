"""The memory of tickets: one row each, found by id, key or an older key, and listed for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..core.clock_facts import Fact as FactRow
from . import desk, facts, history, payloads, search
from .clock_filter import ClockWish
from .database import Database
from .encoding import clean, decode, encode
from .rows import CommentRow, HistoryRow, TicketRow
from .schema import alias, payload, ticket

_IN_ROW = [column.name for column in ticket.columns if column.name not in ("title_id", "snapshot_id", "is_over")]
_title = payload.alias("title")
_snapshot = payload.alias("snapshot")
_WHOLE = (
    sa.select(ticket, _title.c.content.label("title"), _snapshot.c.content.label("snapshot"))
    .join(_title, _title.c.id == ticket.c.title_id)
    .join(_snapshot, _snapshot.c.id == ticket.c.snapshot_id)
)


class Tickets:
    """Reads tickets; they are written in the transaction of an event (`Work`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, tracker: str, id: str) -> TicketRow | None:
        with self._database.read() as connection:
            return get(connection, tracker, id)

    def find(self, tracker: str, key_or_id: str) -> TicketRow | None:
        """The ticket with that id, else with that key, else the one that had that key once."""
        with self._database.read() as connection:
            return get(connection, tracker, key_or_id) or _by_key(connection, tracker, key_or_id)

    def history(self, tracker: str, id: str, limit: int = 1000) -> tuple[HistoryRow, ...]:
        """The newest `limit` changes, oldest first."""
        with self._database.read() as connection:
            return history.read(connection, tracker, id, limit)

    def facts(self, tracker: str, id: str, known_at: datetime | None = None) -> tuple[FactRow, ...]:
        """What the SLA clock goes by, in the order in which it was learned; only what was known at `known_at`."""
        with self._database.read() as connection:
            return facts.read(connection, tracker, id, known_at)

    def comments(self, tracker: str, id: str) -> tuple[CommentRow, ...]:
        """What is known of its comments, oldest first."""
        with self._database.read() as connection:
            return history.comments(connection, tracker, id)

    def count(self) -> int:
        with self._database.read() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(ticket)).scalar_one()

    def desk(
        self,
        *,
        tracker: str | None = None,
        project: str | None = None,
        team: str | None = None,
        status: str | None = None,
        assignee: str | None = None,
        priority: int | None = None,
        over: bool | None = None,
        applies: str | None = None,
        mode: str | None = None,
        clocks: ClockWish | None = None,
        text: str | None = None,
        after: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[TicketRow]:
        """Tickets in working order: urgent first, then the oldest; those done or gone last. Without their snapshots.

        Of a team, an assignee, a status or a rule file '' is: none. `after` is the `position` of the last row that
        was shown; one that cannot be read is the beginning. `clocks` leaves out what is gone. `text` is looked for in
        key and title: whole words, in Chinese any part, all of them. If no ticket has them, parts of words are, in
        the first 1,000 on this desk.
        """
        wishes = desk.Wishes(tracker, project, team, status, assignee, priority, over, applies, mode, clocks)
        with self._database.read() as connection:
            # Found first and read afterwards: sorting must not carry everybody's texts along.
            place = desk.Position.read(after) if after else None
            names = desk.find(connection, wishes, (text or "").strip(), place, limit, offset)
            return _titled(connection, names)

    def position(self, row: TicketRow) -> str:
        """Where `row` stands in working order, in letters that can stand in an address; for `after` of `desk`."""
        return desk.Position.of(row).written()

    def index(self, batch: int = 500) -> int:
        """Let the next `batch` tickets be found by their words if they are not yet; how many were looked at."""
        return search.patrol(self._database, batch)


def get(connection: Connection, tracker: str, id: str) -> TicketRow | None:
    """The ticket by its immutable id."""
    return _first(connection, ticket.c.tracker == tracker, ticket.c.id == id)


def put(database: Database, connection: Connection, row: TicketRow, now: Any) -> None:
    """Store the ticket, or replace what was known of it; a key that changed goes on finding it."""
    old = connection.execute(
        sa.select(ticket.c.key, ticket.c.title_id, ticket.c.snapshot_id, _title.c.content)
        .outerjoin(_title, _title.c.id == ticket.c.title_id)
        .where(ticket.c.tracker == row.tracker, ticket.c.id == row.id)
    ).first()
    values = {**{name: getattr(row, name) for name in _IN_ROW}, "is_over": row.gone or row.status == "done"}
    title = payloads.keep(connection, old and old.title_id, "ticket.title", clean(row.title).encode(), now)
    snapshot = payloads.keep(connection, old and old.snapshot_id, "ticket.snapshot", encode(row.snapshot), now)
    if old is None or (row.key, clean(row.title)) != (old.key, bytes(old.content or b"").decode()):
        search.put(database, connection, row.tracker, row.id, clean(row.title), row.key)
    if old is None:
        connection.execute(sa.insert(ticket).values(**values, title_id=title, snapshot_id=snapshot))
        return
    if old.key and row.key != old.key:
        put_alias(database, connection, row.tracker, old.key, row.id)
    connection.execute(
        sa.update(ticket).where(ticket.c.tracker == row.tracker, ticket.c.id == row.id).values(**values)
    )


def put_alias(database: Database, connection: Connection, tracker: str, name: str, id: str) -> None:
    """From now on `name` finds the ticket `id`, unless a ticket has that key now."""
    statement = database.insert(alias).values(tracker=tracker, alias=name, id=id)
    new = {"id": statement.excluded.id}
    connection.execute(statement.on_conflict_do_update(index_elements=[alias.c.tracker, alias.c.alias], set_=new))


def _by_key(connection: Connection, tracker: str, key: str) -> TicketRow | None:
    now = _first(connection, ticket.c.tracker == tracker, ticket.c.key == key)
    if now is not None:
        return now
    once = sa.select(alias.c.id).where(alias.c.tracker == tracker, alias.c.alias == key)
    return _first(connection, ticket.c.tracker == tracker, ticket.c.id == once.scalar_subquery())


def _first(connection: Connection, *matching: sa.ColumnElement[bool]) -> TicketRow | None:
    found = connection.execute(_WHOLE.where(*matching).order_by(ticket.c.gone).limit(1)).mappings().first()
    return None if found is None else _row(found)


def _titled(connection: Connection, names: list[tuple[str, str]]) -> list[TicketRow]:
    """The tickets in the order of `names`, without their snapshots."""
    rows = sa.select(ticket, _title.c.content.label("title"), sa.literal(None).label("snapshot"))
    found: dict[tuple[str, str], TicketRow] = {}
    for tracker in {tracker for tracker, _ in names}:
        mine = ticket.c.id.in_([id for one, id in names if one == tracker])
        some = rows.outerjoin(_title, _title.c.id == ticket.c.title_id).where(ticket.c.tracker == tracker, mine)
        found |= {(row["tracker"], row["id"]): _row(row) for row in connection.execute(some).mappings()}
    return [found[name] for name in names if name in found]


def _row(found: Mapping[Any, Any]) -> TicketRow:
    title = bytes(found["title"] or b"").decode()
    values = {name: found[name] for name in _IN_ROW}
    return TicketRow(**values, title=title, snapshot=decode(found["snapshot"] or b"{}"))
