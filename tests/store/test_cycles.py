"""Cycles are stored as they stood when they were counted; one that is finished stays as it was judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connector.store import CycleRow, Store

from .conftest import MONDAY

HOUR = timedelta(hours=1)
RUNNING = CycleRow(
    tracker="jira",
    ticket="10042",
    metric="resolution",
    number=1,
    state="running",
    rules="a1",
    counted_at=MONDAY + HOUR,
    started_at=MONDAY,
    policy="premium",
    calendar="cn-office",
    zone="Asia/Shanghai",
    goal_s=14400,
    elapsed_s=3600,
    remaining_s=10800,
    due_at=MONDAY + 4 * HOUR,
    breach_at=MONDAY + 4 * HOUR,
    zero_mark=900_000,
    due_mark=914_400,
    priority="high",
    tier="gold",
    channel="email",
    team="支付",
    project="acme/support",
    applies="support",
)
MISSED = replace(
    RUNNING,
    state="missed",
    counted_at=MONDAY + 6 * HOUR,
    stopped_at=MONDAY + 5 * HOUR,
    elapsed_s=18000,
    remaining_s=-3600,
    breached_at=MONDAY + 4 * HOUR,
    zero_mark=None,
    due_mark=None,
    history="h1",
)
MET_BY_OTHER_GOAL = replace(MISSED, state="met", goal_s=36000, breached_at=None, breach_at=None, rules="b2")


def put(store: Store, *rows: CycleRow, is_over: bool = False) -> None:
    with store.begin() as work:
        work.put_cycles("jira", "10042", rows, is_over=is_over)


def of(store: Store) -> tuple[CycleRow, ...]:
    return store.cycles.of("jira", "10042")


def test_a_cycle_comes_back_as_it_was_stored(store: Store) -> None:
    other = replace(RUNNING, metric="ownership", team=None, tier=None, channel=None)
    put(store, RUNNING, other)
    assert of(store) == (other, RUNNING)
    assert store.cycles.of("jira", "1") == ()


def test_an_open_cycle_is_replaced_by_how_it_stands_now(store: Store) -> None:
    put(store, RUNNING)
    later = replace(
        RUNNING, state="paused", elapsed_s=7200, counted_at=MONDAY + 2 * HOUR, due_at=None, breach_at=None
    )
    put(store, later)
    assert of(store) == (later,)


def test_a_finished_cycle_stays_as_it_was_judged(store: Store) -> None:
    put(store, MISSED)
    put(store, MET_BY_OTHER_GOAL)
    assert of(store) == (MISSED,)


def test_a_finished_cycle_with_another_past_is_judged_anew(store: Store) -> None:
    put(store, MISSED)
    late_fact = replace(MET_BY_OTHER_GOAL, history="h2")
    put(store, late_fact)
    assert of(store) == (late_fact,)


def test_a_reopened_cycle_goes_on_and_is_judged_at_its_next_stop(store: Store) -> None:
    put(store, MISSED)
    put(store, RUNNING)
    assert of(store) == (RUNNING,)
    put(store, MET_BY_OTHER_GOAL)
    assert of(store) == (MET_BY_OTHER_GOAL,)


def test_a_finished_cycle_keeps_its_verdict_though_an_earlier_one_is_found(store: Store) -> None:
    put(store, MISSED)
    earlier = replace(
        MISSED, started_at=MONDAY - HOUR, stopped_at=MONDAY, state="met", breached_at=None, is_last=False
    )
    put(store, earlier, replace(MET_BY_OTHER_GOAL, number=2))
    assert of(store) == (earlier, replace(MISSED, number=2))


def test_what_was_breached_once_is_known_to_all_later_cycles(store: Store) -> None:
    put(store, replace(MISSED, is_last=False), replace(RUNNING, number=2), replace(RUNNING, metric="ownership"))
    assert [(row.metric, row.number, row.breached_before) for row in of(store)] == [
        ("ownership", 1, False),
        ("resolution", 1, False),
        ("resolution", 2, True),
    ]


def test_the_verdict_that_was_kept_counts_as_a_breach_of_before(store: Store) -> None:
    put(store, MISSED)
    put(store, replace(MET_BY_OTHER_GOAL, is_last=False), replace(RUNNING, number=2))
    assert [row.breached_before for row in of(store)] == [False, True]


def test_a_cycle_that_never_was_goes(store: Store) -> None:
    put(store, replace(MISSED, is_last=False), replace(RUNNING, number=2))
    put(store, MISSED)
    assert of(store) == (MISSED,)


def test_of_a_metric_that_no_policy_has_any_more_only_what_was_finished_stays(store: Store) -> None:
    put(store, MISSED, replace(RUNNING, metric="ownership"))
    put(store, is_over=True)
    assert of(store) == (replace(MISSED, is_over=True),)


def test_of_a_ticket_that_is_gone_nothing_runs(store: Store) -> None:
    put(store, MISSED, replace(RUNNING, metric="ownership"))
    with store.begin() as work:
        work.bury_cycles("jira", "10042")
    assert of(store) == (replace(MISSED, is_over=True),)
