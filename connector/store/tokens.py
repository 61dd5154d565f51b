"""API tokens: made, looked up by their digest, revoked. The token itself is shown once and kept nowhere."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from ..errors import StoreUnavailable
from .audit import note
from .database import Database
from .encoding import digest
from .schema import api_token

log = logging.getLogger("pointsman.store")

MARK = "pmt_"
"""Every token begins so: whoever finds one knows what it opens, and scanners for leaked secrets can be taught it."""
NOTICED = timedelta(minutes=1)
"""How exactly `used_at` is kept: one write a minute and token, however often it is used."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """What is known of a token; `scopes` in the order in which they were given."""

    id: int
    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    made_by: str
    used_at: datetime | None
    revoked_at: datetime | None


class Tokens:
    """API tokens of the installation. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, name: str, scopes: Iterable[str], by: str) -> str | None:
        """The new token, to be shown once; None if one that is not revoked has this name already."""
        token = MARK + secrets.token_urlsafe(32)
        with self._database.write() as connection:
            if connection.execute(sa.select(api_token.c.id).where(_live(name))).first() is not None:
                return None
            now = self._database.now(connection)
            given = list(scopes)
            row = {"name": name, "digest": _digest(token), "scopes": given, "made_at": now, "made_by": by}
            connection.execute(sa.insert(api_token), [row])
            note(connection, now, by, "token_made", detail={"token": name, "scopes": given})
        return token

    def find(self, token: str) -> TokenRow | None:
        """The token that was made as `token`, None for one that is unknown or revoked; its use is noted."""
        if not token.startswith(MARK):
            return None
        with self._database.read() as connection:
            known = sa.and_(api_token.c.digest == _digest(token), api_token.c.revoked_at.is_(None))
            row = connection.execute(sa.select(api_token).where(known)).first()
            now = self._database.now(connection)
        if row is None:
            return None
        if row.used_at is None or now - row.used_at >= NOTICED:
            self._note_use(row.id, now)
        return _row(row)

    def all(self) -> Sequence[TokenRow]:
        """Every token that was ever made, the newest first."""
        with self._database.read() as connection:
            return [_row(row) for row in connection.execute(sa.select(api_token).order_by(api_token.c.id.desc()))]

    def revoke(self, name: str, by: str) -> bool:
        """The token opens nothing from now on; False if there is none of this name, or not any more."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            ended = connection.execute(sa.update(api_token).where(_live(name)).values(revoked_at=now)).rowcount
            if ended:
                note(connection, now, by, "token_revoked", detail={"token": name})
        return bool(ended)

    def _note_use(self, id: int, now: datetime) -> None:
        try:
            with self._database.write() as connection:
                connection.execute(sa.update(api_token).where(api_token.c.id == id).values(used_at=now))
        except StoreUnavailable:
            # Reading may well go on while nothing can be written: the token stays as good as it is.
            log.warning("token_use_unnoted", extra={"token": id})


def _live(name: str) -> sa.ColumnElement[bool]:
    return sa.and_(api_token.c.name == name, api_token.c.revoked_at.is_(None))


def _digest(token: str) -> str:
    return digest(token.encode("utf-8", "replace"))


def _row(row: sa.Row[tuple[object, ...]]) -> TokenRow:
    return TokenRow(
        id=row.id,
        name=row.name,
        scopes=tuple(row.scopes),
        made_at=row.made_at,
        made_by=row.made_by,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
