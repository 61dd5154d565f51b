"""The webhook door: its statuses, its limits, its silence about secrets."""

from __future__ import annotations

import io
import json
import logging

import pytest

from connector.errors import Rejected, StoreUnavailable
from connector.log import JsonLines

BODY = b'{"object_kind": "issue", "title": "Payment fails for Dana"}'


@pytest.fixture
def lines():
    """What the log holds, formatted as in production."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_the_raw_body_and_lower_case_headers_reach_the_flow(house, browser):
    browser.post("/hooks/gitlab", data=BODY, headers={"X-Gitlab-Token": "s3cret"})

    [(tracker, path_secret, headers, body)] = house.hooks
    assert (tracker, path_secret, body) == ("gitlab", None, BODY)
    assert headers["x-gitlab-token"] == "s3cret"


def test_a_secret_in_the_path_reaches_the_flow(house, browser):
    browser.post("/hooks/jira/s3cret%2Fwith%20more", data=BODY)
    browser.post("/hooks/jira/s3cret", data=BODY)

    assert house.hooks[-1][1] == "s3cret"


@pytest.mark.parametrize("status", [202, 204])
def test_the_flow_decides_between_stored_and_not_for_us(house, browser, status):
    house.answer = status

    answer = browser.post("/hooks/gitlab", data=BODY)

    assert answer.status_code == status
    assert answer.data == b""


@pytest.mark.parametrize("status", [400, 401, 404, 413])
def test_a_refusal_is_json_with_the_request_id_and_one_log_line(house, browser, lines, status):
    house.answer = Rejected(status, "the check that failed")

    answer = browser.post("/hooks/gitlab/s3cret", data=BODY)

    assert answer.status_code == status
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    [line] = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert (line["status"], line["reason"]) == (status, "the check that failed")
    assert "s3cret" not in lines.getvalue()
    assert "Dana" not in lines.getvalue()


def test_what_cannot_be_stored_is_to_be_sent_again(house, browser):
    house.answer = StoreUnavailable("database is locked")

    answer = browser.post("/hooks/gitlab", data=BODY)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "locked" not in answer.text


def test_a_body_over_the_limit_is_refused_unread(house):
    browser = house.client(body_limit=1000)

    class Unread(io.BytesIO):
        def read(self, *_):
            raise AssertionError("the body was read")

    answer = browser.client.post("/hooks/gitlab", input_stream=Unread(b"x" * 1001))

    assert answer.status_code == 413
    assert answer.json["request_id"]
    assert house.hooks == []


def test_a_body_of_unknown_length_is_read_no_further_than_the_limit(house):
    browser = house.client(body_limit=1000)
    stream = io.BytesIO(b"x" * 1_000_000)
    endless = {"wsgi.input": stream, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}

    answer = browser.client.post("/hooks/gitlab", environ_overrides=endless)

    assert answer.status_code == 413
    assert stream.tell() < 100_000
    assert house.hooks == []


def test_a_body_of_exactly_the_limit_is_taken(house):
    assert house.client(body_limit=1000).post("/hooks/gitlab", data=b"x" * 1000).status_code == 202


def test_the_body_limit_of_hooks_is_not_that_of_forms(house, browser):
    assert browser.post("/hooks/gitlab", data=b"x" * 2_000_000).status_code == 202


def test_hooks_are_open_to_the_network_and_need_no_console_token(house):
    browser = house.client(console_token="t0ken")

    answer = browser.post("/hooks/gitlab", remote="203.0.113.9", host="hooks.example", data=BODY)

    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/hooks/gitlab", 405), ("get", "/hooks/gitlab/s3cret", 405), ("post", "/hooks/gitlab/a/b", 404)],
)
def test_what_is_no_hook_gets_json_and_hides_the_path(browser, lines, method, path, status):
    answer = getattr(browser, method)(path, remote="203.0.113.9")

    assert answer.status_code == status
    assert answer.json["request_id"]
    assert "s3cret" not in lines.getvalue()


def test_an_unforeseen_failure_is_json_without_its_text(house, browser, lines):
    house.answer = ZeroDivisionError("Dana's ticket")

    answer = browser.post("/hooks/gitlab", data=BODY)

    assert answer.status_code == 500
    assert answer.json["request_id"]
    assert "Dana" not in answer.text + lines.getvalue()
    assert "ZeroDivisionError" in lines.getvalue()
