"""The busiest transactions cost the same however full the tables are: every statement finds its rows by an index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connector.core.sla_query import read_query
from connector.store import ClockWish, CycleRow, Incoming, PlanRow, Share, Store, TicketRow
from connector.store.inbox.accept import ready

from .conftest import MONDAY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """PostgreSQL rightly scans small tables, so that the plans of SQLite are looked at."""
    store = Store.open(f"sqlite:///{tmp_path / 'scans.db'}")
    yield store
    store.close()


@contextmanager
def plans_of(store: Store) -> Iterator[list[str]]:
    """SQLite's plan of each statement executed inside."""
    engine = store._database.engine
    seen: list[tuple[str, Any]] = []
    plans: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, parameters[0] if isinstance(parameters, list) else parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    yield plans
    sa.event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        for statement, parameters in seen:
            if statement.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE"):
                plan = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plans += [f"{row[3]}: {statement}" for row in plan.fetchall()]


def scans(plans: list[str]) -> list[str]:
    """Plans that read a whole table, or a whole index from end to end without a limit.

    `sqlite_sequence` has one row for each table.
    """
    small = ("CONSTANT ROW", "SCAN sqlite_sequence")
    return [
        plan
        for plan in plans
        if plan.startswith("SCAN ") and "LIMIT" not in plan and not any(name in plan for name in small)
    ]


def test_accepting_many_events_at_once_looks_at_no_other_events(store: Store) -> None:
    batch = [ready(Incoming("gitlab", f"d{n}", f"gitlab:1/{n % 7}", "updated", {"n": n}, b"{}")) for n in range(40)]
    with plans_of(store) as plans:
        store.inbox._store(batch)
    assert any("seen" in plan for plan in plans)
    assert scans(plans) == []


def test_firing_many_timers_at_once_looks_at_no_other_timers(store: Store) -> None:
    with store.begin() as work:
        for n in range(40):
            work.set_timer(f"gitlab:1/{n}", "wake", work.now - timedelta(seconds=1))
    with plans_of(store) as plans:
        assert store.timers.fire() == 40
    assert any("DELETE FROM timer" in plan for plan in plans)
    assert scans(plans) == []


def test_working_an_event_looks_at_no_other_events(store: Store) -> None:
    store.inbox.accept(Incoming("gitlab", "d1", "gitlab:1/1", "updated", {"n": 1}))
    with plans_of(store) as plans:
        (lane,) = store.inbox.claim("me", 5)
        (event,) = store.inbox.waiting(lane)
        store.inbox.heartbeat([lane])
        with store.fenced(lane) as work:
            work.finish([event.id])
        store.inbox.release(lane)
    assert scans(plans) == []


def test_a_text_that_is_shared_is_found_without_reading_the_others(store: Store) -> None:
    row = PlanRow("gitlab", "1/1", event={"n": 1}, rule_texts={"a.yaml": "version: 1"})
    with plans_of(store) as plans, store.begin() as work:
        work.add_plan(row, [])
        work.add_plan(row, [])
    assert any("SELECT payload.id" in plan for plan in plans)
    assert scans(plans) == []


FILTERS = ("tracker", "project", "team", "status", "assignee", "applies", "mode")


@pytest.mark.parametrize(
    "wanted",
    [{}, {"text": "x"}, {"over": True}, {"priority": 3}, {"team": "", "assignee": ""}]
    + [{name: "x"} for name in FILTERS]
    + [{"assignee": "x", name: "y", "over": False} for name in FILTERS if name != "assignee"],
)
@pytest.mark.parametrize("place", [None, TicketRow("gitlab", "1", priority=2), TicketRow("t", "2", created=MONDAY)])
def test_the_desk_shows_a_page_without_sorting_all_tickets(
    store: Store, wanted: dict[str, Any], place: TicketRow | None
) -> None:
    with plans_of(store) as plans:
        store.tickets.desk(**wanted, after=store.tickets.position(place) if place else None)
    walks = [plan for plan in plans if "FROM ticket" in plan and "meta" not in plan]
    assert walks
    assert [plan for plan in walks if "SCAN" in plan and "SCAN anon" not in plan and "COVERING" not in plan] == []
    assert [plan for plan in plans if "TEMP B-TREE" in plan] == []


