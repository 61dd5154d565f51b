"""What was finished long ago goes, however much of it there is; what is recent or waits stays."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from connector.cli.why import _in_words
from connector.engine.clean_up import FORGET_AFTER, clean_up
from connector.engine.notices import notice
from connector.engine.why import plans_of
from connector.settings import Settings
from connector.store import EffectRow, Incoming, PlanRow, TicketRow
from connector.testing import FixedClock
from tests.engine.line import Line, a_line

KEEP_EVENTS = Settings().keep_events
BATCH = 500
"""How many rows the store removes in one transaction."""


def event(number: int, lane: str) -> Incoming:
    said = {"tracker": "t", "ticket": lane}
    return Incoming(
        source="t", delivery=f"d{number}", lane=f"t:{lane}", kind="updated", event=said, body=b"", headers={}
    )


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def line(tmp_path: Path, clock: FixedClock) -> Iterator[Line]:
    with a_line(tmp_path, {}, clock=clock) as opened:
        yield opened


def finished(line: Line, events: int) -> None:
    """So many events of ticket 1 that were worked."""
    with ThreadPoolExecutor(32) as hands:
        list(hands.map(lambda n: line.store.inbox.accept(event(n, "1")), range(events)))
    (lane,) = line.store.inbox.claim("test", 1)
    while ids := [row.id for row in line.store.inbox.waiting(lane, BATCH)]:
        with line.store.fenced(lane) as work:
            work.finish(ids)


def test_a_busy_month_is_removed_in_one_go_and_the_ids_later(line: Line, clock: FixedClock) -> None:
    store = line.store
    finished(line, BATCH + 50)
    store.inbox.accept(event(-1, "2"))

    clock.forward(KEEP_EVENTS + timedelta(days=1))
    clean_up(line.services, clock())
    assert store.inbox.prune(clock()) == 0
    assert store.inbox.depth().waiting == 1
    assert store.inbox.accept(event(7, "1")).duplicate

    clock.forward(FORGET_AFTER)
    clean_up(line.services, clock())
    assert not store.inbox.accept(event(7, "1")).duplicate


def test_a_first_clean_up_after_long_is_done_bit_by_bit(
    line: Line, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.engine.clean_up.MOST_BATCHES", 1)
    finished(line, BATCH + 50)
    clock.forward(KEEP_EVENTS + timedelta(days=1))
    clean_up(line.services, clock())
    assert line.store.inbox.prune(clock()) == 50


def test_notices_that_nobody_is_shown_any_more_are_removed(line: Line, clock: FixedClock) -> None:
    notice(line.services, "gone", "t:1", "t 1 is gone")
    clock.forward(timedelta(hours=25))
    notice(line.services, "gone", "t:2", "t 2 is gone")
    clean_up(line.services, clock())
    assert line.store.meta.get("notice/gone/t:1") is None
    assert line.store.meta.get("notice/gone/t:2")


def test_why_of_an_old_plan_says_when_its_inputs_went_and_still_what_it_wrote(line: Line, clock: FixedClock) -> None:
    made = {"event": {"kind": "created"}, "inputs": {"title": "x"}, "decisions": {"applies": "desk", "decisions": ()}}
    written = EffectRow(
        "k{plan}", 0, "priority", "SetPriority", before="low", after="urgent", state="refused", why="no"
    )
    with line.store.begin() as work:
        work.put_ticket(TicketRow("t", "1", key="SUP-1"))
        for _ in range(4):
            work.add_plan(PlanRow("t", "1", **made, state="done"), [written])
    now = clock.forward(line.services.settings.keep_plans + timedelta(days=1))
    clean_up(line.services, clock())
    shown = plans_of(line.store, "t", "SUP-1")
    assert shown is not None
    assert [bool(plan["removed_at"]) for plan in shown] == [False, False, False, True]
    assert (shown[3]["decisions"], shown[3]["failures"], shown[3]["event"]["kind"]) == ([], (), None)
    assert f"was removed on {now:%Y-%m-%d}" in _in_words(shown[3])
    assert "priority = urgent: refused no" in _in_words(shown[3])
