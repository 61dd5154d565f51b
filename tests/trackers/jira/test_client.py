"""One request, one answer: nothing is repeated, and each failure says whose turn it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests
import responses

from connector.errors import Gone, TrackerError
from connector.trackers.jira.client import MAX_ANSWER, Client
from connector.words import Connection

BASE = "https://jira.example/context"
ISSUE = "/rest/api/2/issue/10042"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def client(clock=lambda: NOW, user="", token="secret-token"):
    return Client(Connection("jira", "jira", url=BASE + "/", token=token, user=user), clock=clock)


def failure(call):
    with pytest.raises(TrackerError) as caught:
        call()
    return caught.value


def test_a_token_alone_is_a_bearer_token_and_with_a_user_basic(web):
    web.get(BASE + ISSUE, json={})
    client().get(ISSUE)
    client(user="bot@desk.example").get(ISSUE)

    bearer, basic = [call.request.headers["Authorization"] for call in web.calls]
    assert bearer == "Bearer secret-token"
    assert basic.startswith("Basic ")


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True),
        (401, False),
        (403, True),
        (405, True),
        (408, False),
        (409, False),
        (413, True),
        (425, False),
        (429, False),
        (500, False),
        (502, False),
        (503, False),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_refused_write_is_sent_once_and_says_whether_it_can_ever_succeed(web, method, status, permanent):
    web.add(method, BASE + ISSUE, status=status, json={"errorMessages": ["no"]})

    error = failure(lambda: client().send(method, ISSUE, body={}))

    assert (error.status, error.permanent, error.sent) == (status, permanent, True)
    assert len(web.calls) == 1


def test_a_read_of_what_is_not_there_is_gone_but_a_write_is_not(web):
    web.get(BASE + ISSUE, status=404)
    web.put(BASE + ISSUE, status=404)

    assert isinstance(failure(lambda: client().get(ISSUE)), Gone)
    error = failure(lambda: client().send("PUT", ISSUE, body={}))
    assert error.permanent
    assert not isinstance(error, Gone)


def test_the_fields_that_jira_names_are_in_the_error(web):
    said = {"errorMessages": [], "errors": {"priority": "is not on the screen", "customfield_1": "unknown"}}
    web.put(BASE + ISSUE, status=400, json=said)

    error = failure(lambda: client().send("PUT", ISSUE, body={}))

    assert error.fields == ("priority", "customfield_1")
    assert "is not on the screen" in error.detail


@pytest.mark.parametrize("body", ["<html>", "[]", "7", '{"errors": 3, "errorMessages": {"a": 1}}', "", "null"])
def test_an_error_of_any_shape_is_still_an_error(web, body):
    web.put(BASE + ISSUE, status=400, body=body)

    error = failure(lambda: client().send("PUT", ISSUE, body={}))

    assert (error.status, error.fields) == (400, ())


@pytest.mark.parametrize(
    ("raised", "sent"),
    [
        (requests.exceptions.ConnectTimeout("slow"), False),
        (requests.exceptions.ReadTimeout("slow"), True),
        (requests.exceptions.ConnectionError("('Connection aborted.', RemoteDisconnected())"), True),
        (requests.exceptions.ConnectionError("Caused by NewConnectionError(refused)"), False),
        (requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED]"), False),
        (requests.exceptions.SSLError("EOF occurred"), True),
        (requests.exceptions.ChunkedEncodingError("cut"), True),
    ],
)
def test_no_answer_says_whether_the_request_can_have_arrived(web, raised, sent):
    web.post(BASE + ISSUE, body=raised)

    error = failure(lambda: client().send("POST", ISSUE, body={}))

    assert (error.status, error.permanent, error.sent) == (0, False, sent)
    assert len(web.calls) == 1


def test_nobody_listening_means_not_sent():
    nowhere = Client(Connection("jira", "jira", url="http://127.0.0.1:1", token="t"), clock=lambda: NOW)

    assert not failure(lambda: nowhere.send("PUT", ISSUE, body={})).sent


def test_after_a_429_nothing_is_sent_until_the_named_time(web, clock):
    web.get(BASE + ISSUE, status=429, headers={"Retry-After": "30"})
    one = client(clock)

    assert failure(lambda: one.get(ISSUE)).retry_after == 30
    clock.now += timedelta(seconds=29)
    held = failure(lambda: one.get(ISSUE))

    assert (held.status, held.sent, held.retry_after) == (429, False, 1)
    assert len(web.calls) == 1


def test_a_date_in_retry_after_is_understood(web, clock):
    later = {"Retry-After": "Sat, 21 Nov 2026 09:00:45 GMT"}
    web.get(BASE + ISSUE, status=503, headers=later)

    assert failure(lambda: client(clock).get(ISSUE)).retry_after == 45


def test_a_limit_on_one_issue_does_not_close_the_way_to_others(web, clock):
    limited = {"Retry-After": "2", "RateLimit-Reason": "jira-per-issue-on-write"}
    web.put(BASE + ISSUE, status=429, headers=limited)
    web.get(BASE + "/rest/api/2/issue/7", json={"id": "7"})
    one = client(clock)

    assert failure(lambda: one.send("PUT", ISSUE, body={})).retry_after == 2
    assert one.get("/rest/api/2/issue/7") == {"id": "7"}


def test_more_writes_to_one_issue_than_jira_takes_are_held_back(web, clock):
    web.put(BASE + ISSUE, status=204)
    one = client(clock)
    for _ in range(20):
        one.send("PUT", ISSUE, body={})

    held = failure(lambda: one.send("PUT", ISSUE, body={}))

    assert (held.status, held.sent, held.retry_after) == (429, False, 2)
    assert len(web.calls) == 20


def test_a_redirect_is_not_followed(web):
    web.put(BASE + ISSUE, status=302, headers={"Location": "https://jira.example/login"})

    error = failure(lambda: client().send("PUT", ISSUE, body={}))

    assert (error.status, error.permanent) == (302, False)
    assert "address" in error.detail


def test_a_login_page_instead_of_json_is_an_error_with_a_remedy(web):
    web.get(BASE + ISSUE, body="<html>Log in</html>")

    assert "url" in failure(lambda: client().get(ISSUE)).detail


def test_a_write_whose_answer_is_unreadable_is_done_all_the_same(web):
    web.post(BASE + ISSUE, status=201, body="<html>")

    assert client().send("POST", ISSUE, body={}).body is None


def test_a_captcha_is_said_and_waited_for(web):
    web.get(BASE + ISSUE, status=403, headers={"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE"})

    error = failure(lambda: client().get(ISSUE))

    assert not error.permanent
    assert "captcha" in error.detail


def test_an_answer_without_end_is_cut_off(web):
    web.get(BASE + ISSUE, body=b" " * (MAX_ANSWER + 1))

    assert failure(lambda: client().get(ISSUE)).status == 0


def test_no_error_shows_the_token(web):
    web.get(BASE + ISSUE, status=500, body="secret-token")
    web.put(BASE + ISSUE, body=requests.exceptions.ConnectionError("secret-token"))

    for call in (lambda: client().get(ISSUE), lambda: client().send("PUT", ISSUE, body={})):
        error = failure(call)
        assert "secret-token" not in f"{error!r} {error} {error.__cause__!r}"
