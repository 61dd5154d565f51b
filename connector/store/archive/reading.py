"""A backup is put into a database that is empty, as a whole or not at all."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import Connection

from .. import migrations
from ..database import Database
from ..meta import RESTORED
from ..schema import meta, metadata
from .form import CONTENTS, SAFE_KEY, TYPES, Contents, Progress, Table, Trouble, plain, read
from .writing import FENCE, numbered, sequence_of

CHUNK = 1000
GAP = 1_000_000
"""So far beyond the last number that was given plans and fences go on: what was given since the backup, and stands in
trackers or in the hands of a worker, is not given again."""
JUMPING = frozenset({"plan", FENCE})
# A database in which a process was started once, and nothing happened.
_ALWAYS_THERE = frozenset({"counter", "meta", "periodic"})
_DAMAGED = "{}: not a backup of Pointsman, or cut off: take another one"


def check(file: Path, progress: Progress) -> Contents:
    """Read all of `file` and compare it with what it says of itself; raise `Trouble` at the first difference."""
    with _open(file) as archive:
        contents = _contents(file, archive)
        for name, table in contents.tables.items():
            for rows in _rows(file, archive, name, table):
                progress(len(rows))
        for name, shown in contents.keys.items():
            if hashlib.sha256(_key(file, archive, name)).hexdigest() != shown:
                raise Trouble(f"{file}: {name} is not as it was written: take another backup")
        return contents


def restore(url: str, file: Path, progress: Progress, *, replace: bool = False) -> dict[str, bytes]:
    """Put the rows of `file` into the database at `url` in one transaction; the keys that were with them.

    Raise `Trouble` if anything is in the database already and `replace` is not given, if the backup is damaged, or
    if it was made by a newer release; then nothing has changed.
    """
    contents = check(file, lambda _: None)
    database = Database(url)
    try:
        with _open(file) as archive, database.write() as connection:
            _make_room(connection, file, contents, replace=replace)
            for name, table in contents.tables.items():
                connection.execute(sa.delete(metadata.tables[name]))
                for rows in _rows(file, archive, name, table):
                    _insert(database, connection, name, table, rows)
                    progress(len(rows))
            _sign(connection, database.now(connection))
            _go_on_counting(database, connection, contents.numbers)
            migrations.migrate(connection, "head")
            keys = {name: _key(file, archive, name) for name in contents.keys}
        database.bare("ANALYZE")
    finally:
        database.close()
    return keys


def _make_room(connection: Connection, file: Path, contents: Contents, *, replace: bool) -> None:
    if not migrations.knows(contents.revision):
        raise Trouble(f"{file}: made by a newer release, of schema {contents.revision}: restore it with that one")
    present = set(sa.inspect(connection).get_table_names())
    for name, table in sorted(metadata.tables.items()):
        if replace or name not in present - _ALWAYS_THERE:
            continue
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise Trouble(
                "there is something in this database already: name an empty one in POINTSMAN_DATABASE_URL,"
                " or add --yes to lose what is there"
            )
    metadata.drop_all(connection)
    connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
    migrations.migrate(connection, contents.revision)


def _sign(connection: Connection, now: datetime) -> None:
    """Remember that there may have been a time of which this database knows nothing."""
    connection.execute(sa.delete(meta).where(meta.c.key == RESTORED))
    connection.execute(sa.insert(meta).values(key=RESTORED, value=now.isoformat()))


def _insert(database: Database, connection: Connection, name: str, table: Table, rows: list[list[Any]]) -> None:
    if database.is_sqlite:
        into = plain(name, table.columns)
        connection.execute(sa.insert(into), [dict(zip(table.columns, row, strict=True)) for row in rows])
        return
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _go_on_counting(database: Database, connection: Connection, numbers: Mapping[str, int]) -> None:
    for name in (*numbered(), FENCE):
        last = {"name": name, "n": numbers.get(name, 0) + (GAP if name in JUMPING else 0)}
        if not last["n"]:
            continue
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.setval(sequence_of(name), last["n"])))
        elif name == FENCE:
            connection.execute(sa.text("UPDATE counter SET n = :n WHERE name = :name"), last)
        else:
            connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), last)
            connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :n)"), last)


@contextmanager
def _open(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise Trouble(_DAMAGED.format(file)) from None


def _contents(file: Path, archive: zipfile.ZipFile) -> Contents:
    if CONTENTS not in archive.namelist():
        raise Trouble(_DAMAGED.format(file))
    contents = Contents.read(archive.read(CONTENTS))
    strange = [name for name in contents.keys if not SAFE_KEY.fullmatch(name)]
    strange += [name for name, table in contents.tables.items() if not _is_ours(name, table)]
    if strange:
        raise Trouble(f"{file}: it names {strange[0]!r}, which no backup of this release has")
    return contents


def _is_ours(name: str, table: Table) -> bool:
    ours = metadata.tables.get(name)
    known = ours is not None and {*table.columns} <= {*ours.columns.keys()}
    return known and {*map(str, table.columns.values())} <= TYPES.keys()


def _key(file: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(f"keys/{name}")
    except KeyError:
        raise Trouble(_DAMAGED.format(file)) from None


def _rows(file: Path, archive: zipfile.ZipFile, name: str, table: Table) -> Iterator[list[list[Any]]]:
    """The rows of one table, some at a time; raise `Trouble` at the end if they are not those that were written."""
    shown, count, some = hashlib.sha256(), 0, []
    kinds = tuple(table.columns.values())
    try:
        with archive.open(f"tables/{name}") as member:
            for line in member:
                shown.update(line)
                some.append([read(kind, value) for kind, value in zip(kinds, json.loads(line), strict=True)])
                if len(some) == CHUNK:
                    count += len(some)
                    yield some
                    some = []
    except (KeyError, ValueError, TypeError):
        raise Trouble(f"{file}: table {name} cannot be read: take another backup") from None
    count += len(some)
    if (count, shown.hexdigest()) != (table.rows, table.sha256):
        raise Trouble(f"{file}: table {name} is not as it was written: take another backup")
    if some:
        yield some
