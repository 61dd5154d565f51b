"""What tickets contribute, by state; who is chosen gets the ticket only if there is room at that instant."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connector.core.candidates import Record
from connector.engine.weigh import WEIGHED, weigh_all
from connector.errors import TrackerError
from connector.model import Kind
from connector.rulebook import Rules, load
from connector.store import Share
from connector.testing import FakeTracker, FixedClock
from tests.databases import fresh_database, kinds
from tests.engine.line import Line, a_line, write_rules
from tests.store.test_loads import check, entries, held

FILE = """
version: 1
applies_to: {local: [desk]}
mode: live
plugins: [priority, routing, commands]
priority:
  levels: {urgent: 50, normal: 0}
  signals: [{id: down, when: {title: {contains_any: [outage]}}, score: 50}]
routing: [{id: rest, team: frontline}]
assign: {method: balanced, effort: {urgent: 3, default: 1}, waiting_weight: 0.25}
"""
NAMED = FILE.replace("team: frontline}]", "team: frontline, assignee: ann}]")
WITHOUT = FILE.replace("assign:", "# assign:")
PEOPLE = """
people:
  ann: {name: Ann Li, ids: {local: [ann]}, teams: [frontline], capacity: 4}
  bo: {name: Bo, ids: {local: [bo]}, teams: [frontline], capacity: 4}
