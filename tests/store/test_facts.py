"""Facts are only ever added: a correction is a new one, a deletion too, and what is said twice is stored once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from connector.store import FactRow, Store

from .conftest import MONDAY, Clock

REPLY = FactRow("c55", MONDAY, "comment", {"by": "agent", "public": False})
PUBLIC = replace(REPLY, data={"by": "agent", "public": True})


def add(store: Store, *rows: FactRow, ticket: str = "10042") -> tuple[FactRow, ...]:
    with store.begin() as work:
        return work.add_facts("jira", ticket, rows)


def test_a_fact_comes_back_as_it_was_stored_with_when_it_was_learned(store: Store, clock: Clock) -> None:
    fact = FactRow("h1", MONDAY, "field", {"field": "labels", "value": ("支付", None, 3)}, seq=-1)
    clock.forward(60)
    assert add(store, fact) == (replace(fact, recorded_at=clock.now),)
    assert store.tickets.facts("jira", "10042") == (replace(fact, recorded_at=clock.now),)
    assert store.tickets.facts("gitlab", "10042") == store.tickets.facts("jira", "1") == ()


def test_what_a_fact_says_of_when_it_was_learned_does_not_count(store: Store, clock: Clock) -> None:
    (stored,) = add(store, replace(REPLY, recorded_at=MONDAY - timedelta(days=9)))
    assert stored.recorded_at == clock.now


def test_a_fact_told_again_is_stored_once(store: Store, clock: Clock) -> None:
    add(store, REPLY, REPLY)
    clock.forward(60)
    assert add(store, replace(REPLY, data={"public": False, "by": "agent"})) == ()
    assert len(store.tickets.facts("jira", "10042")) == 1


def test_a_correction_stands_beside_what_it_corrects(store: Store, clock: Clock) -> None:
    add(store, REPLY)
    before = store.tickets.facts("jira", "10042")
    clock.forward(60)
    add(store, PUBLIC)
    add(store, replace(PUBLIC, deleted=True))
    assert store.tickets.facts("jira", "10042")[:1] == before
    assert [(row.data["public"], row.deleted) for row in store.tickets.facts("jira", "10042")] == [
        (False, False),
        (True, False),
        (True, True),
    ]


@pytest.mark.parametrize(
    "other",
    [
        replace(REPLY, at=MONDAY + timedelta(microseconds=1)),
        replace(REPLY, type="field"),
        PUBLIC,
        replace(REPLY, deleted=True),
    ],
)
def test_a_fact_that_differs_in_anything_is_a_correction(store: Store, other: FactRow) -> None:
    add(store, REPLY)
    assert len(add(store, other)) == 1


def test_a_fact_that_goes_back_to_what_it_was_is_said_a_third_time(store: Store) -> None:
    add(store, REPLY, PUBLIC, REPLY)
    assert [row.data["public"] for row in store.tickets.facts("jira", "10042")] == [False, True, False]


def test_facts_are_read_as_they_were_known_then(store: Store, clock: Clock) -> None:
    add(store, REPLY)
    then = clock.now
    clock.forward(60)
    add(store, PUBLIC)
    assert [row.data["public"] for row in store.tickets.facts("jira", "10042", then)] == [False]
    assert store.tickets.facts("jira", "10042", then - timedelta(seconds=1)) == ()


def test_a_clock_that_was_put_back_does_not_make_a_correction_older(store: Store, clock: Clock) -> None:
    (first,) = add(store, REPLY)
    clock.forward(-3600)
    (second,) = add(store, PUBLIC)
    assert second.recorded_at == first.recorded_at


def test_a_source_of_any_length_is_the_same_the_next_time(store: Store) -> None:
    long = replace(REPLY, source="c" + "9" * 500)
    assert len(add(store, long)) == 1
    assert add(store, long) == ()


def test_the_store_changes_and_deletes_no_fact(store: Store) -> None:
    statements: list[str] = []
    sa.event.listen(store._database.engine, "before_cursor_execute", lambda _c, _k, text, *_: statements.append(text))
    add(store, REPLY, PUBLIC, replace(PUBLIC, deleted=True))
    changing = [text for text in statements if "fact" in text and text.split()[0] in ("UPDATE", "DELETE")]
    assert any(text.startswith("INSERT INTO fact") for text in statements)
    assert changing == []
