"""API tokens: shown once, known by their digest, good until they are revoked."""

from __future__ import annotations

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.errors import StoreUnavailable
from connector.store.schema import api_token
from connector.store.tokens import MARK


def audited(store):
    return [(row.actor, row.what, dict(row.detail)) for row in store.audit.newest(10)]


def test_a_token_is_found_by_what_was_shown_once(store, clock):
    token = store.tokens.make("reports", ["read", "metrics"], "cli:ann")

    found = store.tokens.find(token)

    assert token.startswith(MARK)
    assert len(token) > 40
    assert (found.name, found.scopes, found.made_by, found.made_at) == (
        "reports",
        ("read", "metrics"),
        "cli:ann",
        clock.now,
    )


def test_the_token_itself_is_kept_nowhere(store):
    token = store.tokens.make("reports", ["read"], "cli:ann")

    with store._database.read() as connection:
        kept = repr(connection.execute(sa.select(api_token)).all())

    assert token not in kept
    assert token.removeprefix(MARK) not in kept


def test_a_revoked_token_opens_nothing_from_then_on(store):
    token = store.tokens.make("reports", ["read"], "cli:ann")

    assert store.tokens.revoke("reports", "cli:bo")
    assert store.tokens.find(token) is None
    assert not store.tokens.revoke("reports", "cli:bo")


def test_a_name_is_free_again_once_its_token_is_revoked(store):
    first = store.tokens.make("reports", ["read"], "cli:ann")

    assert store.tokens.make("reports", ["admin"], "cli:ann") is None
    store.tokens.revoke("reports", "cli:ann")
    second = store.tokens.make("reports", ["act"], "cli:ann")

    assert store.tokens.find(first) is None
    assert store.tokens.find(second).scopes == ("act",)


def test_who_made_and_revoked_a_token_is_recorded(store):
    store.tokens.make("reports", ["read"], "cli:ann")
    store.tokens.revoke("reports", "cli:bo")
    store.tokens.revoke("reports", "cli:bo")

    assert audited(store) == [
        ("cli:bo", "token_revoked", {"token": "reports"}),
        ("cli:ann", "token_made", {"token": "reports", "scopes": ("read",)}),
    ]


def test_its_use_is_noted_to_the_minute(store, clock):
    token = store.tokens.make("reports", ["read"], "cli:ann")
    assert store.tokens.all()[0].used_at is None

    first = clock.forward(5)
    store.tokens.find(token)
    clock.forward(59)
    store.tokens.find(token)
    assert store.tokens.all()[0].used_at == first

    later = clock.forward(1)
    store.tokens.find(token)
    assert store.tokens.all()[0].used_at == later


def test_a_token_stays_good_while_its_use_cannot_be_written(store, monkeypatch):
    token = store.tokens.make("reports", ["read"], "cli:ann")

    def full():
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(store._database, "write", full)

    assert store.tokens.find(token).name == "reports"


def test_all_tokens_are_listed_the_newest_first_with_those_revoked(store):
    for name in ("a", "b"):
        store.tokens.make(name, ["read"], "cli:ann")
    store.tokens.revoke("a", "cli:ann")

    assert [(row.name, row.revoked_at is None) for row in store.tokens.all()] == [("b", True), ("a", False)]


@given(st.one_of(st.text(), st.text().map(MARK.__add__)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_was_not_made_is_found(store, text):
    assert store.tokens.find(text) is None
