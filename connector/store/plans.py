"""Plans as they are kept: numbered, chained per ticket, with the digests that prove what they were made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import effects, payloads, retention
from .database import Database
from .encoding import bounded, decode, digest, encode
from .rows import EffectRow, PlanRow, StoredPlan
from .schema import is_open, plan, rule_text

TEXTS = ("event", "inputs", "decisions", "desk")


class Plans:
    """Reads plans and their effects; they are written in the transaction of an event (`Work`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, plan_id: int) -> StoredPlan | None:
        return next(iter(self._read(plan.c.id == plan_id, limit=1)), None)

    def open_plan(self, tracker: str, id: str) -> StoredPlan | None:
        """The oldest plan of the ticket that is not carried to its end."""
        matching = (_of(tracker, id), is_open())
        return next(iter(self._read(*matching, limit=1, order=plan.c.id.asc())), None)

    def of_ticket(self, tracker: str, id: str, limit: int = 20, before: int | None = None) -> list[StoredPlan]:
        """The newest `limit` plans, newest first; with `before` of those that are older than that plan."""
        older = () if before is None else (plan.c.id < before,)
        return self._read(_of(tracker, id), *older, limit=limit)

    def recent_writes(self, tracker: str, id: str, slot: str, since: datetime) -> int:
        """How often one slot was written since then."""
        with self._database.read() as connection:
            return effects.count_done(connection, tracker, id, slot, since)

    def sent(self, tracker: str, id: str, slot: str, since: datetime) -> list[EffectRow]:
        """Effects on one slot that were done since then, or may have been, their outcome unknown; newest first."""
        with self._database.read() as connection:
            return effects.sent(connection, tracker, id, slot, since)

    def unheard(self, tracker: str, id: str, slots: Iterable[str], since: datetime, until: datetime) -> str | None:
        """The key of the newest effect done within [since, until] of which no event told; None if all were told."""
        with self._database.read() as connection:
            return effects.unheard(connection, tracker, id, slots, since, until)

    def refused(self, plan_ids: Iterable[int]) -> set[int]:
        """Those of the plans of which the tracker refused something."""
        with self._database.read() as connection:
            return effects.refused_of(connection, plan_ids)

    def tickets(self) -> list[tuple[str, str]]:
        """(tracker, id) of every ticket that has plans."""
        named = sa.select(plan.c.tracker, plan.c.ticket).distinct().order_by(plan.c.tracker, plan.c.ticket)
        with self._database.read() as connection:
            return [(row.tracker, row.ticket) for row in connection.execute(named)]

    def prune(self, before: datetime, batch: int = 500) -> int:
        """Remove what old plans were made from (see `retention`), bit by bit; 0 when nothing is left to look at."""
        return retention.prune_plans(self._database, before, batch)

    def chain_holds(self, tracker: str, id: str) -> bool:
        """Whether every plan of the ticket still has the digest it was stored with, and names its predecessor's."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(plan).where(_of(tracker, id)).order_by(plan.c.id)).mappings().all()
            before = ""
            for row in rows:
                proofs = effects.proofs(connection, row["id"])
                if row["prev_digest"] != before or row["digest"] != _digest(before, _proof(row), proofs):
                    return False
                before = row["digest"]
        return True

    def _read(
        self, *matching: sa.ColumnElement[bool], limit: int, order: sa.ColumnElement[Any] | None = None
    ) -> list[StoredPlan]:
        rows = sa.select(plan).where(*matching).order_by(plan.c.id.desc() if order is None else order).limit(limit)
        with self._database.read() as connection:
            return [_stored(connection, row) for row in connection.execute(rows).mappings().all()]


def add(database: Database, connection: Connection, row: PlanRow, wanted: Iterable[EffectRow], now: datetime) -> int:
    """Store a plan with its effects; its global number."""
    values = _values(database, connection, row, now)
    kept = [effects.prepared(database, connection, one, now) for one in wanted]
    before = _last_digest(connection, row.tracker, row.ticket)
    shown = _digest(before, _proof(values), [one.proof for one in kept])
    statement = sa.insert(plan).values(**values, state=row.state, prev_digest=before, digest=shown)
    number = int(connection.execute(statement.returning(plan.c.id)).scalar_one())
    effects.insert(connection, row.tracker, row.ticket, number, kept)
    return number


def close(connection: Connection, plan_id: int, state: str) -> None:
    connection.execute(sa.update(plan).where(plan.c.id == plan_id).values(state=state))


def open_numbers(connection: Connection, tracker: str, id: str) -> list[int]:
    """The plans of the ticket that are open, oldest first."""
    rows = sa.select(plan.c.id).where(_of(tracker, id), is_open()).order_by(plan.c.id)
    return list(connection.execute(rows).scalars())


def _of(tracker: str, id: str) -> sa.ColumnElement[bool]:
    return sa.and_(plan.c.tracker == tracker, plan.c.ticket == id)


def _values(database: Database, connection: Connection, row: PlanRow, now: datetime) -> dict[str, Any]:
    texts = {name: _keep_text(database, connection, name, getattr(row, name), now) for name in TEXTS}
    files = {name: digest(text.encode("utf-8", "surrogatepass")) for name, text in row.rule_texts.items()}
    _keep_texts(database, connection, {files[name]: text for name, text in row.rule_texts.items()})
    return {
        "tracker": bounded(row.tracker),
        "ticket": bounded(row.ticket),
        "event_ids": row.event_ids,
        "texts": texts,
        "rules_digest": bounded(row.rules_digest),
        "rule_files": files,
        "plugin_digests": row.plugin_digests,
        "mode": bounded(row.mode),
        "at": row.at or now,
    }


def _keep_text(database: Database, connection: Connection, name: str, value: Any, now: datetime) -> tuple[int, str]:
    """What a plan was made from is its own, to be removed with age; the desk's facts many plans share."""
    if name in retention.REMOVABLE:
        return payloads.own_json(connection, f"plan.{name}", value, now)
    return payloads.put_json(database, connection, f"plan.{name}", value, now)


