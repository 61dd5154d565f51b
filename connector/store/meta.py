"""Small facts about the installation itself, and who runs a periodic job this time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .database import Database
from .schema import meta, periodic

RESTORED = "restored/at"
"""When a backup was put back last."""


def set_meta(database: Database, connection: Connection, key: str, value: str) -> None:
    """Store `value` under `key`, whatever stood there."""
    statement = database.insert(meta).values(key=key, value=value)
    new = {"value": statement.excluded.value}
    connection.execute(statement.on_conflict_do_update(index_elements=[meta.c.key], set_=new))


def reserve(database: Database, connection: Connection, key: str, length: timedelta, now: datetime) -> datetime:
    """The beginning of a span of `length` from `now` on that overlaps none that was given under `key` before."""
    known = connection.execute(sa.select(meta.c.value).where(meta.c.key == key).with_for_update()).scalar()
    begins = max(now, datetime.fromisoformat(known)) if known else now
    set_meta(database, connection, key, (begins + length).isoformat())
    return begins


class Meta:
    """Named texts: watermarks, a tracker's flavor and the like."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> str | None:
        with self._database.read() as connection:
            return connection.execute(sa.select(meta.c.value).where(meta.c.key == key)).scalar()

    def among(self, keys: Iterable[str], since: str) -> set[str]:
        """Those of `keys` whose value is at least `since`; for values as `newest` reads them."""
        with self._database.read() as connection:
            found = sa.select(meta.c.key).where(meta.c.key.in_(list(keys)), meta.c.value >= since)
            return set(connection.execute(found).scalars())

    def set(self, key: str, value: str) -> None:
        with self._database.write() as connection:
            set_meta(self._database, connection, key, value)

    def set_default(self, key: str, value: str) -> str:
        """What is stored under `key`; `value` if nothing was until now, whoever comes first."""
        known = self.get(key)
        if known is not None:
            return known
        with self._database.write() as connection:
            connection.execute(self._database.insert(meta).values(key=key, value=value).on_conflict_do_nothing())
            return str(connection.execute(sa.select(meta.c.value).where(meta.c.key == key)).scalar_one())

    def newest(self, prefix: str, since: str, limit: int) -> tuple[str, ...]:
        """Up to `limit` values of keys that begin with `prefix`, from the greatest on down to `since`.

        For values that begin with a time in UTC, always written at the same length.
        """
        with self._database.read() as connection:
            found = sa.select(meta.c.value).where(_under(prefix), meta.c.value >= since)
            return tuple(connection.execute(found.order_by(meta.c.value.desc()).limit(limit)).scalars())

    def count(self, prefix: str, since: str) -> int:
        """How many `newest` would give without a limit."""
        with self._database.read() as connection:
            rows = sa.select(sa.func.count()).select_from(meta).where(_under(prefix), meta.c.value >= since)
            return int(connection.execute(rows).scalar_one())

    def drop(self, prefix: str, before: str) -> int:
        """Delete the values less than `before` of keys that begin with `prefix`; how many."""
        with self._database.write() as connection:
            return connection.execute(sa.delete(meta).where(_under(prefix), meta.c.value < before)).rowcount


def _under(prefix: str) -> sa.ColumnElement[bool]:
    return meta.c.key.startswith(prefix, autoescape=True)


class Periodic:
    """Jobs that one process of many runs, once a period."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, name: str, every: timedelta) -> bool:
        """True for exactly one caller per period of length `every`; the first period begins with the first call."""
        mine = periodic.c.name == name
        with self._database.read() as connection:
            now = self._database.now(connection)
            next_at = connection.execute(sa.select(periodic.c.next_at).where(mine)).scalar()
            if next_at is not None and next_at > now:
                return False
        with self._database.write() as connection:
            now = self._database.now(connection)
            if next_at is None:
                first = self._database.insert(periodic).values(name=name, next_at=now + every)
                made = first.on_conflict_do_nothing().returning(periodic.c.name)
                return connection.execute(made).first() is not None
            step = sa.update(periodic).where(mine, periodic.c.next_at <= now).values(next_at=now + every)
            return bool(connection.execute(step).rowcount)

    def hold(self, name: str, every: timedelta) -> None:
        """Whoever claimed the job is still at it: the next period begins in `every` from now."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            connection.execute(sa.update(periodic).where(periodic.c.name == name).values(next_at=now + every))
