"""The desk: tickets in working order, filtered, searched, and read page by page without counting the ones before."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import payloads, search
from .clock_filter import ClockWish
from .encoding import clean
from .rows import TicketRow
from .schema import in_order, ticket, ticket_word

WINDOW = 1000
"""Among so many tickets, the first in working order, parts of words are looked for if no ticket has the words."""
SORTED = 1000
"""Up to so many tickets with a word are read and sorted; of a more frequent word the working order is walked."""
WALKED = 10_000
"""Tickets looked at for words that are all frequent."""

Names = list[tuple[str, str]]
_t = ticket.c


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a desk shows; None is any, '' of a team, an assignee or a status is: none."""

    tracker: str | None = None
    project: str | None = None
    team: str | None = None
    status: str | None = None
    assignee: str | None = None
    priority: int | None = None
    over: bool | None = None
    applies: str | None = None
    mode: str | None = None
    clocks: ClockWish | None = None

    def conditions(self, *, indexed: bool = True) -> list[sa.ColumnElement[bool]]:
        """The most telling of the filters so that an index takes it, the others so that none does.

        Neither database keeps count of what goes with what, and would sometimes read half the table for an order.
        """
        given = [name for name in _TELLING if getattr(self, name) is not None]
        found = [_is(_t[name], getattr(self, name), indexed and name == given[0]) for name in given]
        if self.priority is not None:
            found.append(_t.priority == self.priority)
        if self.clocks is not None:
            found += [_t.gone.is_(False), *self.clocks.holds_for(_t.tracker, _t.id)]
        return found if self.over is None else [*found, _t.is_over.is_(self.over)]


_TELLING = ("assignee", "project", "team", "applies", "status", "mode", "tracker")


def _is(column: sa.Column[Any], value: str, indexed: bool) -> sa.ColumnElement[bool]:
    if not indexed:
        return sa.func.coalesce(column, "") == value
    return column.is_(None) if value == "" and column.nullable else column == value


@dataclass(frozen=True, slots=True)
class Position:
    """A place in working order: that of a ticket as it was when it was shown."""

    is_over: bool
    priority: int
    created: datetime | None
    tracker: str
    id: str

    @classmethod
    def of(cls, row: TicketRow) -> Position:
        return cls(row.gone or row.status == "done", row.priority, row.created, row.tracker, row.id)

    @classmethod
    def read(cls, text: str) -> Position | None:
        """The position that was written as `text`; None for anything else: then a desk begins at its beginning."""
        try:
            over, priority, created, tracker, id = json.loads(base64.urlsafe_b64decode(text.encode()))
            at = None if created is None else datetime.fromisoformat(created)
            # Not every day of every zone is one of UTC, which is what the database is asked for.
            zoned = at is None or (at.tzinfo is not None and at.astimezone(UTC) is not None)
        except (ValueError, TypeError, OverflowError, RecursionError):
            return None
        texts = isinstance(tracker, str) and isinstance(id, str)
        number = isinstance(priority, int) and abs(priority) < 1 << 31
        return cls(bool(over), priority, at, tracker, id) if texts and number and zoned else None

    def written(self) -> str:
        """Letters that can stand in an address; `read` knows them."""
        at = self.created.isoformat() if self.created else None
        shown = json.dumps([int(self.is_over), self.priority, at, self.tracker, self.id])
        return base64.urlsafe_b64encode(shown.encode()).decode()


def find(connection: Connection, wishes: Wishes, text: str, after: Position | None, limit: int, offset: int) -> Names:
    """Which tickets the page has, in their order."""
    if not text:
        few = wishes.clocks.few(connection, wishes.over) if wishes.clocks else None
        if few is not None:
            return _sorted(connection, wishes, few, after, limit + offset)[offset:]
        return _walk(connection, wishes, after, limit, offset)
    most = min(limit + offset, WALKED)
    words = search.wanted(connection, text)
    hits = _indexed(connection, wishes, words, after, most)
    # Whether parts of words are looked for depends on the whole desk: it is the same for all of its pages.
    if not hits and not (after and _indexed(connection, wishes, words, None, 1)):
        hits = _in_window(connection, wishes, _plain(text).split(), after, most)
    return hits[offset:]


def _walk(connection: Connection, wishes: Wishes, after: Position | None, limit: int, offset: int) -> Names:
    found: Names = []
    for segment in _segments(connection, _t, wishes, after):
        rows = sa.select(_t.tracker, _t.id).where(*wishes.conditions(), *segment).order_by(*in_order(_t))
        found += _names(connection, rows.limit(offset + limit - len(found)))
        if len(found) >= offset + limit:
            break
    return found[offset:]


