"""A mention stands in our own texts alone: no value of a customer becomes one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connector import mention, neutral, render
from connector.core.mention import mentioned, with_names
from connector.testing import a_ticket

MARKER = mention("ann")
ANYTHING = st.text(st.one_of(st.characters(), st.sampled_from(sorted(set(MARKER))))) | st.just(str(MARKER))


def test_a_marker_becomes_what_the_tracker_makes_of_it():
    assert mentioned(f"{MARKER}, please look", lambda id: f"@{id}") == "@ann, please look"


def test_outside_a_tracker_it_is_the_name():
    assert with_names(f"{MARKER} and {mention('bo')}", {"ann": "Ann Li"}) == "Ann Li and bo"


def test_a_marker_passes_through_a_template():
    text = render("{who}, look at {title}", a_ticket(title="x"), {"who": mention("ann")})

    assert with_names(text, {"ann": "Ann Li"}) == "Ann Li, look at x"


@given(ANYTHING)
def test_no_value_of_a_ticket_becomes_a_mention(wish):
    told = []
    text = render("{title}|{requester.name}", a_ticket(title=wish, requester=wish))

    mentioned(text, lambda id: told.append(id) or "")

    assert told == []


@given(ANYTHING, ANYTHING)
def test_two_values_beside_each_other_make_none_either(one, two):
    told = []

    mentioned(neutral(one) + neutral(two), lambda id: told.append(id) or "")

    assert told == []


@given(ANYTHING)
def test_nothing_of_a_marker_is_left_in_a_text(text):
    assert not set(mentioned(text, lambda id: "")) & {MARKER[0], MARKER[-1]}


def test_an_id_cannot_break_out_of_its_marker():
    assert with_names(mention(f"ann{MARKER}"), {"annann": "Ann"}) == "Ann"
