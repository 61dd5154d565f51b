"""Trackers that refuse, delay, forget and lose things: what is lost is only what was refused, and it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests

from tests.fakes import Recorded
from tests.fakes.gitlab_rest import Response

from .far import KINDS, RULES, Far, Five, answering, five
from .inside import wait_for


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Iterator[Five]:
    with five(tmp_path, monkeypatch) as opened:
        yield opened


def warnings(far: Far) -> dict[str, str]:
    told = requests.get(f"{far.running.url}/readyz", timeout=10).json()["warnings"]
    return {warning["code"]: warning["text"] for warning in told}


def parked(far: Far) -> int:
    return far.running.services.store.inbox.count_parked()


def writes_about(ticket: str) -> Callable[[Recorded], bool]:
    tail = ticket.replace("/", "/issues/")
    return lambda recorded: recorded.method != "GET" and f"/{tail}" in f"{recorded.path}/"


@pytest.mark.parametrize("kind", KINDS)
def test_a_ticket_that_is_gone_is_done_with_and_warned_of(desk: Five, kind: str) -> None:
    far = desk.far(kind)
    far.keep()
    made: list[str] = []
    told = far.held_of(lambda: made.append(far.add()))
    far.fake.delete(made[0], "bo")
    far.fake.flush()
    far.held.clear()
    far.post(*told)
    far.settle()
    assert parked(far) == 0
    assert "gone" in warnings(far)
    # Asked twice: something else about it may have been what was not found.
    assert far.about(made[0]) == ["GET ", "GET "]


@pytest.mark.parametrize("kind", KINDS)
def test_a_ticket_deleted_between_read_and_write_is_done_with_too(desk: Five, kind: str) -> None:
    far = desk.far(kind)
    far.new()

    def vanish(recorded: Recorded) -> None:
        found = [t for t in (deleted or [far.tickets[-1]]) if writes_about(t)(recorded)] if far.tickets else []
        if found and not deleted:
            deleted.append(found[0])
            far.fake.delete(found[0], "bo")

    deleted: list[str] = []
    far.tickets.clear()
    with answering(far.fake, vanish):
        far.keep()
        told = far.held_of(lambda: far.tickets.append(far.add()))
        far.post(*told)
        wait_for(lambda: deleted)
        far.settle()
    far.pass_on()
    assert deleted
    assert parked(far) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_that_was_rotated_is_waited_for(desk: Five, kind: str) -> None:
    far = desk.far(kind)
    refused: list[str] = []

    def rotated(recorded: Recorded) -> Response | None:
        if len(refused) < 2:
            refused.append(recorded.method)
            return Response(401, {"message": "401 Unauthorized"})
        return None

    with answering(far.fake, rotated):
        ticket = far.new()
    assert len(refused) == 2
    assert far.level(ticket) == far.at_level(1)
    assert parked(far) == 0


def in_seconds(n: int) -> dict[str, str]:
    return {"Retry-After": str(n)}


def at_date(n: int) -> dict[str, str]:
    now = datetime.now(UTC)
    return {"Retry-After": format_datetime(now + timedelta(seconds=n), usegmt=True)}


def until_unix(n: int) -> dict[str, str]:
    return {"RateLimit-Reset": str(int(datetime.now(UTC).timestamp()) + n)}


def until_iso(n: int) -> dict[str, str]:
    return {"X-RateLimit-Reset": (datetime.now(UTC) + timedelta(seconds=n)).isoformat(timespec="seconds")}


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("gitlab", in_seconds),
        ("gitlab", until_unix),
        ("cloud", until_iso),
        ("cloud-service", at_date),
        ("dc", in_seconds),
    ],
)
def test_after_a_429_nobody_calls_until_the_time_it_names_and_nothing_is_lost(
    desk: Five, kind: str, named: Callable[[int], dict[str, str]]
) -> None:
    far = desk.far(kind)
    far.new()
    limited: list[datetime] = []
    calls: list[datetime] = []

    def limit(recorded: Recorded) -> Response | None:
        calls.append(datetime.now(UTC))
        if not limited and recorded.method in ("PUT", "POST"):
            limited.append(datetime.now(UTC))
            return Response(429, {"message": "Too many requests"}, named(3))
        return None

    with answering(far.fake, limit):
        first, second = far.add(), far.add("A second outage")
        wait_for(lambda: limited)
        third = far.add("A third outage")
        far.settle()
    in_flight = timedelta(milliseconds=300)
    assert [at for at in calls if limited[0] + in_flight < at < limited[0] + timedelta(seconds=1.9)] == []
    for ticket in (first, second, third):
        assert far.level(ticket) == far.at_level(1)
        texts = [c["text"].splitlines()[0] for c in far.comments(ticket)]
        assert len(texts) == len(set(texts)) == 3
    assert parked(far) == 0


def test_a_limit_on_one_issue_holds_that_issue_alone(desk: Five) -> None:
    far = desk.far("cloud")
    far.new()
    limited: list[str] = []

    def limit(recorded: Recorded) -> Response | None:
        if recorded.method == "PUT" and not limited:
            limited.append(recorded.path)
            told = {"Retry-After": "4", "RateLimit-Reason": "jira-per-issue-on-write"}
            return Response(429, {"errorMessages": ["slow down"]}, told)
        return None

    with answering(far.fake, limit):
        first = far.add()
        wait_for(lambda: limited)
        second = far.add()
        wait_for(lambda: far.level(second) == "Highest", 3)
        assert far.level(first) == "Medium"
        far.settle()
    assert far.level(first) == "Highest"


UNKNOWN = RULES.replace("assignee: ann", "assignee: eve")


@pytest.mark.parametrize("kind", KINDS)
def test_somebody_the_tracker_does_not_know_blanks_nobody(tmp_path, monkeypatch, kind: str) -> None:
    from .far import PEOPLE

    people = PEOPLE + "  eve: {name: Eve, ids: {gitlab: [eve], jira: [eve@desk.example]}, teams: [frontline]}\n"
    with five(tmp_path, monkeypatch, rules=UNKNOWN, people=people) as desk:
        far = desk.far(kind)
        far.keep()
        made: list[str] = []
        told = far.held_of(lambda: made.append(far.add()))
        far.fake.edit(made[0], "bo", assignee="bo")
        far.fake.flush()
        far.held.clear()
        far.post(*told)
        far.settle()
        far.pass_on()
        (ticket,) = made
        assert far.fake.state(ticket)["assignee"] == "bo"
        assert far.level(ticket) == far.at_level(1)
        assert "not allowed here: assignee" in far.note(ticket)["text"]
        assert parked(far) == 0


BAD = {"gitlab": "assignee_ids", "jira": "assignee"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_field_that_a_400_names_is_left_out_and_the_rest_sent_once_more(desk: Five, kind: str) -> None:
    far = desk.far(kind)
    far.new()
    field = BAD["gitlab" if kind == "gitlab" else "jira"]
    refused: list[Any] = []

    def refuse(recorded: Recorded) -> Response | None:
        body = recorded.body or {}
        if recorded.method == "PUT" and field in {**body, **body.get("fields", {})}:
            refused.append(body)
            if kind == "gitlab":
                return Response(400, {"error": "assignee_ids is invalid"})
            return Response(
                400, {"errorMessages": [], "errors": {"assignee": "User 'ann' cannot be assigned issues."}}
            )
        return None

    with answering(far.fake, refuse):
        far.keep()
        far.post(*far.held_of(lambda: far.tickets.append(far.add())))
        far.settle()
    (ticket,) = far.tickets
    far.pass_on()
    assert len(refused) == 1
    assert far.level(ticket) == far.at_level(1)
    assert len(far.team(ticket)) == 1
    assert "not allowed here: assignee" in far.note(ticket)["text"]
    texts = [c["text"].splitlines()[0] for c in far.comments(ticket)]
    assert len(texts) == len(set(texts)) == 3


@pytest.mark.parametrize("kind", ["cloud-service", "dc-service"])
@pytest.mark.parametrize("status", [400, 403])
def test_an_internal_text_that_jira_refuses_is_never_said_in_public(desk: Five, kind: str, status: int) -> None:
    far = desk.far(kind)
    asked: list[Any] = []

    def refuse(recorded: Recorded) -> Response | None:
        if recorded.method == "POST" and recorded.path.endswith("/comment"):
            marks = {p["key"]: p["value"] for p in recorded.body.get("properties", [])}
            asked.append(marks)
            if marks.get("sd.public.comment", {}).get("internal") is not False:
                return Response(status, {"errorMessages": ["You cannot set comment properties."], "errors": {}})
        return None

    with answering(far.fake, refuse):
        ticket = far.new()
    assert [c["text"] for c in far.comments(ticket)] == ["We have your request."]
    assert all("sd.public.comment" in marks for marks in asked)
    assert not [r for r in far.writes(ticket) if "comment" in (r.body.get("update") or {})]


@pytest.mark.parametrize("kind", ["cloud-service", "dc-service"])
def test_an_internal_text_that_came_out_public_is_taken_back_at_once(desk: Five, kind: str) -> None:
    far = desk.far(kind)
    far.fake.rest.keeps_marks = False
    ticket = far.new()
    assert [c["text"] for c in far.comments(ticket) if c["public"]] == ["We have your request."]


@pytest.mark.parametrize("kind", ["cloud-service", "dc-service"])
def test_where_jira_does_not_say_what_a_project_is_nothing_internal_gets_public(desk: Five, kind: str) -> None:
    far = desk.far(kind)
    usual = far.fake.answer

    def silent(recorded: Recorded) -> Any:
        response = usual(recorded)
        if recorded.method == "GET" and isinstance(response.body, dict):
            response.body.pop("projectTypeKey", None)
            response.body.get("fields", {}).get("project", {}).pop("projectTypeKey", None)
        return response

    with answering(far.fake, silent):
        ticket = far.new()
    assert [c["text"] for c in far.comments(ticket) if c["public"]] == ["We have your request."]


@pytest.mark.parametrize("kind", ["cloud", "dc"])
def test_where_the_issue_property_is_refused_texts_are_said_once(desk: Five, kind: str) -> None:
    far = desk.far(kind)
    far.fake.rest.editor.refuses_properties = True
    far.fake.faults.script("ok", "500-after")
    ticket = far.new()
    texts = [c["text"].splitlines()[0] for c in far.comments(ticket)]
    assert len(texts) == len(set(texts)) == 3
    assert far.level(ticket) == far.at_level(1)


def test_the_chain_of_the_causing_event_goes_out_with_every_write(desk: Five) -> None:
    far = desk.far("gitlab")
    far.new()
    far.keep()
    made: list[str] = []
    (told,) = far.held_of(lambda: made.append(far.add()))
    far.post(told)
    far.settle()
    sent = {r.headers.get("x-gitlab-event-uuid") for r in far.writes(made[0])}
    assert sent == {told[0]["X-Gitlab-Event-UUID"]}
