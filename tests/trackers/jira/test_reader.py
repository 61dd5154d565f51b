"""Which ticket, what kind, who and when: read from bodies of every shape, and from broken ones."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import Rejected
from connector.frozen import FrozenDict
from connector.model import Audience, Kind, Role
from connector.trackers.jira.reader import read
from connector.words import Words

from .payloads import SHARED
from .samples import SAMPLES, cloud_user, comment, issue, item, sample, updated


def event_of(body: Any, words: Words | None = None):
    return read(body, words or Words(), tracker="jira")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("cloud-created", Kind.CREATED),
        ("cloud-updated", Kind.UPDATED),
        ("cloud-comment", Kind.COMMENTED),
        ("dc-comment", Kind.COMMENTED),
        ("dc-issue-commented", Kind.COMMENTED),
        ("moved", Kind.MOVED),
        ("deleted", Kind.DELETED),
    ],
)
def test_each_sample_is_of_its_kind_and_about_one_ticket(name, kind):
    event = event_of(sample(name))

    assert (event.kind, event.ticket) == (kind, "10042")
    assert event.at.isoformat() == "2026-11-21T09:00:00+00:00"


def test_a_data_center_comment_names_its_ticket_by_its_address_alone():
    event = event_of(sample("dc-comment"))

    assert (event.ticket, event.key, event.project) == ("10042", None, None)
    assert (event.actor.account, event.actor.email) == ("bo", "bo@desk.example")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("issue_commented", Kind.COMMENTED),
        ("issue_comment_edited", Kind.COMMENT_EDITED),
        ("issue_comment_deleted", Kind.COMMENT_DELETED),
    ],
)
def test_an_update_with_a_comment_and_no_changes_is_what_its_name_says(name, kind):
    event = event_of(updated(issue_event_type_name=name, comment=comment()))

    assert event.kind is kind
    assert event.comment.id == "501"


def test_without_a_name_a_comment_updated_later_than_created_was_edited():
    fresh = comment()
    edited = comment(updated="2026-11-20T09:00:01.000+0000")

    assert event_of(updated(comment=fresh)).kind is Kind.COMMENTED
    assert event_of(updated(comment=edited)).kind is Kind.COMMENT_EDITED


def test_a_comment_together_with_changes_is_an_update_with_the_comment_filled():
    event = event_of(updated(item("priority", "Low", "High"), comment=comment()))

    assert event.kind is Kind.UPDATED
    assert event.comment.text == "any news?"


def test_an_update_that_says_nothing_is_an_update():
    assert event_of(updated()).kind is Kind.UPDATED
    assert event_of(updated(issue_event_type_name="issue_commented")).kind is Kind.UPDATED


@pytest.mark.parametrize(
    "changed", [item("Key", "A-1", "B-1"), item("project", "A", "B"), item("x", fieldId="project")]
)
def test_a_new_key_or_project_is_a_move_whatever_else_it_brings(changed):
    assert event_of(updated(item("summary", "a", "b"), changed, comment=comment())).kind is Kind.MOVED


def test_values_of_a_new_ticket_are_no_changes():
    assert event_of(sample("cloud-created")).changes == ()


@pytest.mark.parametrize("named", ["issue_property_set", "jira:worklog_updated", "sprint_started", "user_created"])
def test_an_event_about_something_else_is_not_for_us(named):
    assert event_of({"webhookEvent": named, "timestamp": 1}) is None


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"webhookEvent": None},
        {"webhookEvent": 7},
        {"webhookEvent": "comment_created"},
        {"webhookEvent": "jira:issue_updated", "issue": {"id": "x", "key": "SUP-1"}},
        {"webhookEvent": "jira:issue_updated", "issue": {"id": True}},
        {"webhookEvent": "jira:issue_updated", "issue": {"id": "0"}},
        {"webhookEvent": "jira:issue_updated", "issue": {"id": "١٢"}},
    ],
)
def test_a_body_that_names_no_ticket_is_unreadable(body):
    with pytest.raises(Rejected) as caught:
        event_of(body)
    assert caught.value.status == 400


def test_a_body_that_names_two_tickets_is_unreadable():
    body = sample("cloud-comment")
    body["issue"]["id"] = "10043"

    with pytest.raises(Rejected) as caught:
        event_of(body)
    assert caught.value.status == 400


def test_a_key_that_contradicts_the_project_is_left_out():
    body = updated()
    body["issue"]["fields"]["project"]["key"] = "OPS"

    event = event_of(body)

    assert (event.ticket, event.key, event.project) == ("10042", None, None)


def test_the_actor_of_a_comment_event_is_who_touched_the_comment_last():
    body = sample("cloud-comment")
    body["webhookEvent"] = "comment_updated"
    body["comment"]["updateAuthor"] = cloud_user("557058:bo")

    event = event_of(body)

    assert event.actor.account == "557058:bo"
    assert event.comment.author.account == "557058:ann"


def test_nobody_did_it_where_the_user_is_null():
    assert event_of(sample("deleted")).actor.account == ""


@pytest.mark.parametrize(("kind", "role"), [("customer", Role.CUSTOMER), ("app", Role.SYSTEM), ("atlassian", None)])
def test_the_account_type_tells_customers_and_apps_but_not_agents(kind, role):
    assert event_of(updated(user=cloud_user(kind=kind))).actor.role is role


def test_a_person_of_ours_is_an_agent_and_known_by_name():
    words = Words(people=FrozenDict(ann=("557058:ann",)))

    actor = event_of(updated(), words).actor

    assert (actor.person, actor.role) == ("ann", Role.AGENT)


@pytest.mark.parametrize(
    ("more", "type", "audience"),
    [
        ({"jsdPublic": True}, "service_desk", Audience.PUBLIC),
        ({"jsdPublic": False}, "service_desk", Audience.INTERNAL),
        ({"jsdPublic": True, "visibility": {"type": "role", "value": "Developers"}}, "software", Audience.INTERNAL),
        ({"visibility": "?"}, "software", Audience.INTERNAL),
        ({"jsdPublic": "yes"}, "service_desk", None),
        ({}, "service_desk", None),
        ({}, None, None),
        ({}, "business", Audience.PUBLIC),
        (
            {"properties": [{"key": "sd.public.comment", "value": {"internal": True}}]},
            "service_desk",
            Audience.INTERNAL,
        ),
        (
            {"properties": [{"key": "sd.public.comment", "value": {"internal": False}}]},
            "service_desk",
            Audience.PUBLIC,
        ),
        ({"properties": [{"key": "sd.public.comment", "value": "?"}]}, "service_desk", Audience.INTERNAL),
        (
            {"visibility": "?", "properties": [{"key": "sd.public.comment", "value": {"internal": False}}]},
            "service_desk",
            Audience.INTERNAL,
        ),
    ],
)
def test_a_comment_is_public_only_where_the_body_says_so_or_the_project_is_plain(more, type, audience):
    body = sample("cloud-comment")
    body["comment"] = comment(**more)
    body["issue"]["fields"]["project"]["projectTypeKey"] = type

    assert event_of(body).comment.audience is audience


def test_lone_surrogates_and_nul_do_not_get_in():
    body = sample("cloud-comment")
    body["comment"]["body"] = "a\x00b\ud800c"

    text = event_of(body).comment.text

    assert "\x00" not in text
    text.encode("utf-8")


def test_a_body_nested_ten_thousand_deep_harms_nobody():
    deep: Any = "x"
    for _ in range(10_000):
        deep = [deep]
    body = {**sample("cloud-comment"), "changelog": deep, "user": deep}

    assert event_of(body).ticket == "10042"


# Mutations: whatever happens to a body, it is refused, ignored, or read to the right ticket.

RUBBISH = st.one_of(
    st.none(),
    st.booleans(),
    st.just(-1),
    st.just(10**400),
    st.just(float("1e308")),
    st.just(""),
    st.just("\ud800\x00"),
    st.just("x" * 200_000),
    st.just([]),
    st.just([[[[]]]]),
    st.just({}),
    st.just({"id": [], "key": {}, "items": "no", "body": 3, "self": None}),
)
DROP = object()


def real_bodies() -> list[Any]:
    folder = SHARED / "payloads" / "jira"
    return [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))] if folder.exists() else []


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(p for name, part in inner for p in paths_of(part, (*path, name)))]


def mutated(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    body = copy.deepcopy(body)
    holder = body
    try:
        for name in path[:-1]:
            holder = holder[name]
        if value is DROP:
            del holder[path[-1]]
        else:
            holder[path[-1]] = value
    except (KeyError, IndexError, TypeError):
        pass  # an earlier mutation took the place away
    return body


def event_or_nothing(body: Any):
    """The event; None where there is none, or where the body is refused as unreadable (and in no other way)."""
    try:
        return event_of(body)
    except Rejected as rejected:
        if rejected.status != 400:
            raise
        return None


def assert_never_wrong(original: Any, body: Any) -> None:
    expected = event_of(original)
    event = event_or_nothing(body)
    if event is None:
        return
    assert event.ticket == expected.ticket
    assert event.key in (expected.key, None)
    assert event.project in (expected.project, None)
    str(event).encode("utf-8")


BODIES = [*SAMPLES.values(), *real_bodies()]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_mutated_body_is_refused_or_ignored_or_read_to_its_own_ticket(data):
    original = data.draw(st.sampled_from(BODIES))
    body = original
    for _ in range(data.draw(st.integers(1, 5))):
        path = data.draw(st.sampled_from(paths_of(original)))
        body = mutated(body, path, data.draw(st.one_of(st.just(DROP), RUBBISH)))

    assert_never_wrong(original, body)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_single_key_may_be_missing_or_null(name):
    original = SAMPLES[name]
    for path in paths_of(original):
        for value in (DROP, None, 7, "?", []):
            assert_never_wrong(original, mutated(original, path, value))


def test_a_ticket_of_another_number_is_never_read_from_an_issue_with_two_names():
    body = updated(issue=issue(id="10042"))
    body["issue"]["id"] = "99"

    with pytest.raises(Rejected):
        event_of(body)


def test_a_project_that_no_key_bears_out_is_not_believed():
    body = updated(issue=issue(id="10042"))
    del body["issue"]["key"]
    body["issue"]["fields"]["project"]["key"] = "\ud800\x00"

    event = event_of(body)

    assert (event.ticket, event.key, event.project) == ("10042", None, None)
