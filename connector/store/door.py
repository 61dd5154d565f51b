"""What all processes must know of the door: who guessed wrong how often, and what is over and opens nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from .database import Database
from .encoding import digest
from .meta import set_meta
from .schema import meta

TRIES = 5
WINDOW = timedelta(minutes=1)
_WRONG, _OVER = "door/wrong/", "door/over/"


def seconds_to_wait(wrong: Sequence[datetime], now: datetime) -> int:
    """Seconds until somebody who guessed wrong at the instants `wrong` (in order) may guess again; 0 = now."""
    recent = [at for at in wrong if now - at < WINDOW]
    if len(recent) < TRIES:
        return 0
    return max(1, int((recent[-TRIES] + WINDOW - now).total_seconds()) + 1)


class Door:
    """Wrong guesses, and sessions that were ended; no address and no session can be read from what is stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wait(self, client: str, now: datetime) -> int:
        """Seconds until `client` may guess again; 0 = now."""
        with self._database.read() as connection:
            found = sa.select(meta.c.value).where(meta.c.key == _key(_WRONG, client))
            return seconds_to_wait(_instants(connection.execute(found).scalar()), now)

    def wrong(self, client: str, now: datetime) -> None:
        """Note a wrong guess of `client`; of guesses at the same instant in two processes one may be lost."""
        key = _key(_WRONG, client)
        with self._database.write() as connection:
            known = connection.execute(sa.select(meta.c.value).where(meta.c.key == key).with_for_update()).scalar()
            recent = [at for at in _instants(known) if now - at < WINDOW]
            # The newest first: so the value as a whole tells when it can be forgotten.
            value = " ".join(_text(at) for at in reversed([*recent, now][-TRIES:]))
            set_meta(self._database, connection, key, value)

    def end(self, id: str, until: datetime) -> bool:
        """`id` is over; False if it was over before. Of several callers exactly one gets True.

        It is remembered up to `until`, when it would be over by itself.
        """
        row = self._database.insert(meta).values(key=_key(_OVER, id), value=_text(until))
        with self._database.write() as connection:
            return connection.execute(row.on_conflict_do_nothing().returning(meta.c.key)).first() is not None

    def is_over(self, id: str) -> bool:
        with self._database.read() as connection:
            return connection.execute(sa.select(meta.c.key).where(meta.c.key == _key(_OVER, id))).first() is not None

    def forget(self, now: datetime) -> None:
        """Delete guesses that count no more, and ends of what would long be over by itself."""
        with self._database.write() as connection:
            for prefix, before in ((_WRONG, now - WINDOW), (_OVER, now)):
                old = sa.and_(meta.c.key.startswith(prefix, autoescape=True), meta.c.value < _text(before))
                connection.execute(sa.delete(meta).where(old))


def _key(prefix: str, name: str) -> str:
    return prefix + digest(name.encode("utf-8", "replace"))


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _instants(value: str | None) -> list[datetime]:
    return [datetime.fromisoformat(text) for text in reversed((value or "").split())]
