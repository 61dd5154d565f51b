"""What the SLA clock goes by is the same at every tracker, however webhooks come: late, doubled, reordered, lost."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connector.core.clock_facts import events_of, latest
from connector.core.clock_story import story
from connector.core.instants import whole_second
from connector.engine.reconcile import reconcile
from connector.model import Event, Ticket
from connector.store import FactRow
from connector.testing import FakeTracker, FixedClock
from connector.trackers import Past
from connector.trackers.gitlab import GitLabTracker
from connector.trackers.jira import JiraTracker
from tests.engine.line import Line, a_line
from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.jira_server import FakeJira

RULES = """
version: 1
applies_to: {gitlab: [acme/support], jira: [HELP], local: [desk]}
mode: live
plugins: [replies]
replies:
  - {id: hello, on: created, audience: public, say: {en: "We have your request."}}
"""
NAMES = """
priority: {urgent: {gitlab: "priority::1", jira: Highest}, normal: {gitlab: "priority::3", jira: Medium}}
status:
  open: {gitlab: opened, jira: [To Do, Open]}
  pending: {gitlab: "status::waiting", jira: Waiting for customer}
  done: {gitlab: closed, jira: Done}
"""
PEOPLE = """
people:
  ann: {name: Ann Li, ids: {gitlab: [ann], jira: [ann], local: [ann]}}
  bo: {name: Bo, ids: {gitlab: [bo], jira: [bo], local: [bo]}}
