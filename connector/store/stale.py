"""Open cycles that were computed by rules that are in force no more: found due soonest first, and stored anew.

The digest in each row is all that is kept of how far this has come: whoever goes on finds what is left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..core.clock_facts import Fact as FactRow
from . import facts
from .cycle_row import CycleRow, row_of
from .schema import cycle

_c = cycle.c
_open = _c.stopped_at.is_(None)
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stale:
    """A ticket with open cycles to be counted anew: all its cycles, and all that its clocks go by."""

    tracker: str
    ticket: str
    rows: tuple[CycleRow, ...]
    facts: tuple[FactRow, ...]

    @property
    def name(self) -> Name:
        return self.tracker, self.ticket


def find(connection: Connection, in_force: Mapping[str, str], limit: int) -> list[Stale]:
    """Up to `limit` tickets whose open cycles go by other rules than `in_force`, due soonest first."""
    found: dict[Name, tuple[bool, Any]] = {}
    for applies, digest in in_force.items():
        for old in _other_digests(connection, applies, digest):
            for due, name in _due_first(connection, applies, old, limit):
                place = due is None, due or 0
                found[name] = min(found.get(name, place), place)
    names = sorted(found, key=lambda name: (*found[name], name))[:limit]
    rows, past = read_all(connection, names), facts.of_many(connection, names)
    return [Stale(*name, rows[name], past[name]) for name in names]


def read_all(
    connection: Connection, names: Iterable[Name], *, lock: bool = False
) -> dict[Name, tuple[CycleRow, ...]]:
    """All cycles of each of these tickets; with `lock` nobody else writes them until the transaction ends."""
    found: dict[Name, list[CycleRow]] = {name: [] for name in names}
    by_tracker = defaultdict(list)
    for tracker, ticket in found:
        by_tracker[tracker].append(ticket)
    for tracker, tickets in sorted(by_tracker.items()):
        rows = sa.select(cycle).where(_c.tracker == tracker, _c.ticket.in_(tickets))
        rows = rows.order_by(_c.ticket, _c.metric, _c.number)
        for row in connection.execute(rows.with_for_update() if lock else rows).mappings():
            found[tracker, row["ticket"]].append(row_of(row))
    return {name: tuple(rows) for name, rows in found.items()}


def left(connection: Connection, in_force: Mapping[str, str], most: int) -> int:
    """How many open cycles are to be counted anew, counted up to `most`."""
    total = 0
    for applies, digest in in_force.items():
        others = sa.or_(_c.rules < digest, _c.rules > digest)
        some = sa.select(sa.literal(1)).where(_c.applies == applies, _open, others).limit(most - total).subquery()
        total += connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
    return total


def _other_digests(connection: Connection, applies: str, digest: str) -> list[str]:
    """One below and one above, if there are such: each is a look into the index."""
    mine = sa.select(_c.rules).where(_c.applies == applies, _open)
    below = mine.where(_c.rules < digest).order_by(_c.rules.desc()).limit(1)
    above = mine.where(_c.rules > digest).order_by(_c.rules).limit(1)
    return [found for one in (below, above) for found in connection.execute(one).scalars()]


def _due_first(
    connection: Connection, applies: str, digest: str, limit: int
) -> Iterator[tuple[datetime | None, Name]]:
    mine = sa.select(_c.due_at, _c.tracker, _c.ticket).where(_c.applies == applies, _c.rules == digest, _open)
    due = mine.where(_c.due_at.is_not(None)).order_by(_c.due_at).limit(limit)
    rows = [*connection.execute(due)]
    if len(rows) < limit:
        rows += connection.execute(mine.where(_c.due_at.is_(None)).limit(limit - len(rows)))
    return ((row.due_at, (row.tracker, row.ticket)) for row in rows)
