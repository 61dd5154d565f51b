"""What an event's own transaction says of the backfill that asked for it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .schema import backfill, backfill_ticket


def planned(connection: Connection, run: int, ticket: str, plan: int, *, done: bool) -> None:
    """The run has a plan for the ticket; with `done` it is carried to its end."""
    mine = sa.and_(backfill_ticket.c.run == run, backfill_ticket.c.ticket == ticket)
    values = {"plan": plan, **({"state": "decided", "error": None} if done else {})}
    connection.execute(sa.update(backfill_ticket).where(mine).values(values))


def ended(connection: Connection, tracker: str, ticket: str, state: str) -> None:
    """No run will get a plan for the ticket, and why: `gone`, `skipped` or `stopped`."""
    runs = sa.select(backfill.c.id).where(backfill.c.tracker == tracker)
    mine = sa.and_(backfill_ticket.c.ticket == ticket, backfill_ticket.c.run.in_(runs))
    open_ = backfill_ticket.c.state.in_(("queued", "failed"))
    connection.execute(sa.update(backfill_ticket).where(mine, open_).values(state=state))
