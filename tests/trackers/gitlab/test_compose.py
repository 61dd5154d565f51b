import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector import mention
from connector.changes import (
    AddLabel,
    AssignTo,
    DueBy,
    Link,
    MoveTo,
    Notify,
    RemoveLabel,
    RouteTo,
    Say,
    SetFact,
    SetField,
    SetPriority,
    SetSeverity,
    WakeAt,
)  # fmt: skip
from connector.core.neutral import JOINER
from connector.model import Audience, Priority
from connector.trackers import NoteWrite, Write
from connector.trackers.gitlab.ticket import read_ticket
from connector.trackers.gitlab.writer import compose
from connector.words import Words
from tests.trackers.gitlab.samples import NOW, WORDS, rest_issue


class Finds:
    """A project that writes `Billing` so, and users with ids."""

    def label(self, project, name):
        assert project == "7"
        return "Billing" if name.casefold() == "billing" else name

    def user_id(self, account):
        return {"ann.li": 41, "bo": 42, "stranger": 43}.get(account)


def composed(*changes, note=None, words=WORDS, **issue):
    ticket = read_ticket("gitlab", rest_issue(**issue), WORDS)
    writes = tuple(Write(f"{n}:{change.slot}", change) for n, change in enumerate(changes))
    return compose(ticket, writes, note, words, Finds())


def put(*changes, **issue):
    """The body of the one `PUT`."""
    (call,) = composed(*changes, **issue).calls
    assert (call.method, call.path, call.what) == ("PUT", "/projects/7/issues/12", "fields")
    return dict(call.body)


def why(*changes, **issue):
    found = composed(*changes, **issue)
    assert found.calls == ()
    (reason,) = found.refused.values()
    return reason


@pytest.mark.parametrize(
    ("labels", "change", "add", "remove"),
    [
        ([], SetPriority(Priority.HIGH), "priority::2", None),
        (["priority::1"], SetPriority(Priority.HIGH), "priority::2", "priority::1"),
        (["priority::9"], SetPriority(Priority.HIGH), "priority::2", "priority::9"),
        (["P4"], SetPriority(Priority.HIGH), "priority::2", "P4"),
        (["P4", "billing"], SetPriority(Priority.NORMAL), "P3", "P4"),
        (["priority::1", "P4"], SetPriority(Priority.NONE), None, "P4,priority::1"),
        (["severity::1"], SetSeverity(3), "severity::3", "severity::1"),
        (["team::frontline", "legal"], RouteTo("payments"), "team::payments", "legal,team::frontline"),
        (["team::gone"], RouteTo("payments"), "team::payments", "team::gone"),
        (["team::frontline"], RouteTo("law"), "legal", "team::frontline"),
        (["team::gone", "other"], RouteTo("law"), "legal", None),
        (["x::y::1", "x::z"], AddLabel("x::y::2"), "x::y::2", "x::y::1"),
        ([], AddLabel("billing"), "Billing", None),
        (["a"], RemoveLabel("a"), None, "a"),
        (["env::test"], SetField("environment", "prod"), "env::prod", "env::test"),
        (["env::test"], SetField("environment", None), None, "env::test"),
        ([], SetField("regulated", True), "regulated", None),
        (["regulated"], SetField("regulated", False), None, "regulated"),
        ([], MoveTo("pending"), "status::waiting", None),
        (["status::waiting"], MoveTo("open"), None, "status::waiting"),
    ],
)
def test_a_word_becomes_labels_to_add_and_to_remove(labels, change, add, remove):
    expected = {name: value for name, value in (("add_labels", add), ("remove_labels", remove)) if value}
    assert put(change, labels=labels) == expected


@pytest.mark.parametrize(
    ("change", "issue", "body"),
    [
        (AssignTo("ann"), {}, {"assignee_ids": [41]}),
        (AssignTo("stranger"), {}, {"assignee_ids": [43]}),
        (AssignTo(None), {"assignees": [{"username": "bo"}]}, {"assignee_ids": [0]}),
        (DueBy("resolution", datetime(2026, 12, 1, 23, 30, tzinfo=UTC)), {}, {"due_date": "2026-12-01"}),
        (MoveTo("done"), {}, {"state_event": "close"}),
        (MoveTo("open"), {"state": "closed"}, {"state_event": "reopen"}),
        (MoveTo("pending"), {"state": "closed"}, {"add_labels": "status::waiting", "state_event": "reopen"}),
    ],
)
def test_other_fields_have_parameters_of_their_own(change, issue, body):
    assert put(change, **issue) == body


def test_all_fields_of_a_plan_are_one_request_that_knows_its_effects():
    found = composed(
        SetPriority(Priority.URGENT), RouteTo("payments"), AssignTo("ann"), AddLabel("vip"), labels=["priority::2"]
    )
    (call,) = found.calls
    assert call.body == {
        "add_labels": "priority::1,team::payments,vip",
        "remove_labels": "priority::2",
        "assignee_ids": [41],
    }
    assert set(call.covers) == {"0:priority", "1:team", "2:assignee", "3:label:vip"}
    assert call.fields["add_labels"] == ("0:priority", "1:team", "3:label:vip")
    assert call.fields["assignee_ids"] == ("2:assignee",)


