"""Effects: each write to a tracker is a row before it is sent, and knows afterwards what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import payloads
from .database import Database
from .encoding import bounded, decode, encode
from .rows import EffectRow
from .schema import effect, history

NUMBER = "{plan}"
SKEW = timedelta(minutes=1)
"""How far the tracker's clock and ours may differ."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An effect whose `before` and `after` are stored already."""

    row: EffectRow
    values_id: int
    values_digest: str
    at: datetime

    @property
    def proof(self) -> list[Any]:
        """What the plan's digest covers of it."""
        return [self.row.seq, bounded(self.row.slot), bounded(self.row.op), self.values_digest]


def prepared(database: Database, connection: Connection, row: EffectRow, now: datetime) -> Prepared:
    id, shown = payloads.put_json(database, connection, "effect", [row.before, row.after], now)
    return Prepared(row, id, shown, row.at or now)


def insert(connection: Connection, tracker: str, ticket: str, plan: int, kept: Iterable[Prepared]) -> None:
    """Store the effects of the plan with that number; raise `sqlalchemy.exc.IntegrityError` for a key used before."""
    rows = [
        {
            "plan": plan,
            "tracker": tracker,
            "ticket": ticket,
            "key": (one.row.key or f"{tracker}:{ticket}:{NUMBER}:{one.row.slot}").replace(NUMBER, str(plan)),
            "seq": one.row.seq,
            "slot": one.row.slot,
            "op": one.row.op,
            "values_id": one.values_id,
            "values_digest": one.values_digest,
            "state": one.row.state,
            "why": one.row.why,
            "at": one.at,
            "done_at": one.row.done_at,
        }
        for one in kept
    ]
    if rows:
        connection.execute(sa.insert(effect), rows)


def done(connection: Connection, key: str, response: Any, now: datetime) -> None:
    """The tracker has it; done again, it changes nothing."""
    id = payloads.keep(connection, None, "effect.response", encode(response), now)
    pending = sa.and_(effect.c.key == key, effect.c.state != "done")
    changed = connection.execute(sa.update(effect).where(pending).values(state="done", response_id=id, done_at=now))
    if not changed.rowcount:
        payloads.drop(connection, [id])


def failed(connection: Connection, key: str, state: str, why: str, response: Any, now: datetime) -> None:
    """It will never be sent (again): `dropped` or `refused`, why, and what was answered if anything was."""
    pending = sa.and_(effect.c.key == key, effect.c.state == "pending")
    changed = connection.execute(sa.update(effect).where(pending).values(state=state, why=why))
    if changed.rowcount and response:
        id = payloads.keep(connection, None, "effect.response", encode(response), now)
        connection.execute(sa.update(effect).where(effect.c.key == key).values(response_id=id))


def refused_of(connection: Connection, plans: Iterable[int]) -> set[int]:
    """Those of `plans` of which the tracker refused something."""
    rows = sa.select(effect.c.plan).where(effect.c.plan.in_(list(plans)), effect.c.state == "refused").distinct()
    return set(connection.execute(rows).scalars())


def drop_pending(connection: Connection, plan: int, why: str) -> None:
    """Nothing more of the plan is sent."""
    pending = sa.and_(effect.c.plan == plan, effect.c.state == "pending")
    connection.execute(sa.update(effect).where(pending).values(state="dropped", why=why))


def of_plan(connection: Connection, plan: int) -> tuple[EffectRow, ...]:
    """The effects of the plan in their order."""
    return tuple(
        _whole(connection, sa.select(effect).where(effect.c.plan == plan).order_by(effect.c.seq, effect.c.id))
    )


def proofs(connection: Connection, plan: int) -> list[list[Any]]:
    rows = sa.select(effect).where(effect.c.plan == plan).order_by(effect.c.id)
    return [[row.seq, row.slot, row.op, row.values_digest] for row in connection.execute(rows)]


def count_done(connection: Connection, tracker: str, ticket: str, slot: str, since: datetime) -> int:
    rows = sa.select(sa.func.count()).select_from(effect).where(_on(tracker, ticket, slot), effect.c.done_at >= since)
    return connection.execute(rows).scalar_one()


def sent(connection: Connection, tracker: str, ticket: str, slot: str, since: datetime) -> list[EffectRow]:
    """Effects done since then, and those that may be under way; newest first."""
    lately = sa.or_(effect.c.done_at >= since, effect.c.state == "pending")
    rows = sa.select(effect).where(_on(tracker, ticket, slot), lately).order_by(effect.c.id.desc())
    return _whole(connection, rows)


def unheard(
    connection: Connection, tracker: str, ticket: str, slots: Iterable[str], since: datetime, until: datetime
) -> str | None:
    """The key of the newest effect done within [since, until] of which no event told; None if all were told."""
    mine = sa.and_(effect.c.tracker == tracker, effect.c.ticket == ticket, effect.c.slot.in_(tuple(slots)))
    within = sa.and_(effect.c.state == "done", effect.c.done_at.between(since, until))
    done = sa.select(effect.c.key, effect.c.slot, effect.c.at).where(mine, within).order_by(effect.c.id.desc())
    sent = connection.execute(done).all()
    if not sent:
        return None
    echoes = sa.select(history.c.slot, history.c.at).where(
        history.c.tracker == tracker, history.c.ticket == ticket, history.c.by_role == "us"
    )
    told = connection.execute(echoes.where(history.c.at >= since - SKEW)).all()
    return next((e.key for e in sent if not any(t.slot == e.slot and t.at >= e.at - SKEW for t in told)), None)


def _on(tracker: str, ticket: str, slot: str) -> sa.ColumnElement[bool]:
    return sa.and_(effect.c.tracker == tracker, effect.c.ticket == ticket, effect.c.slot == slot)


def _whole(connection: Connection, wanted: sa.Select[Any]) -> list[EffectRow]:
    """The effects with their texts, read by id: joined, PostgreSQL sometimes reads all texts there are."""
    rows = connection.execute(wanted).mappings().all()
    ids = (id for row in rows for id in (row["values_id"], row["response_id"]) if id is not None)
    texts = payloads.contents(connection, ids)
    return [_row(row, texts) for row in rows]


def _row(found: Mapping[Any, Any], texts: Mapping[int, bytes]) -> EffectRow:
    before, after = decode(texts.get(found["values_id"]) or b"[null,null]")
    same = ("key", "seq", "slot", "op", "state", "at", "done_at")
    why, response = found["why"] or "", decode(texts.get(found["response_id"], b""))
    return EffectRow(**{name: found[name] for name in same}, before=before, after=after, response=response, why=why)
