"""What is remembered of tickets: rows, aliases, past changes, comments, texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from connector.store import CommentRow, EffectRow, HistoryRow, Incoming, PlanRow, Store, TicketRow, payloads

from .conftest import MONDAY

TICKET = TicketRow(
    "gitlab", "7/12", key="acme/support#12", project="acme/support", url="https://gitlab.example/12",
    title="Zahlung schlägt fehl", status="open", priority=3, team="payments", assignee="ann", created=MONDAY,
    updated=MONDAY, memory={"ours": {"priority": "high"}}, snapshot={"body": "支付失败"}, comment_count=2,
    contact=True, mode="live", applies="support", last_plan=4,
)  # fmt: skip


def put(store: Store, *rows: TicketRow) -> None:
    with store.begin() as work:
        for row in rows:
            work.put_ticket(row)


def test_a_ticket_comes_back_as_it_was_stored(store: Store) -> None:
    put(store, TICKET)
    assert store.tickets.get("gitlab", "7/12") == TICKET
    assert store.tickets.get("jira", "7/12") is None
    with store.begin() as work:
        assert work.ticket("gitlab", "7/12") == TICKET


def test_a_ticket_stored_again_leaves_no_old_words_behind(store: Store) -> None:
    put(store, TICKET)
    put(store, replace(TICKET, title="Neu", snapshot={}))
    assert store.tickets.get("gitlab", "7/12") == replace(TICKET, title="Neu", snapshot={})
    with store._database.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM payload")).scalar_one() == 2


def test_a_ticket_is_found_by_id_key_and_every_older_key(store: Store) -> None:
    put(store, TICKET)
    moved = replace(TICKET, key="acme/sales#3", project="acme/sales")
    put(store, moved)
    with store.begin() as work:
        work.alias("gitlab", "SUP-1", "7/12")
    for name in ("7/12", "acme/sales#3", "acme/support#12", "SUP-1"):
        assert store.tickets.find("gitlab", name) == moved
    assert store.tickets.find("gitlab", "acme/support#13") is None


def test_a_key_that_a_ticket_has_now_outranks_the_one_that_had_it_once(store: Store) -> None:
    put(store, TICKET)
    put(store, replace(TICKET, key="acme/sales#3"))
    newcomer = replace(TICKET, id="8/12")
    put(store, newcomer)
    assert store.tickets.find("gitlab", "acme/support#12") == newcomer


def test_the_desk_shows_urgent_before_old_and_what_is_over_last(store: Store) -> None:
    put(
        store,
        replace(TICKET, id="done", priority=4, status="done"),
        replace(TICKET, id="gone", priority=4, gone=True),
        replace(TICKET, id="young", created=MONDAY + timedelta(hours=1)),
        replace(TICKET, id="old"),
        replace(TICKET, id="urgent", priority=4, created=MONDAY + timedelta(hours=2), team="security", status=None),
    )
    assert [row.id for row in store.tickets.desk()] == ["urgent", "old", "young", "done", "gone"]
    assert [row.id for row in store.tickets.desk(limit=2, offset=1)] == ["old", "young"]
    assert [row.id for row in store.tickets.desk(team="security")] == ["urgent"]
    assert [row.id for row in store.tickets.desk(status="done", tracker="gitlab")] == ["done"]
    assert store.tickets.desk(tracker="jira") == []
    assert store.tickets.count() == 5


@pytest.mark.parametrize("text", ["SCHLÄGT", "Support#12", "zahlung"])
def test_the_desk_is_searched_in_title_and_key_without_case(store: Store, text: str) -> None:
    put(store, TICKET, replace(TICKET, id="other", key="X-1", title="支付失败"))
    assert [row.id for row in store.tickets.desk(text=text)] == ["7/12"]
    assert store.tickets.desk(text="nowhere") == []


def test_words_that_no_database_takes_are_made_storable(store: Store) -> None:
    put(store, replace(TICKET, title="a\x00b\ud800", url="\x00", team="\udfff", snapshot={"t": "\x00\ud800"}))
    row = store.tickets.get("gitlab", "7/12")
    assert row is not None
    assert (row.title, row.url, row.team, row.snapshot) == ("a\ufffdb\ufffd", "\ufffd", "\ufffd", {"t": "\x00\ud800"})


CHANGE = HistoryRow("priority", "low", "high", MONDAY, "agent", "ann", "Ann Li", "ann", "", "updated")


def at(seconds: float, source_id: str = "", **more: object) -> HistoryRow:
    return replace(CHANGE, at=MONDAY + timedelta(seconds=seconds), source_id=source_id, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "kept"),
    [
        ([at(0), at(4)], [at(0)]),
        ([at(4), at(0)], [at(4)]),
        ([at(0), at(6)], [at(0), at(6)]),
        ([at(0), at(1, value="low")], [at(0), at(1, value="low")]),
        ([at(0), at(1, slot="team")], [at(0), at(1, slot="team")]),
        ([at(0, "1"), at(900, "1")], [at(0, "1")]),
        ([at(0, "1"), at(1, "2")], [at(0, "1"), at(1, "2")]),
        ([at(0, "1"), at(0, "1", slot="team")], [at(0, "1"), at(0, "1", slot="team")]),
        ([at(0, "1"), at(2)], [at(0, "1")]),
        ([at(0), at(2, "1"), at(3, "2")], [at(0, "1"), at(3, "2")]),
    ],
)
def test_a_past_change_is_stored_once(store: Store, facts: list[HistoryRow], kept: list[HistoryRow]) -> None:
    with store.begin() as work:
        added = [work.add_history("gitlab", "7/12", [fact]) for fact in facts]
    assert sum(map(len, added)) == len(kept)
    with store.begin() as work:
        assert work.add_history("gitlab", "7/12", facts) == ()
    assert list(store.tickets.history("gitlab", "7/12")) == sorted(kept, key=lambda fact: fact.at)


def test_facts_given_together_are_compared_with_each_other(store: Store) -> None:
    with store.begin() as work:
        ((number, row),) = work.add_history("gitlab", "7/12", [at(0), at(1), at(2, "1")])
        assert work.history("gitlab", "7/12") == ((number, replace(row, source_id="1")),)
    assert store.tickets.history("gitlab", "7/12") == (at(0, "1"),)


def test_a_long_history_shows_its_newest_part_oldest_first(store: Store) -> None:
    with store.begin() as work:
        work.add_history("gitlab", "7/12", [at(60 * n) for n in range(5)])
    assert store.tickets.history("gitlab", "7/12", limit=2) == (at(180), at(240))


def test_a_comment_is_remembered_without_its_text(store: Store) -> None:
    row = CommentRow("jira", "10042", "55", MONDAY, "agent", "ann", "public", digest="abc")
    with store.begin() as work:
        work.put_comment(row)
        work.put_comment(replace(row, id="54", at=MONDAY - timedelta(hours=1)))
        work.put_comment(replace(row, worked=True, ours=True, effect_key="k"))
        assert work.comment("jira", "10042", "55") == replace(row, worked=True, ours=True, effect_key="k")
        assert work.comment("jira", "10042", "56") is None
    assert [comment.id for comment in store.tickets.comments("jira", "10042")] == ["54", "55"]


def test_equal_texts_of_one_kind_are_stored_once(store: Store) -> None:
    with store.begin() as work:
        put = partial(payloads.put, store._database, work.connection, now=work.now)
        first, shown = put("mail", b"hello")
        assert put("mail", b"hello") == (first, shown)
        assert put("form", b"hello")[0] != first
    assert store.payloads.get(first) == b"hello"
    with pytest.raises(KeyError):
        store.payloads.get(first + 99)


def test_customers_words_lie_in_the_payload_table_alone(store: Store) -> None:
    secret = "支付失败-4711"
    store.inbox.accept(Incoming("t", "1", "t:1", "created", {"title": secret}, body=secret.encode()))
    put(store, replace(TICKET, title=secret, snapshot={"body": secret}))
    row = PlanRow("t", "1", event={"x": secret}, inputs=secret, decisions=[secret], desk={"requester": secret})
    with store.begin() as work:
        work.add_plan(row, [EffectRow("k", 0, "say:a", "Say", before=secret, after=secret)])
        work.effect_done("k", {"body": secret})
    id, _ = store.issues.create("desk", secret, secret, secret, secret)
    store.issues.update(id, {"title": f"{secret}!"}, MONDAY, "ann")
    store.issues.add_comment(id, secret, "public", "ann")
    with store._database.read() as connection:
        for table in sa.inspect(connection).get_table_names():
            rows = str(connection.execute(sa.text(f'SELECT * FROM "{table}"')).all())
            assert table == "payload" or (secret not in rows and "\\u652f" not in rows), table
