"""What became of a backfill's tickets: their plans, as far as a report needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import payloads
from .encoding import decode
from .schema import backfill_ticket, effect, plan

PART = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """One ticket of a run. `mode` and `decisions` are those of its plan; `effects` maps a slot to (state, why).

    `decisions` is None where there is no plan, or where it is not kept any more.
    """

    ticket: str
    state: str
    error: str
    plan: int | None
    mode: str = ""
    decisions: Any = field(default=None, repr=False)
    effects: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def outcomes(connection: Connection, run: int, after: str) -> list[Outcome]:
    """Up to `PART` tickets behind the ticket `after`."""
    rows = connection.execute(
        sa.select(backfill_ticket, plan.c.mode, plan.c.texts)
        .outerjoin(plan, plan.c.id == backfill_ticket.c.plan)
        .where(backfill_ticket.c.run == run, backfill_ticket.c.ticket > after)
        .order_by(backfill_ticket.c.ticket)
        .limit(PART)
    ).all()
    ids = {row.plan: row.texts["decisions"][0] for row in rows if row.texts}
    texts = payloads.contents(connection, ids.values())
    written: dict[int, dict[str, tuple[str, str]]] = {}
    done = sa.select(effect.c.plan, effect.c.slot, effect.c.state, effect.c.why).where(effect.c.plan.in_(ids))
    for row in connection.execute(done):
        written.setdefault(row.plan, {})[row.slot] = (row.state, row.why or "")
    return [
        Outcome(
            ticket=row.ticket,
            state=row.state,
            error=row.error or "",
            plan=row.plan,
            mode=row.mode or "",
            decisions=decode(texts.get(ids.get(row.plan, -1), b"")),
            effects=written.get(row.plan, {}),
        )
        for row in rows
    ]
