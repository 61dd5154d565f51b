"""Whatever is done to a body, it is read to its own ticket, or not at all."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.errors import Rejected
from connector.trackers.gitlab.reader import read
from tests.trackers.gitlab.samples import WORDS, issue_hook, note_hook, shared_bodies

OWN = {
    "issue": issue_hook(
        labels=[{"title": "P3"}],
    )
    | {
        "changes": {
            "labels": {"previous": [], "current": [{"title": "P3"}]},
            "assignees": {"previous": [], "current": [{"username": "bo"}]},
            "title": {"previous": "Old", "current": "Card refused"},
            "due_date": {"previous": None, "current": "2026-12-01"},
            "state_id": {"previous": 2, "current": 1},
        }
    },
    "note": note_hook(),
    "confidential": note_hook(event_type="confidential_note", issue={"confidential": True}),
}
BODIES = {**OWN, **shared_bodies()}

DEEP: list = []
for _ in range(500):
    DEEP = [DEEP]

JUNK = st.sampled_from(
    [None, True, False, 0, -1, 1.5, 2**31, 10**12 + 1, 10**400, "", "x" * 100_000, "a\x00b", "\ud800", [], {}, DEEP,
     [None, 3], {"title": None}, {"current": 3}, [{"title": 4}], [{"username": []}], float("nan"), float("inf")]
)  # fmt: skip


def places(value, path=()):
    """The path of every value inside `value`."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


PLACES = {name: list(places(body)) for name, body in BODIES.items()}


def damaged(body, path, change):
    body = copy.deepcopy(body)
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    if change is REMOVED:
        del holder[path[-1]]
    else:
        holder[path[-1]] = change
    return body


REMOVED = object()


def outcome(body):
    try:
        found = read("gitlab", {}, body, WORDS)
    except Rejected as error:
        return None if error.status == 400 else f"status {error.status}"
    return found and found.ticket


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_body_without_one_of_its_fields_names_no_other_ticket(name):
    right = outcome(BODIES[name])
    for path in PLACES[name]:
        assert outcome(damaged(BODIES[name], path, REMOVED)) in (None, right), path


@pytest.mark.parametrize("name", sorted(BODIES))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_body_with_junk_in_it_names_no_other_ticket(name, data):
    body, right = BODIES[name], outcome(BODIES[name])
    for _ in range(data.draw(st.integers(1, 3))):
        body = damaged(body, data.draw(st.sampled_from(list(places(body)) or [("x",)])), data.draw(JUNK))
    assert outcome(body) in (None, right)


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda s: (
            st.lists(s)
            | st.dictionaries(
                st.sampled_from(
                    ["object_kind", "object_attributes", "issue", "iid", "project_id", "changes", "labels"]
                ),
                s,
            )
        ),
    )
)
def test_any_json_at_all_is_survived(value):
    for body in (value, {"object_kind": "issue", "object_attributes": value, "changes": value},
                 {"object_kind": "note", "object_attributes": value, "issue": value, "user": value}):  # fmt: skip
        outcome(body)


def test_what_is_read_can_be_stored():
    body = json.loads(json.dumps(note_hook(note="\ud800 \u0000")))
    read("gitlab", {}, body, WORDS).comment.text.encode("utf-8")
