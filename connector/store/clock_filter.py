"""Tickets by how their SLA clocks stand at an instant, though the clocks were counted before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..core.sla import Metric
from ..core.sla_query import Function, Query, Term
from .schema import cycle

FEW = 20_000
"""Up to so many clocks are looked up and their tickets sorted; of more the working order is walked."""

_METRICS = [metric.value for metric in Metric]
_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge}
_TURNED = {"<": gt, "<=": ge, ">": lt, ">=": le}
Arm = sa.ColumnElement[bool]
"""What an index finds: an equality for each of its columns, and a range of the last."""


@dataclass(frozen=True, slots=True)
class ClockWish:
    """Which clocks are wanted at `now`; `marks` tells of each calendar how much open time it has counted by then."""

    query: Query
    now: datetime
    marks: Mapping[str, int]

    def holds_for(
        self, tracker: sa.ColumnElement[str], id: sa.ColumnElement[str]
    ) -> Iterator[sa.ColumnElement[bool]]:
        """Conditions on a ticket. Their limit makes each a look for every ticket: a join would read all clocks."""
        for metric, terms in self.query.items():
            c = cycle.alias().c
            one = sa.select(sa.literal(1)).where(
                c.tracker == tracker, c.ticket == id, *self._all_of(c, metric, terms)
            )
            yield one.limit(1).scalar_subquery().is_not(None)

    def few(self, connection: Connection, over: bool | None) -> sa.Subquery | None:
        """The tickets that have the rarest of what is asked, None where even that is frequent.

        `over` says of which side of the working order they are to be, None of both.
        """
        found = [arms for arms in self._ways(over) if arms]
        counts = [_count(connection, arms) for arms in found]
        if not counts or min(counts) > FEW:
            return None
        rarest = found[counts.index(min(counts))]
        some = (sa.select(cycle.c.tracker, cycle.c.ticket).where(arm).distinct() for arm in rarest)
        return sa.union(*some).subquery()

    def _all_of(self, c: Any, metric: str | None, terms: Iterable[Term]) -> list[sa.ColumnElement[bool]]:
        which = [c.is_last.is_(True)] if metric is None else [c.is_last.is_(True), c.metric == metric]
        return [*which, *(sa.or_(sa.false(), *self._one_of(c, term)) for term in terms)]

    def _ways(self, over: bool | None) -> Iterator[list[Arm]]:
        """For each term the stretches of indexes that hold all it can mean; () where there is none."""
        c = cycle.c
        for metric, terms in self.query.items():
            side = [over] if over is not None else [False, True]
            which = (c.is_last.is_(True), c.metric.in_([metric] if metric else _METRICS), c.is_over.in_(side))
            for term in terms:
                if term.function is not Function.COMPLETED:
                    yield [sa.and_(*which, each) for each in self._one_of(c, term)]

    def _one_of(self, c: Any, term: Term) -> list[Arm]:
        match term.function:
            case Function.BREACHED:
                return [c.breach_at <= self.now]
            case Function.EVER_BREACHED:
                return [c.breach_at <= self.now, c.breached_before.is_(True)]
            case Function.RUNNING | Function.PAUSED:
                return [c.state == term.function.value]
            case Function.COMPLETED:
                # Only one that is finished is followed by another.
                return [c.state.in_(["met", "missed"]), c.number > 1]
            case Function.REMAINING:
                return [*self._compared(c, c.due_mark, _COMPARE[term.operator], term.seconds)]
            case Function.ELAPSED:
                turned = self._compared(c, c.zero_mark, _TURNED[term.operator], -term.seconds)
                return [sa.and_(c.stopped_at.is_(None), each) for each in turned]

    def _compared(self, c: Any, column: Any, compare: Any, seconds: int) -> Iterator[Arm]:
        """A clock that runs is compared with its calendar's count, one that is paused stands where it stood."""
        for calendar, mark in self.marks.items():
            yield sa.and_(c.state == "running", c.calendar == calendar, compare(column, mark + seconds))
            yield sa.and_(c.state == "paused", c.calendar == calendar, compare(column, seconds))


def _count(connection: Connection, arms: Iterable[Arm]) -> int:
    """How many clocks there are in these stretches; of each no more are counted than are too many."""
    some = (sa.select(sa.literal(1).label("one")).select_from(cycle).where(arm).limit(FEW + 1) for arm in arms)
    counted = sa.union_all(*(sa.select(each.subquery().c.one) for each in some)).subquery()
    return connection.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one()
