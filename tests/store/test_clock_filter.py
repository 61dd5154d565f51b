"""What the database finds by a query over clocks is what the clocks themselves say at that instant."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import count as numbers
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.core.calendars import Calendar, compile_calendar
from connector.core.clock import Clock, breached_at, clocks, state_of
from connector.core.instants import moment_of, seconds_of
from connector.core.sla_query import Function, Query, Term, read_query
from connector.engine.cycles import Count, Subject, cycle_rows
from connector.rulebook import RuleFile
from connector.store import ClockWish, CycleRow, Store, TicketRow, clock_filter
from tests.core.sla_calendars import CALENDARS
from tests.core.sla_histories import METRICS, history

from .conftest import MONDAY
from .test_cycles import RUNNING

EXAMPLES = max(8, round(100 * float(os.environ.get("SOAK", "0.1"))))
CALENDAR: dict[str, Calendar] = {name: compile_calendar(spec, 2025, 2027) for name, spec in CALENDARS.items()}
FILE = RuleFile("desk", "desk.yaml", clocks="d1")
HOUR = timedelta(hours=1)
COMPARED = {"<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__}
ids = numbers(1)


def holds(term: Term, clock: Clock) -> bool:
    """What the documentation says of each function."""
    last = clock.last
    if last is None:
        return False
    goes = clock.state in ("running", "paused")
    match term.function:
        case Function.BREACHED:
            return breached_at(last) is not None
        case Function.EVER_BREACHED:
            return any(breached_at(cycle) is not None for cycle in clock.cycles)
        case Function.RUNNING | Function.PAUSED:
            return clock.state == term.function.value
        case Function.COMPLETED:
            return any(state_of(cycle) in ("met", "missed") for cycle in clock.cycles)
        case Function.REMAINING:
            return goes and COMPARED[term.operator](last.goal.seconds - last.elapsed, term.seconds)  # type: ignore[union-attr]
        case Function.ELAPSED:
            return goes and COMPARED[term.operator](last.elapsed, term.seconds)


def meets(query: Query, found: Iterable[Clock]) -> bool:
    every = tuple(found)
    return all(
        any(metric in (None, clock.metric) and all(holds(term, clock) for term in terms) for clock in every)
        for metric, terms in query.items()
    )


def put(store: Store, ticket: str, rows: Iterable[CycleRow], *, over: bool = False, gone: bool = False) -> None:
    with store.begin() as work:
        work.put_ticket(TicketRow("t", ticket, f"T-{ticket}", status="done" if over else "open", gone=gone))
        work.put_cycles("t", ticket, rows, is_over=over)


lengths = st.sampled_from((-7200, -1, 0, 1, 1200, 2400, 3600, 7200, 14400, 28800))
terms = st.builds(
    lambda function, operator, seconds: Term(function, operator, seconds) if function.compares else Term(function),
    st.sampled_from(list(Function)),
    st.sampled_from(sorted(COMPARED)),
    lengths,
)
queries = st.dictionaries(
    st.sampled_from((None, *METRICS)), st.lists(terms, min_size=1, max_size=2).map(tuple), min_size=1, max_size=2
)


@pytest.mark.parametrize("few", [clock_filter.FEW, -1], ids=["looked up", "walked"])
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    seeds=st.lists(st.integers(0, 10**6), min_size=1, max_size=5, unique=True),
    later=st.sampled_from((0, 1, 600, 3600, 5 * 3600, 30 * 3600, 300 * 3600)),
    query=queries,
    over=st.sampled_from((None, False, True)),
)
def test_the_database_finds_what_the_clocks_say(
    store: Store, few: int, seeds: list[int], later: int, query: Query, over: bool | None
) -> None:
    """Counted when something happened last, asked any time later."""
    expected, mine = set(), set()
    now = max(seconds_of(history(seed).as_of) for seed in seeds) + later
    for seed in seeds:
        past = history(seed)
        counted_at = seconds_of(past.as_of)
        events = [event for event in past.events if seconds_of(event["at"]) <= counted_at]
        found = clocks(past.policy, CALENDAR, events, counted_at)
        id = str(next(ids))
        rows = cycle_rows(Subject("t", id, "p"), FILE, CALENDAR, events, Count(found))
        put(store, id, rows, over=bool(seed % 2))
        mine.add(id)
        side = over is None or over == bool(seed % 2)
        if side and meets(query, clocks(past.policy, CALENDAR, events, now).values()):
            expected.add(id)
    wish = ClockWish(query, moment_of(now), {name: each.mark(now) for name, each in CALENDAR.items()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock_filter, "FEW", few)
        seen = store.tickets.desk(clocks=wish, over=over, limit=10_000)
    assert {row.id for row in seen} & mine == expected


def wish(text: str, hours: float = 1) -> ClockWish:
    now = MONDAY + hours * HOUR
    return ClockWish(read_query(text), now, {"cn-office": 903_600 + int((hours - 1) * 3600)})


def seen(store: Store, text: str, hours: float = 1, **more: Any) -> list[str]:
    return [row.id for row in store.tickets.desk(clocks=wish(text, hours), **more)]


def test_a_clock_is_breached_from_its_deadline_on_though_nobody_counted_since(store: Store) -> None:
    put(store, "1", [replace(RUNNING, tracker="t", ticket="1")])
    assert seen(store, "breached()", 3.9) == []
    assert seen(store, "breached()", 4) == ["1"]
    assert seen(store, "remaining() < 1h", 3) == []
    assert seen(store, "remaining() <= 1h", 3) == ["1"]


def test_what_is_asked_without_a_metric_is_asked_of_one_clock(store: Store) -> None:
    late = replace(
        RUNNING, tracker="t", ticket="1", metric="ownership", state="met", breached_at=None, breach_at=None
    )
    put(store, "1", [replace(RUNNING, tracker="t", ticket="1"), late])
    assert seen(store, "running() and completed()") == []
    assert seen(store, "resolution running() and ownership completed()") == ["1"]


def test_a_ticket_with_two_such_clocks_is_found_once(store: Store) -> None:
    put(store, "1", [replace(RUNNING, tracker="t", ticket="1", metric=name) for name in ("resolution", "ownership")])
    assert seen(store, "running()", over=False) == ["1"]
    assert seen(store, "breached()", 5, over=False) == ["1"]


def test_tickets_that_are_gone_are_not_asked_about(store: Store) -> None:
    put(store, "1", [replace(RUNNING, tracker="t", ticket="1")], gone=True)
    assert seen(store, "running()") == []


@pytest.mark.parametrize("few", [clock_filter.FEW, -1], ids=["looked up", "walked"])
def test_pages_follow_each_other_in_working_order(store: Store, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_filter, "FEW", few)
    for number in range(7):
        put(store, str(number), [replace(RUNNING, tracker="t", ticket=str(number))], over=number % 3 == 0)
    pages, after = [], None
    while page := store.tickets.desk(clocks=wish("running()"), after=after, limit=3):
        pages += [row.id for row in page]
        after = store.tickets.position(page[-1])
    assert pages == ["1", "2", "4", "5", "0", "3", "6"]
    assert seen(store, "running()", over=True) == ["0", "3", "6"]
