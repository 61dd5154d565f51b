"""A backfill that is killed anywhere and resumed leaves no ticket out and works none twice, on both databases."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.databases import fresh_database, kinds
from tests.engine.old_desk import Hands, OldDesk, an_old_desk

SHARE = min(1.0, max(0.2, float(os.environ.get("SOAK", "0.1"))))
MANY = {"gitlab": round(300 * SHARE), "cloud": round(120 * SHARE), "dc": round(120 * SHARE)}
LEASE = timedelta(seconds=31)


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Mortal(Hands):
    """Dies at one of its steps, before or after the workers' share."""

    def __init__(self, desk: OldDesk, dies_at: int) -> None:
        super().__init__(desk)
        self.left = dies_at

    def pause(self, seconds: float) -> bool:
        self._age()
        super().pause(seconds)
        self._age()
        return True

    def _age(self) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Killed


@pytest.fixture(params=kinds())
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_database(request.param, tmp_path) as made:
        yield made


def requests_for(desk: OldDesk, ticket: str) -> int:
    return len(desk.far.writes(ticket))


@pytest.mark.parametrize("place", ["gitlab", "cloud", "dc"])
def test_killed_and_resumed_all_tickets_are_written_once(tmp_path: Path, url: str, place: str) -> None:
    many = MANY[place]
    chance = random.Random(f"{place} killed")
    with an_old_desk(place, many) as desk:
        with desk.opened(tmp_path, url):
            run = desk.begin("live")
        deaths = 0
        while run.state != "done":
            with desk.opened(tmp_path, url):
                run = desk.line.store.backfills.get(run.id) or run
                try:
                    found = desk.finish(run, Mortal(desk, chance.randint(1, many // 3)))
                except Killed:
                    deaths += 1
                run = desk.line.store.backfills.get(run.id) or run
        assert deaths >= 3
        assert found["tickets"] == {"all": many, "decided": many}
        assert {requests_for(desk, ticket) for ticket in desk.tickets} == {1}
        assert sum(desk.urgent(ticket) for ticket in desk.tickets) == many // 3


def test_killed_inside_of_a_transaction_it_is_as_if_the_step_had_not_begun(tmp_path: Path, url: str) -> None:
    """Every call on the store dies once, after its statements and before its commit or right after it."""
    chance = random.Random("transactions")
    with an_old_desk("local", 40) as desk:
        with desk.opened(tmp_path, url):
            run = desk.begin("live")
        deaths = 0
        while run.state != "done":
            with desk.opened(tmp_path, url):
                database = desk.line.store._database
                usual, left = database.write, [chance.randint(1, 60)]
                _dying(database, usual, left)
                try:
                    found = desk.finish(desk.line.store.backfills.get(run.id) or run)
                except Killed:
                    deaths += 1
                database.write = usual
                run = desk.line.store.backfills.get(run.id) or run
            desk.clock.now += LEASE
        assert deaths >= 3
        assert found["tickets"] == {"all": 40, "decided": 40}
        assert {requests_for(desk, ticket) for ticket in desk.tickets} == {1}


def _dying(database, usual, left) -> None:
    @contextmanager
    def write():
        with usual() as connection:
            yield connection
            left[0] -= 1
            if left[0] == 0:
                raise Killed
        if left[0] == -1:
            raise Killed

    database.write = write


def test_a_storm_of_429_is_waited_out_and_nothing_is_lost(tmp_path: Path, url: str) -> None:
    chance = random.Random("storm")
    for place in ("gitlab", "cloud"):
        with an_old_desk(place, 40) as desk, desk.opened(tmp_path / place, url):
            desk.far.faults.random(chance, {"429": 0.25 if place == "gitlab" else 0.15}, writes_only=False)
            watch = Hands(desk)
            found = desk.run("live", watch)
            assert found["tickets"] == {"all": 40, "decided": 40}
            assert len(desk.far.faults.met) >= 10
            assert any(step.waits_until for step in watch.seen)
            desk.far.faults.clear()
            again = desk.run("live")
            assert again["outcomes"].keys() == {"already so"}


def test_a_tracker_that_is_out_of_reach_for_a_while_is_waited_for(tmp_path: Path, url: str) -> None:
    chance = random.Random("ill")
    with an_old_desk("dc", 30) as desk, desk.opened(tmp_path, url):
        desk.far.faults.random(chance, {"500-before": 0.2, "cut-after": 0.05}, writes_only=False)
        found = desk.run("live")
        assert found["tickets"] == {"all": 30, "decided": 30}
        assert sum(desk.urgent(ticket) for ticket in desk.tickets) == 10


def test_two_commands_at_one_run_do_no_harm(tmp_path: Path, url: str) -> None:
    with an_old_desk("gitlab", 30) as desk, desk.opened(tmp_path, url):
        run = desk.listed(desk.begin("live"), Hands(desk))
        inner: list[dict[str, object]] = []

        def other() -> None:
            if not inner:
                inner.append({})
                inner[0] = desk.finish(run)

        found = desk.finish(run, Hands(desk, other))
        assert found["tickets"] == {"all": 30, "decided": 30}
        assert {requests_for(desk, ticket) for ticket in desk.tickets} == {1}
