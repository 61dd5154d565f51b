"""The line of the customers' file that describes the requester most exactly gives the facts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connector import Customer, SetFact
from connector.testing import a_desk, a_ticket, proposals
from plugins import customers


def tier(requester: str, lines: dict[str, str], **ticket) -> str | None:
    desk = a_desk(customers={match: {"tier": word} for match, word in lines.items()})
    changes = proposals(customers, a_ticket(requester=requester, **ticket), desk=desk)
    return changes[0].value if changes else None


@pytest.mark.parametrize(
    ("requester", "lines", "wanted"),
    [
        ("a@x.example", {"*@x.example": "domain", "a@x.example": "address"}, "address"),
        ("A@X.Example", {"a@x.example": "address"}, "address"),
        ("a@x.example", {"A@x.EXAMPLE": "address"}, "address"),
        ("a@x.example", {"*.example": "below", "*@x.example": "domain"}, "domain"),
        ("a@n.x.example", {"*.example": "far", "*.x.example": "near"}, "near"),
        ("a@x.example", {"*.x.example": "below"}, None),
        ("a@evilx.example", {"*.x.example": "below"}, None),
        ("a@evilx.example", {"*@x.example": "domain"}, None),
        ("a@x.example.evil.example", {"*@x.example": "domain"}, None),
        ("a@x.example", {"b@x.example": "somebody else"}, None),
        ("no-address", {"*@no-address": "domain", "*.example": "below"}, None),
        ("", {"*@": "nobody", "*.": "nobody"}, None),
    ],
)
def test_the_most_exact_line_wins(requester, lines, wanted):
    assert tier(requester, lines) == wanted


def test_an_organisation_is_found_where_no_address_is():
    lines = {"jira-org:ACME": "gold"}
    assert tier("", lines, organisations=["jira-org:acme"]) == "gold"
    assert tier("", lines, organisations=["jira-org:other"]) is None


def test_an_address_is_more_exact_than_an_organisation():
    lines = {"jira-org:ACME": "gold", "*.example": "silver"}
    assert tier("a@x.example", lines, organisations=["jira-org:ACME"]) == "silver"


def test_of_equal_lines_the_first_counts():
    desk = a_desk(customers=[Customer("a@x.example", {"tier": "gold"}), Customer("a@x.example", {"tier": "free"})])
    assert [c.value for c in proposals(customers, a_ticket(requester="a@x.example"), desk=desk)] == ["gold"]


@pytest.mark.parametrize(
    ("day", "counts"),
    [("2025-12-31", False), ("2026-01-01", True), ("2026-01-31", True), ("2026-02-01", False)],
)
def test_a_line_counts_from_its_first_to_its_last_day(day, counts):
    line = Customer("a@x.example", {"tier": "gold"}, start=date(2026, 1, 1), until=date(2026, 1, 31))
    now = datetime.fromisoformat(f"{day}T23:59:00").replace(tzinfo=UTC)
    changes = proposals(customers, a_ticket(requester="a@x.example"), desk=a_desk(customers=[line]), now=now)
    assert bool(changes) is counts


def test_a_line_that_has_ended_leaves_room_for_a_wider_one():
    lines = [
        Customer("a@x.example", {"tier": "gold"}, until=date(2020, 1, 1)),
        Customer("*@x.example", {"tier": "free"}),
    ]
    assert [
        c.value for c in proposals(customers, a_ticket(requester="a@x.example"), desk=a_desk(customers=lines))
    ] == ["free"]


def test_every_column_becomes_a_fact_and_an_empty_one_does_not():
    line = Customer("a@x.example", {"tier": "gold", "seats": 900, "zone": "", "name": None})
    assert proposals(customers, a_ticket(requester="a@x.example"), desk=a_desk(customers=[line])) == [
        SetFact("customer.tier", "gold", because="a@x.example in the customers' file", rule="a@x.example"),
        SetFact("customer.seats", 900, because="a@x.example in the customers' file", rule="a@x.example"),
    ]
