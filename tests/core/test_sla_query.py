"""Queries over SLA clocks are read, or say where they make no sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.sla_query import Function, QueryMistake, Term, read_query

HOUR = 3600


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("breached()", {None: (Term(Function.BREACHED),)}),
        ("Resolution EVERBREACHED( )", {"resolution": (Term(Function.EVER_BREACHED),)}),
        ("first_response remaining() < 2h", {"first_response": (Term(Function.REMAINING, "<", 2 * HOUR),)}),
        ("elapsed()>=1d 2h", {None: (Term(Function.ELAPSED, ">=", 26 * HOUR),)}),
        ("remaining() <= -30m", {None: (Term(Function.REMAINING, "<=", -1800),)}),
        ("remaining() > 0", {None: (Term(Function.REMAINING, ">", 0),)}),
        (
            "running() and resolution paused() AND remaining() < 1h",
            {
                None: (Term(Function.RUNNING), Term(Function.REMAINING, "<", HOUR)),
                "resolution": (Term(Function.PAUSED),),
            },
        ),
    ],
)
def test_a_query_says_what_must_hold_of_which_clock(text, query):
    assert read_query(text) == query


@pytest.mark.parametrize(
    ("text", "word", "at", "found", "near"),
    [
        ("", "metric", 1, "", ""),
        ("brached()", "function", 1, "brached", "breached"),
        ("resolutoin breached()", "metric", 1, "resolutoin", "resolution"),
        ("breached", "brackets", 9, "", "breached"),
        ("resolution breached", "brackets", 20, "", "breached"),
        ("remaining()", "operator", 12, "", "remaining"),
        ("remaining() = 2h", "operator", 13, "=", "remaining"),
        ("remaining() < soon", "length", 15, "soon", ""),
        ("elapsed() >= 50%", "length", 14, "50%", ""),
        ("elapsed() >= 50", "length", 14, "50", ""),
        ("breached() > 2h", "no_comparison", 12, ">", "breached"),
        ("breached() or paused()", "and", 12, "or", ""),
        ("breached() and", "metric", 15, "", ""),
        ("breached() paused()", "and", 12, "paused", ""),
    ],
)
def test_a_mistake_says_where_it_is_and_what_was_meant(text, word, at, found, near):
    with pytest.raises(QueryMistake) as mistake:
        read_query(text)
    told = mistake.value
    assert (told.word, told.at, told.found, told.near) == (word, at, found, near)


@given(st.text(st.sampled_from("breached()remaining <>=-0123456789hm and resolution\x00支"), max_size=40))
def test_whatever_is_typed_is_a_query_or_a_mistake_within_it(text):
    at = 1
    try:
        read_query(text)
    except QueryMistake as mistake:
        at = mistake.at
    assert 1 <= at <= len(text) + 1
