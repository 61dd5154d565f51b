import json
from datetime import UTC, datetime

import pytest

from connector.errors import Rejected
from connector.model import Audience, Kind, Role
from connector.trackers.gitlab.reader import read
from connector.words import Words
from tests.trackers.gitlab.samples import SHARED, WORDS, issue_hook, note_hook, user

INTERNAL, PUBLIC = Audience.INTERNAL, Audience.PUBLIC
NOT_OURS = None

# file: (ticket, key, kind, actor's account, actor's name, comment id, audience), read from the bodies by hand
REAL = {
    "drone__merge_request_comment_subgroup.json": NOT_OURS,
    "gitlab4j__group-system-hook-event.json": NOT_OURS,
    "gitlab4j__merge-request-event.json": NOT_OURS,
    "gitlab4j__note-commit-event.json": NOT_OURS,
    "gitlab4j__note-issue-event.json": (
        "5/17", "gitlab-org/gitlab-test#17", "commented", "root", "Administrator", "1241", PUBLIC,
    ),
    "gitlab4j__push-system-hook-event.json": NOT_OURS,
    "gitlab4j__user-system-hook-event.json": NOT_OURS,
    "gitlab4j__workitem-event.json": NOT_OURS,  # an epic
    "go-playground__comment-merge-request-event.json": NOT_OURS,
    "go-playground__comment-snippet-event.json": NOT_OURS,
    "go-playground__confidential-comment-event.json": (
        "5/17", "gitlab-org/gitlab-test#17", "commented", "root", "Administrator", "1241", INTERNAL,
    ),
    "go-playground__issue-event.json": (
        "14/23", "gitlabhq/gitlab-test#23", "created", "root", "Administrator", None, None,
    ),
    "go-playground__system-merge-request-event.json": NOT_OURS,
    "jenkins-x__issue_comment_create.json": (
        "4861503/1", "gitlab-org/hello-world#1", "commented", "sytses", "Sid Sijbrandij", "50771783", PUBLIC,
    ),
    "jenkins-x__issue_edited.json": (
        "4861503/1", "gitlab-org/hello-world#1", "updated", "sytses", "Sid Sijbrandij", None, None,
    ),
    "jenkins-x__issue_reopen.json": (
        "4861503/1", "gitlab-org/hello-world#1", "updated", "sytses", "Sid Sijbrandij", None, None,
    ),
    "jenkins-x__pull_request_create.json": NOT_OURS,
    "jenkins-x__push.json": NOT_OURS,
    "opsdroid__issue_closed.json": (
        "30456730/1", "FabioRosado/test-project#1", "updated", "FabioRosado", "Fabio Rosado", None, None,
    ),
    "opsdroid__issue_created.json": (  # a hook test: it has no `action`
        "30456730/1", "FabioRosado/test-project#1", "updated", "FabioRosado", "Fabio Rosado", None, None,
    ),
    "opsdroid__issue_labeled.json": (
        "30456730/2", "FabioRosado/test-project#2", "updated", "FabioRosado", "Fabio Rosado", None, None,
    ),
    "opsdroid__issue_message_edited.json": (
        "30456730/1", "FabioRosado/test-project#1", "updated", "FabioRosado", "Fabio Rosado", None, None,
    ),
    "packit__commit_comment.json": NOT_OURS,
    "packit__issue_propose_downstream.json": (
        "18032222/1", "packit-service/packit#1", "commented", "shreyaspapi", "Shreyas Papinwar", "355677158", PUBLIC,
    ),
    "packit__mr_closed.json": NOT_OURS,
    "xanzy__issue.json": (  # `project.id` is 1 in this one; the issue itself says 14
        "14/23", "gitlabhq/gitlab-test#23", "created", "root", "Administrator", None, None,
    ),
    "zulip__confidential_note_hook__issue_note.json": (
        "46186758/1", "sbansal1999/testing-zulip-gitlab-integration#1", "commented",
        "sbansal1999", "Satyam Bansal", "1406130881", INTERNAL,
    ),
    "zulip__issue_hook__task_created_with_assignee.json": (
        "80222147/8", "sathwikshetty33-group/mVc#8", "created", "sathwikshetty33", "Sathwik Shetty", None, None,
    ),
}  # fmt: skip


