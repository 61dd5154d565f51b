"""Whatever is done, lost, doubled, late or cut off: ledger, shares and sums agree, at last with the tickets too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connector.errors import TrackerError
from connector.model import Kind
from connector.testing import FakeTracker, FixedClock
from connector.trackers import Answer, Call
from tests.databases import fresh_database, kinds
from tests.engine.line import Line, a_line
from tests.store.conftest import empty
from tests.store.test_loads import check, held

from .test_loads import FILE, PEOPLE, WITHOUT, take

SOAK = float(os.environ.get("SOAK", "0.1"))
EFFORT = {"urgent": 3000}
LIVE, SHADOW = FILE, FILE.replace("mode: live", "mode: shadow")
tickets = st.integers(0, 4)
values = st.one_of(
    st.tuples(st.just("assignee"), st.sampled_from([None, "ann", "bo", "zoe"])),
    st.tuples(st.just("status"), st.sampled_from(["new", "open", "pending", "on_hold", "done"])),
    st.tuples(st.just("priority"), st.sampled_from(["urgent", "normal", "low"])),
)
steps = st.one_of(
    st.tuples(st.just("create"), st.sampled_from(["outage", "hello"])),
    st.tuples(st.just("edit"), st.tuples(tickets, values)),
    st.tuples(st.just("tell"), st.tuples(tickets, st.integers(1, 3))),
    st.tuples(st.just("rules"), st.sampled_from([LIVE, SHADOW, WITHOUT])),
    st.tuples(st.just("fail"), st.integers(1, 2)),
    st.tuples(st.just("restart"), st.none()),
)


class Shaky(FakeTracker):
    """Of its next writes so many are lost: half of them after they got there."""

    lost = 0

    def send(self, call: Call, chain: str = "") -> Answer:
        if not self.lost:
            return super().send(call, chain)
        self.lost -= 1
        if self.lost % 2:
            super().send(call, chain)
        raise TrackerError("PUT", status=503, sent=True)


class World:
    """A tracker that stays, and a line to it that may be cut and made anew on the same database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.clock = FixedClock()
        self.tracker = Shaky(clock=self.clock)
        self.ids: list[str] = []
        self.numbers = count(1)
        self.text = LIVE
        self.start()

    def start(self) -> None:
        self.stack = ExitStack()
        line = a_line(
            self.folder, {"local": self.tracker}, files={"desk.yaml": WITHOUT}, url=self.url, clock=self.clock
        )
        self.line: Line = self.stack.enter_context(line)
        # No delivery has the name of one before the restart.
        self.line.numbers = self.numbers
        take(self.line.services.rules, self.text, PEOPLE)
        self.tracker.words = self.line.services.words("local")

    def step(self, what: str, how: Any) -> None:
        match what:
            case "create":
                self.ids.append(self.tracker.add(how, email="dana@x.example"))
                self.line.deliver(self.line.event("local", self.ids[-1], Kind.CREATED))
            case "edit" if self.ids:
                number, (slot, value) = how
                self.clock.forward(timedelta(minutes=1))
                self.tracker.edit(self.ids[number % len(self.ids)], "cy", **{slot: value})
            case "tell" if self.ids:
                number, times = how
                for _ in range(times):
                    self.line.deliver(self.line.event("local", self.ids[number % len(self.ids)]))
            case "rules":
                self.text = how
                take(self.line.services.rules, how, PEOPLE)
            case "fail":
                self.tracker.lost = how
            case "restart":
                self.stack.close()
                self.start()
        self.line.work(swallow=(TrackerError,))

    def settle(self) -> None:
        """All is told, and everything answers again."""
        self.step("rules", LIVE)
        self.tracker.lost = 0
        for id in self.ids:
            self.line.deliver(self.line.event("local", id))
        while self.line.work():
            pass

    def truth(self) -> dict[str, tuple[int, int]]:
        """What each person holds, by what the tracker shows."""
        found = {"ann": (0, 0), "bo": (0, 0)}
        for id in self.ids:
            ticket = self.tracker.ticket(id)
            if ticket.assignee in found and ticket.status != "done":
                units = EFFORT.get(ticket.priority.word, 1000)
                units = units // 4 if ticket.status in ("pending", "on_hold") else units
                before = found[ticket.assignee]
                found[ticket.assignee] = before[0] + units, before[1] + 1
        return found


@pytest.fixture(params=kinds(), scope="module")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("laws")
    with fresh_database(request.param, folder) as url:
        World(folder, url).stack.close()
        yield folder, url


@settings(
    max_examples=max(5, round(150 * SOAK)),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(steps, min_size=3, max_size=25))
def test_ledger_shares_and_sums_agree_at_every_step_and_with_the_tickets_in_the_end(
    place: tuple[Path, str], done: list[tuple[str, Any]]
) -> None:
    empty(place[1])
    world = World(*place)
    try:
        for what, how in done:
            world.step(what, how)
            check(world.line.store)
        world.settle()
        check(world.line.store)
        assert {"ann": (0, 0), "bo": (0, 0), **held(world.line.store, "ann", "bo")} == world.truth()
    finally:
        world.stack.close()