@pytest.mark.parametrize("name", FILTERS)
def test_a_desk_with_one_filter_reads_the_index_of_that_filter(store: Store, name: str) -> None:
    with plans_of(store) as plans:
        store.tickets.desk(**{name: "x"}, after=store.tickets.position(TicketRow("gitlab", "1")))
    index = "ticket_order_of" if name == "tracker" else f"ticket_order_{name}"
    used = {plan.partition(":")[0] for plan in plans if plan.startswith("SEARCH ticket")}
    assert used
    assert [plan for plan in used if index not in plan and "sqlite_autoindex_ticket_1" not in plan] == []


def test_a_search_reads_the_tickets_of_the_rarest_word_only(store: Store) -> None:
    with store.begin() as work:
        work.put_ticket(TicketRow("gitlab", "1", key="SUP-1", title="payment failed"))
    with plans_of(store) as plans:
        assert len(store.tickets.desk(text="payment failed", team="x")) == 0
        assert len(store.tickets.desk(text="payment failed")) == 1
    assert any("ticket_word USING PRIMARY KEY (word=?)" in plan for plan in plans)
    assert [plan for plan in plans if plan.startswith("SCAN ticket") and "LIMIT" not in plan] == []


def test_the_open_plan_of_a_ticket_is_found_without_reading_its_others(store: Store) -> None:
    with plans_of(store) as plans, store.begin() as work:
        assert store.plans.open_plan("gitlab", "1/1") is None
        work.close_open_plans("gitlab", "1/1", "gone")
    assert len(plans) >= 2
    assert [plan for plan in plans if "plan_open" not in plan] == []


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("breached()", "cycle_breach "),
        ("resolution everBreached()", "cycle_breached_before "),
        ("paused()", "cycle_remaining "),
        ("resolution remaining() < 2h", "cycle_remaining "),
        ("elapsed() > 2h and running()", "cycle_elapsed "),
    ],
)
def test_tickets_are_found_by_their_clocks_without_reading_the_others(store: Store, query: str, index: str) -> None:
    clocks = ClockWish(read_query(query), MONDAY, {"cn-office": 3600, "24x7": 7200})
    with plans_of(store) as plans:
        store.tickets.desk(clocks=clocks, over=False)
    assert any(f"USING INDEX {index}" in plan or f"USING COVERING INDEX {index}" in plan for plan in plans)
    assert [plan for plan in plans if plan.startswith(("SCAN ticket", "SCAN cycle"))] == []


def test_clocks_that_go_by_other_rules_are_found_due_soonest_first_without_sorting(store: Store) -> None:
    with store.begin() as work:
        work.put_cycles(
            "t", "1", [CycleRow("t", "1", "resolution", 1, "running", "old", MONDAY, MONDAY)], is_over=False
        )
    with plans_of(store) as plans:
        store.cycles.stale({"": "new"}, 10)
        store.cycles.left({"": "new"}, 10)
    assert any("INDEX cycle_rules" in plan and "ORDER BY cycle.due_at" in plan for plan in plans)
    assert [plan for plan in plans if "SCAN cycle" in plan or ("TEMP B-TREE" in plan and "due_at" in plan)] == []


def test_a_choice_among_people_and_its_claim_read_neither_tickets_nor_the_ledger(store: Store) -> None:
    name, people = ("gitlab", "1/1"), [f"p{n}" for n in range(40)]
    with store.begin() as work:
        work.claim(name, Share("p1", 1000), 10_000)
        work.take_turn("frontline", "p1", people)
    with plans_of(store) as plans:
        store.loads.of(people, without=name)
        with store.begin() as work:
            work.claim(name, Share("p2", 250), 10_000)
            work.take_turn("frontline", "p2", people)
    assert any("SEARCH load_sum" in plan for plan in plans)
    assert scans(plans) == []
    assert [plan for plan in plans if "FROM load_entry" in plan or "FROM ticket" in plan] == []