"""
WORDS = {
    "gitlab": {"urgent": "priority::1", "normal": "priority::3", "done": "closed"},
    "jira": {"urgent": "Highest", "normal": "Medium", "pending": "Waiting for customer", "done": "Done"},
}


@dataclass
class Place:
    """One tracker, the line behind it, and a clock that both go by; `held` are webhooks nobody has delivered."""

    kind: str
    fake: Any
    line: Line
    clock: FixedClock
    began: int
    held: list[Event] = field(default_factory=list)

    @property
    def tracker(self) -> Any:
        return self.line.services.trackers[self.kind]

    @property
    def words(self) -> dict[str, str]:
        return WORDS[self.kind]

    def hook(self, headers: dict[str, str], body: bytes) -> None:
        lower = {name.lower(): value for name, value in headers.items()}
        event = self.tracker.read(lower, json.loads(body), self.line.services.words(self.kind))
        if event:
            self.held.append(event)

    def add(self) -> str:
        project = {"gitlab": "acme/support", "jira": "HELP"}[self.kind]
        return str(self.fake.add(project=project, title="Payment fails", by="dana", priority=self.words["normal"]))

    def set_status(self, ticket: str, by: str, word: str) -> None:
        """As a person does it there: on GitLab a status is a label, but for `done`."""
        if self.kind == "gitlab" and word != "done":
            self.fake.edit(ticket, by, add_labels=["status::waiting"])
        else:
            self.fake.edit(ticket, by, status=self.words[word])

    def label(self, ticket: str, by: str, name: str) -> None:
        self.fake.edit(ticket, by, labels=sorted({*self.fake.state(ticket)["labels"], name}))

    def take(self) -> list[Event]:
        """The webhooks so far."""
        self.fake.flush()
        taken, self.held = self.held, []
        return taken

    def deliver(self, *events: Event) -> None:
        for event in events:
            self.line.deliver(event)

    def settle(self) -> None:
        """Deliver and work until nothing happens any more, our own echoes included."""
        self.line.work()
        while events := self.take():
            self.deliver(*events)
            self.line.work()

    def reconcile(self) -> None:
        self.take()
        reconcile(self.line.services, self.tracker)
        self.line.work()

    def facts(self, ticket: str) -> tuple[FactRow, ...]:
        return self.line.store.tickets.facts(self.kind, ticket)

    def now(self, ticket: str, source: str) -> FactRow:
        return latest(self.facts(ticket))[source]

    def told(self, ticket: str) -> list[tuple[Any, ...]]:
        """By the minute: what happened for the clock, and what the ticket was then; our own words left out."""
        minutes: dict[int, tuple[set[str], tuple[Any, ...]]] = {}
        as_of = whole_second(self.clock()) + 60
        for step in story(events_of(self.facts(ticket)), ("done",), as_of, None):
            signals, _ = minutes.setdefault((step.at - self.began) // 60, (set(), ()))
            signals |= {step.signal.name} - {"OTHER"}
            fields = (step.fields["status"], step.fields["priority"], step.fields.get("assignee"))
            held = signals, (*fields, "vip" in step.fields["labels"])
            minutes[(step.at - self.began) // 60] = held
        return [(minute, sorted(signals), *shown) for minute, (signals, shown) in minutes.items()]


@pytest.fixture(params=["gitlab", "jira-cloud", "jira-dc"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    kind, _, flavor = request.param.partition("-")
    with a_place(tmp_path, kind, flavor) as made:
        yield made


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[Place]:
    with a_place(tmp_path, "gitlab") as made:
        yield made


@contextmanager
def a_place(folder: Path, kind: str, flavor: str = "", rules: str = RULES) -> Iterator[Place]:
    """A place from beginning to end; the people are there, and ten minutes have passed."""
    clock = FixedClock()
    fake: Any = FakeGitLab(clock) if kind == "gitlab" else FakeJira(flavor, clock)
    if kind == "jira":
        fake.world.tells_audience = True
    for account, role in (("ann", "agent"), ("bo", "agent"), ("dana", "customer")):
        fake.person(account, role=role, email=f"{account}@x.example")
    make: Any = GitLabTracker if kind == "gitlab" else JiraTracker
    connection = fake.connection(kind)
    trackers = {kind: make(connection, clock=clock)}
    files = {"desk.yaml": rules, "_names.yaml": NAMES, "_people.yaml": PEOPLE}
    with fake, a_line(folder, trackers, files=files, clock=clock, connections={kind: connection}) as line:
        clock.forward(timedelta(minutes=10))
        place = Place(kind, fake, line, clock, whole_second(clock()))
        fake.hooks = place.hook
        yield place


Act = Callable[[Place, str], object]
STORY: tuple[Act, ...] = (
    lambda place, ticket: place.fake.comment(ticket, "ann", "We look into it."),
    lambda place, ticket: place.fake.comment(ticket, "bo", "The disk is full.", public=False),
    lambda place, ticket: place.label(ticket, "bo", "vip"),
    lambda place, ticket: place.fake.edit(ticket, "bo", priority=place.words["urgent"]),
    lambda place, ticket: place.fake.edit(ticket, "bo", assignee="ann"),
    lambda place, ticket: place.set_status(ticket, "ann", "pending"),
    lambda place, ticket: place.fake.comment(ticket, "dana", "It works again."),
    lambda place, ticket: place.set_status(ticket, "ann", "done"),
)
TOLD = [
    (0, ["CREATED"], "open", "normal", None, False),
    (1, ["REPLIED"], "open", "normal", None, False),
    (2, [], "open", "normal", None, False),
    (3, [], "open", "normal", None, True),
    (4, [], "open", "urgent", None, True),
    (5, ["ASSIGNEE"], "open", "urgent", "ann", True),
    (6, [], "pending", "urgent", "ann", True),
    (7, ["ASKED"], "pending", "urgent", "ann", True),
    (8, ["SOLVED"], "done", "urgent", "ann", True),
]


def play(place: Place, after_each: Callable[[], object] = lambda: None) -> str:
    ticket = place.add()
    after_each()
    for act in STORY:
        place.clock.forward(timedelta(minutes=1))
        act(place, ticket)
        after_each()
    return ticket


def only_said(told: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Without the minutes at the end in which only we spoke."""
    return [row for row in told if row[0] <= TOLD[-1][0]]


