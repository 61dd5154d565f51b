"""A backup is made of one state of the database, while everything goes on."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import migrations
from ..database import Database
from ..schema import counter, fences, metadata
from .form import CONTENTS, Contents, Progress, Table, Trouble, kind_of, plain, written

FENCE = "fence"
CHUNK = 500
"""Rows read at a time."""


def backup(url: str, file: Path, keys: Mapping[str, bytes], now: datetime, progress: Progress) -> Contents:
    """Write all rows of the database at `url`, and `keys`, to `file`, for its owner only; what is in it.

    Raise `Trouble` if `file` exists, or if the schema is not that of this program; then nothing is written.
    """
    if file.exists():
        raise Trouble(f"{file} exists: name a file that does not")
    part = file.with_name(f"{file.name}.part")
    database = Database(url)
    try:
        with _one_state(database) as connection, _private(part) as archive:
            _check_schema(connection)
            contents = _write(database, connection, archive, keys, now, progress)
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
        database.close()
    return contents


@contextmanager
def _one_state(database: Database) -> Iterator[Connection]:
    """A transaction in which every statement sees the same rows, whatever is written meanwhile."""
    if database.is_sqlite:
        with database.read() as connection:
            yield connection
        return
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with database.engine.connect().execution_options(**options) as connection, connection.begin():
        # Between two reads a slow disk may be written to.
        connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = '10min'"))
        yield connection


@contextmanager
def _private(part: Path) -> Iterator[zipfile.ZipFile]:
    handle = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600)
    with os.fdopen(handle, "w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            yield archive
        file.flush()
        os.fsync(file.fileno())


def _check_schema(connection: Connection) -> None:
    revision, ours = migrations.revision(connection), migrations.newest()
    if revision is None:
        raise Trouble("the database is empty: there is nothing to back up")
    if revision != ours:
        raise Trouble(
            f"the database is at schema {revision}, this program knows {ours}: `pointsman db upgrade`, or use the"
            " release that made it"
        )


def _write(
    database: Database,
    connection: Connection,
    archive: zipfile.ZipFile,
    keys: Mapping[str, bytes],
    now: datetime,
    progress: Progress,
) -> Contents:
    tables = {}
    for name, table in sorted(metadata.tables.items()):
        tables[name] = _table(connection, archive, table, progress)
    digests = {}
    for name, content in sorted(keys.items()):
        archive.writestr(f"keys/{name}", content)
        digests[name] = hashlib.sha256(content).hexdigest()
    # Read last: what was given since the rows were read must not be given again.
    numbers = _numbers(database, connection)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    contents = Contents(now, migrations.newest(), kind, tables, numbers, digests)
    archive.writestr(CONTENTS, contents.written())
    return contents


def _table(connection: Connection, archive: zipfile.ZipFile, table: sa.Table, progress: Progress) -> Table:
    kinds = {column.name: kind_of(column) for column in table.columns}
    rows, shown = 0, hashlib.sha256()
    found = connection.execution_options(yield_per=CHUNK).execute(sa.select(plain(table.name, kinds)))
    with archive.open(f"tables/{table.name}", "w", force_zip64=True) as member:
        for some in found.partitions():
            text = "".join(_line(kinds, row) for row in some).encode()
            member.write(text)
            shown.update(text)
            rows += len(some)
            progress(len(some))
    return Table(kinds, rows, shown.hexdigest())


def _line(kinds: Mapping[str, str], row: sa.Row[Any]) -> str:
    values = [written(kind, value) for kind, value in zip(kinds.values(), row, strict=True)]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"


def _numbers(database: Database, connection: Connection) -> dict[str, int]:
    if database.is_sqlite:
        rows = connection.execute(sa.text("SELECT name, seq FROM sqlite_sequence"))
        fence = connection.execute(sa.select(counter.c.n).where(counter.c.name == FENCE)).scalar_one()
        return {**{row.name: row.seq for row in rows if row.name in metadata.tables}, FENCE: fence}
    of = {sequence_of(name): name for name in (*numbered(), FENCE)}
    given = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
    rows = connection.execute(sa.text(given))
    return {of[row.sequencename]: row.last_value for row in rows if row.sequencename in of and row.last_value}


def sequence_of(name: str) -> str:
    """Where PostgreSQL numbers the rows of a table, or fences."""
    return fences.name if name == FENCE else f"{name}_id_seq"


def numbered() -> list[str]:
    """The tables whose rows are numbered by the database."""
    return sorted(
        name
        for name, table in metadata.tables.items()
        if table.autoincrement_column is not None and "id" in table.columns
    )
