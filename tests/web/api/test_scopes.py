"""Which token opens which operation: the document says it, and the answers prove it."""

from __future__ import annotations

import re

import pytest

from connector.web.visitor import SCOPES

from .place import the_document

OPENS = {"read": {"read"}, "act": {"read", "act"}, "admin": {"read", "act", "admin"}, "metrics": set()}
OPERATIONS = [
    (method.upper(), re.sub(r"\{\w+\}", "7", path).removeprefix("/api/v1"), operation["security"][0]["token"][0])
    for path, item in the_document()["paths"].items()
    for method, operation in item.items()
    if method in ("get", "post")
]


def test_every_scope_is_tried():
    assert set(OPENS) == set(SCOPES)
    assert {scope for _, _, scope in OPERATIONS} == {"read", "act", "admin"}


@pytest.mark.parametrize("held", OPENS)
@pytest.mark.parametrize(("method", "path", "needed"), OPERATIONS)
def test_a_token_opens_what_its_scope_says_and_nothing_else(ask, method, path, needed, held):
    answer = ask(method, path, held)

    assert (answer.status_code != 403) == (needed in OPENS[held])
    if answer.status_code == 403:
        assert set(answer.json) == {"error", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "needed"), [*OPERATIONS, ("GET", "/openapi.json", ""), ("GET", "/no", "")]
)
def test_a_stranger_gets_the_same_401_everywhere(ask, method, path, needed):
    answer = ask(method, path, "")

    assert (answer.status_code, set(answer.json)) == (401, {"error", "request_id"})
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("sent", ["Bearer", "Bearer pmt_unknown", "Basic YTpi", "Bearer é", "Bearer " + "x" * 10_000])
def test_what_is_no_token_opens_nothing(ask, sent):
    answer = ask("GET", "/tickets", "", headers={"Authorization": sent.encode().decode("latin-1")})

    assert answer.status_code == 401


def test_a_revoked_token_opens_nothing_at_once(ask, place):
    name = place.token()
    secret = place.services.store.tokens.make("short-lived", ["read"], "console")
    given = {"Authorization": f"Bearer {secret}"}
    assert ask("GET", "/tickets", "", headers=given).status_code == 200

    assert ask("POST", "/tokens/short-lived/revoke", "admin").json == {"name": "short-lived", "state": "revoked"}

    assert ask("GET", "/tickets", "", headers=given).status_code == 401
    assert ask("POST", "/tokens/short-lived/revoke", "admin").status_code == 404
    assert {row["name"]: bool(row["revoked_at"]) for row in ask("GET", "/tokens", "admin").json}[name] is False


def test_no_answer_holds_a_token(ask, place):
    listed = (
        ask("GET", "/tokens", "admin").text
        + ask("GET", "/settings", "admin").text
        + ask("GET", "/changes", "act").text
    )

    assert "of-read" in listed
    for secret in (*place.tokens.values(), "the console's"):
        assert secret not in listed
