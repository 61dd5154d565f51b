import pytest

from connector.trackers.gitlab.reader import read
from tests.trackers.gitlab.samples import WORDS, issue_hook


def changes(changed, action="update", **attributes):
    body = issue_hook(action, **attributes) | {"changes": changed}
    return {c.slot: (c.was, c.value) for c in read("gitlab", {}, body, WORDS).changes}


def labels(*names):
    return [{"title": name} for name in names]


@pytest.mark.parametrize(
    ("before", "after", "slot", "change"),
    [
        (["priority::2"], ["priority::1"], "priority", ("high", "urgent")),
        ([], ["P4"], "priority", ("none", "low")),
        (["p3"], [], "priority", ("normal", "none")),
        (["team::frontline"], ["legal"], "team", ("frontline", "law")),
        (["severity::3"], ["severity::1"], "severity", (3, 1)),
        ([], ["status::waiting"], "status", ("open", "pending")),
        (["env::test"], ["env::prod"], "field:environment", ("test", "prod")),
        ([], ["regulated"], "field:regulated", (False, True)),
        ([], ["billing"], "label:billing", (False, True)),
        (["billing"], [], "label:billing", (True, False)),
    ],
)
def test_labels_that_come_and_go_change_our_words(before, after, slot, change):
    found = changes({"labels": {"previous": labels(*before), "current": labels(*after)}}, labels=labels(*after))
    assert found[slot] == change


def test_a_label_that_no_word_names_changes_only_itself():
    found = changes({"labels": {"previous": [], "current": labels("billing")}}, labels=labels("billing"))
    assert set(found) == {"label:billing"}


@pytest.mark.parametrize(
    "changed",
    [{"state": {"previous": "opened", "current": "closed"}}, {"state_id": {"previous": 1, "current": 2}}],
)
@pytest.mark.parametrize("action", ["close", "update"])  # an incident that is closed says `update`, too
def test_a_state_is_read_by_its_value_not_by_the_action(changed, action):
    assert changes(changed, action, state="closed") == {"status": ("open", "done")}


def test_a_closed_issue_is_done_whatever_its_labels():
    found = changes({"state_id": {"previous": 1, "current": 2}}, state="closed", labels=labels("status::waiting"))
    assert found == {"status": ("pending", "done")}


def test_the_assignee_is_a_person_or_an_account():
    pair = {"previous": [{"username": "stranger"}], "current": [{"username": "ann.li"}, {"username": "bo"}]}
    assert changes({"assignees": pair}) == {"assignee": ("stranger", "ann")}
    assert changes({"assignees": {"previous": pair["current"], "current": []}}) == {"assignee": ("ann", None)}


def test_title_and_due_date_are_told():
    found = changes(
        {"title": {"previous": "A", "current": "B"}, "due_date": {"previous": None, "current": "2026-12-01"}}
    )
    assert found == {"title": ("A", "B"), "due": (None, "2026-12-01")}


def test_values_set_at_creation_are_no_changes():
    first = {
        "labels": {"previous": [], "current": labels("priority::1")},
        "title": {"previous": None, "current": "A"},
    }
    assert changes(first, "open", labels=labels("priority::1")) == {}


def test_a_change_has_the_actor_and_the_instant_of_the_event():
    found = read("gitlab", {}, issue_hook() | {"changes": {"title": {"previous": "A", "current": "B"}}}, WORDS)
    assert (found.changes[0].by, found.changes[0].at) == (found.actor, found.at)
