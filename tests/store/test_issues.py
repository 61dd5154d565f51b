"""The issues of the `local` tracker."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.store import Incoming, Store

from .conftest import MONDAY, Clock


def test_an_issue_has_an_id_a_key_and_what_was_typed(store: Store) -> None:
    id, key = store.issues.create(
        "desk", "支付失败", body="seit heute", email="li@x.example", name="Li", channel="mail"
    )
    issue = store.issues.get(id)
    assert issue is not None
    assert key == issue["key"] == "DESK-1"
    assert (issue["id"], issue["project"], issue["title"], issue["status"]) == (id, "desk", "支付失败", "new")
    assert (issue["email"], issue["channel"], issue["created"], issue["updated"]) == (
        "li@x.example", "mail", MONDAY, MONDAY,
    )  # fmt: skip


def test_numbers_count_within_a_project(store: Store) -> None:
    keys = [store.issues.create(project, "x")[1] for project in ("desk", "shop", "desk")]
    assert keys == ["DESK-1", "SHOP-1", "DESK-2"]


def test_an_issue_with_a_key_used_before_is_not_made_twice(store: Store) -> None:
    first = store.issues.create("desk", "x", key="mail-1")
    assert store.issues.create("desk", "x", key="mail-1") == first
    assert store.issues.create("desk", "x", key="mail-2") != first


def test_an_issue_and_its_event_can_be_stored_together_or_not_at_all(store: Store) -> None:
    with pytest.raises(IndexError), store.begin() as work:  # noqa: PT012
        id, _ = store.issues.create("desk", "x", work=work)
        work.enqueue(Incoming("local", "created/1", f"local:{id}", "created", {}))
        raise IndexError
    assert store.issues.changed_since("desk", MONDAY) == []
    assert store.inbox.depth().waiting == 0


@pytest.mark.parametrize("id", ["99", "x", "", "²", "-1", "9" * 40])
def test_an_id_that_nobody_has_is_no_issue(store: Store, id: str) -> None:
    assert store.issues.get(id) is None
    assert store.issues.comments(id) == []
    with pytest.raises(KeyError):
        store.issues.update(id, {"title": "x"}, MONDAY, "ann")


def test_an_update_logs_what_differs_and_nothing_else(store: Store, clock: Clock) -> None:
    id, _ = store.issues.create("desk", "x")
    later = clock.forward(60)
    fields = {"priority": "high", "title": "x", "labels": ["vip"], "key": "FAKE-1"}
    issue = store.issues.update(id, fields, later, "ann")
    assert (issue["priority"], issue["labels"], issue["key"], issue["updated"]) == ("high", ("vip",), "DESK-1", later)
    store.issues.update(id, {"labels": ("vip",), "priority": None}, later, "bo")
    assert [(row["slot"], row["was"], row["value"], row["by"]) for row in store.issues.changes(id)] == [
        ("priority", None, "high", "ann"),
        ("labels", None, ("vip",), "ann"),
        ("priority", "high", None, "bo"),
    ]


def test_an_update_that_changes_nothing_leaves_the_issue_as_old_as_it_was(store: Store, clock: Clock) -> None:
    id, _ = store.issues.create("desk", "x")
    store.issues.update(id, {"title": "x"}, clock.forward(60), "ann")
    assert store.issues.changed_since("desk", MONDAY + timedelta(seconds=1)) == []


def test_a_comment_is_kept_once_per_key_edited_and_deleted(store: Store, clock: Clock) -> None:
    id, _ = store.issues.create("desk", "x")
    clock.forward(60)
    first = store.issues.add_comment(id, "hello", "public", "ann", key='["a","b"]')
    assert store.issues.add_comment(id, "hello again", "public", "ann", key='["a","b"]') == first
    second = store.issues.add_comment(id, "without key", "internal", "bo")
    assert store.issues.add_comment(id, "without key", "internal", "bo") != second
    assert store.issues.edit_comment(id, first, "bye")
    assert not store.issues.edit_comment(id, "99", "bye")
    shown = store.issues.comments(id)[0]
    assert shown == {
        "id": first, "text": "bye", "audience": "public", "author": "ann", "at": clock.now, "key": '["a","b"]',
    }  # fmt: skip
    assert store.issues.delete_comment(id, first)
    assert not store.issues.delete_comment(id, first)
    assert store.issues.add_comment(id, "made anew", "public", "ann", key='["a","b"]') != first


def test_changed_issues_come_oldest_update_first(store: Store, clock: Clock) -> None:
    ids = [store.issues.create("desk", str(n))[0] for n in range(3)]
    store.issues.update(ids[0], {"status": "done"}, clock.forward(60), "ann")
    clock.forward(60)
    store.issues.add_comment(ids[1], "hello", "public", "ann")
    changed = store.issues.changed_since("desk", MONDAY + timedelta(seconds=1))
    assert [issue["id"] for issue in changed] == [ids[0], ids[1]]
    assert store.issues.changed_since("shop", MONDAY) == []
