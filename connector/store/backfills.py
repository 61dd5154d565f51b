"""Backfills: which old tickets a run has listed, which of them are worked, and what became of each.

A ticket's way: `listed` → `queued` (its event lies in the inbox) → `decided`, or `gone`, `skipped` (no rule file),
`failed` (parked), `discarded`, `stopped`. A page of the list and the cursor behind it commit together, and so do a
ticket's state and its event: whatever is killed when, no ticket is left out and none is worked twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .audit import note
from .backfill_outcomes import Outcome, outcomes
from .database import Database
from .rows import Incoming
from .schema import backfill, backfill_ticket, effect, in_state, inbox, lane
from .work import Work

UNFINISHED = ("listing", "asking", "working")
_listed = backfill_ticket.c.state == "listed"
_queued = backfill_ticket.c.state == "queued"


@dataclass(frozen=True, slots=True)
class BackfillRow:
    """One run. `state` is `listing`, `asking`, `working`, `done`, `declined` or `stopped`.

    `options` say which tickets are meant, `cursor` how far the list was read; `listed` counts its tickets.
    """

    id: int
    tracker: str
    options: Mapping[str, Any]
    mode: str
    state: str
    cursor: str
    listed: int
    by: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flight:
    """How many events of a run are on their way, how many of them failed before, and when the next is tried again.

    `first` is the number of the oldest that was not tried yet.
    """

    queued: int = 0
    failing: int = 0
    next_try: datetime | None = None
    first: int | None = None


class Backfills:
    """Runs and their tickets; each method is one short transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, tracker: str, options: Mapping[str, Any], mode: str, by: str) -> BackfillRow:
        """A new run that has listed nothing yet."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            values = {"tracker": tracker, "options": options, "mode": mode, "by": by, "started_at": now}
            made = sa.insert(backfill).values(**values, state="listing", cursor="", listed=0).returning(backfill.c.id)
            run = int(connection.execute(made).scalar_one())
            note(connection, now, by, "backfill_started", detail={"run": run, "tracker": tracker, "mode": mode})
            return _run(connection, run)

    def get(self, run: int) -> BackfillRow | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(backfill).where(backfill.c.id == run)).mappings().first()
        return BackfillRow(**row) if row else None

    def newest(self, *, unfinished: bool = False) -> BackfillRow | None:
        """The run that was started last; with `unfinished` of those that can go on."""
        rows = sa.select(backfill.c.id).order_by(backfill.c.id.desc()).limit(1)
        if unfinished:
            rows = rows.where(backfill.c.state.in_(UNFINISHED))
        with self._database.read() as connection:
            run = connection.execute(rows).scalar()
            return None if run is None else _run(connection, run)

    def add_page(
        self, run: int, tickets: Iterable[str], was: str, cursor: str, most: int | None
    ) -> BackfillRow | None:
        """Keep what is new of `tickets`, `most` in the whole run, and move the cursor from `was` to `cursor`.

        None, with nothing kept, where the run is not listing at `was` any more: it was stopped, or another command
        goes on with it.
        """
        with self._database.write() as connection:
            mine = sa.and_(backfill.c.id == run, backfill.c.state == "listing", backfill.c.cursor == was)
            if not connection.execute(sa.update(backfill).where(mine).values(cursor=cursor)).rowcount:
                return None
            wanted = list(dict.fromkeys(tickets))
            known = sa.select(backfill_ticket.c.ticket).where(
                backfill_ticket.c.run == run, backfill_ticket.c.ticket.in_(wanted)
            )
            there = set(connection.execute(known).scalars())
            fresh = [ticket for ticket in wanted if ticket not in there]
            listed = _run(connection, run).listed
            fresh = fresh if most is None else fresh[: max(0, most - listed)]
            if fresh:
                rows = [{"run": run, "ticket": ticket, "state": "listed"} for ticket in fresh]
                connection.execute(sa.insert(backfill_ticket), rows)
            counted = sa.update(backfill).where(backfill.c.id == run).values(listed=listed + len(fresh))
            connection.execute(counted)
            return _run(connection, run)

    def move(self, run: int, before: Iterable[str], state: str, by: str, detail: Mapping[str, Any]) -> bool:
        """The run is in `state` if it was in one of `before`, with a line in the audit; whether it was."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            ended = None if state in UNFINISHED else now
            mine = sa.and_(backfill.c.id == run, backfill.c.state.in_(list(before)))
            if not connection.execute(sa.update(backfill).where(mine).values(state=state, ended_at=ended)).rowcount:
                return False
            if state in ("stopped", "declined"):
                left = sa.and_(backfill_ticket.c.run == run, _listed)
                connection.execute(sa.update(backfill_ticket).where(left).values(state="stopped"))
            note(connection, now, by, f"backfill_{state}", detail={"run": run, **detail})
            return True

    def next(self, run: int, limit: int) -> list[str]:
        """Up to `limit` tickets that are listed and not queued; none where the run is not at work."""
        rows = (
            sa.select(backfill_ticket.c.ticket)
            .join(backfill, backfill.c.id == backfill_ticket.c.run)
            .where(backfill_ticket.c.run == run, _listed, backfill.c.state == "working")
            .order_by(backfill_ticket.c.ticket)
            .limit(limit)
        )
        with self._database.read() as connection:
            return list(connection.execute(rows).scalars())

    def flight(self, run: BackfillRow) -> Flight:
        rows = (
            sa.select(sa.func.count(), sa.func.sum(sa.case((inbox.c.attempts > 0, 1), else_=0)))
            .add_columns(
                sa.func.min(sa.case((inbox.c.attempts > 0, lane.c.ready_at))),
                sa.func.min(sa.case((inbox.c.attempts == 0, inbox.c.id))),
            )
            .select_from(backfill_ticket)
            .join(inbox, sa.and_(in_state("pending"), inbox.c.lane == _lane(run), inbox.c.delivery == _delivery(run)))
            .outerjoin(lane, lane.c.key == inbox.c.lane)
            .where(backfill_ticket.c.run == run.id, _queued)
        )
        with self._database.read() as connection:
            queued, failing, next_try, first = connection.execute(rows).one()
        return Flight(queued, int(failing or 0), next_try, first)

    def settle(self, run: BackfillRow) -> None:
        """Tickets whose event was parked have failed; those whose event a person discarded are discarded."""
        prefix = delivery_of(run.id, "")
        given_up = sa.select(inbox.c.delivery, inbox.c.last_error).where(
            in_state("parked"),
            inbox.c.source == run.tracker,
            inbox.c.delivery.startswith(prefix, autoescape=True),
        )
        waits = sa.exists().where(in_state("pending"), inbox.c.lane == _lane(run), inbox.c.delivery == _delivery(run))
        parked = sa.exists().where(in_state("parked"), inbox.c.lane == _lane(run), inbox.c.delivery == _delivery(run))
        lost = sa.and_(backfill_ticket.c.run == run.id, _queued, ~waits, ~parked)
        with self._database.write() as connection:
            for delivery, error in connection.execute(given_up).all():
                mine = _this(run.id, delivery.removeprefix(prefix), "queued")
                connection.execute(sa.update(backfill_ticket).where(mine).values(state="failed", error=error))
            connection.execute(sa.update(backfill_ticket).where(lost).values(state="discarded"))

    def counts(self, run: int) -> dict[str, int]:
        """How many tickets are in which state."""
        rows = (
            sa.select(backfill_ticket.c.state, sa.func.count().label("n"))
            .where(backfill_ticket.c.run == run)
            .group_by(backfill_ticket.c.state)
        )
        with self._database.read() as connection:
            return {row.state: row.n for row in connection.execute(rows)}

    def written(self, run: int) -> int:
        """How many tickets the run has written to."""
        rows = (
            sa.select(sa.func.count(sa.distinct(backfill_ticket.c.ticket)))
            .join(effect, effect.c.plan == backfill_ticket.c.plan)
            .where(backfill_ticket.c.run == run, effect.c.state == "done")
        )
        with self._database.read() as connection:
            return int(connection.execute(rows).scalar_one())

    def outcomes(self, run: int) -> Iterator[Outcome]:
        """What became of each ticket, in the order of their ids; read in parts, so that none is too large."""
        after = ""
        while found := self._part(run, after):
            yield from found
            after = found[-1].ticket

    def _part(self, run: int, after: str) -> list[Outcome]:
        with self._database.read() as connection:
            return outcomes(connection, run, after)


