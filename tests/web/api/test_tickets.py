"""Tickets as JSON: the list in pages, one with its why, and the form."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.core.sla_query import read_query
from connector.engine.clock_desk import PressingClock
from connector.engine.troubles import Trouble
from connector.engine.why import Moment, TicketPage, WhyNot, plan_shown
from connector.errors import StoreUnavailable
from connector.model import Ticket
from connector.store import PlanRow, StoredPlan, TicketRow
from connector.web.api.ticket_schemas import PlanSchema
from tests.web.conftest import NOW


def row(number: int, **given) -> TicketRow:
    return TicketRow(
        **{"tracker": "jira", "id": f"100{number}", "key": f"SUP-{number}", "title": "It broke", **given}
    )


@pytest.fixture
def seeded(house, browser):
    house.rows = [row(n, priority=4, created=NOW) for n in range(1, 6)]
    return browser


def test_a_line_of_the_desk_has_words_not_numbers_and_instants_end_in_z(seeded):
    first = seeded.get("/api/v1/tickets").json["items"][0]

    assert (first["key"], first["priority"], first["created"]) == ("SUP-1", "urgent", "2026-11-21T12:00:00Z")
    assert (first["team"], first["gone"]) == (None, False)


def test_a_line_has_the_marks_of_the_desk(house, seeded):
    house.marked = {("jira", "1002"): frozenset({"refused", "parked"})}

    items = seeded.get("/api/v1/tickets?limit=2").json["items"]

    assert [each["marks"] for each in items] == [[], ["parked", "refused"]]


def test_a_line_has_the_clock_that_presses_most(house, seeded):
    house.pressing = {("jira", "1002"): PressingClock("resolution", "late", NOW)}

    items = seeded.get("/api/v1/tickets?limit=2").json["items"]

    late = {"metric": "resolution", "state": "late", "due_at": "2026-11-21T12:00:00Z"}
    assert [each["clock"] for each in items] == [None, late]


def test_tickets_are_asked_for_by_their_clocks(house, seeded):
    assert seeded.get("/api/v1/tickets?sla=resolution%20breached()").status_code == 200
    assert house.asked[-1]["clocks"] == read_query("resolution breached()")


def test_a_query_over_clocks_that_makes_no_sense_says_where_and_what_to_write(seeded):
    answer = seeded.get("/api/v1/tickets?sla=remaining()%20%3C%20soon")

    assert answer.status_code == 422
    told = "Character 15: “soon” is no length of time. Write 15m, 2h, 1d or -30m."
    assert answer.json["fields"]["sla"] == [told]


def test_following_next_shows_every_ticket_once(seeded):
    shown, path = [], "/api/v1/tickets?limit=2"
    while path:
        answer = seeded.get(path).json
        shown += [ticket["key"] for ticket in answer["items"]]
        path = answer["next"]

    assert shown == ["SUP-1", "SUP-2", "SUP-3", "SUP-4", "SUP-5"]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("limit=0", {"limit"}),
        ("limit=-1", {"limit"}),
        ("limit=many", {"limit"}),
        (f"limit={'9' * 5000}", {"limit"}),
        ("limit=201", {"limit"}),
        ("tema=billing", {"tema"}),
        ("cursor=made-up", {"cursor"}),
        ("cursor=W10", {"cursor"}),
        ("limit=0&cursor=%00", {"limit", "cursor"}),
    ],
)
def test_every_wrong_parameter_is_named(seeded, query, wrong):
    answer = seeded.get(f"/api/v1/tickets?{query}")

    assert (answer.status_code, set(answer.json["fields"])) == (422, wrong)
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_a_cursor_of_another_list_is_refused_with_a_remedy(seeded):
    cursor = seeded.get("/api/v1/tickets?limit=1").json["next"].partition("cursor=")[2]

    answer = seeded.get(f"/api/v1/changes?cursor={cursor}")

    assert "leave the cursor out" in answer.json["fields"]["cursor"][0]


def test_an_unknown_ticket_is_a_404_that_says_nothing_of_why(seeded):
    for path in ("", "/why", "/whynot"):
        answer = seeded.get(f"/api/v1/tickets/jira/SUP-99{path}")
        assert (answer.status_code, set(answer.json)) == (404, {"error", "request_id"})


def test_a_key_with_a_slash_and_a_number_sign_finds_its_ticket(house, browser):
    house.plans["gitlab", "acme/support#12"] = []

    assert browser.get("/api/v1/tickets/gitlab/acme%2Fsupport%2312/why").json == []


def test_a_lone_surrogate_in_what_is_stored_leaves_as_a_replacement(house, browser):
    house.rows = [row(1, title="broken \ud800 \0 title")]

    assert browser.get("/api/v1/tickets").json["items"][0]["title"] == "broken \ufffd \0 title"


def test_a_ticket_is_typed_as_by_the_form(house, browser):
    answer = browser.post("/api/v1/tickets", json={"title": " It  broke ", "email": "dana@x.example"})

    assert answer.status_code == 201
    assert answer.json == {"tracker": "local", "key": "DESK-1", "url": "/tickets/local/DESK-1"}
    assert house.typed == [("It broke", "", "dana@x.example")]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, {"title"}),
        ({"title": "  "}, {"title"}),
        ({"title": "\0"}, {"title"}),
        ({"title": "x" * 256}, {"title"}),
        ({"title": 7, "body": []}, {"title", "body"}),
        ({"title": "x", "email": "nobody"}, {"email"}),
        ({"title": "x", "priority": "high"}, {"priority"}),
        ([], {"body"}),
    ],
)
def test_every_wrong_member_is_named_and_nothing_is_stored(house, browser, given, wrong):
    answer = browser.post("/api/v1/tickets", json=given)

    assert (answer.status_code, set(answer.json["fields"])) == (422, wrong)
    assert house.typed == []


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"title": NaN}', "application/json", 400),
        (b'{"title": ' + b"9" * 10_000 + b"}", "application/json", 400),
        (b'{"title": "\xff"}', "application/json", 400),
        (b'{"title": "' + b"x" * 1_000_000 + b'"}', "application/json", 413),
        (b"title=x", "application/x-www-form-urlencoded", 403),
    ],
)
def test_a_body_that_is_no_usable_json_is_refused(house, browser, sent, kind, status):
    answer = browser.post("/api/v1/tickets", data=sent, content_type=kind)

    assert (answer.status_code, set(answer.json)) == (status, {"error", "request_id"})
    assert house.typed == []


def test_a_form_that_a_program_sends_with_its_token_is_told_to_be_json(house):
    browser = house.client(console_token="secret")

    answer = browser.post("/api/v1/tickets", data={"title": "x"}, headers={"Authorization": "Bearer secret"})

    assert answer.status_code == 415
    assert "application/json" in answer.json["error"]


def test_a_page_of_another_site_cannot_steer_a_browser_that_is_signed_in(house, browser):
    answer = browser.post("/api/v1/tickets", json={"title": "x"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert house.typed == []


def test_one_ticket_comes_with_all_that_its_page_shows(house, browser):
    ticket = Ticket("jira", "1001", "SUP-1", title="It broke")
    moment, missed = Moment(NOW, "created"), WhyNot("priority", "vip", "customer.tier", "gold", "silver")
    house.pages["jira", "SUP-1"] = TicketPage(
        ticket, row(1), (), (moment,), (missed,), False, (Trouble("refused", "right", "team", status=403),)
    )

    answer = browser.get("/api/v1/tickets/jira/SUP-1").json

    assert set(answer) == {"ticket", "document", "timeline", "why", "whynot", "troubles", "waiting"}
    assert (answer["ticket"]["title"], answer["why"]) == ("It broke", [])
    assert answer["timeline"][0]["at"] == "2026-11-21T12:00:00Z"
    assert answer["whynot"] == browser.get("/api/v1/tickets/jira/SUP-1/whynot").json
    assert answer["whynot"][0]["seen"] == "silver"
    assert (answer["troubles"][0]["code"], answer["troubles"][0]["status"]) == ("refused", 403)


def test_a_plan_whose_inputs_were_removed_has_every_member_still(house, browser):
    stored = StoredPlan(7, PlanRow("jira", "1001", state="done"), (), "", "", NOW, removed_at=NOW)
    house.plans["jira", "SUP-1"] = [plan_shown(stored)]

    (plan,) = browser.get("/api/v1/tickets/jira/SUP-1/why").json

    assert set(plan) == set(PlanSchema().fields)
    assert (plan["removed_at"], plan["decisions"], plan["facts"]) == ("2026-11-21T12:00:00Z", [], {})


def test_somebody_who_signed_in_asks_with_the_cookie_and_json_alone(house):
    browser = house.client(console_token="secret")
    browser.post("/sign-in", data={"token": "secret", "csrf": browser.token("/sign-in")})

    by_form = browser.post("/api/v1/tickets", data={"title": "x"})
    by_json = browser.post("/api/v1/tickets", json={"title": "x"}, headers={"Origin": "http://localhost"})
    from_elsewhere = browser.post("/api/v1/tickets", json={"title": "x"}, headers={"Origin": "http://evil.example"})

    assert [answer.status_code for answer in (by_form, by_json, from_elsewhere)] == [403, 201, 403]
    assert len(house.typed) == 1


def test_whoever_guesses_tokens_is_told_when_to_come_again(house):
    browser = house.client(console_token="secret")
    given = {"Authorization": "Bearer wrong"}

    statuses = [browser.get("/api/v1/tickets", headers=given).status_code for _ in range(5)]
    last = browser.get("/api/v1/tickets", headers={"Authorization": "Bearer secret"})

    assert (statuses, last.status_code, set(last.json)) == ([401] * 5, 429, {"error", "request_id"})
    assert 0 < int(last.headers["Retry-After"]) <= 61


def test_a_database_that_does_not_answer_is_a_503_that_says_when_to_come_again(house, browser):
    house.answer = StoreUnavailable("the disk is full")

    answer = browser.post("/api/v1/tickets", json={"title": "x"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "disk" not in answer.text


FORGED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(("desk", "parked", "changes")), FORGED)
def test_a_forged_cursor_is_a_place_or_refused_but_never_a_fault(ask, name, position):
    cursor = base64.urlsafe_b64encode(json.dumps([name, position]).encode()).decode().rstrip("=")

    for path in ("/tickets", "/parked", "/changes"):
        answer = ask("GET", path, "admin", query_string={"cursor": cursor})
        assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    "inner", [b"[" * 1000, b"1" * 1000, b'[0, 1, "0001-01-01T00:00:00+23:59", "jira", "7"]', b""]
)
def test_a_forged_place_of_the_desk_is_refused(ask, inner):
    place = base64.urlsafe_b64encode(inner).decode()
    cursor = base64.urlsafe_b64encode(json.dumps(["desk", place]).encode()).decode().rstrip("=")

    assert set(ask("GET", "/tickets", query_string={"cursor": cursor}).json["fields"]) == {"cursor"}