def test_the_same_story_is_the_same_past_at_every_tracker(place: Place) -> None:
    ticket = play(place, place.settle)
    assert place.told(ticket) == TOLD
    created = place.now(ticket, "created")
    assert (created.data["by"], created.at, len(place.facts(ticket))) == (
        "customer",
        created.recorded_at,
        len(latest(place.facts(ticket))),
    )


def test_our_own_words_stop_no_clock(place: Place) -> None:
    ticket = place.add()
    place.settle()
    ours = [fact for fact in place.facts(ticket) if fact.type == "comment"]
    assert place.fake.state(ticket)["comments"][0]["text"].startswith("We have your request.")
    assert ours
    assert {fact.data["by"] for fact in ours} == {"system"}
    assert place.told(ticket)[0][1] == ["CREATED"]


@pytest.mark.parametrize("seed", range(3))
def test_however_webhooks_come_the_past_is_the_same(place: Place, seed: int) -> None:
    """Doubled, late and turned round: all after the story has ended, in batches of any size."""
    rng = random.Random(seed)
    ticket = play(place)
    events = place.take() * 2
    rng.shuffle(events)
    while events:
        batch = [events.pop() for _ in range(min(len(events), rng.randint(1, 6)))]
        place.deliver(*batch)
        place.line.work()
    place.settle()
    assert only_said(place.told(ticket)) == TOLD


def test_a_ticket_that_was_there_before_us_has_its_past_at_first_contact(place: Place) -> None:
    began = place.clock()
    place.line.store.meta.set(f"reconcile/{place.kind}/first", (began + timedelta(hours=1)).isoformat())
    ticket = play(place)
    place.take()
    place.clock.forward(timedelta(days=3))
    place.fake.edit(ticket, "bo", title="Payment failed")
    place.settle()
    assert only_said(place.told(ticket)) == TOLD
    assert {fact.recorded_at for fact in place.facts(ticket) if fact.at < place.clock() - timedelta(days=2)} == {
        place.clock()
    }


def test_what_no_webhook_told_is_found_by_reconcile(place: Place) -> None:
    ticket = place.add()
    place.settle()
    for act in STORY:
        place.clock.forward(timedelta(minutes=1))
        act(place, ticket)
    place.take()
    place.clock.forward(timedelta(minutes=30))
    place.reconcile()
    assert only_said(place.told(ticket)) == TOLD
    late = latest(place.facts(ticket))
    assert all(
        fact.recorded_at == place.clock()
        for fact in late.values()
        if fact.at > late["created"].at + timedelta(seconds=59)
    )


def test_a_reply_that_is_deleted_has_not_been_given(place: Place) -> None:
    ticket = place.add()
    place.settle()
    place.clock.forward(timedelta(minutes=1))
    reply = place.fake.comment(ticket, "ann", "We look into it.")
    place.settle()
    assert place.told(ticket)[1][1] == ["REPLIED"]
    place.clock.forward(timedelta(minutes=9))
    place.fake.delete_comment(ticket, reply, "ann")
    place.fake.edit(ticket, "bo", title="Payment failed")
    place.settle()
    place.reconcile()
    if place.kind == "gitlab":  # which tells nobody: it is seen when all comments are asked for the next time
        place.clock.forward(timedelta(minutes=1))
        place.label(ticket, "bo", "vip")
        place.reconcile()
    fact = place.now(ticket, f"c{reply}")
    assert fact.deleted
    assert fact.recorded_at == place.clock()
    assert "REPLIED" not in {signal for row in place.told(ticket) for signal in row[1]}


def test_a_deletion_that_comes_before_its_comment_is_not_undone_by_it(tmp_path: Path) -> None:
    with a_place(tmp_path, "jira", "cloud") as place:
        ticket = place.add()
        place.settle()
        place.clock.forward(timedelta(minutes=1))
        reply = place.fake.comment(ticket, "ann", "We look into it.")
        late = place.take()
        place.fake.delete_comment(ticket, reply, "ann")
        place.settle()
        place.deliver(*late)
        place.settle()
        assert place.now(ticket, f"c{reply}").deleted


