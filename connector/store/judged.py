"""Judged cycles for reports: those that count in a span, read one by one, and the tickets they are of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..core.instants import moment_of, whole_second
from ..core.sla import Metric
from ..core.sla_counting import Judged, Span
from .cycle_row import CycleRow
from .database import Database
from .schema import cycle

AT_ONCE = 5_000
_INSTANTS = {"started_at": "started_at", "stopped_at": "stopped_at", "late_at": "breach_at"}
_c = cycle.c
_Conditions = list[sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Only:
    """Which cycles a report is about; None is any."""

    metric: str | None = None
    tracker: str | None = None
    project: str | None = None

    def conditions(self) -> _Conditions:
        wanted = ((_c.metric, self.metric), (_c.tracker, self.tracker), (_c.project, self.project))
        return [column == value for column, value in wanted if value is not None]


def as_judged(row: CycleRow) -> Judged:
    """`row` as a report takes it."""
    told: dict[str, Any] = {name: getattr(row, name) for name in Judged._fields if name not in _INSTANTS}
    told |= {name: _seconds(getattr(row, of)) for name, of in _INSTANTS.items()}
    return Judged(**told)


class JudgedCycles:
    """Reads what a report counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counted(self, span: Span, only: Only) -> Iterator[Judged]:
        """The cycles that count in `span`, in no order; only some are in memory at a time."""
        wanted = [self._column(name) for name in Judged._fields]
        rows = (sa.select(*wanted).where(*which, *only.conditions()) for which in _counting(span))
        with self._database.read() as connection:
            for row in connection.execution_options(yield_per=AT_ONCE).execute(sa.union_all(*rows)):
                yield Judged._make(row)

    def count_tickets(self, span: Span, only: Only) -> int:
        """How many tickets have a cycle that counts in `span`."""
        some = _tickets(only, _counting(span)).subquery()
        with self._database.read() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()

    def tickets(self, span: Span, only: Only, after: tuple[str, str], limit: int) -> list[tuple[str, str]]:
        """Tickets with a cycle that counts in `span`, by tracker and id: the `limit` behind `after`."""
        behind = sa.tuple_(_c.tracker, _c.ticket) > sa.tuple_(*map(sa.literal, after))
        rows = _tickets(only, _counting(span, walked=True)).where(behind).order_by(_c.tracker, _c.ticket)
        with self._database.read() as connection:
            return [(row.tracker, row.ticket) for row in connection.execute(rows.limit(limit))]

    def _column(self, name: str) -> sa.ColumnElement[Any]:
        """A column of `Judged`; instants are made seconds by the database, which is much faster at it."""
        if name not in _INSTANTS:
            return _c[name]
        at = _c[_INSTANTS[name]]
        seconds = sa.func.strftime("%s", at) if self._database.is_sqlite else sa.func.floor(sa.extract("epoch", at))
        return sa.cast(seconds, sa.BigInteger).label(name)


def _counting(span: Span, *, walked: bool = False) -> tuple[_Conditions, _Conditions]:
    """What `verdict` counts: what stopped in `span`; and what was open at its end, and late in it.

    `walked` keeps both off their indexes, for whoever goes through the tickets in their order.
    """
    since, until = moment_of(span.since), moment_of(span.until)
    ended, late = (sa.func.coalesce(each, each) if walked else each for each in (_c.stopped_at, _c.breach_at))
    # Every value of the columns in front of `breach_at` is named, so that its index serves.
    anything = [_c.is_last.in_([True, False]), _c.metric.in_([*Metric]), _c.is_over.in_([True, False])]
    open_ = [sa.or_(ended.is_(None), ended >= until), _c.state != "cancelled"]
    return [ended >= since, ended < until], [*anything, late >= since, late < until, *open_]


def _tickets(only: Only, counting: tuple[_Conditions, _Conditions]) -> sa.Select[tuple[str, str]]:
    either = sa.or_(*(sa.and_(*which) for which in counting))
    return sa.select(_c.tracker, _c.ticket).where(either, *only.conditions()).distinct()


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else whole_second(at)
