"""Whole journeys against a GitLab that behaves as the real one does."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from connector.changes import AddLabel, AssignTo, Link, MoveTo, Say, SetPriority
from connector.errors import Gone, TrackerError
from connector.messages import Draft
from connector.model import Actor, Audience, Kind, Priority, Role
from connector.trackers import NoteWrite, Stamp, Write
from connector.trackers.gitlab import GitLabTracker
from tests.fakes.gitlab_server import FakeGitLab
from tests.trackers.gitlab.samples import WORDS

PROJECT = "acme/support"


@pytest.fixture
def gitlab():
    with FakeGitLab() as fake:
        fake.person("ann.li", name="Ann Li")
        fake.person("dana", role="customer")
        yield fake
        assert fake.violations == []
        assert fake.executed == []


@pytest.fixture
def tracker(gitlab):
    return GitLabTracker(gitlab.connection(), clock=lambda: datetime.now(UTC))


def carry(tracker, ticket, *changes, note=None):
    """Write `changes`, return the ticket read anew."""
    seen = tracker.fetch(ticket, WORDS)
    writes = tuple(Write(f"{ticket}/{change.slot}", change) for change in changes)
    composed = tracker.compose(seen, writes, note, Stamp("1"), WORDS)
    assert composed.refused == {}
    for call in composed.calls:
        tracker.send(call)
    return tracker.fetch(ticket, WORDS)


def test_a_decision_costs_one_read_and_one_write(gitlab, tracker):
    ticket = gitlab.add(project=PROJECT, title="Card refused", by="dana", labels=["priority::2", "team::old"])
    carry(tracker, ticket, AddLabel("warm"))  # look-ups are done by now
    before = len(gitlab.requests)
    seen = tracker.fetch(ticket, WORDS)
    changes = (SetPriority(Priority.URGENT), AddLabel("vip"), MoveTo("pending"))
    writes = tuple(Write(change.slot, change) for change in changes)
    (call,) = tracker.compose(seen, writes, None, Stamp("1"), WORDS).calls
    tracker.send(call)
    assert [r.method for r in gitlab.requests[before:]] == ["GET", "PUT"]
    assert gitlab.state(ticket)["labels"] == {"priority::1", "team::old", "warm", "vip", "status::waiting"}


def test_written_again_it_costs_nothing(gitlab, tracker):
    ticket = gitlab.add(project=PROJECT, title="Card refused")
    changes = (SetPriority(Priority.HIGH), AssignTo("ann"), MoveTo("done"))
    seen = carry(tracker, ticket, *changes)
    assert tracker.compose(seen, tuple(Write(c.slot, c) for c in changes), None, Stamp("2"), WORDS).calls == ()


def test_a_customers_commands_are_not_run(gitlab, tracker):
    ticket = gitlab.add(project=PROJECT, title="Card refused")
    say = Say(key="echo", text="You wrote:\n/close\n/label ~stolen", audience=Audience.PUBLIC)
    carry(tracker, ticket, say, note=NoteWrite("n", ("/close", "/close")))
    made = tracker.create(Draft("gitlab", PROJECT, "/close", "/close\n/confidential"), "k", WORDS)
    assert gitlab.state(ticket)["status"] == gitlab.state(made)["status"] == "opened"
    assert gitlab.state(ticket)["labels"] == set()


def test_the_fake_does_run_commands_that_nobody_made_harmless():
    with FakeGitLab() as fake:
        tracker = GitLabTracker(fake.connection(), clock=lambda: datetime.now(UTC))
        ticket = fake.add(project=PROJECT, title="Card refused")
        path = f"/projects/{ticket.replace('/', '/issues/')}/notes"
        tracker._client.request("POST", path, body={"body": "Sure.\n/close", "internal": True})
        assert (fake.state(ticket)["status"], fake.executed) == ("closed", ["/close"])


@pytest.mark.parametrize("fault", ["cut-after", "500-after"])
def test_after_an_unknown_outcome_the_text_is_found_by_its_marks(gitlab, tracker, fault):
    ticket = gitlab.add(project=PROJECT, title="Card refused")
    write = Write(f"{ticket}/1/say:ack", Say(key="ack", text="Hello"))
    (call,) = tracker.compose(tracker.fetch(ticket, WORDS), (write,), None, Stamp("1"), WORDS).calls
    gitlab.faults.script(fault)
    with pytest.raises(TrackerError) as caught:
        tracker.send(call)
    assert (caught.value.permanent, caught.value.sent) == (False, True)
    assert {"ack", write.key} <= tracker.marks(ticket, WORDS)


@pytest.mark.parametrize("fault", ["500-before", "429", "401"])
def test_a_fault_before_the_write_leaves_no_mark(gitlab, tracker, fault):
    ticket = gitlab.add(project=PROJECT, title="Card refused")
    write = Write("k", Say(key="ack", text="Hello"))
    (call,) = tracker.compose(tracker.fetch(ticket, WORDS), (write,), None, Stamp("1"), WORDS).calls
    gitlab.faults.script(fault)
    with pytest.raises(TrackerError) as caught:
        tracker.send(call)
    assert caught.value.permanent is False
    assert gitlab.state(ticket)["comments"] == []


def test_a_stall_is_an_unknown_outcome(gitlab, tracker, monkeypatch):
    monkeypatch.setattr("connector.trackers.gitlab.session.READ_SECONDS", 0.2)
    ticket = gitlab.add(project=PROJECT, title="Card refused")
    (call,) = tracker.compose(
        tracker.fetch(ticket, WORDS), (Write("k", AddLabel("a")),), None, Stamp("1"), WORDS
    ).calls
    gitlab.faults.script("stall")
    with pytest.raises(TrackerError) as caught:
        tracker.send(call)
    assert (caught.value.status, caught.value.sent) == (0, True)


def test_a_marker_in_somebody_elses_comment_is_none_of_ours(gitlab, tracker):
    ticket = gitlab.add(project=PROJECT, title="Card refused")
    gitlab.comment(ticket, "dana", "<!-- pointsman:ack -->")
    assert tracker.marks(ticket, WORDS) == frozenset()


def test_a_gitlab_too_old_for_internal_notes_keeps_none_that_became_public(gitlab, tracker):
    gitlab.grow_old()
    ticket = gitlab.add(project=PROJECT, title="Card refused")
    with pytest.raises(TrackerError, match=r"15\.5") as caught:
        carry(tracker, ticket, Say(key="desk", text="Only for the desk"))
    assert caught.value.permanent
    assert gitlab.state(ticket)["comments"] == []


def test_the_note_is_edited_and_made_anew_once_it_is_deleted(gitlab, tracker):
    ticket = gitlab.add(project=PROJECT, title="Card refused")
    carry(tracker, ticket, note=NoteWrite("n", ("why", "one")))
    (note,) = gitlab.state(ticket)["comments"]
    assert note["public"] is False
    carry(tracker, ticket, note=NoteWrite("n", ("why", "two"), note["id"]))
    assert "- two" in gitlab.state(ticket)["comments"][0]["text"]
    gitlab.delete_comment(ticket, note["id"], "ann.li")
    with pytest.raises(Gone):
        carry(tracker, ticket, note=NoteWrite("n", ("why", "three"), note["id"]))


def test_a_draft_is_made_once_however_often_it_is_asked_for(gitlab, tracker):
    draft = Draft("gitlab", PROJECT, "A  title\n" + "x" * 400, "Body @all", labels=frozenset({"form", "a,b"}))
    gitlab.faults.script("cut-after")
    with pytest.raises(TrackerError):
        tracker.create(draft, "form:1", WORDS)
    ticket = tracker.create(draft, "form:1", WORDS)
    assert ticket == tracker.create(draft, "form:1", WORDS)
    assert tracker.create(draft, "form:11", WORDS) != ticket
    state = gitlab.state(ticket)
    assert (len(state["title"]), state["labels"]) == (255, {"form"})
    assert "@all" not in state["body"]
    assert state["body"].endswith("<!-- pointsman:form:1 -->")


def test_every_hook_of_the_fake_is_genuine_and_read(gitlab, tracker):
    got = []
    gitlab.hooks = lambda headers, body: got.append(({k.lower(): v for k, v in headers.items()}, body))
    ticket = gitlab.add(project=PROJECT, title="Card refused", by="dana")
    gitlab.edit(ticket, "ann.li", priority="priority::1", status="closed")
    comment = gitlab.comment(ticket, "ann.li", "internal words", public=False)
    gitlab.edit_comment(ticket, comment, "ann.li", "better words")
    gitlab.flush()
    events = []
    for headers, body in got:
        tracker.verify(headers, body, None, datetime.now(UTC))
        events.append(tracker.read(headers, json.loads(body), WORDS))
    assert [e.kind for e in events] == [Kind.CREATED, Kind.UPDATED, Kind.COMMENTED, Kind.COMMENT_EDITED]
    assert {e.ticket for e in events} == {ticket}
    assert {(c.slot, c.value) for c in events[1].changes} >= {("priority", "urgent"), ("status", "done")}
    assert events[2].comment.audience is Audience.INTERNAL
    assert len({tracker.delivery(headers, body) for headers, body in got}) == 4


def test_the_past_tells_who_changed_what(gitlab, tracker):
    ticket = gitlab.add(project=PROJECT, title="Card refused", labels=["priority::2"])
    gitlab.edit(ticket, "ann.li", priority="priority::1", title="Card declined", assignee="ann.li")
    gitlab.comment(ticket, "dana", "Any news?")
    before = len(gitlab.requests)
    past = tracker.past(ticket, WORDS)
    assert len(gitlab.requests) - before == 3
    by_ann = {(c.slot, c.was, c.value) for c in past.changes if c.by.person == "ann"}
    assert ("priority", "high", "urgent") in by_ann
    assert ("title", "Card refused", "Card declined") in by_ann
    assert ("assignee", None, "ann") in by_ann
    assert [comment.text for comment in past.comments] == ["Any news?"]


def test_roles_come_from_the_members(gitlab, tracker):
    roles = [tracker.role(Actor(account=a), PROJECT, type(WORDS)()) for a in ("ann.li", "dana", "pointsman")]
    assert roles == [Role.AGENT, Role.CUSTOMER, Role.AGENT]
    assert tracker.me().account == "pointsman"


def test_a_link_is_made_once(gitlab, tracker):
    first, second = (gitlab.add(project=PROJECT, title=t) for t in "ab")
    for _ in range(2):
        carry(tracker, first, Link("blocks", tracker.fetch(second, WORDS).key))
    assert gitlab.state(first)["links"] == [("blocks", second)]


class Ticking:
    """One millisecond later at each look; `stuck` stands still."""

    def __init__(self, stuck=False):
        self.now = datetime(2026, 11, 1, tzinfo=UTC)
        self.step = timedelta(0 if stuck else 0.001)

    def __call__(self):
        self.now += self.step
        return self.now


@pytest.mark.parametrize("stuck", [False, True])
def test_all_changed_tickets_are_found_over_many_pages(stuck):
    with FakeGitLab(clock=Ticking(stuck)) as fake:
        tracker = GitLabTracker(fake.connection(), clock=lambda: datetime.now(UTC))
        tickets = [fake.add(project=p, title=str(n)) for n in range(130) for p in (PROJECT, "acme/other")]
        found = list(tracker.changed((PROJECT, "acme/other"), datetime(2026, 10, 31, tzinfo=UTC), WORDS))
        assert sorted(t.id for t in found) == sorted(tickets)
        assert [t.updated for t in found] == sorted(t.updated for t in found)
        assert len(fake.requests) <= 6


def test_a_ticket_updated_while_pages_are_read_hides_no_other():
    with FakeGitLab(clock=Ticking()) as fake:
        tracker = GitLabTracker(fake.connection(), clock=lambda: datetime.now(UTC))
        tickets = [fake.add(project=PROJECT, title=str(n)) for n in range(150)]
        found = []
        for ticket in tracker.changed((PROJECT,), datetime(2026, 10, 31, tzinfo=UTC), WORDS):
            found.append(ticket.id)
            if len(found) == 1:
                for early in tickets[:20]:  # they move to the end of the list
                    fake.edit(early, "ann.li", title="new")
        assert set(found) == set(tickets)


def test_a_project_that_is_gone_does_not_hide_the_others(gitlab, tracker):
    ticket = gitlab.add(project=PROJECT, title="Card refused")
    found = []
    with pytest.raises(Gone):
        found.extend(t.id for t in tracker.changed(("acme/gone", PROJECT), datetime(2026, 1, 1, tzinfo=UTC), WORDS))
    changed = tracker.changed(("acme/gone", PROJECT), datetime(2026, 1, 1, tzinfo=UTC), WORDS)
    assert next(changed).id == ticket


def test_threads_share_the_gate_but_no_session(gitlab, tracker):
    ticket = gitlab.add(project=PROJECT, title="Card refused")
    start = threading.Barrier(8)

    def work(n):
        start.wait(10)
        return carry(tracker, ticket, AddLabel(f"n{n}")).id

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(8))) == {ticket}
    assert gitlab.state(ticket)["labels"] == {f"n{n}" for n in range(8)}


def test_threads_that_want_the_same_look_up_ask_once(gitlab, tracker):
    start = threading.Barrier(8)

    def work(_):
        start.wait(10)
        return tracker.role(Actor(account="ann.li"), PROJECT, type(WORDS)())

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(8))) == {Role.AGENT}
    assert len(gitlab.requests) == 1


def test_a_rotated_token_is_no_permanent_failure(gitlab, tracker):
    gitlab.token = "another"
    with pytest.raises(TrackerError) as caught:
        tracker.probe()
    assert (caught.value.status, caught.value.permanent) == (401, False)


def test_the_limit_of_notes_closes_the_gate(gitlab, tracker):
    gitlab.notes_per_minute = 1
    ticket = gitlab.add(project=PROJECT, title="Card refused")
    carry(tracker, ticket, Say(key="a", text="1"))
    with pytest.raises(TrackerError) as caught:
        carry(tracker, ticket, Say(key="b", text="2"))
    assert caught.value.status == 429
    assert caught.value.retry_after == pytest.approx(60, abs=2)
