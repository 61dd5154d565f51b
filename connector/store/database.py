"""One database, SQLite or PostgreSQL: connections, transactions, its clock, and what is in it."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Engine, make_url

from ..errors import SettingsError, StoreUnavailable
from .schema import metadata

log = logging.getLogger("pointsman.store")

BUSY_SECONDS = 5.0
# A process that is stopped in the middle of a transaction must not hold up the intake of all others for ever.
POSTGRES_SESSION = (
    "SET TIME ZONE 'UTC'",
    "SET lock_timeout = '5s'",
    "SET idle_in_transaction_session_timeout = '15s'",
)
DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
SECRET_PARAMETERS = frozenset({"password", "sslpassword"})


def masked(url: str) -> str:
    """`url` with every password hidden."""
    parsed = make_url(url)
    hidden = {name: "masked" for name in parsed.query if name in SECRET_PARAMETERS}
    return parsed.update_query_dict(hidden).render_as_string(hide_password=True)


class Database:
    """Transactions on one database; `write` is the only way to change it. Thread-safe; make it after a fork."""

    def __init__(self, url: str, clock: Callable[[], datetime] | None = None) -> None:
        self.url = _checked(url)
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url)
        self._clock = clock
        # SQLite has one writer at a time and lets the others poll: inside a process a lock hands over at once.
        self._gate = threading.Lock() if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def now(self, connection: Connection) -> datetime:
        """The instant by which leases are measured: the server's on PostgreSQL, this host's on SQLite."""
        if self._clock is not None:
            return self._clock()
        if self.is_sqlite:
            return datetime.now(UTC)
        return connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)  # type: ignore[no-any-return]

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state and changes nothing; raise `StoreUnavailable` if none is to be had."""
        with _speaking(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A short writing transaction, committed at the end; raise `StoreUnavailable` if it could not be.

        Never open one inside another, and never talk to the network in it.
        """
        with _speaking(), self._turn(), self._connect() as connection, connection.begin():
            yield connection

    def bare(self, *statements: str) -> None:
        """Execute what no transaction can hold, such as VACUUM; raise `StoreUnavailable` if the database is busy."""
        with _speaking(), self._turn():
            connection = self.engine.raw_connection()
            try:
                driver: Any = connection.driver_connection
                if not self.is_sqlite:
                    driver.autocommit = True
                for statement in statements:
                    driver.execute(statement).close()
            except (sqlite3.OperationalError, psycopg.OperationalError) as error:
                raise StoreUnavailable(str(error).partition("\n")[0]) from error
            finally:
                # It is not as the others are any more.
                connection.invalidate()

    def _connect(self) -> Connection:
        return self.engine.connect().execution_options(writes=True)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._gate is None:
            yield
            return
        if not self._gate.acquire(timeout=2 * BUSY_SECONDS):
            raise StoreUnavailable("the database is busy: another thread's transaction does not end")
        try:
            yield
        finally:
            self._gate.release()

    def insert(self, table: sa.Table) -> Any:
        """An INSERT that knows ON CONFLICT in this database's dialect."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def close(self) -> None:
        self.engine.dispose()


def is_collision(error: BaseException | None) -> bool:
    """Was it a deadlock or a failed serialisation, which the same statements survive when tried again?"""
    cause = error.__cause__ if isinstance(error, StoreUnavailable) else error
    return getattr(getattr(cause, "orig", None), "sqlstate", None) in ("40P01", "40001")


@contextmanager
def _speaking() -> Iterator[None]:
    """Turn what means "not now" into `StoreUnavailable`, without statement or values."""
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError) as error:
        raise StoreUnavailable(str(error.orig).partition("\n")[0]) from error
    except exc.TimeoutError as error:
        raise StoreUnavailable("no free database connection") from error
    except exc.DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable("the database closed the connection") from error
        if getattr(error.orig, "sqlite_errorcode", None) in DAMAGED:
            raise StoreUnavailable(f"{error.orig}: restore a backup, or name another file") from error
        raise


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise SettingsError(
            "DATABASE_URL is no URL: write sqlite:///var/pointsman.db or postgresql+psycopg://…"
        ) from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if parsed.database in (None, "", ":memory:"):
            raise SettingsError("DATABASE_URL names no file: write sqlite:///var/pointsman.db")
        return parsed
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "postgresql+psycopg":
        raise SettingsError(f"DATABASE_URL: `{parsed.drivername}` is not supported: use sqlite or postgresql+psycopg")
    return parsed


def _sqlite_engine(url: URL) -> Engine:
    path = Path(url.database or "")
    arguments: dict[str, Any] = {} if "timeout" in url.query else {"timeout": BUSY_SECONDS}
    engine = sa.create_engine(
        url, hide_parameters=True, pool_size=16, max_overflow=48, pool_timeout=10, connect_args=arguments
    )

    @event.listens_for(engine, "do_connect")
    def private_file(*_: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))

    @event.listens_for(engine, "connect")
    def durable(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that begins to write ignores the busy timeout; one that only reads should not wait.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: URL) -> Engine:
    arguments: dict[str, Any] = {} if "connect_timeout" in url.query else {"connect_timeout": 5}
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        pool_size=10,
        max_overflow=30,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args=arguments,
    )

    @event.listens_for(engine, "connect")
    def session(connection: Any, _record: Any) -> None:
        for statement in POSTGRES_SESSION:
            connection.execute(statement)
        connection.commit()

    return engine


def counts(connection: Connection) -> tuple[tuple[str, int], ...]:
    """The number of rows in every table that exists."""
    present = set(sa.inspect(connection).get_table_names())
    return tuple(
        (name, connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        for name, table in sorted(metadata.tables.items())
        if name in present
    )
