"""Migrations: run at start, one process at a time, and only ever adding.

A revision is called `r<release>_<nn>`. A program works with the schema of its own release and of the next one, so
that a release can be taken back: migrations add tables, indexes and columns with defaults, and never drop or rename.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from ...errors import SettingsError
from ..database import Database

log = logging.getLogger("pointsman.store")

ADVISORY_LOCK = 0x706F696E74736D
_REVISION = re.compile(r"r(\d+)_\d+")


def newest() -> str:
    """The revision this program brings along."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def revision(connection: Connection) -> str | None:
    """The revision the database is at; None before the first migration."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database) -> None:
    """Bring the schema to `newest()`; leave one that is a release ahead as it is.

    Raise `SettingsError` if it is further ahead, `StoreUnavailable` if the database cannot be written.
    """
    with database.read() as connection:
        if _settled(revision(connection)):
            return
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))
        if _settled(revision(connection)):
            return
        migrate(connection, "head")
    log.info("schema_upgraded", extra={"revision": newest()})


def migrate(connection: Connection, to: str) -> None:
    """Bring the schema on this connection to the revision `to`, within its transaction."""
    command.upgrade(_config(connection), to)


def knows(revision: str) -> bool:
    """Is it one of the revisions that this program can make?"""
    return any(script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _settled(current: str | None) -> bool:
    ours = newest()
    if current == ours:
        return True
    if current is None or knows(current):
        return False
    ahead = _release(current) - _release(ours)
    if ahead > 1:
        raise SettingsError(
            f"the database is at schema {current}, this program knows {ours}: install the newer release"
        )
    log.warning("schema_ahead", extra={"revision": current, "known": ours})
    return True


def _release(name: str) -> int:
    match = _REVISION.fullmatch(name)
    if match is None:
        raise SettingsError(f"the database is at schema {name!r}, which is none of this program")
    return int(match[1])


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
