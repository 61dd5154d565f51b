"""The SLA clock says what the worked cases say, and what a naive simulator says of random tickets."""

from __future__ import annotations

import json
import os
import random
from collections import defaultdict
from functools import cache
from typing import Any

import pytest

from connector.core.calendars import Calendar, compile_calendar
from connector.core.clock import evaluate

from .sla_calendars import CALENDARS
from .sla_cases import checks
from .sla_histories import History, history
from .sla_simulator import simulate

SOAK = float(os.environ.get("SOAK", "0.1"))
HISTORIES = round(5000 * SOAK) if SOAK >= 1 else 300
SHARES = 10
"""The histories are tried in so many tests, so that a few wrong ones do not hide the rest."""


@cache
def compiled(name: str) -> Calendar:
    return compile_calendar(CALENDARS[name], 2026, 2026)


def clock(ticket: History, events: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """What the clock says of a history, on calendars that are compiled once."""
    calendars = {name: compiled(name) for name in ticket.calendars}
    return evaluate(
        ticket.policy, calendars, ticket.events if events is None else events, ticket.as_of, ticket.known_at
    )


def shuffled(ticket: History) -> list[dict[str, Any]]:
    """The events in another order; those with one id keep theirs, since the later of a tie counts (E1)."""
    dice = random.Random(ticket.seed)
    by_id = defaultdict(list)
    for event in ticket.events:
        by_id[event["id"]].append(event)
    names = [event["id"] for event in ticket.events]
    dice.shuffle(names)
    return [by_id[name].pop(0) for name in names]


@pytest.mark.parametrize(("policy", "calendars", "events", "as_of", "known_at", "expect"), checks())
def test_a_worked_case_comes_out_to_the_field(policy, calendars, events, as_of, known_at, expect):
    assert evaluate(policy, calendars, events, as_of, known_at) == expect


@pytest.mark.parametrize("share", range(SHARES))
def test_a_random_ticket_has_the_clock_that_is_counted_minute_by_minute(share):
    wrong = {}
    for seed in range(share, HISTORIES, SHARES):
        ticket = history(seed)
        counted, said = simulate(*ticket.arguments), clock(ticket)
        if said != counted:
            wrong[seed] = {
                name: (said.get(name), counted[name]) for name in counted if said.get(name) != counted[name]
            }
    assert wrong == {}, f"seeds {sorted(wrong)}: `history(seed)` makes each again"


def test_the_order_in_which_events_are_listed_does_not_matter():
    tickets = [history(seed) for seed in range(100)]
    assert [ticket.seed for ticket in tickets if clock(ticket, shuffled(ticket)) != clock(ticket)] == []


def test_asked_twice_it_says_the_same_and_leaves_what_it_was_given_alone():
    for seed in range(30):
        ticket = history(seed)
        before = json.dumps(ticket.arguments)
        assert evaluate(*ticket.arguments) == evaluate(*ticket.arguments) == clock(ticket)
        assert json.dumps(ticket.arguments) == before


def test_every_kind_of_outcome_comes_up_among_the_random_tickets():
    outcomes = [outcome for seed in range(300) for outcome in clock(history(seed)).values()]
    states = {outcome["state"] for outcome in outcomes}
    assert states == {"not_started", "running", "paused", "inactive", "met", "missed", "cancelled"}
    assert sum(outcome["cycle"] > 1 for outcome in outcomes) > 50
