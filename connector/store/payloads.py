"""Customers' words: the one table to encrypt, expire and erase. A row that is erased keeps its digest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .database import Database
from .encoding import decode, digest, encode
from .schema import payload


class Payloads:
    """Reads what is stored under an id; writing is part of the transaction that refers to it (`Work`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, id: int) -> bytes:
        """The content, b"" once it is erased; raise `KeyError` for an id that was never given or is pruned."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(payload.c.content).where(payload.c.id == id)).first()
        if row is None:
            raise KeyError(id)
        return row.content or b""

    def get_json(self, id: int) -> Any:
        """The content as a frozen JSON value, None once it is erased; raise `KeyError` as `get` does."""
        return decode(self.get(id))


def put(database: Database, connection: Connection, kind: str, content: bytes, now: datetime) -> tuple[int, str]:
    """The id and digest of `content`; equal contents of one kind share a row, which is never changed."""
    shown = digest(content)
    # `shared` as the partial index writes it: for `shared = 1` SQLite would not use that index.
    same = sa.select(payload.c.id).where(payload.c.kind == kind, payload.c.digest == shown, sa.text("shared"))
    found = connection.execute(same).scalar()
    if found is not None:
        return found, shown
    row = {"kind": kind, "digest": shown, "shared": True, "content": content, "at": now}
    insert = database.insert(payload).values(row).on_conflict_do_nothing().returning(payload.c.id)
    made = connection.execute(insert).scalar()
    return made if made is not None else connection.execute(same).scalar_one(), shown


def put_json(database: Database, connection: Connection, kind: str, value: Any, now: datetime) -> tuple[int, str]:
    return put(database, connection, kind, encode(value), now)


def own_json(connection: Connection, kind: str, value: Any, now: datetime) -> tuple[int, str]:
    """The id and digest of a row of its own, that can be removed with what refers to it."""
    content = encode(value)
    return keep(connection, None, kind, content, now), digest(content)


def keep(connection: Connection, id: int | None, kind: str, content: bytes, now: datetime) -> int:
    """A row of its own for something that changes: made if `id` is None, else overwritten; its id."""
    row = {"kind": kind, "digest": digest(content), "shared": False, "content": content, "at": now}
    if id is None:
        return int(connection.execute(sa.insert(payload).values(row).returning(payload.c.id)).scalar_one())
    connection.execute(sa.update(payload).where(payload.c.id == id, sa.not_(payload.c.shared)).values(row))
    return id


def contents(connection: Connection, ids: Iterable[int]) -> dict[int, bytes]:
    """The contents of all `ids` that exist, in one query."""
    rows = connection.execute(sa.select(payload.c.id, payload.c.content).where(payload.c.id.in_(set(ids))))
    return {row.id: row.content or b"" for row in rows}


def drop(connection: Connection, ids: Iterable[int]) -> None:
    """Delete rows that nothing else refers to; shared ones stay."""
    connection.execute(sa.delete(payload).where(payload.c.id.in_(set(ids)), sa.not_(payload.c.shared)))
