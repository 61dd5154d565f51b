"""The desk: every filter, every search and every page gives what somebody would pick by hand."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.store import Store, TicketRow, desk
from connector.store.schema import ticket_word

from .conftest import MONDAY
from .test_memory import TICKET, put

ROWS = tuple(
    replace(
        TICKET,
        tracker=("gitlab", "jira")[n % 2],
        id=f"{n:03}",
        key=f"SUP-{n}",
        title=f"payment {('refund', 'login')[n % 2]} {n}",
        project=("a", "b", "c")[n % 3],
        team=("payments", None)[n % 4 // 3],
        assignee=("ann", None, "bo")[n % 3],
        status=("open", "done")[n % 5 // 4],
        priority=n % 4,
        created=None if n % 7 == 6 else MONDAY + timedelta(hours=n // 6),
        mode=("live", "shadow")[n % 6 // 5],
        applies=("support", "")[n % 6 // 4],
        gone=n % 11 == 10,
    )
    for n in range(60)
)


def is_open(row: TicketRow) -> bool:
    return not row.gone and row.status != "done"


def shown(store: Store, **wishes: Any) -> list[str]:
    return [row.id for row in store.tickets.desk(**{"limit": 100, **wishes})]


@pytest.mark.parametrize(
    ("wishes", "means"),
    [
        ({"tracker": "jira"}, lambda row: row.tracker == "jira"),
        ({"project": "b"}, lambda row: row.project == "b"),
        ({"team": "payments"}, lambda row: row.team == "payments"),
        ({"team": ""}, lambda row: row.team is None),
        ({"status": "done"}, lambda row: row.status == "done"),
        ({"assignee": "ann"}, lambda row: row.assignee == "ann"),
        ({"assignee": ""}, lambda row: row.assignee is None),
        ({"priority": 2}, lambda row: row.priority == 2),
        ({"over": False}, lambda row: is_open(row)),
        ({"over": True}, lambda row: not is_open(row)),
        ({"applies": "support"}, lambda row: row.applies == "support"),
        ({"applies": ""}, lambda row: row.applies == ""),
        ({"mode": "shadow"}, lambda row: row.mode == "shadow"),
        ({"team": "", "assignee": "bo"}, lambda row: row.team is None and row.assignee == "bo"),
        (
            {"team": "", "assignee": "", "over": False, "tracker": "jira"},
            lambda row: is_open(row) and row.tracker == "jira" and not row.team and not row.assignee,
        ),
        ({"text": "login"}, lambda row: "login" in row.title),
        ({"text": "login", "project": "b"}, lambda row: "login" in row.title and row.project == "b"),
        ({"text": "refund", "assignee": ""}, lambda row: "refund" in row.title and row.assignee is None),
        ({"text": "sup-7"}, lambda row: row.key.startswith("SUP-7")),
        ({"text": "ogi"}, lambda row: "login" in row.title),
        ({"text": "paym 12"}, lambda row: "12" in row.title),
        ({"text": "??"}, lambda row: False),
    ],
)
def test_each_filter_leaves_those_it_names(store: Store, wishes: dict[str, Any], means: Any) -> None:
    put(store, *ROWS)
    found = store.tickets.desk(**wishes, limit=100)
    assert sorted(row.id for row in found) == sorted(row.id for row in ROWS if means(row))


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"over": False},
        {"team": "payments"},
        {"assignee": "", "over": True},
        {"priority": 3},
        {"tracker": "gitlab"},
    ]
    + [{"text": text, **more} for text in ("payment", "login", "log") for more in ({}, {"project": "a"})],
)
@pytest.mark.parametrize("size", [1, 5])
def test_pages_one_after_the_other_are_the_whole(store: Store, wishes: dict[str, Any], size: int) -> None:
    put(store, *ROWS)
    whole = shown(store, **wishes)
    assert len(whole) > size
    paged, after = [], None
    while page := store.tickets.desk(**wishes, limit=size, after=after):
        paged += [row.id for row in page]
        after = store.tickets.position(page[-1])
    assert paged == whole
    assert [row.id for row in store.tickets.desk(**wishes, limit=size, offset=3)] == whole[3 : 3 + size]


def test_a_position_of_another_desk_is_a_place_in_this_one_too(store: Store) -> None:
    put(store, *ROWS)
    whole = store.tickets.desk(limit=100)
    for place in whole[::9]:
        behind = [row.id for row in whole[whole.index(place) + 1 :] if row.priority == 2]
        assert shown(store, priority=2, after=store.tickets.position(place)) == behind


@pytest.mark.parametrize("text", ["", "payment", "ogi"])
def test_behind_a_ticket_that_is_over_no_open_one_comes(store: Store, text: str) -> None:
    put(store, *ROWS)
    over = next(row for row in store.tickets.desk(limit=100) if not is_open(row))
    assert shown(store, text=text, over=False) != []
    assert shown(store, text=text, over=False, after=store.tickets.position(over)) == []


def test_a_page_goes_on_where_the_last_ended_although_tickets_came_and_went(store: Store) -> None:
    put(store, *ROWS)
    first = store.tickets.desk(limit=10)
    rest = shown(store)[10:]
    put(store, replace(ROWS[3], id="new", priority=4), replace(first[9], priority=4, snapshot={}))
    assert shown(store, after=store.tickets.position(first[9])) == rest


@pytest.mark.parametrize("common", [False, True])
def test_a_word_is_found_however_many_tickets_have_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, common: bool
) -> None:
    """With the window shut only the index can find them; `SORTED` decides which way it is read."""
    monkeypatch.setattr(desk, "WINDOW", 0)
    monkeypatch.setattr(desk, "SORTED", 5 if common else 1000)
    put(store, *ROWS)
    whole = [row.id for row in store.tickets.desk(limit=100) if "login" in row.title]
    assert shown(store, text="login payment") == whole
    assert shown(store, text="Login", after=store.tickets.position(ROWS[int(whole[4])])) == whole[5:]
    assert shown(store, text="LOGIN", limit=4, offset=2) == whole[2:6]
    assert shown(store, text="login 11") == ["011"]
    assert shown(store, text="login nowhere") == shown(store, text="ogi") == []


def test_a_ticket_is_found_by_its_new_words_and_not_by_the_old(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "WINDOW", 0)
    put(store, TICKET)
    put(store, replace(TICKET, title="Rechnung fehlt", key="acme/sales#3"))
    assert shown(store, text="rechnung") == shown(store, text="sales#3") == ["7/12"]
    assert shown(store, text="zahlung") == shown(store, text="support#12") == []


def test_what_is_indexed_shows_no_word_and_differs_between_installations(store: Store) -> None:
    put(store, TICKET)
    before = words(store)
    with store.begin() as work:
        work.connection.execute(sa.delete(ticket_word))
        work.connection.execute(sa.text("DELETE FROM meta"))
    assert store.tickets.index() == 0
    assert len(words(store)) == len(before) == 9
    assert not words(store) & before


def test_tickets_from_before_the_index_are_indexed_bit_by_bit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "WINDOW", 0)
    put(store, *ROWS)
    with store.begin() as work:
        work.connection.execute(sa.delete(ticket_word).where(ticket_word.c.ticket > "010"))
    assert len(shown(store, text="payment")) == 11
    looked = [store.tickets.index(25) for _ in range(3)]
    assert looked == [25, 25, 0]
    assert len(shown(store, text="payment")) == 60
    assert store.tickets.index(25) == 25, "it begins anew"


@pytest.mark.parametrize("after", ["", "x", "WzFd", "ééé", "eyJhIjoxfQ==", "W251bGwsbnVsbCxudWxsLG51bGwsbnVsbF0="])
def test_a_position_that_cannot_be_read_is_the_beginning(store: Store, after: str) -> None:
    put(store, *ROWS)
    assert shown(store, after=after) == shown(store)


@pytest.mark.parametrize(
    "forged",
    [
        b"[" * 5000,
        b'[0, 1, "0001-01-01T00:00:00+23:59", "jira", "7"]',
        b'[0, 1, "9999-12-31T23:59:59-23:59", "jira", "7"]',
    ],
)
def test_a_position_that_somebody_forged_is_none(forged: bytes) -> None:
    assert desk.Position.read(base64.urlsafe_b64encode(forged).decode()) is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.booleans(), st.integers(0, 4), st.none() | st.datetimes(), st.text(max_size=9), st.text(max_size=9))
def test_every_position_can_be_written_and_read(
    over: bool, priority: int, created: Any, tracker: str, id: str
) -> None:
    at = created and created.replace(tzinfo=MONDAY.tzinfo)
    place = desk.Position(over, priority, at, tracker, id)
    assert desk.Position.read(place.written()) == place


def words(store: Store) -> set[int]:
    with store._database.read() as connection:
        return set(connection.execute(sa.select(ticket_word.c.word)).scalars())