def event(body, headers=None, words=WORDS):
    return read("gitlab", headers or {}, body, words)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the collected bodies are not at {SHARED}")
@pytest.mark.parametrize("name", sorted(REAL))
def test_a_real_body_is_read_to_its_ticket(name):
    found = event(json.loads((SHARED / name).read_bytes()), words=Words())
    if REAL[name] is NOT_OURS:
        assert found is None
        return
    ticket, key, kind, account, full_name, comment, audience = REAL[name]
    assert (found.ticket, found.key, found.project) == (ticket, key, key.partition("#")[0])
    assert (found.kind, found.actor.account, found.actor.name) == (kind, account, full_name)
    assert (found.comment and found.comment.id, found.comment and found.comment.audience) == (comment, audience)
    assert found.actor.role is None


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the collected bodies are not at {SHARED}")
def test_the_table_names_every_collected_body():
    assert {path.name for path in SHARED.glob("*.json")} == set(REAL)


def test_an_issue_that_is_opened_is_created():
    found = event(issue_hook("open"), {"x-gitlab-event-uuid": "chain-1"})
    assert (found.ticket, found.key, found.project) == ("7/12", "acme/support#12", "acme/support")
    assert (found.kind, found.chain) == (Kind.CREATED, "chain-1")
    assert found.at == datetime(2026, 11, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("action", ["update", "close", "reopen", "brand-new-action", None])
def test_any_other_action_and_none_is_an_update(action):
    found = event(issue_hook(action))
    assert (found.kind, found.at) == (Kind.UPDATED, datetime(2026, 11, 2, 8, 30, 0, 250000, tzinfo=UTC))


def test_an_issue_that_has_gone_elsewhere_is_moved():
    assert event(issue_hook("close", moved_to_id=77)).kind is Kind.MOVED
    assert event(issue_hook("close", moved_to_id=None)).kind is Kind.UPDATED


@pytest.mark.parametrize("kind", ["issue", "work_item"])
@pytest.mark.parametrize("type", ["Issue", "Incident", "Ticket", "Task", None])
def test_issues_incidents_tickets_and_tasks_are_tickets(kind, type):
    assert event({**issue_hook(type=type), "object_kind": kind}).ticket == "7/12"


@pytest.mark.parametrize("type", ["Epic", "Objective", "Key Result", "Requirement", "Test Case"])
def test_other_work_items_are_not_for_us(type):
    assert event({**issue_hook(type=type), "object_kind": "work_item"}) is None
    assert event(note_hook(issue={"type": type})) is None


def test_an_item_of_a_group_is_not_for_us():
    body = issue_hook(type=None)
    del body["project"], body["object_attributes"]["project_id"]
    assert event(body) is None


@pytest.mark.parametrize("target", ["MergeRequest", "Commit", "Snippet", "Epic", "DesignManagement::Design"])
def test_notes_on_other_things_are_not_for_us(target):
    assert event(note_hook(noteable_type=target)) is None


def test_gitlab_s_own_remarks_are_not_for_us():
    assert event(note_hook(system=True)) is None


@pytest.mark.parametrize("kind", ["push", "merge_request", "pipeline", "emoji", "", None, 7, ["issue"]])
def test_other_hooks_are_not_for_us(kind):
    assert event({**issue_hook(), "object_kind": kind}) is None


def test_a_note_is_a_comment_by_its_author():
    found = event(note_hook())
    assert (found.kind, found.ticket) == (Kind.COMMENTED, "7/12")
    assert (found.comment.id, found.comment.text, found.comment.author.account) == ("5001", "Any news?", "dana")
    assert found.at == found.comment.at == datetime(2026, 11, 2, 8, 40, tzinfo=UTC)


def test_a_changed_note_is_an_edit_whose_author_may_be_somebody_else():
    found = event({**note_hook(action="update", updated_at="2026-11-02 09:00:00 UTC"), "user": user("bo", 32)})
    assert (found.kind, found.actor.account, found.comment.author.account) == (Kind.COMMENT_EDITED, "bo", "")
    assert found.at == datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_without_an_action_a_note_updated_later_was_edited():
    assert event(note_hook(action=None)).kind is Kind.COMMENTED
    assert event(note_hook(action=None, updated_at="2026-11-02 08:45:00 UTC")).kind is Kind.COMMENT_EDITED


@pytest.mark.parametrize(
    ("audience", "what", "issue", "event_type", "hook"),
    [
        (PUBLIC, {}, {}, "note", "Note Hook"),
        (PUBLIC, {}, {}, "note", ""),
        (PUBLIC, {"internal": False}, {"confidential": True}, "confidential_note", "Confidential Note Hook"),
        (INTERNAL, {"internal": True}, {}, "note", "Note Hook"),
        (INTERNAL, {}, {}, "confidential_note", ""),
        (INTERNAL, {}, {}, "note", "Confidential Note Hook"),
        (INTERNAL, {"internal": "false"}, {}, "confidential_note", ""),
        (None, {}, {"confidential": True}, "confidential_note", "Confidential Note Hook"),
        (None, {}, {"confidential": True}, "note", ""),
        (None, {}, {}, "something_new", ""),
    ],
)
def test_the_audience_of_a_note_fails_closed(audience, what, issue, event_type, hook):
    found = event(note_hook(issue=issue, event_type=event_type, **what), {"x-gitlab-event": hook})
    assert found.comment.audience is audience


@pytest.mark.parametrize(
    ("username", "role"),
    [
        ("support-bot", Role.CUSTOMER),
        ("project_7_bot_0123456789abcdef", Role.SYSTEM),
        ("group_9_bot", Role.SYSTEM),
        ("alert-bot", Role.SYSTEM),
        ("ann.li", Role.AGENT),
        ("Ann.Li", Role.AGENT),
        ("dana", None),
        ("robot_project_7_bot", None),
    ],
)
def test_what_a_username_alone_says(username, role):
    assert event({**note_hook(), "user": user(username)}).actor.role is role


def test_a_listed_account_is_a_person():
    assert event({**issue_hook(), "user": user("ann.li")}).actor.person == "ann"


def test_a_redacted_address_is_none():
    assert event(issue_hook()).actor.email == ""


@pytest.mark.parametrize("body", [None, [], "text", 5, True])
def test_what_is_no_object_is_unreadable(body):
    with pytest.raises(Rejected) as caught:
        event(body)
    assert caught.value.status == 400


@pytest.mark.parametrize("iid", [None, 0, -1, "12", 12.0, True, 2**31, 10**30, [12], {}])
def test_an_issue_number_of_a_wrong_shape_is_unreadable(iid):
    with pytest.raises(Rejected):
        event(issue_hook(iid=iid))
    with pytest.raises(Rejected):
        event(note_hook(issue={"iid": iid}))


def test_the_project_is_never_guessed_from_elsewhere_in_the_body():
    body = issue_hook()
    del body["object_attributes"]["project_id"]
    body["project"]["id"] = 8
    with pytest.raises(Rejected):
        event(body)


@pytest.mark.parametrize("path", [None, 7, "", "nogroup", "a b/c", "acme/support#1", "x" * 2000 + "/y"])
def test_an_unusable_path_leaves_the_ticket_known(path):
    found = event({**issue_hook(), "project": {"id": 7, "path_with_namespace": path}})
    assert (found.ticket, found.key, found.project) == ("7/12", None, None)


@pytest.mark.parametrize("chain", ["a\r\nX-Evil: 1", "", "é", "x" * 300])
def test_a_chain_that_is_no_id_is_dropped(chain):
    assert event(issue_hook(), {"x-gitlab-event-uuid": chain}).chain == ""


def test_unstorable_characters_are_replaced():
    found = event(note_hook(note="a\x00b\ud800c"))
    assert found.comment.text == "a\ufffdb\ufffdc"
