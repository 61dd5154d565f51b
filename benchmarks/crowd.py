"""A store with many tickets, made by the database itself: each with words, a past, a plan, effects and an event."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from connector.core.index_words import ticket_words
from connector.store import Store, TicketRow, search
from connector.store.encoding import encode
from connector.store.schema import comment, effect, history, inbox, payload, plan, ticket, ticket_word

TEAMS, PEOPLE, PROJECTS = 25, 400, 40
RARE, COMMON = "zebra", "payment"
COMMON_EVERY, RARE_TICKETS = 7, 20
TITLE = "the printer on floor shows an error since monday"
SNAPSHOT: dict[str, Any] = {"tracker": "gitlab", "id": "1", "key": "1", "title": TITLE, "body": "It beeps. " * 120}
PAST, EFFECTS, COMMENTS = 4, 3, 2


def fill(store: Store, tickets: int, waiting: int = 0, parked: int = 0) -> None:
    """`tickets` tickets, of which three in ten are open; the same share of them has each team, person and word."""
    database = store._database
    with store.begin() as work:
        work.put_ticket(TicketRow("t", "seed", key="SEED-1", title=f"{TITLE} {COMMON} {RARE}", snapshot=SNAPSHOT))
        key = search._key(database, work.connection)
        digests = {word: search._digests(key, [word]).pop() for word in (*TITLE.split(), COMMON, RARE)}
    with database.write() as connection:
        _tickets(connection, tickets, digests)
        _pasts(connection, tickets)
        _events(connection, tickets, waiting, parked)
    if not database.is_sqlite:
        with database.write() as connection:
            for table in (payload, plan, effect, history, inbox):
                last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
                connection.execute(sa.select(sa.func.setval(f"{table.name}_id_seq", last)))
        database.bare("VACUUM (ANALYZE)")  # PostgreSQL does so by itself before long


def _numbers(count: int) -> tuple[sa.CTE, sa.ColumnElement[int]]:
    one = sa.select(sa.cast(1, sa.BigInteger).label("i")).cte("n", recursive=True)
    all_ = one.union_all(sa.select(one.c.i + 1).where(one.c.i < count))
    return all_, all_.c.i


def _tickets(connection: Connection, tickets: int, digests: dict[str, int]) -> None:
    n, i = _numbers(tickets)
    first = 1000
    over = i % 10 < 7
    title = sa.cast(sa.literal(TITLE + " ", sa.Text) + _text(i), sa.LargeBinary)
    for kind, offset, content in (("ticket.title", 0, title), ("ticket.snapshot", 1, _bytes(encode(SNAPSHOT)))):
        text = {"id": first + i * 2 + offset, "kind": kind, "digest": "x", "shared": sa.false(), "content": content}
        _copy(connection, payload, n, {**text, "coding": "", "at": _at(connection, i)})
    team, person = sa.literal("team-") + _text(i // 10 % TEAMS), sa.literal("p") + _text(i // 10 % PEOPLE)
    row: dict[str, Any] = {
        "tracker": "gitlab", "id": sa.literal("42/") + _text(i), "key": sa.literal("acme/app#") + _text(i),
        "project": sa.literal("acme/app-") + _text(i // 10 % PROJECTS), "url": "https://gitlab.example", "team": team,
        "title_id": first + i * 2, "snapshot_id": first + i * 2 + 1, "assignee": person,
        "status": sa.case((over, "done"), else_="open"), "priority": i // 10 % 5, "created": _at(connection, i),
        "memory": "{}", "contact": sa.true(), "gone": sa.false(), "is_over": over, "mode": "live",
        "applies": "support", "last_plan": i,
    }  # fmt: skip
    _copy(connection, ticket, n, row)
    for word, digest in digests.items():
        wanted = sa.select(*_columns({"word": digest, "tracker": "gitlab", "ticket": row["id"]})).select_from(n)
        _insert(connection, ticket_word, ["word", "tracker", "ticket"], wanted.where(i % _every(word, tickets) == 0))
    for own in range(len(ticket_words("", "acme/app#1")) - 2):
        unique = i * 1_000_003 + sa.literal(own * 500_000_003 + (1 << 40), sa.BigInteger)
        _copy(connection, ticket_word, n, {"word": unique, "tracker": "gitlab", "ticket": row["id"]})


def _every(word: str, tickets: int) -> int:
    """Each how manieth ticket has the word."""
    return {RARE: tickets // RARE_TICKETS + 1, COMMON: COMMON_EVERY}.get(word, 1)


def _pasts(connection: Connection, tickets: int) -> None:
    n, i = _numbers(tickets)
    at, named = _at(connection, i), {"tracker": "gitlab", "ticket": sa.literal("42/") + _text(i)}
    texts = sa.select(sa.func.min(payload.c.id)).scalar_subquery()
    plain = {"rules_digest": "r", "rule_files": "{}", "plugin_digests": "{}", "mode": "live", "state": "done"}
    row = {"id": i, **named, "event_ids": "[]", "texts": "{}", **plain, "at": at, "prev_digest": "", "digest": "d"}
    _copy(connection, plan, n, row)
    for k in range(EFFECTS):
        row = {"id": i * EFFECTS + k, "plan": i, **named, "key": _text(i) + f":{k}", "seq": k, "slot": f"slot-{k}"}
        values = {"values_id": texts, "values_digest": "v", "state": "done", "at": at, "done_at": at}
        _copy(connection, effect, n, {**row, "op": "set", **values})
    for k in range(PAST):
        by = {"by_account": "ann", "by_name": "Ann", "by_person": "ann", "source_id": str(k), "kind": "updated"}
        row = {"id": i * PAST + k, **named, "slot": f"slot-{k}", "was": "1", "value": "2", "at": at, **by}
        _copy(connection, history, n, row)
    for k in range(COMMENTS):
        row = {**named, "id": f"c{k}", "at": at, "by_account": "ann", "ours": sa.false(), "digest": "d"}
        _copy(connection, comment, n, {**row, "worked": sa.true()})


def _events(connection: Connection, tickets: int, waiting: int, parked: int) -> None:
    n, i = _numbers(tickets)
    at = _at(connection, i)
    texts = sa.select(sa.func.min(payload.c.id)).scalar_subquery()
    state = sa.case((i <= waiting, "pending"), (i <= waiting + parked, "parked"), else_="done")
    row = {"id": i, "source": "gitlab", "delivery": _text(i), "lane": sa.literal("gitlab:42/") + _text(i)}
    more = {"kind": "updated", "event_id": texts, "received_at": at, "state": state, "attempts": 0, "finished_at": at}
    _copy(connection, inbox, n, {**row, **more, "last_error": "TrackerError"})


def _copy(connection: Connection, table: sa.Table, n: sa.CTE, row: dict[str, Any]) -> None:
    _insert(connection, table, list(row), sa.select(*_columns(row)).select_from(n))


def _insert(connection: Connection, table: sa.Table, names: list[str], rows: sa.Select[Any]) -> None:
    connection.execute(sa.insert(table).from_select(names, rows, include_defaults=False))


def _columns(row: dict[str, Any]) -> list[Any]:
    shown = {
        name: value if isinstance(value, sa.ColumnElement) else sa.literal(value, literal_execute=True)
        for name, value in row.items()
    }
    return [value.label(name) for name, value in shown.items()]


def _text(i: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.cast(i, sa.Text)


def _bytes(content: bytes) -> sa.ColumnElement[Any]:
    return sa.cast(sa.literal(content.decode(), sa.Text), sa.LargeBinary)


def _at(connection: Connection, i: sa.ColumnElement[int]) -> Any:
    """One ticket a minute."""
    if connection.dialect.name == "sqlite":
        minutes = sa.literal("+") + _text(i) + " minutes"
        return sa.func.strftime("%Y-%m-%d %H:%M:%S", "2026-01-01", minutes) + ".000000"
    return sa.literal_column("TIMESTAMPTZ '2026-01-01 00:00:00+00' + n.i * INTERVAL '1 minute'")
