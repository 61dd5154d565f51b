"""Whole journeys against a Jira on a loopback port: requests are counted, webhooks read, answers lost."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.changes import AddLabel, AssignTo, Link, MoveTo, RouteTo, Say, SetField, SetPriority
from connector.errors import Gone, TrackerError
from connector.frozen import FrozenDict
from connector.messages import Draft
from connector.model import Actor, Audience, Kind, Person, Priority, Role
from connector.trackers import NoteWrite, Stamp, Write
from connector.trackers.jira import JiraTracker
from connector.words import Place, PlaceKind, Words
from tests.fakes.jira_server import FakeJira

from .desk import names

WORDS = Words(
    priority=FrozenDict(urgent=names("Highest"), high=names("High"), normal=names("Medium"), low=names("Low")),
    team=FrozenDict(
        frontline=(Place(PlaceKind.COMPONENT, "Frontline"),), payments=(Place(PlaceKind.COMPONENT, "Payments"),)
    ),
    severity=FrozenDict({1: (Place(PlaceKind.FIELD, "S1", "Severity"),)}),
    status=FrozenDict(new=names("To Do"), open=names("Open"), done=names("Done")),
    fields=FrozenDict(environment=Place(PlaceKind.FIELD, "*", "Environment")),
    people=FrozenDict(ann=("ann",), bo=("bo@desk.example",)),
    names=FrozenDict(ann="Ann Li", bo="Bo"),
)
LINES = ("Pointsman · why", "- priority urgent: Production incident (+25) = 80")
HELLO = Say(key="hello", text="We are on it.", audience=Audience.PUBLIC)
HINT = Say(key="hint", text="look at the logs")


def now() -> datetime:
    return datetime.now(UTC)


def open_fake(flavor: str):
    fake = FakeJira(flavor)
    fake.person("ann", name="Ann Li", email="ann@desk.example")
    fake.person("bo", name="Bo", email="bo@desk.example")
    fake.person("dana", name="Dana", role="customer", email="dana@customer.example")
    return fake


@pytest.fixture(params=["cloud", "dc"])
def fake(request):
    with open_fake(request.param) as made:
        yield made
        assert made.violations == []


@pytest.fixture
def cloud():
    with open_fake("cloud") as made:
        yield made
        assert made.violations == []


@pytest.fixture
def dc():
    with open_fake("dc") as made:
        yield made
        assert made.violations == []


def tracker_of(fake, **options):
    return JiraTracker(fake.connection(**options), clock=now)


def warm(tracker, ticket, words=WORDS):
    """What is asked once per process and project is behind us."""
    tracker.compose(tracker.fetch(ticket, words), (Write("w", AssignTo("bo")),), None, Stamp("0"), words)
    tracker.me()


def work(tracker, ticket_id, *changes, note=None, plan="p1", said=()):
    """One read, then what is composed is sent."""
    ticket = tracker.fetch(ticket_id, WORDS)
    writes = tuple(Write(f"{plan}/{change.slot}", change) for change in changes)
    composed = tracker.compose(ticket, writes, note, Stamp(plan, said), WORDS)
    assert composed.refused == {}
    return [tracker.send(call) for call in composed.calls]


def counted(fake, action):
    before = len(fake.requests)
    action()
    return [f"{r.method} {r.path.removeprefix('/rest/api/2')}" for r in fake.requests[before:]]


def test_a_decision_on_a_plain_project_is_one_read_and_one_write(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="SUP", title="Payment fails")
    warm(tracker, ticket)
    changes = (SetPriority(Priority.URGENT), RouteTo("payments"), AssignTo("bo"), AddLabel("a"), HELLO, HINT)
    note = NoteWrite("n", LINES)

    sent = counted(fake, lambda: work(tracker, ticket, *changes, note=note, said=("hello", "hint")))

    assert sent == [f"GET /issue/{ticket}", f"PUT /issue/{ticket}"]
    state = fake.state(ticket)
    assert (state["priority"], state["assignee"], state["components"]) == ("Highest", "bo", {"Payments"})
    assert len(state["comments"]) == 3
    assert state["properties"]["pointsman"] == {"plan": "p1", "said": ["hello", "hint", "note"]}


def test_the_next_note_is_an_edit_in_the_same_write(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="SUP", title="Payment fails")
    work(tracker, ticket, SetPriority(Priority.URGENT), note=NoteWrite("n", LINES))
    note_id = tracker.fetch(ticket, WORDS).note_id
    assert note_id

    sent = counted(
        fake,
        lambda: work(tracker, ticket, AddLabel("a"), note=NoteWrite("n2", (*LINES, "- label a"), note_id), plan="p2"),
    )

    assert sent == [f"GET /issue/{ticket}", f"PUT /issue/{ticket}"]
    [note] = fake.state(ticket)["comments"]
    assert note["text"].endswith("- label a")
    assert tracker.fetch(ticket, WORDS).note_id == note_id


def test_a_service_project_costs_one_write_and_one_call_per_text(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="HELP", title="Payment fails", by="dana")
    warm(tracker, ticket)

    sent = counted(
        fake,
        lambda: work(
            tracker,
            ticket,
            SetPriority(Priority.URGENT),
            HELLO,
            HINT,
            note=NoteWrite("n", LINES),
            said=("hello", "hint"),
        ),
    )

    comment = f"POST /issue/{ticket}/comment"
    assert sent == [f"GET /issue/{ticket}", f"PUT /issue/{ticket}", comment, comment, comment]
    shown = {c["text"].split("\n")[0]: c["public"] for c in fake.state(ticket)["comments"]}
    assert shown == {"We are on it.": True, "look at the logs": False, "Pointsman · why": False}
    assert tracker.marks(ticket, WORDS) == {"hello", "hint", "note"}


def test_an_edited_note_of_a_service_project_stays_internal(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="HELP", title="Payment fails", by="dana")
    [_, answer] = work(tracker, ticket, AddLabel("a"), note=NoteWrite("n", LINES))
    assert answer.comment_id

    work(tracker, ticket, AddLabel("b"), note=NoteWrite("n2", LINES[:1], answer.comment_id), plan="p2")

    [note] = fake.state(ticket)["comments"]
    assert (note["text"], note["public"]) == (LINES[0], False)


def test_a_deleted_note_of_a_service_project_is_told_as_gone(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="HELP", title="x", by="dana")
    [_, answer] = work(tracker, ticket, AddLabel("a"), note=NoteWrite("n", LINES))
    seen = tracker.fetch(ticket, WORDS)
    fake.delete_comment(ticket, answer.comment_id, "bo")
    [call] = tracker.compose(seen, (), NoteWrite("n2", LINES[:1], answer.comment_id), Stamp("p2"), WORDS).calls

    with pytest.raises(Gone):
        tracker.send(call)


def test_comments_of_a_service_project_tell_internal_from_public(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="HELP", title="x", by="dana")
    fake.comment(ticket, "dana", "any news?")
    fake.comment(ticket, "ann", "he is angry", public=False)

    found = tracker.comments(ticket, WORDS)

    assert [c.audience for c in found][1] is Audience.INTERNAL
    assert found[0].audience in (Audience.PUBLIC, None)


@pytest.mark.parametrize("fault", ["500-after", "cut-after"])
def test_an_edit_whose_answer_was_lost_is_known_by_its_property(fake, fault):
    tracker, ticket = tracker_of(fake), fake.add(project="SUP", title="x")
    fake.faults.script(fault)

    with pytest.raises(TrackerError) as caught:
        work(tracker, ticket, SetPriority(Priority.LOW), HELLO, said=("hello",))

    assert caught.value.sent
    assert not caught.value.permanent
    assert tracker.marks(ticket, WORDS) == {"hello"}
    seen = tracker.fetch(ticket, WORDS)
    assert (seen.priority, seen.marks) == (Priority.LOW, {"hello"})
    assert len(fake.writes(ticket)) == 1


def test_an_edit_that_never_happened_leaves_no_mark(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="SUP", title="x")
    fake.faults.script("500-before")

    with pytest.raises(TrackerError):
        work(tracker, ticket, SetPriority(Priority.LOW), HELLO, said=("hello",))

    assert tracker.marks(ticket, WORDS) == frozenset()


def test_a_lost_answer_between_fields_and_text_of_a_service_project_does_not_count_the_text_as_said(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="HELP", title="x", by="dana")
    fake.faults.script("ok", "500-before")

    with pytest.raises(TrackerError):
        work(tracker, ticket, SetPriority(Priority.LOW), HELLO, said=("hello",))

    assert tracker.marks(ticket, WORDS) == frozenset()
    work(tracker, ticket, HELLO, said=("hello",))
    assert [c["text"] for c in fake.state(ticket)["comments"]] == ["We are on it."]


def test_one_bad_field_is_named_and_nothing_is_applied(fake):
    fake.rest.editor.unscreened.add("priority")
    tracker, ticket = tracker_of(fake), fake.add(project="SUP", title="x")

    with pytest.raises(TrackerError) as caught:
        work(tracker, ticket, SetPriority(Priority.LOW), AddLabel("a"))

    assert (caught.value.permanent, caught.value.fields) == (True, ("priority",))
    assert fake.state(ticket)["labels"] == set()


def test_where_the_property_is_refused_the_edit_goes_through_without(fake):
    fake.rest.editor.refuses_properties = True
    tracker, ticket = tracker_of(fake), fake.add(project="SUP", title="x")
    warm(tracker, ticket)

    first = counted(fake, lambda: work(tracker, ticket, AddLabel("a"), HELLO, said=("hello",)))
    second = counted(fake, lambda: work(tracker, ticket, AddLabel("b")))

    read, put = f"GET /issue/{ticket}", f"PUT /issue/{ticket}"
    assert (first, second) == ([read, put, read, put], [read, put])
    assert fake.state(ticket)["labels"] == {"a", "b"}
    assert len(fake.state(ticket)["comments"]) == 1


def test_where_the_property_is_refused_a_text_that_is_there_is_known_by_its_digest(fake):
    fake.rest.editor.refuses_properties = True
    ticket = fake.add(project="SUP", title="x")
    fake.faults.script("ok", "cut-after")
    with pytest.raises(TrackerError):
        work(tracker_of(fake), ticket, HELLO, said=("hello",))

    after_a_restart = tracker_of(fake)
    work(after_a_restart, ticket, AddLabel("a"), HELLO, said=("hello",))

    assert [c["text"] for c in fake.state(ticket)["comments"]] == ["We are on it."]
    assert fake.state(ticket)["labels"] == {"a"}


def test_a_transition_is_looked_up_once_per_project_type_and_status(fake):
    tracker = tracker_of(fake)
    one, two = (fake.add(project="SUP", title=title) for title in ("x", "y"))
    work(tracker, one, MoveTo("done"))

    sent = counted(fake, lambda: work(tracker, two, MoveTo("done")))

    assert sent == [f"GET /issue/{two}", f"POST /issue/{two}/transitions"]
    assert fake.state(two)["status"] == "Done"


def test_links_are_seen_from_both_ends(fake):
    tracker = tracker_of(fake)
    one, two = (fake.add(project="SUP", title=title) for title in ("x", "y"))
    work(tracker, one, Link("blocks", "SUP-2"))

    assert tracker.fetch(one, WORDS).links == {"blocks:SUP-2"}
    assert tracker.fetch(two, WORDS).links == {"is_blocked_by:SUP-1"}


def test_a_link_to_nothing_is_refused_and_the_ticket_is_not_gone(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="SUP", title="x")

    with pytest.raises(TrackerError) as caught:
        work(tracker, ticket, Link("blocks", "SUP-99"))

    assert caught.value.permanent
    assert not isinstance(caught.value, Gone)


def test_custom_fields_are_written_and_read_by_their_shown_name(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="SUP", title="x")

    work(tracker, ticket, SetField("environment", "prod"))
    fake.edit(ticket, "ann", customfield_10051={"value": "S1"})

    seen = tracker.fetch(ticket, WORDS)
    assert (seen.fields["environment"], seen.severity) == ("prod", 1)


def heard(fake):
    """Webhooks as (headers in lower case, body), collected while the test runs."""
    found: list[tuple[dict[str, str], bytes]] = []
    lock = threading.Lock()

    def hook(headers, body):
        with lock:
            found.append(({name.lower(): value for name, value in headers.items()}, body))

    fake.hooks = hook
    return found


def test_the_webhooks_of_a_day_are_genuine_and_read_to_their_ticket(fake):
    tracker, found = tracker_of(fake), heard(fake)
    ticket = fake.add(project="SUP", title="x", by="dana")
    fake.edit(ticket, "ann", priority="High", assignee="bo", labels=["a"])
    said = fake.comment(ticket, "dana", "any news?")
    fake.edit_comment(ticket, said, "dana", "any news now?")
    fake.delete_comment(ticket, said, "ann")
    fake.edit(ticket, "ann", status="Done")
    fake.delete(ticket, "ann")
    fake.flush()

    events = []
    for headers, body in found:
        tracker.verify(headers, body, None, now())
        events.append(tracker.read(headers, json.loads(body), WORDS))

    assert {event.ticket for event in events} == {ticket}
    assert len({tracker.delivery(headers, body) for headers, body in found}) == len(found)
    kinds = list(dict.fromkeys(event.kind for event in events))
    assert kinds == [
        Kind.CREATED,
        Kind.UPDATED,
        Kind.COMMENTED,
        Kind.COMMENT_EDITED,
        Kind.COMMENT_DELETED,
        Kind.DELETED,
    ]
    assert {c.slot: c.value for c in events[1].changes} == {"priority": "high", "assignee": "bo", "label:a": True}
    assert {e.comment.id for e in events if e.kind in (Kind.COMMENTED, Kind.COMMENT_EDITED)} == {said}
    moved = next(e for e in events if any(c.slot == "status" for c in e.changes))
    assert {c.slot: (c.was, c.value) for c in moved.changes} == {"status": ("new", "done")}


def test_the_past_and_the_webhook_name_a_change_alike(fake):
    tracker, found = tracker_of(fake), heard(fake)
    ticket = fake.add(project="SUP", title="x")
    fake.edit(ticket, "ann", priority="High")
    fake.flush()

    [told] = tracker.read({}, json.loads(found[-1][1]), WORDS).changes
    [kept] = tracker.past(ticket, WORDS).changes

    assert (told.id, told.slot, told.was, told.value, told.by.person) == (
        kept.id,
        kept.slot,
        kept.was,
        kept.value,
        kept.by.person,
    )


def test_a_history_longer_than_a_page_is_read_whole_on_cloud(cloud):
    tracker, ticket = tracker_of(cloud), cloud.add(project="SUP", title="x")
    for n in range(130):
        cloud.edit(ticket, "ann", labels=[f"l{n}"])

    past = tracker.past(ticket, WORDS).changes

    assert past[0].slot == "label:l0"
    assert past[-1].slot == "label:l129"


def test_everything_changed_is_found_over_pages_and_once(fake):
    tracker = tracker_of(fake)
    ids = [fake.add(project="SUP", title=f"t{n}") for n in range(230)]
    fake.add(project="HELP", title="another project")

    found = [t.id for t in tracker.changed(("SUP",), now() - timedelta(minutes=5), WORDS)]

    assert found == ids


def test_a_ticket_that_moves_while_pages_are_read_hides_no_other(dc):
    tracker = tracker_of(dc)
    ids = [dc.add(project="SUP", title=f"t{n}") for n in range(150)]
    found = set()

    for count, ticket in enumerate(tracker.changed(("SUP",), now() - timedelta(minutes=5), WORDS)):
        found.add(ticket.id)
        if count < 40:
            dc.edit(ids[count], "ann", labels=["moved"])

    assert found == set(ids)


def test_what_did_not_change_since_is_left_out(fake):
    tracker = tracker_of(fake)
    fake.add(project="SUP", title="old")

    assert list(tracker.changed(("SUP",), now() + timedelta(seconds=1), WORDS)) == []
    assert list(tracker.changed((), now(), WORDS)) == []


def test_roles_come_from_account_types_on_cloud(cloud):
    tracker = tracker_of(cloud)
    cloud.person("robot", role="system")

    assert tracker.role(Actor(account="ann"), "HELP", Words()) is Role.AGENT
    assert tracker.role(Actor(account="dana"), "HELP", Words()) is Role.CUSTOMER
    assert tracker.role(Actor(account="robot"), "SUP", Words()) is Role.SYSTEM
    assert tracker.role(Actor(account="gone"), "SUP", Words()) is Role.CUSTOMER
    assert tracker.role(Actor(), "SUP", Words()) is Role.CUSTOMER


def test_in_a_service_project_of_data_center_agents_are_members_of_the_agents_role(dc):
    dc.person("colleague", name="A colleague")
    dc.world.agents["HELP"].discard("colleague")
    dc.person("helper")
    dc.world.agents["HELP"].discard("helper")
    dc.world.agents["helpers"] = {"helper"}
    tracker = tracker_of(dc)

    assert tracker.role(Actor(account="ann"), "HELP", Words()) is Role.AGENT
    assert tracker.role(Actor(account="helper"), "HELP", Words()) is Role.AGENT
    assert tracker.role(Actor(account="colleague"), "HELP", Words()) is Role.CUSTOMER
    assert tracker.role(Actor(account="colleague"), "SUP", Words()) is Role.AGENT


def test_somebody_seen_in_a_read_is_not_asked_about_again(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="SUP", title="x", by="ann")
    tracker.fetch(ticket, WORDS)

    assert counted(fake, lambda: tracker.role(Actor(account="ann"), "SUP", Words())) == []


def test_people_known_by_address_are_recognised_though_cloud_hides_it(cloud):
    tracker, ticket = tracker_of(cloud), cloud.add(project="SUP", title="x", by="dana")
    work(tracker, ticket, AssignTo("bo"))
    cloud.world.hides_mail = True
    tracker = tracker_of(cloud)

    assert tracker.fetch(ticket, WORDS).assignee == "bo"


def test_the_flavour_is_asked_once_where_the_connection_does_not_say_it(fake):
    tracker = JiraTracker(replace(fake.connection(), flavor=""), clock=now)
    one, two = (fake.add(project="SUP", title=title) for title in ("x", "y"))

    work(tracker, one, AssignTo("ann"))
    work(tracker, two, AssignTo("ann"))

    assert [r.path for r in fake.requests].count("/rest/api/2/serverInfo") == 1
    assert fake.state(two)["assignee"] == "ann"


def test_an_issue_is_made_once_though_the_answer_was_lost(fake):
    tracker = tracker_of(fake)
    draft = Draft("jira", "SUP", "From a form", "{code}it broke", Person(email="dana@customer.example"))
    fake.faults.script("cut-after")
    with pytest.raises(TrackerError):
        tracker.create(draft, "draft-1", WORDS)

    again = tracker.create(draft, "draft-1", WORDS)
    other = tracker.create(draft, "draft-2", WORDS)

    assert again != other
    assert len(fake.world.issues) == 2
    assert fake.state(again)["properties"]["pointsman"] == {"plan": "draft-1", "said": []}


def test_a_rotated_token_is_not_the_end(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="SUP", title="x")
    fake.faults.script("401")

    with pytest.raises(TrackerError) as caught:
        work(tracker, ticket, AddLabel("a"))

    assert (caught.value.status, caught.value.permanent) == (401, False)
    work(tracker, ticket, AddLabel("a"))
    assert fake.state(ticket)["labels"] == {"a"}


def test_threads_share_the_tracker_but_not_the_session(fake):
    tracker, ticket = tracker_of(fake), fake.add(project="SUP", title="x")
    failures = []

    def run():
        try:
            for _ in range(10):
                tracker.fetch(ticket, WORDS)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
