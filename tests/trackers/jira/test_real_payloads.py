"""What the reader makes of 29 bodies that real Jira servers sent: a table written by hand from the bodies."""

from __future__ import annotations

import json

import pytest

from connector.trackers.jira.reader import read
from connector.words import Words

from .payloads import shared

TEST_USER = ("5c5f880629be9642ba529340", "Test User")
CLOUD_USER = "5cedcb4355a88a0fc86388ba"
LEV = ("levbrouk", "Lev Brouk")
TES_41 = ("10040", "TES-41", "TES")
PRJX_14 = ("10013", "PRJX-14", "PRJX")

# file (without "webhook-" and ".json"): (id, key, project), kind, (account, name), comment: id, audience, first words
TABLE = {
    "cloud-comment-created-mention-user": (
        TES_41,
        "commented",
        TEST_USER,
        ("10019", "public", "Added a comment with"),
    ),
    "cloud-comment-deleted": (
        ("10357", "KT-7", "KT"),
        "comment_deleted",
        (CLOUD_USER, "Test User"),
        ("10757", "public", "wd\n\ndwd"),
    ),
    "cloud-issue-created-many-fields": (("10509", "KT-22", "KT"), "created", (CLOUD_USER, "Sample User"), None),
    "issue-comment-created-indentation": (
        ("10101", "TEST-4", "TEST"),
        "commented",
        ("test", "User"),
        ("10503", None, "[~Test] creating a test comment"),
    ),
    "issue-created-no-description-nor-relevant-fields": (TES_41, "created", TEST_USER, None),
    "issue-created-no-relevant-fields": (TES_41, "created", TEST_USER, None),
    "issue-created": (TES_41, "created", TEST_USER, None),
    "issue-deleted": (("10303", "IDT-19", "IDT"), "deleted", TEST_USER, None),
    "issue-updated-assigned": (TES_41, "updated", TEST_USER, None),
    "issue-updated-attachments": (TES_41, "updated", TEST_USER, None),
    "issue-updated-fix-version": (TES_41, "updated", TEST_USER, None),
    "issue-updated-labels": (TES_41, "updated", TEST_USER, None),
    "issue-updated-multiple-custom-fields": (TES_41, "updated", TEST_USER, None),
    "issue-updated-raised-priority": (TES_41, "updated", TEST_USER, None),
    "issue-updated-rank": (TES_41, "updated", TEST_USER, None),
    "issue-updated-renamed": (TES_41, "updated", TEST_USER, None),
    "issue-updated-reopened-one-changelog": (TES_41, "updated", TEST_USER, None),
    "issue-updated-resolved": (TES_41, "updated", TEST_USER, None),
    "server-comment-created": (("10013", None, None), "commented", LEV, ("10082", None, "unik")),
    "server-comment-updated": (("10013", None, None), "comment_edited", LEV, ("10084", None, "and higher eeven")),
    "server-issue-updated-comment-deleted": (PRJX_14, "comment_deleted", LEV, None),
    "server-issue-updated-commented-1": (PRJX_14, "commented", LEV, ("10082", None, "unik")),
    "server-issue-updated-commented-3": (
        ("10231", "PRJA-42", "PRJA"),
        "commented",
        ("TestUser", "Test User"),
        ("10118", None, "This is a test comment."),
    ),
    "server-issue-updated-in-progress": (("10300", "TES-4", "TES"), "updated", ("admin", "Test User"), None),
    "server-issue-updated-resolved": (("10300", "TES-4", "TES"), "updated", ("admin", "Test User"), None),
    "server-old-issue-updated-no-event-type-assigned": (TES_41, "updated", TEST_USER, None),
    "server-old-issue-updated-no-event-type-comment-edited": (
        PRJX_14,
        "comment_edited",
        LEV,
        ("10084", None, "and higher eeven"),
    ),
    "server-old-issue-updated-no-event-type-commented": (PRJX_14, "commented", LEV, ("10082", None, "unik")),
    "server-updated-custom-field": (("10106", "TES-8", "TES"), "updated", ("test", "test@example.com"), None),
}


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_real_body_is_read_to_the_right_ticket_kind_and_actor(name):
    body = json.loads(shared("payloads", "jira", f"webhook-{name}.json").read_bytes())
    ticket, kind, actor, comment = TABLE[name]

    event = read(body, Words(), tracker="jira")

    assert event is not None
    assert (event.ticket, event.key, event.project) == ticket
    assert event.kind == kind
    assert (event.actor.account, event.actor.name, event.actor.role) == (*actor, None)
    assert event.at is not None
    if comment is None:
        assert event.comment is None
    else:
        id, audience, words = comment
        assert event.comment is not None
        assert (event.comment.id, event.comment.audience) == (id, audience)
        assert event.comment.text.startswith(words)


def test_the_table_has_a_line_for_every_body():
    folder = shared("payloads", "jira")
    assert {path.stem.removeprefix("webhook-") for path in folder.glob("*.json")} == set(TABLE)
