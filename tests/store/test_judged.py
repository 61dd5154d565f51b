"""What a report counts is read from the table as the pure core would choose it, one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from connector.core.instants import whole_second
from connector.core.sla_counting import Dimension, Span, Verdict, verdict
from connector.core.sla_report import Tally, sla_report
from connector.store import CycleRow, Only, Store, as_judged
from connector.store.cycles import exchange

from .conftest import MONDAY
from .test_cycles import MISSED, RUNNING
from .test_scans import plans_of, scans

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = Span(whole_second(MONDAY), whole_second(MONDAY + 7 * DAY))
ANY = Only()


def put(store: Store, *rows: CycleRow) -> None:
    with store.begin() as work:
        exchange(store._database, work.connection, (), rows)


def some(number: int, seed: int = 1) -> list[CycleRow]:
    """Cycles of three weeks, of which the one that is looked at is the second."""
    random, found = Random(seed), []
    for n in range(number):
        start = MONDAY + timedelta(seconds=random.randrange(-7 * 86_400, 14 * 86_400))
        after = [start + timedelta(seconds=random.randrange(10 * 86_400)) for _ in range(2)]
        over = random.random() < 0.6
        row = replace(
            RUNNING,
            tracker=random.choice(("jira", "gitlab")),
            ticket=str(n // 3),
            metric=random.choice(("first_response", "resolution")),
            number=n % 3 + 1,
            started_at=start,
            stopped_at=after[0] if over else None,
            breach_at=random.choice((None, after[1])),
            state=random.choice(("met", "missed", "cancelled") if over else ("running", "paused")),
            goal_s=random.choice((None, 3600)),
            team=random.choice((None, "支付", "support")),
            project=random.choice(("a", "b")),
            is_last=n % 3 == 2,
            is_over=over,
        )
        found.append(row)
    return found


@pytest.mark.parametrize(
    "only",
    [ANY, Only(metric="resolution"), Only(tracker="jira"), Only(project="b"), Only("resolution", "gitlab", "a")],
    ids=str,
)
def test_what_counts_in_the_span_is_read_and_nothing_else(store: Store, only: Only) -> None:
    rows = some(900)
    put(store, *rows)
    wanted = [
        row
        for row in rows
        if verdict(as_judged(row), WEEK)
        and only.metric in (None, row.metric)
        and only.tracker in (None, row.tracker)
        and only.project in (None, row.project)
    ]
    assert len(wanted) > 10
    assert sorted(map(str, store.judged.counted(WEEK, only))) == sorted(str(as_judged(row)) for row in wanted)
    tickets = sorted({(row.tracker, row.ticket) for row in wanted})
    assert store.judged.tickets(WEEK, only, ("", ""), 1000) == tickets
    assert store.judged.count_tickets(WEEK, only) == len(tickets)


def test_the_report_of_the_table_is_that_of_its_rows(store: Store) -> None:
    rows = some(300, seed=2)
    put(store, *rows)
    tally = Tally(WEEK, (Dimension.TEAM,))
    tally.add(store.judged.counted(WEEK, ANY))
    assert tally.report(Dimension.TEAM) == sla_report(map(as_judged, rows), WEEK, Dimension.TEAM)


def test_the_tickets_come_page_by_page(store: Store) -> None:
    put(store, *some(120, seed=3))
    whole = store.judged.tickets(WEEK, ANY, ("", ""), 1000)
    paged, after = [], ("", "")
    while page := store.judged.tickets(WEEK, ANY, after, 7):
        paged, after = paged + page, page[-1]
    assert paged == whole
    assert len(whole) > 20


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        (replace(MISSED, stopped_at=MONDAY), Verdict.MISSED),
        (replace(MISSED, stopped_at=MONDAY + 7 * DAY - timedelta(seconds=1)), Verdict.MISSED),
        (replace(MISSED, stopped_at=MONDAY - timedelta(seconds=1)), None),
        (replace(MISSED, stopped_at=MONDAY + 7 * DAY, breach_at=MONDAY + HOUR), Verdict.LATE),
        (replace(MISSED, stopped_at=MONDAY + 7 * DAY, breach_at=MONDAY - HOUR), None),
        (replace(MISSED, stopped_at=MONDAY + 8 * DAY, state="cancelled", breach_at=MONDAY + HOUR), None),
        (replace(RUNNING, breach_at=MONDAY + HOUR), Verdict.LATE),
        (replace(RUNNING, breach_at=MONDAY + 7 * DAY), None),
    ],
)
def test_the_edges_of_a_span_are_those_of_the_core(store: Store, row: CycleRow, counts: Verdict | None) -> None:
    put(store, row)
    found = list(store.judged.counted(WEEK, ANY))
    assert found == ([as_judged(row)] if counts else [])
    assert verdict(as_judged(row), WEEK) is counts


def test_a_report_reads_indexes_and_no_other_cycles(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'scans.db'}")
    with plans_of(store) as plans:
        list(store.judged.counted(WEEK, ANY))
        store.judged.tickets(WEEK, ANY, ("jira", "1"), 10)
    store.close()
    used = " ".join(plans)
    assert scans(plans) == []
    assert "cycle_stopped" in used
    assert "cycle_breach (is_last=? AND metric=? AND is_over=? AND breach_at>? AND breach_at<?)" in used
    assert "USING INDEX sqlite_autoindex_cycle_1" in used
    assert [plan for plan in plans if "TEMP B-TREE" in plan] == []