def delivery_of(run: int, ticket: str) -> str:
    """The id of a ticket's event in a run: the same however often it is sent off."""
    return f"backfill/{run}/{ticket}"


def queue(work: Work, run: int, tickets: Mapping[str, Incoming]) -> None:
    """The events of listed tickets are in the inbox, and that is known of them."""
    for incoming in sorted(tickets.values(), key=lambda one: one.lane):
        work.enqueue(incoming)
    mine = sa.and_(backfill_ticket.c.run == run, backfill_ticket.c.ticket.in_(list(tickets)), _listed)
    work.connection.execute(sa.update(backfill_ticket).where(mine).values(state="queued"))


def _run(connection: Connection, run: int) -> BackfillRow:
    return BackfillRow(**connection.execute(sa.select(backfill).where(backfill.c.id == run)).mappings().one())


def _lane(run: BackfillRow) -> sa.ColumnElement[str]:
    return sa.literal(f"{run.tracker}:", sa.Text).concat(backfill_ticket.c.ticket)


def _delivery(run: BackfillRow) -> sa.ColumnElement[str]:
    return sa.literal(delivery_of(run.id, ""), sa.Text).concat(backfill_ticket.c.ticket)


def _this(run: int, ticket: str, state: str) -> sa.ColumnElement[bool]:
    return sa.and_(backfill_ticket.c.run == run, backfill_ticket.c.ticket == ticket, backfill_ticket.c.state == state)
