"""The desk and the form to type a ticket."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from connector.core.sla_query import read_query
from connector.engine.clock_desk import PressingClock
from connector.engine.marks import Choices
from connector.errors import StoreUnavailable
from connector.store import TicketRow
from tests.fakes.parking import a_parked

from .conftest import NOW


def a_row(number=1, **fields):
    given = {"title": "Payment fails", "priority": 4, "team": "billing", "assignee": "ann", "status": "new"}
    given |= {"created": NOW - timedelta(minutes=42)} | fields
    return TicketRow("local", str(number), f"DESK-{number}", "desk", **given)


def soup(answer):
    return BeautifulSoup(answer.text, "html.parser")


def cells(html):
    return [
        [" ".join(c.text.split()) for c in row("td") + row("th")] for row in BeautifulSoup(html, "html.parser")("tr")
    ]


def test_a_ticket_shows_priority_team_assignee_status_and_age(house, browser):
    house.rows = [a_row()]

    row = cells(browser.get("/").text)[1]

    assert row == ["urgent", "DESK-1", "billing", "ann", "new", "42 min", "Payment fails"]


def test_tickets_stay_in_the_order_of_the_store(house, browser):
    house.rows = [a_row(n) for n in (3, 1, 2)]

    assert [row[1] for row in cells(browser.get("/").text)[1:]] == ["DESK-3", "DESK-1", "DESK-2"]


def test_a_key_with_slashes_leads_to_its_page(house, browser):
    house.rows = [TicketRow("gitlab", "7/12", "acme/support#12", "acme/support", title="x", created=NOW)]

    link = BeautifulSoup(browser.get("/").text, "html.parser").select_one("tbody a")["href"]

    assert link == "/tickets/gitlab/acme/support%2312"


EVERY = {
    "text": "pay",
    "team": "billing",
    "status": "open",
    "priority": "high",
    "assignee": "ann",
    "tracker": "gitlab",
    "project": "acme/support",
    "mode": "live",
    "show": "open",
    "sla": "resolution running() and remaining() < 2h",
}


def test_every_filter_is_passed_on_and_kept(house, browser):
    html = soup(browser.get("/", query_string=EVERY))

    asked = dict(house.asked[-1])
    assert {name: asked.pop(name) for name in ("after", "limit")} == {"after": None, "limit": 51}
    assert asked.pop("clocks") == read_query(EVERY["sla"])
    assert asked == {n: EVERY[n] for n in EVERY if n not in ("show", "sla")} | {"priority": 3, "over": False}
    fields = {field["name"]: field for field in html.select(".filters input, .filters select")}
    assert fields.keys() == EVERY.keys()
    kept = {name: field.get("value") or field.select_one("[selected]")["value"] for name, field in fields.items()}
    assert kept == EVERY


def test_each_filter_in_use_can_be_taken_away_alone(browser):
    html = soup(browser.get("/?team=billing&status=open"))

    chips = {" ".join(chip.text.split()): chip["href"] for chip in html.select(".chosen a")}
    assert chips == {
        "Remove the filter Team: billing ×": "/?status=open",
        "Remove the filter Status: open ×": "/?team=billing",
        "Clear": "/",
    }


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("team=-", {"team": ""}),
        ("assignee=-", {"assignee": ""}),
        ("show=over", {"over": True}),
        ("priority=none", {"priority": 0}),
        ("status=nonsense&priority=x&mode=y&show=z", {}),
        ("text=%20%20", {}),
        ("unknown=1", {}),
        ("team=%00", {}),
    ],
)
def test_what_a_filter_means_to_the_store(house, browser, query, asked):
    assert browser.get(f"/?{query}").status_code == 200
    assert {name: value for name, value in house.asked[-1].items() if name not in ("after", "limit")} == asked


def test_a_filter_that_the_rules_do_not_know_stays_chosen(browser):
    html = soup(browser.get("/?team=ghosts&assignee=zoe"))

    assert html.select_one("select[name=team] [selected]")["value"] == "ghosts"
    assert html.select_one("select[name=assignee] [selected]")["value"] == "zoe"


def test_rare_filters_are_unfolded_only_when_in_use(browser):
    assert soup(browser.get("/?mode=shadow")).select_one(".filters details[open]")
    assert not soup(browser.get("/?team=billing")).select_one(".filters details[open]")


def test_what_is_special_about_a_ticket_is_marked(house, browser):
    house.rows = [a_row(mode="shadow", gone=True)]
    house.marked = {("local", "1"): frozenset({"refused", "held", "parked"})}

    badges = [badge.text for badge in soup(browser.get("/")).select("tbody .badge")]

    assert badges == ["gone", "held", "parked", "refused", "shadow"]


def test_a_query_over_clocks_that_makes_no_sense_is_told_beside_its_field(house, browser):
    house.rows = [a_row()]

    html = soup(browser.get("/?sla=resolutoin%20breached()&team=billing"))

    told = html.select_one(".wide .said")
    assert told.text == "Character 1: “resolutoin” is no metric. Did you mean resolution?"
    assert html.select_one("input[name=sla]")["value"] == "resolutoin breached()"
    assert html.select_one("input[name=sla]")["aria-invalid"] == "true"
    assert not html.select("tbody tr")
    assert house.asked == []
    assert "cannot be read" in html.select_one(".empty-head").text


@pytest.mark.parametrize("text", ["breached", "remaining() = 2h", "breached() > 2h", "x()", "elapsed() > 50%", "and"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_mistake_in_a_query_has_its_sentence(browser, text, language):
    told = soup(browser.get("/", query_string={"sla": text, "lang": language})).select_one(".said").text

    assert told.startswith({"en": "Character ", "zh": "第 "}[language])
    assert "{" not in told


def test_common_questions_about_clocks_are_one_click_away_and_keep_the_other_filters(house, browser):
    house.rows = [a_row()]

    links = {a.text: a["href"] for a in soup(browser.get("/?team=billing")).select(".filters .examples a")}

    assert [*links] == ["Late", "Due within 2 h", "Waiting for a first answer", "Paused"]
    for href in links.values():
        assert "team=billing" in href
        assert not soup(browser.get(href)).select(".said")
    assert house.asked[-1]["clocks"] == read_query("paused()")


def test_a_desk_without_policies_does_not_speak_of_clocks(house, browser):
    house.choices = Choices()

    html = soup(browser.get("/?team=billing"))

    assert not html.select("input[name=sla]")
    assert not html.select(".filters .examples")


@pytest.mark.parametrize(
    ("state", "due", "shown", "mood"),
    [
        ("late", -2, "Resolution: late for 2 h", "bad"),
        ("at-risk", 0.5, "Resolution: due in 30 min", "warn"),
        ("due", 5, "Resolution: due in 5 h", "good"),
        ("paused", None, "Resolution: paused", "calm"),
        ("due", None, "Resolution", "good"),
    ],
)
def test_a_ticket_shows_the_clock_that_presses_most(house, browser, state, due, shown, mood):
    at = None if due is None else NOW + timedelta(hours=due)
    house.rows = [a_row()]
    house.pressing = {("local", "1"): PressingClock("resolution", state, at)}

    badge = soup(browser.get("/")).select_one("tbody .badge")

    assert (badge.text, mood in badge["class"]) == (shown, True)


def test_the_connection_is_named_where_there_are_several(house, browser):
    house.rows = [a_row()]
    assert not soup(browser.get("/")).select(".from")

    house.rows.append(TicketRow("gitlab", "7/12", "acme/support#12", "acme/support", title="x", created=NOW))
    assert [name.text for name in soup(browser.get("/")).select(".from")] == ["local", "gitlab"]


def test_parked_events_are_told_on_the_desk(house, browser):
    assert not soup(browser.get("/")).select(".notice")
    house.parking.events = [a_parked()]

    assert "1 parked" in soup(browser.get("/")).select_one(".notice a[href='/parked']").text


def test_a_long_desk_has_pages(house, browser):
    house.rows = [a_row(n) for n in range(1, 72)]

    first = soup(browser.get("/?status=new"))
    second = soup(browser.get(first.select_one("a[rel=next]")["href"]))

    assert len(first.select("tbody tr")) == 50
    assert len(second.select("tbody tr")) == 21
    assert house.asked[-1]["status"] == "new"
    assert second.select_one("a[rel=first]")["href"] == "/?status=new"
    assert not second.select_one("a[rel=next]")


@pytest.mark.parametrize("after", ["-1", "x", "AAAA", "%00", "x" * 5000, "%ED%A0%80"])
def test_a_page_that_is_none_is_harmless(browser, after):
    assert browser.get(f"/?after={after}").status_code == 200


def test_what_customers_wrote_is_text_not_markup(house, browser):
    house.rows = [a_row(title="<script>alert(1)</script>", team="<b>x</b>")]

    html = browser.get("/").text

    assert "<script>alert" not in html
    assert "<b>x" not in html


def test_an_empty_desk_invites_to_type(browser):
    html = browser.get("/").text

    assert "No tickets yet" in html
    assert "example=payment" in html


def test_a_viewer_is_not_offered_to_type(house):
    token = house.tokens.grant("reader", "read")
    browser = house.client(console_token="t0ken-t0ken")

    html = soup(browser.get("/", headers={"Authorization": f"Bearer {token}"}))

    assert not html.select("form[action='/tickets']")
    assert html.select_one(".empty a[href='/connections']")


def test_once_there_are_tickets_the_form_opens_on_demand(house, browser):
    house.rows = [a_row()]

    assert not soup(browser.get("/")).select("form[action='/tickets']")
    link = soup(browser.get("/?team=billing")).select_one(".head a.button")["href"]
    assert link == "/?team=billing&new=1#new"
    assert soup(browser.get(link)).select("form[action='/tickets']")


def test_when_nothing_matches_the_way_back_is_offered(browser):
    html = soup(browser.get("/?text=nothing"))

    assert "No ticket matches" in html.select_one(".empty").text
    assert html.select_one(".empty a")["href"] == "/"


def test_an_example_fills_the_form(browser):
    html = BeautifulSoup(browser.get("/?example=login").text, "html.parser")

    assert "无法登录" in html.select_one("input[name=title]")["value"]
    assert html.select_one("textarea").text.strip()


def test_a_typed_ticket_is_made_and_shown(house, browser):
    answer = browser.post(
        "/tickets",
        data={
            "title": "  Payment\n fails ",
            "body": "502\r\nsince nine",
            "email": "dana@x.example",
            "csrf": browser.token(),
        },
    )

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/tickets/local/DESK-1")
    assert house.typed == [("Payment fails", "502\r\nsince nine", "dana@x.example")]


@pytest.mark.parametrize(
    "form",
    [
        {"title": ""},
        {"title": " \n "},
        {"title": "x" * 256},
        {"title": "x", "body": "y" * 65_537},
        {"title": "x", "email": "no address"},
        {"title": "x", "email": "a b@c.example"},
        {"title": "x", "email": "@c.example"},
    ],
)
def test_a_mistake_is_told_and_nothing_made(house, browser, form):
    answer = browser.post("/tickets", data={**form, "csrf": browser.token()})

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert house.typed == []


def test_a_mistake_costs_nobody_what_they_typed(browser):
    answer = browser.post(
        "/tickets", data={"title": "Kept title", "email": "wrong", "body": "kept", "csrf": browser.token()}
    )

    assert "Kept title" in answer.text
    assert "kept</textarea>" in answer.text


@pytest.mark.parametrize("csrf", [None, "", "forged", "a.b.c"])
def test_a_form_of_another_site_makes_nothing(house, browser, csrf):
    browser.token()

    answer = browser.post("/tickets", data={"title": "x"} | ({"csrf": csrf} if csrf is not None else {}))

    assert answer.status_code == 403
    assert house.typed == []


def test_a_form_token_without_its_cookie_is_worth_nothing(house, browser):
    token = browser.token()

    answer = house.client().post("/tickets", data={"title": "x", "csrf": token})

    assert answer.status_code == 403
    assert house.typed == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[no-address"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_even_with_a_token_another_origin_is_refused(house, browser, headers):
    answer = browser.post("/tickets", data={"title": "x", "csrf": browser.token()}, headers=headers)

    assert answer.status_code == 403
    assert house.typed == []


def test_a_program_types_a_ticket_as_json(house, browser):
    answer = browser.post("/tickets", json={"title": "Payment fails", "body": "502", "email": "dana@x.example"})

    assert answer.status_code == 201
    assert answer.json == {"tracker": "local", "key": "DESK-1", "url": "/tickets/local/DESK-1"}
    assert house.typed == [("Payment fails", "502", "dana@x.example")]


@pytest.mark.parametrize("json", [[], 7, {}, {"title": 7}, {"title": None}, {"title": ["x"]}])
def test_json_without_a_title_is_a_mistake(house, browser, json):
    answer = browser.post("/tickets", json=json)

    assert answer.status_code == 400
    assert answer.json["error"]
    assert house.typed == []


def test_json_that_is_nested_without_end_is_a_mistake_of_the_sender(house, browser):
    answer = browser.post("/tickets", data=b"[" * 100_000, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json["error"]
    assert house.typed == []


def test_what_no_database_holds_is_taken_out(house, browser):
    browser.post("/tickets", data=b'{"title": "a\\u0000b\\ud800c"}', content_type="application/json")

    assert house.typed == [("ab?c", "", "")]


def test_a_form_of_megabytes_is_refused(house, browser):
    answer = browser.post("/tickets", data={"title": "x", "body": "y" * 400_000, "csrf": browser.token()})

    assert answer.status_code == 413
    assert house.typed == []


def test_when_nothing_can_be_stored_the_page_says_so(house, browser):
    token = browser.token()
    house.answer = StoreUnavailable("disk full")

    answer = browser.post("/tickets", data={"title": "x", "csrf": token})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "disk full" not in answer.text