@pytest.mark.parametrize("first", [AddLabel("a"), RemoveLabel("a")])
def test_a_label_is_never_added_and_removed_at_once(first):
    last = RemoveLabel("a") if isinstance(first, AddLabel) else AddLabel("a")
    labels = ["a"] if isinstance(first, RemoveLabel) else []
    # GitLab would let the removal win; the later wish should.
    for call in composed(first, last, labels=labels).calls:
        assert not {*call.body.get("add_labels", "").split(",")} & {*call.body.get("remove_labels", "-").split(",")}


def test_two_labels_of_one_scope_leave_only_the_later():
    assert put(AddLabel("x::1"), AddLabel("x::2")) == {"add_labels": "x::2", "remove_labels": "x::1"}


def test_what_is_there_already_costs_no_request():
    found = composed(SetPriority(Priority.HIGH), MoveTo("open"), AssignTo(None), labels=["priority::2"])
    assert (found.calls, dict(found.refused)) == ((), {})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{mention('ann')}, look", "@ann.li, look"),
        (f"ask{mention('bo')}by", "ask@boby"),
        (f"{mention('cy')} is on leave", "Cy is on leave"),
        (f"{mention('mia')} is on leave", "mia is on leave"),
        (f"{mention('/close')}", "/close"),
    ],
)
def test_a_mention_is_the_account_of_the_person_or_their_name(text, shown):
    words = replace(WORDS, people={**WORDS.people, "mia": ("mia@desk.example",)}, names={**WORDS.names, "cy": "Cy"})
    (call,) = composed(Say("hello", text), words=words).calls

    said = call.body["body"].partition("\n\n")[0]
    assert said.replace(JOINER, "") == shown
    assert not re.search(r"\w@|@bob|^/", said)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (AssignTo("nobody"), "knows no active user for `nobody`"),
        (AddLabel("a,b"), "comma"),
        (AddLabel("a\nb"), "printable"),
        (SetField("environment", "a,b"), "comma"),
        (SetField("unheard", "x"), "field `unheard`"),
        (SetField("environment", ("a", "b")), "word"),
        (RouteTo("unheard"), "team `unheard`"),
        (MoveTo("unheard"), "status `unheard`"),
        (Link("relates_to", "nonsense"), "group/project#12"),
        (Link("duplicates", "a/b#1"), "group/project#12"),
        (Notify("k", "duty", "text"), "remembered"),
        (WakeAt(NOW, "note"), "remembered"),
        (SetFact("a", 1), "remembered"),
    ],
)
def test_what_gitlab_cannot_take_is_refused_with_a_sentence(change, part):
    assert part in why(change)


def test_a_label_there_in_another_case_is_not_doubled():
    assert "written `VIP`" in why(AddLabel("vip"), labels=["VIP"])


def test_a_refused_wish_does_not_stop_the_others():
    found = composed(AssignTo("nobody"), AddLabel("vip"))
    assert [dict(call.body) for call in found.calls] == [{"add_labels": "vip"}]
    assert set(found.refused) == {"0:assignee"}


@pytest.mark.parametrize(("audience", "internal"), [(Audience.INTERNAL, True), (Audience.PUBLIC, False)])
def test_a_text_says_its_audience(audience, internal):
    (call,) = composed(Say(key="ack", text="Hello", audience=audience)).calls
    assert (call.method, call.path, call.what) == ("POST", "/projects/7/issues/12/notes", "say")
    assert call.body["internal"] is internal
    assert call.body["body"].startswith("Hello\n\n")
    assert call.body["body"].endswith("<!-- pointsman:ack -->")
    assert set(call.digests) == {"0:say:ack"}


def test_the_note_is_internal_and_edited_afterwards():
    lines = ("Pointsman · why", "priority high: rule x")
    (made,) = composed(note=NoteWrite("n", lines)).calls
    assert (made.method, made.path, made.body["internal"]) == ("POST", "/projects/7/issues/12/notes", True)
    (edited,) = composed(note=NoteWrite("n", lines, "5001")).calls
    assert (edited.method, edited.path) == ("PUT", "/projects/7/issues/12/notes/5001")
    assert dict(edited.body) == {"body": made.body["body"]}


def test_a_note_id_that_is_none_does_not_become_a_path():
    (call,) = composed(note=NoteWrite("n", ("a",), "../../issues")).calls
    assert call.path == "/projects/7/issues/12/notes"


@pytest.mark.parametrize(
    ("key", "project", "iid"), [("acme/other#5", "acme/other", "5"), ("9/5", "9", "5"), ("#5", "7", "5")]
)
def test_a_link_is_a_request_of_its_own(key, project, iid):
    (call,) = composed(Link("blocks", key)).calls
    assert (call.path, call.what) == ("/projects/7/issues/12/links", "link")
    assert dict(call.body) == {"target_project_id": project, "target_issue_iid": iid, "link_type": "blocks"}


def test_fields_come_first_and_the_note_last():
    found = composed(
        Say(key="ack", text="Hello"), Link("relates_to", "#5"), AddLabel("vip"), note=NoteWrite("n", ("why",))
    )
    assert [call.what for call in found.calls] == ["fields", "link", "say", "note"]


def test_without_names_only_severity_and_plain_labels_can_be_written():
    found = composed(SetPriority(Priority.HIGH), SetSeverity(1), AddLabel("vip"), words=Words())
    assert set(found.refused) == {"0:priority"}
    assert [call.body["add_labels"] for call in found.calls] == ["severity::1,vip"]
