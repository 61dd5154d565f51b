"""A ticket with its why, the pages for mistakes, and what every answer carries."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from connector.engine.why import Moment, TicketPage, WhyNot
from connector.model import Actor, Audience, Comment, Person, Priority, Ticket
from connector.store import TicketRow

from .conftest import NOW


def a_decision(slot="priority", value="urgent", because="Text says: 支付失败 (+25) = 80", verdict="apply", **more):
    return {"plugin": "priority", "rule": "down-words", "slot": slot, "value": value, "because": because} | {
        "verdict": verdict,
        **more,
    }


def a_plan(*decisions, effects=(), **more):
    return {"id": 7, "mode": "live", "at": "2026-11-21T11:59:00Z", "event": {"kind": "created"}} | {
        "decisions": list(decisions),
        "facts": {"language": "zh"},
        "failures": [],
        "effects": list(effects),
        **more,
    }


def a_page(*plans, waiting=False, whynot=(), timeline=(), row=None, **fields):
    given = {"id": "1", "key": "DESK-1", "title": "支付失败", "priority": Priority.URGENT, "created": NOW} | fields
    row = row or TicketRow("local", "1", "DESK-1", "desk", contact=True, applies="desk", mode="live")
    return TicketPage(Ticket(**given), row, tuple(plans), tuple(timeline), tuple(whynot), waiting)


def shown(house, browser, page, path="/tickets/local/DESK-1"):
    house.pages["local", "DESK-1"] = page
    return BeautifulSoup(browser.get(path).text, "html.parser")


def headlines(html):
    return [" ".join(card.text.split()) for card in html.select(".headlines .card")]


def test_priority_team_and_assignee_stand_on_top_with_their_reason(house, browser):
    plan = a_plan(a_decision(), a_decision("team", "payments", "rule payments"))

    html = shown(house, browser, a_page(plan, team="payments"))

    assert headlines(html) == [
        "Priority urgent Text says: 支付失败 (+25) = 80",
        "Team payments rule payments",
        "Assignee not set No rule decided this.",
    ]


def test_what_a_person_took_over_is_said_on_top(house, browser):
    plan = a_plan(a_decision("assignee", "bo", "rule rest", "a person changed it since"))

    html = shown(house, browser, a_page(plan, assignee="ann"))

    assert headlines(html)[2] == "Assignee ann a person changed it since The rules wanted bo: rule rest"


def test_the_reason_of_an_older_plan_stays_when_the_newest_has_no_opinion(house, browser):
    html = shown(house, browser, a_page(a_plan(id=8), a_plan(a_decision())))

    assert "支付失败 (+25)" in headlines(html)[0]


def test_an_overruled_wish_is_listed_but_not_the_answer(house, browser):
    plan = a_plan(a_decision(verdict="overruled by a later plugin", because="first"), a_decision(because="second"))

    html = shown(house, browser, a_page(plan))

    assert "second" in headlines(html)[0]
    assert [v.text for v in html.select(".decisions .verdict")] == ["overruled by a later plugin", "applied"]


def test_why_not_is_grouped_by_plugin(house, browser):
    rules = (
        WhyNot("priority", "tier-gold", "customer.tier", "gold", "platinum"),
        WhyNot("routing", "security", "labels", "has security", "nothing"),
    )

    html = shown(house, browser, a_page(a_plan(a_decision()), whynot=rules))

    groups = [" ".join(group.text.split()) for group in html.select("details.whynot")]
    assert groups == [
        "priority not met: 1 tier-gold customer.tier wanted gold is platinum",
        "routing not met: 1 security labels wanted has security is nothing",
    ]


@pytest.mark.parametrize(
    ("seen", "told"),
    [(3, "3"), (False, "False"), (None, "nothing"), ((), "nothing"), (("a", "b"), "a, b"), ("", "nothing")],
)
def test_why_not_tells_whatever_was_seen(house, browser, seen, told):
    rule = WhyNot("priority", "many-seats", "customer.seats", "at least 500", seen)

    html = shown(house, browser, a_page(a_plan(a_decision()), whynot=(rule,)))

    assert html.select(".whynot .seen")[1].text.split(maxsplit=1) == ["is", told]


def test_a_label_that_came_or_went_is_told_as_such(house, browser):
    moments = (Moment(NOW, "changed", slot="label:vip", was=False, value=True),)

    html = shown(house, browser, a_page(a_plan(a_decision()), timeline=moments))

    assert " ".join(html.select_one(".m-changed").text.split()).endswith("Label vip added")


def test_the_timeline_shows_each_plan_with_its_writes(house, browser):
    after = {"change": "SetPriority", "value": "urgent", "because": "", "by": ""}
    effect = {"slot": "priority", "op": "SetPriority", "before": "low", "after": after, "state": "done", "why": ""}
    refused = {
        **effect,
        "slot": "label:vip",
        "after": {"change": "Later"},
        "state": "refused",
        "why": "403 Forbidden",
    }
    event = {"kind": "created", "actor": {"name": "Dana"}}
    plan = a_plan(
        a_decision(), effects=[effect, {**refused, "status": 403}], event=event, rules_digest="0123456789abcdef"
    )
    timeline = (
        Moment(NOW, "decided", "live", value="done", plan=7),
        Moment(NOW, "changed", "Ann Li", "assignee", None, "ann"),
        Moment(NOW, "commented", "customer", value="public"),
        Moment(NOW, "commented", "us", value="internal"),
        Moment(NOW, "created"),
    )

    html = shown(house, browser, a_page(plan, timeline=timeline))

    lines = [" ".join(" ".join(line.stripped_strings).split()) for line in html.select(".timeline > li")]
    stamp = "2026-11-21 12:00 UTC"
    assert lines == [
        f"{stamp} Plan 7 because of: the ticket was created · Dana Priority written Label vip not allowed here"
        " 403 Forbidden What was written Priority low → urgent priority · down-words Label vip low → – (403)"
        " Rules 0123456789ab",
        f"{stamp} Assignee – → ann · Ann Li",
        f"{stamp} a comment · customer visible to the customer",
        f"{stamp} the ticket was created",
    ]


def test_a_write_names_the_rule_that_was_not_overruled(house, browser):
    after = {"change": "RouteTo", "team": "payments", "because": "", "by": ""}
    effect = {"slot": "team", "op": "RouteTo", "before": None, "after": after, "state": "done", "why": ""}
    first = a_decision("team", "frontline", verdict="overruled by a later plugin")
    plan = a_plan(first, a_decision("team", "payments", plugin="routing", rule="cards"), effects=[effect])
    decided = Moment(NOW, "decided", "live", value="done", plan=7)

    html = shown(house, browser, a_page(a_plan(id=8), plan, timeline=(decided,)))

    assert html.select_one(".plan .quiet.mono").text == "routing · cards"


def test_a_plugin_that_failed_is_named(house, browser):
    failures = [{"plugin": "oncall", "error": "PluginError", "text": "took longer than 2 s"}]

    html = shown(house, browser, a_page(a_plan(a_decision(), failures=failures)))

    assert "oncall took longer than 2 s" in " ".join(html.select_one(".failures").text.split())


def test_a_text_says_who_may_read_it(house, browser):
    said = a_decision("say:hello", {"audience": "public", "text": "We are on it."}, "rule hello")

    html = shown(house, browser, a_page(a_plan(said)))

    assert "We are on it. visible to the customer" in " ".join(html.select_one(".decisions").text.split())


def test_shadow_is_said(house, browser):
    assert "nothing is written" in shown(house, browser, a_page(a_plan(a_decision(), mode="shadow"))).text


def test_internal_and_public_comments_are_told_apart(house, browser):
    comments = (
        Comment("1", "for you", Audience.PUBLIC, Actor(name="Ann"), NOW),
        Comment("2", "for us", Audience.INTERNAL, Actor(name="Bo"), NOW),
        Comment("3", "unsure", None, Actor(name="Cy"), NOW),
    )

    html = shown(house, browser, a_page(a_plan(), comments=comments))

    assert [c.text for c in html.select(".comment .chip")] == ["visible to the customer", "internal", "internal"]


def test_what_customers_wrote_is_shown_as_text(house, browser):
    page = a_page(
        a_plan(a_decision(because="<img src=x onerror=alert(1)>")),
        title="<script>1</script>",
        body="<b>bold</b>",
        url="javascript:alert(1)",
        requester=Person(name="<i>Eve</i>"),
    )

    html = shown(house, browser, page)

    assert not html.select("main script, main img, main b, main i:not([class]):not(.bars i)")
    assert "javascript:" not in str(html)


def test_a_new_ticket_waits_for_its_plan_and_looks_again(house, browser):
    html = BeautifulSoup(browser.get("/tickets/local/DESK-1?typed=1").text, "html.parser")

    assert html.select_one("main[data-waiting]")
    assert html.select_one("noscript meta[http-equiv=refresh]")
    assert html.select_one("script[src='/static/page.js']")


@pytest.mark.parametrize(
    ("page", "waits"),
    [
        (lambda: a_page(a_plan(), waiting=True), True),
        (lambda: a_page(a_plan(), waiting=False), False),
        (lambda: a_page(row=TicketRow("local", "1")), True),
        (lambda: a_page(), False),
        (lambda: a_page(a_plan(), waiting=True, created=NOW - timedelta(hours=1)), False),
    ],
)
def test_a_page_waits_only_while_something_is_to_come(house, browser, page, waits):
    assert bool(shown(house, browser, page()).select_one("main[data-waiting]")) is waits


def test_a_ticket_nobody_met_is_404(browser):
    answer = browser.get("/tickets/gitlab/acme/support%2312")

    assert answer.status_code == 404
    assert answer.headers["X-Request-Id"] in answer.text


@pytest.mark.parametrize("key", ["%00", "a%00b", "%ed%a0%80", "x" * 5000, "..%2f..", "%F0%9F%A6%8A"])
def test_a_key_that_cannot_be_one_is_404(browser, key):
    assert browser.get(f"/tickets/local/{key}").status_code == 404


def test_an_unforeseen_failure_is_a_friendly_page(house):
    browser = house.client()
    house.pages = None

    answer = browser.get("/tickets/local/DESK-1")

    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["/", "/nothing", "/hooks/gitlab", "/healthz", "/static/style.css"])
def test_every_answer_forbids_what_is_not_ours(browser, path):
    headers = browser.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(house, browser):
    html = shown(house, browser, a_page(a_plan(a_decision())))

    sources = [tag.get("src") or tag.get("href") for tag in html.select("script, link, img")]
    assert sources
    assert all(source.startswith("/static/") for source in sources)
    assert not html.select("style, [style], [onclick], script:not([src])")


def test_a_sane_request_id_is_taken_over(browser):
    assert (
        browser.get("/healthz", headers={"X-Request-Id": "abc-123.def_4"}).headers["X-Request-Id"] == "abc-123.def_4"
    )


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a b c d e f g", "<script>alert</script>"])
def test_any_other_request_id_is_replaced(browser, given):
    taken = browser.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]

    assert taken != given
    assert len(taken) == 16


def test_a_request_is_one_log_line_without_its_query(browser, caplog):
    with caplog.at_level(logging.INFO, "pointsman.web"):
        browser.get("/?text=Dana+Smith")

    [record] = [r for r in caplog.records if r.name == "pointsman.web"]
    assert (record.getMessage(), record.path, record.status) == ("request", "/", 200)
    assert "Dana" not in json.dumps(vars(record), default=str)
