import json
from datetime import timedelta

import pytest
import requests
import responses

from connector.changes import AddLabel, Say
from connector.errors import Gone, TrackerError
from connector.model import Actor, Role
from connector.trackers import Call, Stamp, Write
from connector.trackers.gitlab import GitLabTracker
from connector.words import Connection, Words
from tests.trackers.gitlab.samples import NOW, WORDS, rest_issue

API = "https://gitlab.example/api/v4"
ISSUE = f"{API}/projects/7/issues/12"


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def web():
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tracker(clock):
    connection = Connection("gl", "gitlab", url="https://gitlab.example", token="glpat-very-secret")
    return GitLabTracker(connection, clock=clock)


def failure(ask, *args):
    with pytest.raises(TrackerError) as caught:
        ask(*args)
    return caught.value


def test_a_ticket_costs_one_request_that_carries_the_token(tracker, web):
    web.get(ISSUE, json=rest_issue(labels=["priority::2"]))
    assert tracker.fetch("7/12", WORDS).priority.word == "high"
    (call,) = web.calls
    assert call.request.headers["PRIVATE-TOKEN"] == "glpat-very-secret"


def test_a_missing_ticket_is_gone(tracker, web):
    web.get(ISSUE, status=404, json={"message": "404 Not found"})
    assert isinstance(failure(tracker.fetch, "7/12", WORDS), Gone)


@pytest.mark.parametrize("ticket", ["", "7", "7/", "x/12", "7/12/notes", "../12", "７/12"])
def test_an_id_that_is_none_asks_nothing(tracker, ticket):
    assert isinstance(failure(tracker.fetch, ticket, WORDS), Gone)


@pytest.mark.parametrize("body", [[], {}, {"iid": 12}, rest_issue(iid=13), rest_issue(project_id=8)])
def test_an_answer_about_something_else_is_no_ticket(tracker, web, body):
    web.get(ISSUE, json=body)
    assert failure(tracker.fetch, "7/12", WORDS).permanent is False


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True),
        (401, False),
        (403, True),
        (404, True),
        (409, False),
        (422, True),
        (429, False),
        (500, False),
        (502, False),
    ],
)
def test_a_status_says_whether_asking_again_can_help(tracker, web, status, permanent):
    web.put(ISSUE, status=status, json={"message": "no"})
    error = failure(tracker.send, Call("PUT", "/projects/7/issues/12", body={"add_labels": "a"}))
    assert (error.status, error.permanent, error.sent) == (status, permanent, True)


@pytest.mark.parametrize("body", [b"", b"<html>\xff", b"[" * 5000, b'"text"', b"[1]", b'{"message": null}', b"{"])
def test_an_error_with_any_body_is_a_tracker_error(tracker, web, body):
    web.put(ISSUE, status=422, body=body)
    error = failure(tracker.send, Call("PUT", "/projects/7/issues/12", body={"add_labels": "a"}))
    assert (error.status, error.permanent) == (422, True)
    assert "<" not in error.detail


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        ({"message": {"due_date": ["is no date"]}}, ("due_date",)),
        ({"error": "assignee_ids is invalid, add_labels is empty"}, ("assignee_ids", "add_labels")),
        ({"message": "400 Bad request"}, ()),
    ],
)
def test_a_refusal_names_the_fields_refused(tracker, web, answer, fields):
    web.put(ISSUE, status=400, json=answer)
    assert failure(tracker.send, Call("PUT", "/projects/7/issues/12", body={"x": 1})).fields == fields


@pytest.mark.parametrize(
    ("cause", "sent"),
    [
        (requests.ConnectTimeout("t"), False),
        (requests.ReadTimeout("t"), True),
        (requests.ConnectionError("cut"), True),
        (requests.exceptions.ChunkedEncodingError("cut"), True),
        (requests.exceptions.InvalidHeader("h"), False),
    ],
)
def test_without_an_answer_the_outcome_is_unknown_unless_nothing_was_sent(tracker, web, cause, sent):
    web.put(ISSUE, body=cause)
    error = failure(tracker.send, Call("PUT", "/projects/7/issues/12", body={"add_labels": "a"}))
    assert (error.status, error.permanent, error.sent) == (0, False, sent)


def test_a_refused_connection_was_not_sent():
    nobody = GitLabTracker(Connection("gl", "gitlab", url="http://127.0.0.1:9", token="t"), clock=Clock())
    assert failure(nobody.probe).sent is False


