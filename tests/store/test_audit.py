"""The record of changes in the store: the newest first, by who and what, page by page."""

from __future__ import annotations

import pytest

from connector.store import Incoming


def words(rows):
    return [(row.actor, row.what) for row in rows]


@pytest.fixture
def filled(store):
    store.audit.add("ann@desk.example", "signed_in", {"way": "oidc"})
    store.audit.add("pointsman", "deleted", {"tracker": "gitlab", "ticket": "7/12"})
    store.audit.add("cli:ann", "token_made", {"token": "reports"})
    store.audit.add("host:7", "parked")
    store.audit.add("50%_off", "signed_in")
    return store.audit


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["50%_off", "host:7", "cli:ann", "pointsman", "ann@desk.example"]),
        ({"who": "ANN"}, ["cli:ann", "ann@desk.example"]),
        ({"who": "%"}, ["50%_off"]),
        ({"who": "_"}, ["50%_off"]),
        ({"what": "signed_in"}, ["50%_off", "ann@desk.example"]),
        ({"what": "signed"}, []),
        ({"people": True}, ["50%_off", "cli:ann", "ann@desk.example"]),
        ({"who": "ann", "what": "token_made", "people": True}, ["cli:ann"]),
    ],
)
def test_it_is_filtered_by_who_and_what(filled, asked, found):
    assert [row.actor for row in filled.newest(10, **asked)] == found


def test_the_next_page_begins_below_the_last_line(filled):
    first = filled.newest(2)
    second = filled.newest(10, before=first[-1].id)

    assert words([*first, *second]) == words(filled.newest(10))
    assert len(first) == 2


def test_a_line_about_an_event_knows_its_lane(store):
    accepted = store.inbox.accept(Incoming("gitlab", "d1", "gitlab:7/12", "updated", {}))
    [lane] = store.inbox.claim("host:7", 1)
    with store.fenced(lane) as work:
        work.park(accepted.id, "HTTP 502")

    [row] = store.audit.newest(10)

    assert (row.what, row.inbox_id, row.lane) == ("parked", accepted.id, "gitlab:7/12")


@pytest.mark.parametrize("text", ["\0", "\ud800", "x" * 100_000, "客户", ""])
def test_whatever_somebody_is_called_is_kept(store, text):
    store.audit.add(text, "signed_in", {"way": text})

    assert len(store.audit.newest(10)) == 1
    assert store.audit.newest(10, who="nobody at all") == []
