"""Small facts about the installation itself, and who runs a periodic job this time."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from .database import Database
from .schema import meta, periodic


class Meta:
    """Named texts: watermarks, a tracker's flavor and the like."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> str | None:
        with self._database.read() as connection:
            return connection.execute(sa.select(meta.c.value).where(meta.c.key == key)).scalar()

    def set(self, key: str, value: str) -> None:
        statement = self._database.insert(meta).values(key=key, value=value)
        new = {"value": statement.excluded.value}
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=[meta.c.key], set_=new))

    def set_default(self, key: str, value: str) -> str:
        """What is stored under `key`; `value` if nothing was until now, whoever comes first."""
        known = self.get(key)
        if known is not None:
            return known
        with self._database.write() as connection:
            connection.execute(self._database.insert(meta).values(key=key, value=value).on_conflict_do_nothing())
            return str(connection.execute(sa.select(meta.c.value).where(meta.c.key == key)).scalar_one())


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
