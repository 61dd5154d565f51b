"""What is not genuine, not readable or not for us: the promised status, nothing stored, one line without secrets."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from connector.words import Connection
from tests.databases import fresh_database

from .inside import Inside, log_lines, rows, wait_for
from .place import Place, a_place
from .samples import Sample, gitlab_headers, own

EMPTY = {"inbox": 0, "payload": 0, "seen": 0, "lane": 0}
LIMIT = 200_000
MARK = "what-the-customer-wrote"
PLAIN = "a-plain-secret-of-the-hook"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A `jira-dc` that has no secret, a `gitlab` that knows two, the newest first."""
    with pytest.MonkeyPatch.context() as patch, a_place(tmp_path_factory.mktemp("bad"), own(), patch) as found:
        file = found.settings.rules_dir / "_trackers.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace(", secret: {env: DC_SECRET}", ""), encoding="utf-8")
        secrets = (PLAIN, *found.settings.gitlab_webhook_secret)
        found.settings = replace(found.settings, body_limit=LIMIT, gitlab_webhook_secret=secrets)
        yield found


@pytest.fixture(scope="module")
def running(place: Place) -> Iterator[Inside]:
    with place.service(works=False) as service:
        yield service


@pytest.fixture
def sample() -> Sample:
    found = next(s for s in own() if s.name == "opened")
    return replace(found, body=found.body.replace(b'"object_kind"', f'"mark": "{MARK}", "object_kind"'.encode(), 1))


def signed(place: Place, sample: Sample, **more: Any) -> dict[str, str]:
    return gitlab_headers(sample, place.fakes["gitlab"].secret, "d-1", **more)


def refused(running: Inside, answer: requests.Response, status: int, lines: list[dict[str, Any]]) -> None:
    """The status, a request id, one line that says why and quotes nothing, and an inbox as empty as before."""
    assert answer.status_code == status
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    assert rows(running.services) == EMPTY
    [line] = lines
    assert (line["status"], line["request"]) == (status, answer.headers["X-Request-Id"])
    shown = json.dumps(lines) + answer.text
    secrets = [*running.services.settings.gitlab_webhook_secret, *running.services.settings.jira_webhook_secret]
    for hidden in (MARK, "guessed", *secrets):
        assert hidden not in shown


FORGED = {
    "no header": {},
    "a token that is wrong": {"X-Gitlab-Token": "guessed"},
    "a token that is empty": {"X-Gitlab-Token": ""},
    "a token beyond ASCII": {"X-Gitlab-Token": "guessed-\xe9".encode("latin-1")},
    "the signing token as a plain one": {"X-Gitlab-Token": "whsec_"},
    "a signature alone": {"webhook-signature": "v1,Z3Vlc3NlZA=="},
    "a signature without an id": {"webhook-signature": "v1,Z3Vlc3NlZA==", "webhook-timestamp": "1"},
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED.keys())
def test_a_forged_webhook_is_401(running: Inside, sample: Sample, headers: dict[str, str]) -> None:
    with log_lines() as lines:
        answer = running.post("gitlab", sample.body, headers)
    refused(running, answer, 401, lines())


