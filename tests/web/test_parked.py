"""The page of parked events: listed by cause, replayed, and put away with a reason."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from connector.core.causes import WORDS
from connector.web.language import load_texts
from tests.fakes.parking import a_parked

TOKEN = "t0ken-t0ken"


def soup(answer):
    return BeautifulSoup(answer.text, "html.parser")


def words(tag):
    return " ".join(" ".join(tag.stripped_strings).split())


def send(browser, path, **form):
    return browser.post(path, data={**form, "csrf": browser.token("/parked")})


@pytest.fixture
def three(house):
    """Two events of one cause, one of another."""
    silent = a_parked(3, "TrackerError: GET issue: no answer", key="acme/support#12", title="Payment fails")
    house.parking.events = [a_parked(1), a_parked(2), silent]
    return house.parking


def test_each_cause_is_told_in_plain_words_with_its_remedy(three, browser):
    cards = [words(card) for card in soup(browser.get("/parked")).select(".causes .card")]

    assert len(cards) == 2
    assert cards[0].startswith("our account lacks a right gitlab · events: 2 Grant the right to our account")
    assert "the tracker did not answer" in cards[1]


def test_an_event_shows_its_ticket_kind_cause_age_and_tries(three, browser):
    row = soup(browser.get("/parked")).select("tbody tr")[2]

    assert row.select_one("th a")["href"] == "/tickets/gitlab/acme/support%2312"
    assert words(row.select_one("th")) == "Payment fails acme/support#12 · gitlab"
    assert [words(cell) for cell in row("td")[:4]] == [
        "the ticket was changed",
        "the tracker did not answer exact words TrackerError: GET issue: no answer",
        "3 h",
        "12",
    ]


def test_a_ticket_that_was_never_read_is_named_by_its_id_and_leads_nowhere(three, browser):
    ticket = soup(browser.get("/parked")).select_one("tbody th")

    assert words(ticket) == "7/12 gitlab"
    assert not ticket("a")


@pytest.mark.parametrize(
    ("language", "card", "row"),
    [
        (
            "en",
            "the receiver refused the notice Notice to duty · events: 1 The address may have been revoked",
            ["Notice to duty", "the receiver refused the notice exact words NoticeError: duty: 404"],
        ),
        (
            "zh",
            "接收方拒绝了通知 通知： duty · 1 个事件 地址可能已被撤销",
            ["通知： duty", "接收方拒绝了通知 原始信息 NoticeError: duty: 404"],
        ),
    ],
)
def test_a_parked_notice_tells_its_receiver_its_ticket_and_the_remedy(house, browser, language, card, row):
    error = "NoticeError: duty: 404"
    house.parking.events = [a_parked(1, error, lane="notice:duty", key="acme/support#12", title="Payment fails")]

    page = soup(browser.get("/parked", headers={"Accept-Language": language}))

    assert words(page.select_one(".causes .card")).startswith(card)
    assert words(page.select_one("tbody th")) == "Payment fails acme/support#12 · gitlab"
    assert [words(cell) for cell in page.select("tbody td")[:2]] == row
    form = page.select_one(".causes form")
    assert form.select_one("input[name=cause]")["value"] == "turned_away@notice:duty"
    discard = soup(browser.get("/parked/1/discard", headers={"Accept-Language": language}))
    assert row[0] in words(discard.select_one("dl"))

    send(browser, "/parked/replay", cause="turned_away@notice:duty")
    assert house.parking.done == [(1, "replayed", "loopback")]


def test_one_event_is_replayed_and_the_page_says_so(three, browser):
    answer = send(browser, "/parked/2/replay")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/parked?done=replayed&n=1")
    assert three.done == [(2, "replayed", "loopback")]
    shown = soup(browser.get(answer.headers["Location"]))
    assert words(shown.select_one("[role=status]")) == "Events replayed: 1. A running worker takes them up at once."


def test_all_events_of_one_cause_are_replayed_and_no_other(three, browser):
    answer = send(browser, "/parked/replay", cause="right@gitlab")

    assert answer.headers["Location"] == "/parked?done=replayed&n=2"
    assert [(id, what) for id, what, _ in three.done] == [(1, "replayed"), (2, "replayed")]
    assert [event.row.id for event in three.events] == [3]


@pytest.mark.parametrize("cause", ["", "nonsense@gitlab", "@", "\x00", "right"])
def test_what_is_no_cause_replays_nothing_by_accident(three, browser, cause):
    assert send(browser, "/parked/replay", cause=cause).status_code in (303, 400)
    assert three.done == []


def test_only_one_cause_can_be_shown(three, browser):
    html = soup(browser.get("/parked?cause=silent@gitlab"))

    assert [row["id"] for row in html.select("tbody tr")] == ["e3"]
    assert html.select_one(".head a")["href"] == "/parked"


def test_discard_asks_on_a_page_of_its_own_and_then_does_it(three, browser):
    link = soup(browser.get("/parked")).select_one(".does a")["href"]
    page = soup(browser.get(link))
    assert three.done == []
    assert page.select_one("form[action='/parked/1/discard'] input[name=reason][required]")

    answer = send(browser, "/parked/1/discard", reason="  a test\n ticket ")

    assert answer.headers["Location"] == "/parked?done=discarded&n=1"
    assert three.done == [(1, "discarded", "loopback", "a test ticket")]


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501])
def test_without_a_reason_nothing_is_discarded(three, browser, reason):
    answer = send(browser, "/parked/1/discard", reason=reason)

    assert answer.status_code == 400
    assert "Please give a reason" in soup(answer).select_one("[role=alert]").text
    assert three.done == []


def test_a_stale_form_discards_nothing_and_keeps_the_reason(three, browser):
    answer = browser.post("/parked/1/discard", data={"reason": "a test", "csrf": "forged"})

    assert answer.status_code == 403
    assert soup(answer).select_one("input[name=reason]")["value"] == "a test"
    assert three.done == []


@pytest.mark.parametrize("path", ["/parked/1/replay", "/parked/replay"])
def test_a_form_of_another_site_replays_nothing(three, browser, path):
    assert browser.post(path, data={"cause": "right@gitlab"}).status_code == 403
    assert three.done == []


@pytest.mark.parametrize("path", ["/parked/9/replay", "/parked/9/discard", f"/parked/{10**30}/replay"])
def test_an_event_that_somebody_else_dealt_with_is_told_as_that(three, browser, path):
    answer = send(browser, path, reason="x")

    assert answer.headers["Location"].startswith("/parked?done=not_parked")
    assert "not parked any more" in soup(browser.get(answer.headers["Location"])).select_one("[role=status]").text


@pytest.mark.parametrize("id", [9, 0, 10**30])
def test_there_is_no_page_to_discard_what_is_not_parked(three, browser, id):
    assert browser.get(f"/parked/{id}/discard").status_code == 404


def test_a_viewer_sees_the_events_and_has_no_buttons(three, house):
    browser = house.client(console_token=TOKEN)
    reads = {"Authorization": f"Bearer {house.tokens.grant('reader', 'read')}"}

    html = soup(browser.get("/parked", headers=reads))

    assert len(html.select("tbody tr")) == 3
    assert not html.select("main form, main button, main .button")
    for path in ("/parked/1/replay", "/parked/replay", "/parked/1/discard"):
        assert browser.post(path, headers=reads, data={"reason": "x"}).status_code == 403
    assert browser.get("/parked/1/discard", headers=reads).status_code == 403
    assert three.done == []


def test_an_agent_may_replay_and_stands_in_the_record_by_name(three, house):
    browser = house.client(console_token=TOKEN)
    acts = {"Authorization": f"Bearer {house.tokens.grant('helper', 'act')}"}

    assert browser.post("/parked/1/replay", headers=acts).status_code == 303
    assert three.done == [(1, "replayed", "token:helper")]


def test_many_events_have_pages(house, browser):
    house.parking.events = [a_parked(n) for n in range(1, 72)]

    first = soup(browser.get("/parked?cause=right@gitlab"))
    second = soup(browser.get(first.select_one("a[rel=next]")["href"]))

    assert len(first.select("tbody tr")) == 50
    assert [row["id"] for row in second.select("tbody tr")] == [f"e{n}" for n in range(51, 72)]
    assert not second.select("a[rel=next]")


def test_nothing_parked_is_good_news(browser):
    html = soup(browser.get("/parked"))

    assert "Nothing is parked." in html.select_one(".empty").text
    assert not html.select("table")


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", f"after={10**30}", "cause=%00", "done=x&n=x", "done=<b>&n=-1"]
)
def test_a_query_that_is_none_is_harmless(three, browser, query):
    html = soup(browser.get(f"/parked?{query}"))

    assert html.select_one("h1").text == "Parked events"
    assert not html.select("[role=status]")


def test_a_reason_comes_back_as_it_was_typed(three, browser):
    typed = "zero\u200bwidth <b> " + "x" * 500

    html = soup(send(browser, "/parked/1/discard", reason=typed))

    assert html.select_one("input[name=reason]")["value"] == typed
    assert three.done == []


def test_what_an_event_says_is_text_not_markup(house, browser):
    house.parking.events = [
        a_parked(1, "<script>alert(1)</script>\u202e", lane="<b>x:<i>y", key="<k>", title="<img src=x>\u202e")
    ]

    html = browser.get("/parked").text

    assert not any(tag in html for tag in ("<script>alert", "<b>x", "<i>y", "<k>", "<img src=x", "\u202e"))
    assert "⟨U+202E⟩" in html


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("word", WORDS)
def test_every_cause_has_words_and_a_remedy(language, word):
    texts = load_texts()[language]

    assert texts(f"cause.{word}") != f"cause.{word}"
    assert texts(f"remedy.{word}") != f"remedy.{word}"
