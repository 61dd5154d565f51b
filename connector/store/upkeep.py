"""How much room everything takes, and giving back what is free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .database import Database
from .schema import inbox, metadata


@dataclass(frozen=True, slots=True)
class TableSize:
    """One table with its indexes; on PostgreSQL `rows` is the server's estimate, as of its last ANALYZE."""

    name: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """Every table, the largest first. `free` bytes are waiting to be used again; `oldest` is the oldest event kept.

    `log` is the size of SQLite's write-ahead log. `estimated`: rows and `free` are what the server believes.
    """

    tables: Sequence[TableSize]
    total: int
    free: int
    log: int
    oldest: datetime | None
    estimated: bool


def sizes(url: str) -> Sizes:
    """Look at the database at `url` and change nothing; a schema that is not made yet has no tables."""
    database = Database(url)
    try:
        with database.read() as connection:
            tables = sorted(_tables(database, connection), key=lambda table: (-table.bytes, table.name))
            oldest = _oldest(connection) if tables else None
            if database.is_sqlite:
                return _of_file(database, connection, tables, oldest)
            return _of_server(connection, tables, oldest)
    finally:
        database.close()


def vacuum(url: str) -> tuple[int, int]:
    """Give free room back and renew the planner's statistics; the total size before and after.

    On SQLite nothing can be written meanwhile: intakes answer 503, and senders come again. PostgreSQL's goes on.
    """
    before = sizes(url)
    database = Database(url)
    try:
        if database.is_sqlite:
            database.bare("VACUUM", "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            database.bare("VACUUM (ANALYZE)")
    finally:
        database.close()
    after = sizes(url)
    return before.total + before.log, after.total + after.log


def _tables(database: Database, connection: Connection) -> list[TableSize]:
    present = set(sa.inspect(connection).get_table_names()) & set(metadata.tables)
    if database.is_sqlite:
        of = {
            row.name: row.tbl_name for row in connection.execute(sa.text("SELECT name, tbl_name FROM sqlite_master"))
        }
        taken: Counter[str] = Counter()
        for row in connection.execute(sa.text("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE")):
            taken[of.get(row.name, row.name)] += row.pgsize
        return [TableSize(name, _count(connection, name), taken[name]) for name in sorted(present)]
    known = sa.text(
        "SELECT c.relname AS name, greatest(c.reltuples, 0)::bigint AS rows, pg_total_relation_size(c.oid) AS bytes"
        " FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
    )
    return [TableSize(row.name, row.rows, row.bytes) for row in connection.execute(known) if row.name in present]


def _of_file(
    database: Database, connection: Connection, tables: Sequence[TableSize], oldest: datetime | None
) -> Sizes:
    page, pages, free = (
        int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
        for name in ("page_size", "page_count", "freelist_count")
    )
    log = Path(f"{database.url.database}-wal")
    return Sizes(tables, page * pages, page * free, log.stat().st_size if log.exists() else 0, oldest, False)


def _of_server(connection: Connection, tables: Sequence[TableSize], oldest: datetime | None) -> Sizes:
    # A dead row takes as much room as one that lives.
    dead = sa.text(
        "SELECT sum(pg_table_size(relid) * n_dead_tup / greatest(n_live_tup + n_dead_tup, 1))::bigint"
        " FROM pg_stat_user_tables WHERE schemaname = current_schema()"
    )
    free = connection.execute(dead).scalar() or 0
    return Sizes(tables, sum(table.bytes for table in tables), int(free), 0, oldest, True)


def _count(connection: Connection, name: str) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(metadata.tables[name])).scalar_one()


def _oldest(connection: Connection) -> datetime | None:
    """Events are numbered as they come: no index on the day is needed."""
    return connection.execute(sa.select(inbox.c.received_at).order_by(inbox.c.id).limit(1)).scalar()