def test_what_was_read_at_the_creation_though_it_had_changed_by_then_is_corrected(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = place.add()
    created = place.take()
    place.clock.forward(timedelta(minutes=1))
    place.set_status(ticket, "ann", "done")
    late = place.take()
    with monkeypatch.context() as patch:
        # As where the tracker's own record is behind its tickets.
        patch.setattr(place.tracker, "past", lambda *_: Past())
        place.deliver(*created)
        place.line.work()
    assert place.now(ticket, "created").data["fields"]["status"] == "done"
    place.deliver(*late)
    place.settle()
    assert [row[1:3] for row in place.told(ticket)][:2] == [(["CREATED"], "open"), (["SOLVED"], "done")]


def test_what_the_support_bot_posts_is_the_customers(gitlab: Place) -> None:
    ticket = gitlab.add()
    gitlab.settle()
    gitlab.clock.forward(timedelta(minutes=1))
    gitlab.fake.comment(ticket, "support-bot", "Is there news?")
    gitlab.fake.comment(ticket, "project_7_bot_x", "Build 7 failed.")
    gitlab.settle()
    said = [fact.data["by"] for fact in gitlab.facts(ticket) if fact.type == "comment"]
    assert sorted(said) == ["customer", "system", "system"]
    assert gitlab.told(ticket)[1][1] == ["ASKED"]


def test_a_confidential_note_is_no_reply(gitlab: Place) -> None:
    ticket = gitlab.add()
    gitlab.fake.edit(ticket, "ann", confidential=True)
    gitlab.settle()
    gitlab.clock.forward(timedelta(minutes=1))
    note = gitlab.fake.comment(ticket, "ann", "The disk is full.", public=False)
    reply = gitlab.fake.comment(ticket, "ann", "We look into it.")
    gitlab.settle()
    assert (gitlab.now(ticket, f"c{note}").data["public"], gitlab.now(ticket, f"c{reply}").data["public"]) == (
        False,
        True,
    )


def test_a_ticket_that_moved_to_another_project_goes_on_there_and_was_not_solved(gitlab: Place) -> None:
    ticket = gitlab.add()
    gitlab.settle()
    gitlab.clock.forward(timedelta(minutes=1))
    gitlab.fake._world.issue(ticket).moved_to = 77
    gitlab.fake.edit(ticket, "ann", status="closed")
    gitlab.settle()
    assert gitlab.now(ticket, "m").data == {"target": "77"}
    assert gitlab.told(ticket)[-1][:2] == (1, ["MERGED"])
    gitlab.fake._world.issue(ticket).moved_to = None
    gitlab.fake.edit(ticket, "ann", status="opened")
    gitlab.settle()
    assert gitlab.now(ticket, "m").deleted


def test_who_edits_a_comment_nobody_heard_of_is_not_its_author(gitlab: Place) -> None:
    ticket = gitlab.add()
    gitlab.settle()
    gitlab.clock.forward(timedelta(minutes=1))
    asked = gitlab.fake.comment(ticket, "dana", "Is there news? My card is 4711.")
    gitlab.take()
    gitlab.clock.forward(timedelta(minutes=1))
    gitlab.fake.edit_comment(ticket, asked, "ann", "Is there news?")
    gitlab.settle()
    assert gitlab.now(ticket, f"c{asked}").data["by"] == "customer"


def test_what_an_earlier_release_has_kept_becomes_facts_at_the_next_look(place: Place) -> None:
    ticket = play(place, place.settle)
    with place.line.store.begin() as work:
        work.connection.execute(sa.text("DELETE FROM fact"))
    place.clock.forward(timedelta(minutes=2))
    place.fake.edit(ticket, "bo", title="Payment failed")
    place.settle()
    assert only_said(place.told(ticket)) == TOLD


def test_who_somebody_was_stays_though_it_is_told_again_when_they_are_somebody_else(gitlab: Place) -> None:
    ticket = gitlab.add()
    gitlab.settle()
    gitlab.clock.forward(timedelta(minutes=1))
    reply = gitlab.fake.comment(ticket, "eve", "We look into it.")
    said = gitlab.take()
    gitlab.deliver(*said)
    gitlab.settle()
    assert gitlab.now(ticket, f"c{reply}").data["by"] == "customer"
    gitlab.fake.person("eve", role="agent")
    gitlab.clock.forward(timedelta(days=1))
    with gitlab.line.store.begin() as work:
        # As after a plan that the tracker refused.
        row = work.comment("gitlab", ticket, reply)
        assert row is not None
        work.put_comment(replace(row, worked=False))
    gitlab.deliver(*said)
    gitlab.settle()
    row = gitlab.line.store.tickets.comments("gitlab", ticket)[-1]
    assert (row.id, row.by_role) == (reply, "agent")
    assert gitlab.now(ticket, f"c{reply}").data["by"] == "customer"


def test_an_older_data_center_tells_by_the_mark_of_a_comment_who_can_read_it(tmp_path: Path) -> None:
    with a_place(tmp_path, "jira", "dc") as place:
        place.fake.world.tells_audience = False
        ticket = place.add()
        early = place.fake.comment(ticket, "ann", "Before we had ever heard of it.")
        place.settle()
        place.clock.forward(timedelta(minutes=1))
        reply = place.fake.comment(ticket, "ann", "We look into it.")
        note = place.fake.comment(ticket, "ann", "The disk is full.", public=False)
        place.settle()
        told = {id: place.now(ticket, f"c{id}").data["public"] for id in (early, reply, note)}
        assert told == {early: True, reply: True, note: False}


def test_that_a_reply_is_public_is_a_correction_where_it_is_learned_later(tmp_path: Path) -> None:
    with a_place(tmp_path, "jira", "dc") as place:
        ticket = place.add()
        place.settle()
        place.fake.world.tells_audience = place.fake.world.shows_marks = False
        place.clock.forward(timedelta(minutes=1))
        reply = place.fake.comment(ticket, "ann", "We look into it.")
        note = place.fake.comment(ticket, "ann", "The disk is full.", public=False)
        place.settle()
        heard = place.now(ticket, f"c{reply}")
        assert heard.data == {"by": "agent", "person": "ann", "public": False}
        place.fake.world.tells_audience = True
        place.clock.forward(timedelta(hours=1))
        place.label(ticket, "bo", "vip")
        place.settle()
        corrected = replace(heard, data={**heard.data, "public": True}, recorded_at=place.clock())
        assert place.now(ticket, f"c{reply}") == corrected
        assert heard in place.facts(ticket)
        assert place.now(ticket, f"c{note}").data["public"] is False


def test_plugins_see_the_past_and_the_record_does_not_keep_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, seen = FixedClock(), []
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, files={"desk.yaml": RULES}, clock=clock) as line:
        ask = line.services.host.propose

        def noted(name: str, **given: Any) -> Any:
            seen.append(given["ticket"])
            return ask(name, **given)

        monkeypatch.setattr(line.services.host, "propose", noted)
        id = tracker.add("hello", email="dana@x.example")
        line.created(id)
        clock.forward(timedelta(minutes=1))
        line.said(id, "We look into it.", id="77")
        ticket: Ticket = seen[-1]
        assert [event["type"] for event in ticket.clock_events if event["id"] in ("created", "c77")] == [
            "created",
            "comment",
        ]
        with pytest.raises(TypeError):
            ticket.clock_events[0]["at"] = 0  # type: ignore[index]
        stored = line.store.plans.of_ticket("local", id)[0]
        assert "clock_events" not in stored.row.inputs
        assert stored.row.at is not None
        known = line.store.tickets.facts("local", id, stored.row.at)
        assert tuple(events_of(known)) == tuple(map(dict, ticket.clock_events))
