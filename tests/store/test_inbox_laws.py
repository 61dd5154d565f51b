"""The inbox against a model of it: whatever the order of calls, nothing is lost, doubled, reordered or forgotten."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from connector.errors import LaneLost
from connector.store import Incoming, Lane, Store
from tests.databases import fresh_database, kinds

from .conftest import Clock, empty, pending

LEASE = 30.0
SOAK = float(os.environ.get("SOAK", "0.1"))
lanes = st.sampled_from(["t:1", "t:2", "t:3"])
deliveries = st.integers(0, 12).map(str)
owners = st.sampled_from(["ann", "bo"])
seconds = st.sampled_from([1, 7, 31, 90])


class InboxLaws(RuleBasedStateMachine):
    """`pending` is what the model holds waiting, per lane, in order; `claims` every claim ever made."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        empty(self.url)
        self.clock = Clock()
        self.store = Store.open(self.url, migrate=False, clock=self.clock)
        self.pending: dict[str, list[int]] = {}
        self.parked: dict[int, str] = {}
        self.done: list[int] = []
        self.seen: set[tuple[str, str]] = set()
        self.claims: list[Lane] = []
        self.held: dict[str, Lane] = {}
        self.until: dict[str, object] = {}
        self.ready: dict[str, object] = {}
        self.timers: dict[tuple[str, str], object] = {}

    def teardown(self) -> None:
        self.store.close()

    @rule(key=lanes, delivery=deliveries)
    def accept(self, key: str, delivery: str) -> None:
        accepted = self.store.inbox.accept(Incoming("t", delivery, key, "updated", {"n": delivery}))
        self._arrived(key, ("t", delivery), accepted.id)

    @rule(key=lanes, delivery=deliveries)
    def enqueue(self, key: str, delivery: str) -> None:
        with self.store.begin() as work:
            accepted = work.enqueue(Incoming("u", delivery, key, "updated", {"n": delivery}))
        self._arrived(key, ("u", delivery), accepted.id)

    @rule(owner=owners, limit=st.integers(1, 3))
    def claim(self, owner: str, limit: int) -> None:
        free = {key for key, at in self.ready.items() if at <= self.clock.now}  # type: ignore[operator]
        fences = [lane.fence for lane in self.claims]
        got = self.store.inbox.claim(owner, limit, LEASE)
        assert {lane.key for lane in got} <= free
        assert len(got) == min(limit, len(free))
        for lane in got:
            assert all(lane.fence > fence for fence in fences)
            self.held[lane.key] = lane
            self.ready[lane.key] = self.clock.now + timedelta(seconds=LEASE)
        self.claims += got

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        lane = self._some(data)
        assert [event.id for event in self.store.inbox.waiting(lane)] == self.pending.get(lane.key, [])

    @precondition(lambda self: self.held)
    @rule(data=st.data(), count=st.integers(1, 3))
    def finish(self, data: st.DataObject, count: int) -> None:
        lane = self._some(data)
        ids = self.pending.get(lane.key, [])[:count]
        with self.store.fenced(lane) as work:
            work.finish(ids)
            work.audit("law", "finished", {"ids": ids})
        self.done += ids
        self._leave(lane.key, ids)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), wait=seconds)
    def retry(self, data: st.DataObject, wait: int) -> None:
        lane = self._some(data)
        at = self.clock.now + timedelta(seconds=wait)
        with self.store.fenced(lane) as work:
            work.retry(self.pending.get(lane.key, [])[:1], at, "Error")
        del self.held[lane.key]
        self.ready[lane.key] = at
        self._leave(lane.key, [])

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def park(self, data: st.DataObject) -> None:
        lane = self._some(data)
        for id in self.pending.get(lane.key, [])[:1]:
            with self.store.fenced(lane) as work:
                work.park(id, "Error")
            self.parked[id] = lane.key
            self._leave(lane.key, [id])

    @precondition(lambda self: self.parked)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.parked)))
        assert self.store.inbox.replay(id, "ann")
        key = self.parked.pop(id)
        self.pending[key] = sorted([*self.pending.get(key, []), id])
        if key not in self.held:
            self.ready[key] = self.clock.now

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        lane = self._some(data)
        self.store.inbox.release(lane)
        del self.held[lane.key]
        self.ready[lane.key] = self.clock.now
        self._leave(lane.key, [])

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def heartbeat(self, data: st.DataObject) -> None:
        some = data.draw(st.lists(st.sampled_from(self.claims), min_size=1, max_size=3))
        kept = self.store.inbox.heartbeat(some, LEASE)
        assert kept == set(some) & set(self.held.values())
        for lane in kept:
            self.ready[lane.key] = self.clock.now + timedelta(seconds=LEASE)

    @precondition(lambda self: set(self.claims) - set(self.held.values()))
    @rule(data=st.data())
    def loser(self, data: st.DataObject) -> None:
        lost = [lane for lane in self.claims if lane not in self.held.values()]
        lane = data.draw(st.sampled_from(lost))
        with pytest.raises(LaneLost), self.store.fenced(lane) as work:
            work.finish(self.pending.get(lane.key, []))
        self.store.inbox.release(lane)

    @rule(key=lanes, name=st.sampled_from(["age", "wake"]), wait=seconds)
    def set_timer(self, key: str, name: str, wait: int) -> None:
        at = self.clock.now + timedelta(seconds=wait)
        with self.store.begin() as work:
            work.set_timer(key, name, at, {"lane": key})
        self.timers[key, name] = at

    @rule(key=lanes, name=st.sampled_from(["age", "wake"]))
    def cancel_timer(self, key: str, name: str) -> None:
        with self.store.begin() as work:
            work.cancel_timer(key, name)
        self.timers.pop((key, name), None)

    @rule(limit=st.integers(1, 3))
    def fire(self, limit: int) -> None:
        due = sorted((at, key) for key, at in self.timers.items() if at <= self.clock.now)  # type: ignore[operator]
        assert self.store.timers.fire(limit) == min(limit, len(due))
        assert pending(self.store) == len(self.timers) - min(limit, len(due))
        left = {name: self.store.timers.get(*name) for name in self.timers}
        fired = [name for name, row in left.items() if row is None]
        for name in fired:
            at = self.timers.pop(name)
            self.seen.add(("timer", f"{name[0]}/{name[1]}/{at}"))
        self._timer_events(fired)

    @rule(wait=seconds)
    def time_passes(self, wait: int) -> None:
        self.clock.forward(wait)

    @rule()
    def prune(self) -> None:
        self.store.inbox.prune(self.clock.now)

    @invariant()
    def nothing_is_lost(self) -> None:
        rows = self._rows("SELECT id, lane, state FROM inbox ORDER BY id")
        waiting: dict[str, list[int]] = {}
        for id, key, state in rows:
            if state == "pending":
                waiting.setdefault(key, []).append(id)
        assert waiting == {key: ids for key, ids in self.pending.items() if ids}
        assert {id for id, _, state in rows if state == "parked"} == set(self.parked)

    @invariant()
    def work_has_a_lane_and_a_lane_has_a_time(self) -> None:
        rows = self._rows("SELECT key, owner FROM lane")
        assert {key for key, _ in rows} == set(self.ready)
        assert {key for key, ids in self.pending.items() if ids} <= set(self.ready)
        assert {key for key, owner in rows if owner is not None} == set(self.held)

    def _arrived(self, key: str, name: tuple[str, str], id: int | None) -> None:
        assert (id is None) == (name in self.seen)
        self.seen.add(name)
        if id is None:
            return
        assert all(id > other for ids in self.pending.values() for other in ids)
        self.pending.setdefault(key, []).append(id)
        self.ready.setdefault(key, self.clock.now)

    def _timer_events(self, fired: list[tuple[str, str]]) -> None:
        known = {id for ids in self.pending.values() for id in ids}
        rows = self._rows("SELECT id, lane FROM inbox WHERE source = 'timer' AND state = 'pending' ORDER BY id")
        new = [(id, key) for id, key in rows if id not in known and id not in self.parked]
        assert sorted(key for _, key in new) == sorted(key for key, _ in fired)
        for id, key in new:
            self.pending.setdefault(key, []).append(id)
        for key, _ in fired:
            self.ready.setdefault(key, self.clock.now)

    def _leave(self, key: str, ids: list[int]) -> None:
        self.pending[key] = [id for id in self.pending.get(key, []) if id not in ids]
        if not self.pending[key]:
            self.ready.pop(key, None)
            self.held.pop(key, None)

    def _some(self, data: st.DataObject) -> Lane:
        return self.held[data.draw(st.sampled_from(sorted(self.held)))]

    def _rows(self, statement: str) -> list[sa.Row[tuple[object, ...]]]:
        with self.store._database.read() as connection:
            return list(connection.execute(sa.text(statement)))


def check(url: str, examples: int, steps: int) -> None:
    machine: Callable[[], InboxLaws] = type("Laws", (InboxLaws,), {"url": url})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.soak
@pytest.mark.parametrize("kind", kinds())
def test_the_inbox_keeps_its_laws_in_every_order_of_calls(kind: str) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(fresh_database(kind, folder))
        Store.open(url).close()
        check(url, examples=max(5, int(150 * SOAK)), steps=40)
