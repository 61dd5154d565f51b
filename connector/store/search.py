"""The index by which tickets are searched: keyed digests of words, written with the ticket they belong to.

Who reads the table alone learns no word from it, and cannot try a list of words either: that takes the key. The key
lies in the same database, in `meta`; so this protects a table that leaks by itself, not a stolen database.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..core.index_words import ticket_words, wanted_words
from .database import Database
from .meta import set_meta
from .schema import meta, payload, ticket, ticket_word

KEY = "search/key"
PATROL = "search/patrol"
_word = ticket_word.c


def put(database: Database, connection: Connection, tracker: str, id: str, title: str, key: str) -> None:
    """From now on the ticket is found by the words of this title and key, and by no others."""
    digests = _digests(_key(database, connection), ticket_words(title, key))
    known = sa.select(_word.word).where(_of(tracker, id))
    had = set(connection.execute(known).scalars())
    if stale := had - digests:
        connection.execute(sa.delete(ticket_word).where(_of(tracker, id), _word.word.in_(stale)))
    rows = [{"word": one, "tracker": tracker, "ticket": id} for one in sorted(digests - had)]
    if rows:
        connection.execute(database.insert(ticket_word).on_conflict_do_nothing(), rows)


def drop(connection: Connection, tracker: str, id: str) -> None:
    """The ticket is found by no word any more: for a ticket whose texts are erased."""
    connection.execute(sa.delete(ticket_word).where(_of(tracker, id)))


def wanted(connection: Connection, text: str) -> list[int]:
    """The digests of the words in `text`; none if it has no words, or if nothing was indexed yet."""
    key = connection.execute(sa.select(meta.c.value).where(meta.c.key == KEY)).scalar()
    return sorted(_digests(key, wanted_words(text))) if key else []


def rarest(connection: Connection, words: Iterable[int], most: int) -> tuple[int, int]:
    """How many tickets have the rarest of `words`, counted up to `most` + 1, and which word that is."""
    counted = []
    for word in words:
        some = sa.select(sa.literal(1)).where(_word.word == word).limit(most + 1).subquery()
        counted.append((connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one(), word))
    return min(counted)


def has(word: int, tracker: sa.ColumnElement[str], id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Tickets that have `word`. Its limit makes it a look for each ticket: a join would read all that have it."""
    other = ticket_word.alias().c
    one = sa.select(sa.literal(1)).where(other.word == word, other.tracker == tracker, other.ticket == id)
    return one.limit(1).scalar_subquery().is_not(None)


def patrol(database: Database, batch: int) -> int:
    """Look at the next `batch` tickets and index those that are not; how many were looked at, 0 at the end.

    Tickets of before the index, or stored by an older release, are found so; after the end it begins anew.
    """
    with database.write() as connection:
        at = connection.execute(sa.select(meta.c.value).where(meta.c.key == PATROL)).scalar() or "\n"
        tracker, _, id = at.partition("\n")
        rows = connection.execute(_next(tracker, id, batch)).all()
        for row in rows:
            if not row.indexed:
                put(database, connection, row.tracker, row.id, bytes(row.content or b"").decode(), row.key)
        reached = f"{rows[-1].tracker}\n{rows[-1].id}" if len(rows) == batch else "\n"
        set_meta(database, connection, PATROL, reached)
    return len(rows) if len(rows) == batch else 0


def _next(tracker: str, id: str, batch: int) -> sa.Select[tuple[str, str, str, bytes, bool]]:
    words = sa.exists().where(_word.tracker == ticket.c.tracker, _word.ticket == ticket.c.id).correlate(ticket)
    after = sa.tuple_(ticket.c.tracker, ticket.c.id) > sa.tuple_(tracker, id)
    return (
        sa.select(ticket.c.tracker, ticket.c.id, ticket.c.key, payload.c.content, words.label("indexed"))
        .outerjoin(payload, payload.c.id == ticket.c.title_id)
        .where(after)
        .order_by(ticket.c.tracker, ticket.c.id)
        .limit(batch)
    )


def _key(database: Database, connection: Connection) -> str:
    """The key, made at first use; whoever comes first."""
    known = sa.select(meta.c.value).where(meta.c.key == KEY)
    key = connection.execute(known).scalar()
    if key is not None:
        return str(key)
    made = database.insert(meta).values(key=KEY, value=secrets.token_hex(32)).on_conflict_do_nothing()
    connection.execute(made)
    return str(connection.execute(known).scalar_one())


def _digests(key: str, words: Iterable[str]) -> set[int]:
    def one(word: str) -> int:
        shown = hmac.digest(key.encode(), word.encode("utf-8", "replace"), hashlib.sha256)
        return int.from_bytes(shown[:8], "big", signed=True)

    return {one(word) for word in words}


def _of(tracker: str, id: str) -> sa.ColumnElement[bool]:
    return sa.and_(_word.tracker == tracker, _word.ticket == id)