def test_a_429_closes_the_gate_for_all_and_nobody_sleeps(tracker, web, clock):
    web.get(ISSUE, status=429, headers={"Retry-After": "30"}, body="slow down")
    assert failure(tracker.fetch, "7/12", WORDS).retry_after == 30
    clock.now += timedelta(seconds=10)
    shut = failure(tracker.fetch, "7/12", WORDS)
    assert (shut.status, shut.sent, shut.retry_after, shut.permanent) == (429, False, 20, False)
    assert len(web.calls) == 1
    clock.now += timedelta(seconds=20)
    web.replace("GET", ISSUE, json=rest_issue())
    assert tracker.fetch("7/12", WORDS).id == "7/12"


def test_no_request_is_made_twice(tracker, web):
    web.get(ISSUE, status=503, headers={"Retry-After": "1"})
    assert failure(tracker.fetch, "7/12", WORDS).retry_after == 1
    assert len(web.calls) == 1


def test_the_token_shows_neither_in_errors_nor_in_reprs(tracker, web):
    web.get(ISSUE, status=500, body="glpat-very-secret")
    error = failure(tracker.fetch, "7/12", WORDS)
    assert "secret" not in f"{error!r}{error}{vars(error)}{tracker!r}{tracker.__dict__}"
    assert error.__cause__ is None


def test_on_a_redirect_to_another_host_the_token_stays_behind(tracker, web):
    web.get(ISSUE, status=302, headers={"Location": "https://elsewhere.example/x"})
    web.get("https://elsewhere.example/x", json=rest_issue())
    tracker.fetch("7/12", WORDS)
    assert "PRIVATE-TOKEN" not in web.calls[1].request.headers
    assert "Authorization" not in web.calls[1].request.headers


def test_a_write_is_not_redirected(tracker, web):
    web.put(ISSUE, status=301, headers={"Location": f"{API}/elsewhere"})
    error = failure(tracker.send, Call("PUT", "/projects/7/issues/12", body={"add_labels": "a"}))
    assert "redirects" in error.detail
    assert len(web.calls) == 1


def test_the_chain_of_the_event_is_passed_on(tracker, web):
    web.put(ISSUE, json=rest_issue())
    tracker.send(Call("PUT", "/projects/7/issues/12", body={"add_labels": "a"}), "chain-1")
    request = web.calls[0].request
    assert request.headers["X-Gitlab-Event-UUID"] == "chain-1"
    assert json.loads(request.body) == {"add_labels": "a"}


def test_a_note_of_nothing_but_commands_was_not_posted(tracker, web):
    web.post(f"{ISSUE}/notes", status=202, json={"commands_changes": {}})
    say = Call("POST", "/projects/7/issues/12/notes", body={"body": "x"}, what="say")
    assert failure(tracker.send, say).permanent


def test_a_note_that_answers_rubbish_has_an_unknown_outcome(tracker, web):
    web.post(f"{ISSUE}/notes", status=201, body="<html>")
    say = Call("POST", "/projects/7/issues/12/notes", body={"body": "x"}, what="say")
    error = failure(tracker.send, say)
    assert (error.status, error.permanent, error.sent) == (0, False, True)


def test_a_deleted_note_is_gone_so_that_it_is_made_anew(tracker, web):
    web.put(f"{ISSUE}/notes/5", status=404, json={"message": "404 Note Not Found"})
    edit = Call("PUT", "/projects/7/issues/12/notes/5", body={"body": "x"}, what="note")
    assert isinstance(failure(tracker.send, edit), Gone)


def test_a_link_that_is_there_already_is_done(tracker, web):
    web.post(f"{ISSUE}/links", status=409, json={"message": "Issue(s) already assigned"})
    assert tracker.send(Call("POST", "/projects/7/issues/12/links", body={}, what="link")).status == 409


def test_labels_of_a_project_are_asked_once(tracker, web):
    web.get(ISSUE, json=rest_issue())
    web.get(f"{API}/projects/7/labels", json=[{"name": "Billing"}, {"name": "VIP"}, {"name": "vip"}])
    ticket = tracker.fetch("7/12", WORDS)
    for name, written in (("billing", "Billing"), ("Vip", "Vip"), ("vip", "vip"), ("new", "new")):
        composed = tracker.compose(ticket, (Write("k", AddLabel(name)),), None, Stamp("1"), WORDS)
        assert composed.calls[0].body["add_labels"] == written
    assert len(web.calls) == 2


def test_a_text_alone_needs_no_look_up(tracker, web):
    web.get(ISSUE, json=rest_issue())
    ticket = tracker.fetch("7/12", WORDS)
    tracker.compose(ticket, (Write("k", Say(key="a", text="b")),), None, Stamp("1"), WORDS)
    assert len(web.calls) == 1


MEMBERS = [
    {"username": "ann.li", "access_level": 40},
    {"username": "Rep", "access_level": 20},
    {"username": "guest", "access_level": 10},
    {"username": "odd", "access_level": "50"},
]