CHANGED = {
    "body": lambda sample, headers: (sample.body.replace(b'"iid": 12', b'"iid": 13'), headers),
    "id": lambda sample, headers: (sample.body, {**headers, "webhook-id": "another"}),
    "timestamp": lambda sample, headers: (sample.body, {**headers, "webhook-timestamp": str(int(time.time()) + 2)}),
    "token beside it": lambda sample, headers: (sample.body, {**headers, "X-Gitlab-Token": "guessed"}),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_signed_webhook_of_which_something_was_changed_is_401(
    place: Place, running: Inside, sample: Sample, what: str
) -> None:
    body, headers = CHANGED[what](sample, signed(place, sample))
    with log_lines() as lines:
        answer = running.post("gitlab", body, headers)
    refused(running, answer, 401, lines())


@pytest.mark.parametrize("off", [-301, 302, -86_400])
def test_a_signed_timestamp_more_than_five_minutes_off_is_401(
    place: Place, running: Inside, sample: Sample, off: int
) -> None:
    with log_lines() as lines:
        answer = running.post("gitlab", sample.body, signed(place, sample, at=time.time() + off))
    refused(running, answer, 401, lines())


@pytest.mark.parametrize("path", ["gitlab/guessed", "jira/guessed", "jira-dc", "jira-dc/guessed", "jira", "local"])
def test_a_wrong_secret_in_the_path_or_no_secret_at_all_is_401(running: Inside, sample: Sample, path: str) -> None:
    with log_lines() as lines:
        answer = running.post(path, sample.body, {"Content-Type": "application/json"})
    refused(running, answer, 401, lines())


WRONG_BESIDE_PATH = {
    "gitlab": {"X-Gitlab-Token": "guessed"},
    "jira": {"X-Hub-Signature": "sha256=" + "0" * 64},
}


@pytest.mark.parametrize("tracker", WRONG_BESIDE_PATH)
def test_a_right_path_does_not_make_good_a_wrong_header(place: Place, running: Inside, tracker: str) -> None:
    sample = next(s for s in own() if s.tracker == tracker)
    secret = PLAIN if tracker == "gitlab" else place.fakes["jira"].secret.replace(" ", "%20")
    with log_lines() as lines:
        answer = running.post(f"{tracker}/{secret}", sample.body, WRONG_BESIDE_PATH[tracker])
    refused(running, answer, 401, lines())
    assert secret not in json.dumps(lines())


@pytest.mark.parametrize("signature", ["", "sha256=", "sha1=" + "0" * 40, "md5=0", "sha256", "guessed", "=="])
def test_a_wrong_hub_signature_is_401(running: Inside, signature: str) -> None:
    sample = next(s for s in own() if s.tracker == "jira")
    with log_lines() as lines:
        answer = running.post("jira", sample.body, {"X-Hub-Signature": signature})
    refused(running, answer, 401, lines())


UNREADABLE = {
    "empty": b"",
    "no JSON": f"<html>{MARK}</html>".encode(),
    "a form": f"payload={MARK}".encode(),
    "cut off": b'{"object_kind": "issue", "object_attributes": {"iid": 12',
    "a list": b"[]",
    "a number": b"12",
    "null": b"null",
    "not a number": b'{"object_kind": "issue", "project": {"id": NaN}}',
    "not UTF-8": b'{"object_kind": "issue\xff"}',
    "UTF-16": '{"object_kind": "issue"}'.encode("utf-16"),
    "10,000 deep": b'{"object_kind":' * 10_000 + b"1" + b"}" * 10_000,
    "lists 50,000 deep": b"[" * 50_000 + b"]" * 50_000,
    "an issue without a number": b'{"object_kind": "issue", "object_attributes": {}, "project": {"id": 7}}',
    "a number of 5,000 digits": b'{"object_kind": "issue", "object_attributes": {"iid": ' + b"9" * 5000 + b"}}",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_genuine_body_that_cannot_be_read_is_400(
    place: Place, running: Inside, sample: Sample, body: bytes
) -> None:
    readable = replace(sample, body=b"{}")  # the header does not depend on the body
    headers = {**gitlab_headers(readable, place.fakes["gitlab"].secret, "d-2")}
    headers = {name: value for name, value in headers.items() if not name.startswith("webhook-")}
    with log_lines() as lines:
        answer = running.post("gitlab", body, {**headers, "X-Gitlab-Token": PLAIN})
    refused(running, answer, 400, lines())


@pytest.mark.parametrize("times", [20_000, 500_000])
def test_a_body_over_the_limit_is_413(running: Inside, times: int) -> None:
    body = b'{"mark": "' + MARK.encode() * times + b'"}'
    with log_lines() as lines:
        answer = running.post("gitlab", body, {"X-Gitlab-Token": PLAIN})
    refused(running, answer, 413, lines())


def test_a_body_of_unknown_length_over_the_limit_is_413(running: Inside) -> None:
    chunks = (b"x" * 10_000 for _ in range(40))
    with log_lines() as lines:
        answer = requests.post(
            f"{running.url}/hooks/gitlab", data=chunks, headers={"X-Gitlab-Token": PLAIN}, timeout=10
        )
    refused(running, answer, 413, lines())


def test_what_is_no_http_is_refused_with_one_line_that_quotes_nothing(running: Inside) -> None:
    with log_lines() as lines, socket.create_connection(("127.0.0.1", running.server.port), timeout=10) as raw:
        raw.sendall(f"POST /hooks/gitlab/{PLAIN} HTTP/1.1\r\nContent-Length: {MARK}\r\n\r\n".encode())
        answer = raw.recv(10_000).decode()
    assert answer.startswith("HTTP/1.1 400 ") or answer.startswith("HTTP/1.0 400 ")
    [line] = lines()
    assert line["status"] == 400
    for hidden in (MARK, PLAIN):
        assert hidden not in answer + json.dumps(line)


@pytest.mark.parametrize("path", ["nobody", "nobody/guessed", "GITLAB", "gitlab/guessed/more"])
def test_a_tracker_that_is_not_there_is_404(running: Inside, sample: Sample, path: str) -> None:
    with log_lines() as lines:
        answer = running.post(path, sample.body, {"X-Gitlab-Token": PLAIN})
    refused(running, answer, 404, lines())


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_405(running: Inside, method: str) -> None:
    with log_lines() as lines:
        answer = requests.request(method, f"{running.url}/hooks/gitlab/guessed", data=MARK, timeout=10)
    refused(running, answer, 405, lines())


NOT_FOR_US = {
    "another project": lambda body: body["project"].update(path_with_namespace="acme/other"),
    "an epic": lambda body: body["object_attributes"].update(type="Epic"),
    "a push": lambda body: body.update(object_kind="push"),
}


@pytest.mark.parametrize("what", NOT_FOR_US)
def test_what_is_genuine_but_not_for_us_is_204(place: Place, running: Inside, sample: Sample, what: str) -> None:
    body = json.loads(sample.body)
    NOT_FOR_US[what](body)
    other = replace(sample, body=json.dumps(body).encode())
    with log_lines() as lines:
        answer = running.post("gitlab", other.body, signed(place, other))
    assert (answer.status_code, answer.content) == (204, b"")
    assert rows(running.services) == EMPTY
    assert MARK not in json.dumps(lines())


def test_any_of_several_secrets_opens_the_door(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = own()
    [opened] = (s for s in samples if s.name == "opened")
    with a_place(tmp_path, samples, monkeypatch) as fresh:
        old = fresh.fakes["gitlab"].secret
        with fresh.service(works=False, gitlab_webhook_secret=("newest", old, "oldest")) as running:
            assert running.post("gitlab", opened.body, gitlab_headers(opened, old, "a")).status_code == 202
            for n, token in enumerate(("newest", "oldest")):
                headers = {"X-Gitlab-Token": token, "Idempotency-Key": f"b{n}"}
                assert running.post("gitlab", opened.body, headers).status_code == 202
            with log_lines() as lines:
                assert running.post("gitlab/newest", opened.body, {"Idempotency-Key": "c"}).status_code == 202
            assert "newest" not in json.dumps(lines())
            assert running.waiting() == 4


# When it cannot be stored.


def unavailable(answer: requests.Response) -> None:
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_locked_database_is_503_and_recovers_by_itself(
    tmp_path: Path, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pointsman.db"
    with a_place(tmp_path, own(), monkeypatch, f"sqlite:///{file}?timeout=0.3") as place, place.service() as running:
        with sa.create_engine(f"sqlite:///{file}").connect() as other:
            raw: Any = other.connection.driver_connection
            raw.isolation_level = None
            raw.execute("BEGIN EXCLUSIVE")
            with log_lines() as lines:
                unavailable(running.post("gitlab", sample.body, signed(place, sample)))
            assert not requests.get(f"{running.url}/readyz", timeout=10).ok
            assert requests.get(f"{running.url}/healthz", timeout=10).ok
            raw.execute("ROLLBACK")
        assert MARK not in json.dumps(lines())
        assert running.waiting() == 0
        wait_for(lambda: requests.get(f"{running.url}/readyz", timeout=10).ok)
        assert running.post("gitlab", sample.body, signed(place, sample)).status_code == 202
        running.settle(place.fakes["gitlab"])
        assert place.shown(sample)["priority"] == "priority::1"


def test_a_full_database_is_503_with_nothing_half_stored_and_recovers_by_itself(
    tmp_path: Path, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_place(tmp_path, own(), monkeypatch) as place, place.service(works=False) as running:
        full = threading.Event()
        full.set()

        @sa.event.listens_for(running.services.store._database.engine, "begin")
        def little_room(connection: sa.Connection) -> None:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar() if full.is_set() else 2**30
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        big = replace(sample, body=sample.body[:-1] + b', "pad": "' + b"x" * 500_000 + b'"}')
        unavailable(running.post("gitlab", big.body, signed(place, big)))
        assert rows(running.services) == EMPTY
        full.clear()
        assert running.post("gitlab", big.body, signed(place, big)).status_code == 202
        assert rows(running.services)["inbox"] == 1


@pytest.mark.postgres
def test_cut_database_connections_lose_nothing_that_was_acknowledged(
    tmp_path: Path, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        fresh_database("postgresql", tmp_path) as url,
        a_place(tmp_path, own(), monkeypatch, url) as place,
        place.service() as running,
    ):
        assert running.post("gitlab", sample.body, signed(place, sample)).status_code == 202
        running.settle(place.fakes["gitlab"])
        for n in range(3):
            _cut_all(url)
            headers = gitlab_headers(sample, place.fakes["gitlab"].secret, f"after cut {n}")
            answer = running.post("gitlab", sample.body, headers)
            if answer.status_code != 202:
                unavailable(answer)
            wait_for(lambda h=headers: running.post("gitlab", sample.body, h).status_code == 202)
        place.fakes["gitlab"].edit("7/12", "bo", add_labels="after the cut")
        running.settle(place.fakes["gitlab"])
        assert not running.services.store.inbox.count_parked()
        assert requests.get(f"{running.url}/readyz", timeout=10).ok


def _cut_all(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


def test_a_connection_shows_no_secret() -> None:
    shown = repr(Connection("gitlab", "gitlab", "https://gitlab.example", "glpat-x", secrets=(PLAIN,)))
    assert "glpat-x" not in shown
    assert PLAIN not in shown