def _keep_texts(database: Database, connection: Connection, texts: Mapping[str, str]) -> None:
    known = sa.select(rule_text.c.digest).where(rule_text.c.digest.in_(texts))
    missing = texts.keys() - set(connection.execute(known).scalars())
    if missing:
        rows = [{"digest": shown, "text": texts[shown]} for shown in sorted(missing)]
        connection.execute(database.insert(rule_text).on_conflict_do_nothing(), rows)


def _last_digest(connection: Connection, tracker: str, id: str) -> str:
    last = sa.select(plan.c.digest).where(_of(tracker, id)).order_by(plan.c.id.desc()).limit(1)
    return connection.execute(last).scalar() or ""


def _proof(values: Mapping[Any, Any]) -> dict[str, Any]:
    """What the digest of a plan covers; texts by their digests, so that it outlives their erasure."""
    same = ("tracker", "ticket", "rules_digest", "mode", "at")
    texts = {name: values["texts"][name][1] for name in sorted(set(values["texts"]) - {retention.REMOVED})}
    files, plugins = sorted(values["rule_files"].items()), sorted(values["plugin_digests"].items())
    return {**{name: values[name] for name in same}, "texts": texts, "files": files, "plugins": plugins}


def _digest(before: str, proof: Mapping[str, Any], effects_: list[list[Any]]) -> str:
    return digest(encode([before, proof, effects_]))


def _stored(connection: Connection, row: Mapping[Any, Any]) -> StoredPlan:
    ids = {name: row["texts"][name][0] for name in TEXTS}
    texts = payloads.contents(connection, (id for id in ids.values() if id is not None))
    known = sa.select(rule_text).where(rule_text.c.digest.in_(row["rule_files"].values()))
    rules = {found.digest: found.text for found in connection.execute(known)}
    kept = PlanRow(
        tracker=row["tracker"],
        ticket=row["ticket"],
        event_ids=tuple(row["event_ids"]),
        **{name: decode(texts.get(id, b"")) for name, id in ids.items()},
        rules_digest=row["rules_digest"],
        rule_texts={name: rules.get(shown, "") for name, shown in row["rule_files"].items()},
        plugin_digests=row["plugin_digests"],
        mode=row["mode"],
        state=row["state"],
        at=row["at"],
    )
    written = effects.of_plan(connection, row["id"])
    removed = row["texts"].get(retention.REMOVED)
    at = datetime.fromisoformat(removed) if removed else None
    return StoredPlan(row["id"], kept, written, row["prev_digest"], row["digest"], row["at"], at)
