"""The door: wrong guesses count for all processes, and what was ended stays so."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from connector.store import Store
from connector.store.door import TRIES, WINDOW
from connector.store.schema import meta

from .conftest import MONDAY


def rows(store):
    with store._database.read() as connection:
        return connection.execute(sa.select(meta).where(meta.c.key.startswith("door/"))).all()


def test_guesses_at_one_process_count_at_the_other(store, url, clock):
    other = Store.open(url, migrate=False, clock=clock)
    try:
        for number in range(TRIES):
            (store if number % 2 else other).door.wrong("192.0.2.7", MONDAY)

        assert store.door.wait("192.0.2.7", MONDAY) == other.door.wait("192.0.2.7", MONDAY) == 61
        assert store.door.wait("192.0.2.8", MONDAY) == 0
    finally:
        other.close()


def test_the_wait_ends_with_the_window(store):
    for second in range(TRIES):
        store.door.wrong("x", MONDAY + timedelta(seconds=second))

    assert store.door.wait("x", MONDAY + WINDOW - timedelta(seconds=1)) == 2
    assert store.door.wait("x", MONDAY + WINDOW) == 0


def test_however_often_somebody_guesses_one_row_is_kept_without_the_address(store):
    for _ in range(3 * TRIES):
        store.door.wrong("192.0.2.7", MONDAY)

    [(key, value)] = rows(store)
    assert "192.0.2.7" not in key + value
    assert len(value.split()) == TRIES


def test_exactly_one_ends_what_is_to_end_once(store):
    assert not store.door.is_over("journey x")
    assert store.door.end("journey x", MONDAY)
    assert not store.door.end("journey x", MONDAY)
    assert store.door.is_over("journey x")


def test_what_counts_no_more_is_forgotten(store):
    store.door.wrong("early", MONDAY)
    store.door.wrong("late", MONDAY + WINDOW)
    store.door.end("session", MONDAY + timedelta(days=8))
    store.door.end("journey", MONDAY + WINDOW)
    store.meta.set("reconcile/gitlab", "1")

    store.door.forget(MONDAY + WINDOW + timedelta(seconds=1))
    assert len(rows(store)) == 2
    assert store.door.is_over("session")
    assert not store.door.is_over("journey")

    store.door.forget(MONDAY + timedelta(days=8, seconds=1))
    assert rows(store) == []
    assert store.meta.get("reconcile/gitlab") == "1"


@pytest.mark.parametrize("name", ["", "\0", "\ud800", "x" * 10_000, "客户"])
def test_any_name_will_do(store, name):
    store.door.wrong(name, MONDAY)
    assert store.door.wait(name, MONDAY) == 0
    assert store.door.end(name, MONDAY)