def _indexed(connection: Connection, wishes: Wishes, words: list[int], after: Position | None, most: int) -> Names:
    """Tickets that have every one of `words`: by the rarest, or in working order if all are frequent."""
    if not words:
        return []
    count, rarest = search.rarest(connection, words, SORTED)
    if count > SORTED:
        return _walk_words(connection, wishes, words, after, most)
    some = sa.select(ticket_word.c.tracker, ticket_word.c.ticket).where(ticket_word.c.word == rarest)
    few = some.limit(SORTED).subquery()
    others = [search.has(word, few.c.tracker, few.c.ticket) for word in words if word != rarest]
    return _sorted(connection, wishes, few, after, most, *others)


def _sorted(
    connection: Connection,
    wishes: Wishes,
    few: sa.Subquery,
    after: Position | None,
    most: int,
    *others: sa.ColumnElement[bool],
) -> Names:
    """Those of `few` tickets that are wanted, in working order."""
    rows = sa.select(_t.tracker, _t.id).join(few, sa.and_(_t.tracker == few.c.tracker, _t.id == few.c.ticket))
    rows = rows.where(*wishes.conditions(indexed=False), *others, _behind(connection, _t, wishes, after))
    return _names(connection, rows.order_by(*in_order(_t)).limit(most))


def _walk_words(connection: Connection, wishes: Wishes, words: list[int], after: Position | None, most: int) -> Names:
    found: Names = []
    for segment in _segments(connection, _t, wishes, after):
        first = _in_working_order(wishes, segment, WALKED)
        has = (search.has(word, first.c.tracker, first.c.id) for word in words)
        # No order of its own: SQLite would sort all that is walked. Both give the rows as the inner query has them.
        found += _names(connection, sa.select(first.c.tracker, first.c.id).where(*has).limit(most - len(found)))
        if len(found) >= most:
            break
    return found


def _in_window(connection: Connection, wishes: Wishes, pieces: list[str], after: Position | None, most: int) -> Names:
    """Tickets among the first in working order whose key and title hold every one of `pieces`, as parts of words."""
    found: Names = []
    left = WINDOW
    for segment in _segments(connection, _t, wishes, None):
        first = _in_working_order(wishes, segment, left)
        rows = connection.execute(sa.select(first).where(_behind(connection, first.c, wishes, after))).all()
        titles = payloads.contents(connection, (row.title_id for row in rows))
        for row in rows:
            text = _plain(f"{row.key}\n{titles.get(row.title_id, b'').decode()}")
            if all(piece in text for piece in pieces):
                found.append((row.tracker, row.id))
    return found[:most]


def _in_working_order(wishes: Wishes, segment: list[Any], limit: int) -> sa.Subquery:
    columns = (_t.tracker, _t.id, _t.key, _t.title_id, _t.is_over, _t.priority, _t.created)
    return sa.select(*columns).where(*wishes.conditions(), *segment).order_by(*in_order(_t)).limit(limit).subquery()


def _names(connection: Connection, rows: sa.Select[tuple[str, str]]) -> Names:
    return [(row.tracker, row.id) for row in connection.execute(rows)]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", clean(text)).casefold()


def _behind(connection: Connection, c: Any, wishes: Wishes, after: Position | None) -> sa.ColumnElement[bool]:
    # Behind the last open ticket a desk of open ones has nothing: no segment means no ticket, and not every one.
    return sa.or_(sa.false(), *(sa.and_(*segment) for segment in _segments(connection, c, wishes, after)))


def _segments(connection: Connection, c: Any, wishes: Wishes, after: Position | None) -> Iterator[list[Any]]:
    """Pieces of the working order behind `after`, one behind the other; each is one stretch of an index."""
    sides = [False, True] if wishes.over is None else [wishes.over]
    if after is None:
        yield from ([c.is_over.is_(side)] for side in sides)
        return
    if after.is_over in sides:
        same = [c.is_over.is_(after.is_over), c.priority == after.priority]
        then = [*same, c.created.is_(None) if after.created is None else c.created == after.created]
        yield [*then, c.tracker == after.tracker, c.id > after.id]
        yield [*then, c.tracker > after.tracker]
        for later in _later(connection, c, after.created):
            yield [*same, later]
        if wishes.priority is None:
            yield [c.is_over.is_(after.is_over), c.priority < after.priority]
        elif wishes.priority < after.priority:
            yield [c.is_over.is_(after.is_over)]
    if not after.is_over and True in sides:
        yield [c.is_over.is_(True)]


def _later(connection: Connection, c: Any, created: datetime | None) -> list[sa.ColumnElement[bool]]:
    """SQLite puts tickets without a day first, PostgreSQL last."""
    if connection.dialect.name == "sqlite":
        return [c.created.is_not(None)] if created is None else [c.created > created]
    return [] if created is None else [c.created > created, c.created.is_(None)]