@pytest.mark.parametrize(
    ("account", "role"),
    [
        ("rep", Role.AGENT),
        ("guest", Role.CUSTOMER),
        ("odd", Role.CUSTOMER),
        ("stranger", Role.CUSTOMER),
    ],
)
def test_a_member_from_reporter_on_is_an_agent(tracker, web, account, role):
    web.get(f"{API}/projects/acme%2Fsupport/members/all", json=MEMBERS)
    for _ in range(3):
        assert tracker.role(Actor(account=account), "acme/support", WORDS) is role
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    ("account", "role"),
    [
        ("", Role.CUSTOMER),
        ("support-bot", Role.CUSTOMER),
        ("project_7_bot_ab", Role.SYSTEM),
        ("bo", Role.AGENT),
    ],
)
def test_some_need_no_members_to_be_known(tracker, account, role):
    assert tracker.role(Actor(account=account), "acme/support", WORDS) is role


@pytest.mark.parametrize("status", [403, 404])
def test_where_members_cannot_be_seen_nobody_is_an_agent(tracker, web, status):
    web.get(f"{API}/projects/acme%2Fsupport/members/all", status=status, json={})
    assert tracker.role(Actor(account="rep"), "acme/support", Words()) is Role.CUSTOMER


def test_a_failed_look_up_of_members_is_not_an_answer(tracker, web):
    web.get(f"{API}/projects/acme%2Fsupport/members/all", status=500)
    failure(tracker.role, Actor(account="rep"), "acme/support", Words())
    web.replace("GET", f"{API}/projects/acme%2Fsupport/members/all", json=MEMBERS)
    assert tracker.role(Actor(account="rep"), "acme/support", Words()) is Role.AGENT


def test_of_a_link_to_the_next_page_only_the_query_is_taken(tracker, web):
    row = {"id": 1, "body": "hi", "internal": False}
    web.get(f"{ISSUE}/notes", json=[row], headers={"Link": '<https://elsewhere.example/x?page=2>; rel="next"'})
    web.get(f"{ISSUE}/notes", json=[{**row, "id": 2}])
    assert [comment.id for comment in tracker.comments("7/12", WORDS)] == ["1", "2"]
    assert web.calls[1].request.params == {"page": "2"}


def test_a_list_without_end_is_given_up(tracker, web, monkeypatch):
    monkeypatch.setattr("connector.trackers.gitlab.client.MOST_PAGES", 3)
    web.get(f"{ISSUE}/notes", json=[], headers={"Link": f'<{ISSUE}/notes?page=2>; rel="next"'})
    assert "more than 3 pages" in failure(tracker.comments, "7/12", WORDS).detail


def test_a_list_of_changed_tickets_without_end_is_given_up(tracker, web, monkeypatch):
    monkeypatch.setattr("connector.trackers.gitlab.listing.MOST_CHANGED_PAGES", 3)
    address = f"{API}/projects/acme%2Fsupport/issues"
    row = rest_issue(updated_at="2026-11-02T09:00:00Z")
    web.get(address, json=[row], headers={"Link": f'<{address}?page=2>; rel="next"'})
    found = []
    error = failure(lambda: found.extend(tracker.changed(("acme/support",), NOW - timedelta(days=1), WORDS)))
    assert "more than 3 pages" in error.detail
    assert len(web.calls) == 3
    assert [ticket.id for ticket in found] == ["7/12"]


@pytest.mark.parametrize("url", ["", "gitlab.example", "ftp://gitlab.example"])
def test_without_a_usable_address_nothing_is_sent_anywhere(web, url):
    error = failure(GitLabTracker(Connection("gl", "gitlab", url=url, token="t"), clock=Clock()).probe)
    assert (error.sent, error.permanent) == (False, False)


def test_where_resource_events_are_unknown_the_notes_still_tell(tracker, web):
    web.get(f"{ISSUE}/notes", json=[{"id": 1, "body": "hi", "internal": False}])
    for name in ("label", "state"):
        web.get(f"{ISSUE}/resource_{name}_events", status=404, json={"error": "404 Not Found"})
    assert len(tracker.past("7/12", WORDS).comments) == 1


def test_an_answer_that_never_ends_is_cut(tracker, web, monkeypatch):
    monkeypatch.setattr("connector.trackers.gitlab.session.LARGEST_ANSWER", 1000)
    web.get(ISSUE, body=b" " * 5000)
    assert "OverLimit" in failure(tracker.fetch, "7/12", WORDS).detail


@pytest.mark.parametrize("body", [b"[" * 100_000, b"not json", b"\xff\xfe"])
def test_an_answer_that_is_no_json_is_a_tracker_error(tracker, web, body):
    web.get(ISSUE, body=body)
    assert failure(tracker.fetch, "7/12", WORDS).permanent is False
