from datetime import UTC, date, datetime

import pytest

from connector.frozen import FrozenDict
from connector.model import Audience, Priority, Role
from connector.trackers.gitlab.mapping import Labels, scope, siblings
from connector.trackers.gitlab.ticket import read_comments, read_ticket
from connector.words import Words
from tests.trackers.gitlab.samples import WORDS, label, rest_issue


def ticket(words=WORDS, **over):
    return read_ticket("gitlab", rest_issue(**over), words)


def test_an_issue_is_read_in_our_words():
    found = ticket(
        labels=["priority::2", "team::payments", "severity::3", "env::prod", "billing"],
        assignees=[{"username": "ann.li"}],
        due_date="2026-12-01",
        user_notes_count=4,
    )
    assert (found.id, found.key, found.project) == ("7/12", "acme/support#12", "acme/support")
    assert (found.priority, found.team, found.severity, found.status) == (Priority.HIGH, "payments", 3, "open")
    assert (found.assignee, found.due, found.comment_count) == ("ann", date(2026, 12, 1), 4)
    assert found.fields == {"environment": "prod", "regulated": False}
    assert "billing" in found.labels
    assert found.created == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert (found.requester.account, found.channel, found.type) == ("dana", "tracker", "issue")


@pytest.mark.parametrize(
    ("state", "labels", "status"),
    [
        ("opened", [], "open"),
        ("opened", ["status::waiting"], "pending"),
        ("closed", [], "done"),
        ("closed", ["status::waiting"], "done"),
    ],
)
def test_a_status_is_a_label_of_an_open_issue_or_its_state(state, labels, status):
    assert ticket(state=state, labels=labels).status == status


def test_a_word_that_no_line_maps_reads_as_missing():
    found = ticket(Words(), labels=["priority::2"])
    assert (found.priority, found.team, found.status) == (Priority.NONE, None, None)


def test_severity_has_its_labels_without_any_line():
    assert ticket(Words(), labels=["severity::2"]).severity == 2
    own = Words(severity=FrozenDict({2: label("S2")}))
    assert (ticket(own, labels=["S2"]).severity, ticket(own, labels=["severity::2"]).severity) == (2, None)


def test_the_requester_of_a_mail_is_its_sender():
    bot = {"username": "support-bot", "name": "GitLab Support Bot"}
    found = ticket(author=bot, service_desk_reply_to="dana@shop.example", issue_type="ticket")
    assert (found.requester.email, found.requester.account, found.channel) == ("dana@shop.example", "", "mail")
    assert found.type == "ticket"


def test_uploads_in_the_description_are_attachments():
    text = "![a](/uploads/0a1b/a.png) and [b](https://x.example/-/project/7/uploads/2c/b.pdf), not [c](/uploads.md)"
    assert ticket(description=text).attachments == 2


@pytest.mark.parametrize("junk", [None, 7, "x", [], [None], {"a": 1}, True])
def test_an_issue_with_junk_in_any_field_is_still_read(junk):
    for name in rest_issue():
        if name not in ("iid", "project_id"):
            assert ticket(**{name: junk}).id == "7/12"


def note(**over):
    author = {"username": "dana", "name": "Dana"}
    at = "2026-11-01T10:00:00.000Z"
    return {"id": 1, "body": "hi", "author": author, "system": False, "internal": False, "created_at": at, **over}


@pytest.mark.parametrize(
    ("over", "audience"),
    [
        ({}, Audience.PUBLIC),
        ({"internal": True}, Audience.INTERNAL),
        ({"internal": None}, Audience.INTERNAL),
        ({"internal": None, "confidential": False}, Audience.PUBLIC),
        ({"internal": None, "confidential": True}, Audience.INTERNAL),
    ],
)
def test_a_note_without_a_word_about_its_audience_is_internal(over, audience):
    assert read_comments([note(**over)], WORDS)[0].audience is audience


def test_system_notes_and_junk_are_no_comments():
    rows = [note(system=True), None, {}, note(id="x"), note(id=2)]
    assert [comment.id for comment in read_comments(rows, WORDS)] == ["2"]


def test_a_support_bot_note_is_the_customer_s():
    assert read_comments([note(author={"username": "support-bot"})], WORDS)[0].author.role is Role.CUSTOMER


@pytest.mark.parametrize(
    ("name", "key"), [("a::b", "a"), ("a::b::c", "a::b"), ("plain", None), ("::x", None), ("x::", None)]
)
def test_the_scope_of_a_label_ends_at_its_last_colons(name, key):
    assert scope(name) == key


def test_siblings_share_the_whole_scope():
    there = Labels(frozenset({"a::b::c", "a::b::d", "a::x", "a::b", "plain"}))
    assert siblings("a::b::e", there) == {"a::b::c", "a::b::d"}
    assert siblings("a::e", there) == {"a::x", "a::b"}
    assert siblings("plain", there) == frozenset()