"""


class Desk:
    """A line whose rules may choose people, with the fake tracker at its end."""

    def __init__(self, line: Line, tracker: FakeTracker) -> None:
        self.line, self.tracker, self.store = line, tracker, line.store

    def created(self, title: str = "hello", **fields: Any) -> str:
        id = self.tracker.add(title, email="dana@x.example", **fields)
        self.line.created(id)
        return id

    def edited(self, id: str, **fields: Any) -> None:
        self.tracker.edit(id, "cy", **fields)
        self.line.updated(id)

    def rules(self, text: str = FILE, people: str = PEOPLE) -> None:
        take(self.line.services.rules, text, people)

    def held(self) -> dict[str, tuple[int, int]]:
        return held(self.store, "ann", "bo")

    def assignee(self, id: str) -> str | None:
        return self.tracker.ticket(id).assignee


def take(rules: Rules, text: str, people: str) -> None:
    """The rules in force are these, and may choose people."""
    write_rules(rules.folder, {"desk.yaml": text, "_people.yaml": people})
    rules.current = load(rules.folder, rules._catalog, env={}, assigns=True)


@contextmanager
def a_desk(folder: Path, url: str = "", text: str = FILE) -> Iterator[Desk]:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(folder, {"local": tracker}, files={"desk.yaml": WITHOUT}, url=url, clock=clock) as line:
        desk = Desk(line, tracker)
        desk.rules(text)
        tracker.words = line.services.words("local")
        yield desk


@pytest.fixture(params=kinds())
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def desk(tmp_path: Path, url: str) -> Iterator[Desk]:
    with a_desk(tmp_path, url) as desk:
        yield desk
        check(desk.store)


def test_a_new_ticket_goes_to_the_person_of_least_load_and_adds_its_effort_to_theirs(desk: Desk) -> None:
    assert [desk.assignee(desk.created(title)) for title in ("outage", "hello", "hi", "hey")] == [
        "ann",
        "bo",
        "bo",
        "bo",
    ]
    assert desk.held() == {"ann": (3000, 1), "bo": (3000, 3)}


def test_what_is_claimed_is_in_the_ledger_once_and_the_echo_adds_nothing(desk: Desk) -> None:
    id = desk.created()
    desk.line.updated(id)
    desk.line.updated(id)
    assert entries(desk.store) == [("ann", id, 1000, "claimed")]
    assert desk.store.loads.of(["ann"])["ann"].turns["frontline"].turn == 1


def test_a_ticket_that_waits_weighs_less_and_one_that_is_done_nothing(desk: Desk) -> None:
    id = desk.created()
    desk.edited(id, status="pending")
    assert desk.held()["ann"] == (250, 1)
    desk.edited(id, status="open", priority="urgent")
    assert desk.held()["ann"] == (3000, 1)
    desk.edited(id, status="done")
    assert desk.held()["ann"] == (0, 0)


def test_a_ticket_that_a_person_hands_on_is_the_others_load(desk: Desk) -> None:
    id = desk.created()
    desk.edited(id, assignee="bo")
    assert desk.held() == {"ann": (0, 0), "bo": (1000, 1)}
    desk.edited(id, assignee="zoe")
    assert desk.held() == {"ann": (0, 0), "bo": (0, 0)}


def test_a_ticket_that_is_deleted_or_leaves_for_another_project_is_nobodys_load(desk: Desk) -> None:
    one, other = desk.created(), desk.created()
    desk.line.deliver(desk.line.event("local", one, Kind.DELETED))
    desk.line.work()
    desk.rules(FILE.replace("local: [desk]", "local: [elsewhere]"))
    desk.line.updated(other)
    assert desk.held() == {"ann": (0, 0), "bo": (0, 0)}


def test_when_all_are_full_nobody_is_chosen(desk: Desk) -> None:
    tickets = [desk.created() for _ in range(9)]
    assert desk.held() == {"ann": (4000, 4), "bo": (4000, 4)}
    assert desk.assignee(tickets[-1]) is None


def test_whom_a_rule_names_holds_the_ticket_full_or_not(desk: Desk) -> None:
    desk.rules(NAMED)
    assert {desk.assignee(desk.created()) for _ in range(6)} == {"ann"}
    assert desk.held() == {"ann": (6000, 6)}


def test_a_slot_that_is_taken_between_plan_and_claim_sends_the_ticket_to_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = desk.store.loads
    reads: list[Any] = []
    of = loads.of

    def then_filled(*given: Any, **more: Any) -> Any:
        found = of(*given, **more)
        if not reads:
            with desk.store.begin() as work:
                work.put_loads({("jira", "7"): Share("ann", 4000)})
        reads.append(found)
        return found

    monkeypatch.setattr(loads, "of", then_filled)
    id = desk.created()
    monkeypatch.undo()
    assert desk.assignee(id) == "bo"
    assert len(reads) == 2
    assert desk.held() == {"ann": (4000, 1), "bo": (1000, 1)}
    assert len(desk.line.plans(id)) == 1


def test_a_claim_whose_write_is_refused_is_given_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.rules(FILE.replace("effort: {urgent: 3, default: 1}", "effort: 4"))

    def refuse(*_: Any, **__: Any) -> Any:
        raise TrackerError("PUT", status=403, permanent=True, sent=True, detail="forbidden")

    with monkeypatch.context() as patch:
        patch.setattr(desk.tracker, "send", refuse)
        id = desk.created()
    assert desk.assignee(id) is None
    assert desk.held() == {"ann": (0, 0)}
    assert [why for *_, why in entries(desk.store)] == ["claimed", "left"]


def test_a_claim_is_kept_while_its_write_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any, **__: Any) -> Any:
        raise TrackerError("PUT", status=503, sent=True)

    id = desk.tracker.add("hello", email="dana@x.example")
    with monkeypatch.context() as patch:
        patch.setattr(desk.tracker, "send", down)
        desk.line.deliver(desk.line.event("local", id, Kind.CREATED))
        desk.line.work(swallow=(TrackerError,))
        assert desk.held() == {"ann": (1000, 1)}
    desk.line.work()
    assert desk.assignee(id) == "ann"
    assert entries(desk.store) == [("ann", id, 1000, "claimed")]


def test_in_shadow_nothing_is_claimed_and_what_people_hold_counts(desk: Desk) -> None:
    desk.rules(FILE.replace("mode: live", "mode: shadow"))
    desk.created()
    mine = desk.created(assignee="bo")
    assert desk.held() == {"bo": (1000, 1)}
    assert entries(desk.store) == [("bo", mine, 1000, "taken")]


def test_a_desk_that_chooses_nobody_asks_nothing_and_stores_nothing(tmp_path: Path) -> None:
    with a_desk(tmp_path, text=WITHOUT) as desk:
        asked: list[str] = []
        engine = desk.store._database.engine
        sa.event.listen(engine, "before_cursor_execute", lambda _c, _cu, statement, *_: asked.append(statement))
        id = desk.created(assignee="ann")
        desk.edited(id, status="pending")
        desk.edited(id, status="done")
        assert [statement for statement in asked if "load_" in statement or WEIGHED in statement] == []
        assert not any("turn" in statement.split() for statement in asked)


def test_a_desk_that_begins_to_choose_begins_with_the_loads_there_are(desk: Desk) -> None:
    desk.rules(WITHOUT)
    for n in range(3):
        desk.created(f"outage {n}", assignee="ann")
    desk.created("hello", assignee="zoe")
    desk.edited(desk.created("over", assignee="ann"), status="done")
    assert entries(desk.store) == []
    desk.rules(FILE.replace("{urgent: 3, default: 1}", "1"))
    assert desk.assignee(desk.created()) == "bo"
    assert desk.held() == {"ann": (3000, 3), "bo": (1000, 1)}
    assert [why for *_, why in entries(desk.store)] == ["found", "found", "found", "claimed"]
    assert list(weigh_all(desk.line.services)) == []


def test_other_weights_and_other_people_reach_all_open_tickets_and_twice_is_once(desk: Desk) -> None:
    desk.created("outage")
    desk.created("hello")
    assert desk.held() == {"ann": (3000, 1), "bo": (1000, 1)}
    desk.rules(FILE.replace("{urgent: 3, default: 1}", "{urgent: 2.5, default: 0.5}"))
    assert sum(weigh_all(desk.line.services)) == 2
    assert desk.held() == {"ann": (2500, 1), "bo": (500, 1)}
    desk.rules(people=PEOPLE.replace("  bo:", "  zoe:"))
    assert sum(weigh_all(desk.line.services)) == 2
    assert held(desk.store, "ann", "bo", "zoe") == {"ann": (3000, 1), "bo": (0, 0)}


def test_after_a_pause_what_was_over_meanwhile_counts_no_more(desk: Desk) -> None:
    id = desk.created()
    desk.rules(WITHOUT)
    assert list(weigh_all(desk.line.services)) == []
    desk.edited(id, status="done")
    assert desk.held() == {"ann": (1000, 1)}
    desk.rules()
    assert sum(weigh_all(desk.line.services)) == 1
    assert desk.held() == {"ann": (0, 0)}


def test_an_interrupted_weighing_begins_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.engine.weigh.BATCH", 1)
    desk.rules(WITHOUT)
    for _ in range(3):
        desk.created(assignee="ann")
    desk.rules()
    assert next(iter(weigh_all(desk.line.services))) == 1
    assert desk.held() == {"ann": (1000, 1)}
    assert desk.store.meta.get(WEIGHED) is None
    assert list(weigh_all(desk.line.services)) == [1, 1, 1]
    assert desk.held() == {"ann": (3000, 3)}


def test_the_plugin_is_told_loads_without_the_ticket_itself_when_they_got_one_and_their_turns(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Mapping[str, Record]] = []
    propose = desk.line.services.host.propose

    def note(name: str, **given: Any) -> Any:
        if name == "routing":
            seen.append(given["ticket"].records)
        return propose(name, **given)

    monkeypatch.setattr(desk.line.services.host, "propose", note)
    at = int(desk.line.services.clock().timestamp())
    id = desk.created("outage")
    desk.created("hello")
    desk.line.updated(id)
    assert seen[1] == {"ann": Record(3.0, at, {"frontline": 1}), "bo": Record(0.0, None, {"frontline": 0})}
    assert seen[2] == {"ann": Record(0.0, at, {"frontline": 1}), "bo": Record(1.0, at, {"frontline": 1})}


def test_of_two_workers_that_saw_the_last_free_slot_one_gets_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.rules(
        people=PEOPLE.replace("capacity: 4}\n  bo", "capacity: 1}\n  bo").replace("capacity: 4", "capacity: 0")
    )
    tickets = [desk.tracker.add(title, email="dana@x.example") for title in ("hello", "hi")]
    for id in tickets:
        desk.line.deliver(desk.line.event("local", id, Kind.CREATED))
    lanes = desk.store.inbox.claim("test", 2)
    both, of, seen = threading.Barrier(2, timeout=20), desk.store.loads.of, threading.local()

    def together(*given: Any, **more: Any) -> Any:
        found = of(*given, **more)
        if not hasattr(seen, "once"):
            seen.once = both.wait()
        return found

    monkeypatch.setattr(desk.store.loads, "of", together)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda lane: desk.line.handle(lane, desk.store.inbox.waiting(lane)), lanes))
    monkeypatch.undo()
    assert sorted(desk.assignee(id) or "" for id in tickets) == ["", "ann"]
    assert desk.held()["ann"] == (1000, 1)
    assert [len(desk.line.plans(id)) for id in tickets] == [1, 1]
