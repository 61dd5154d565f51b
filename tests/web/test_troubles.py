"""A ticket's page tells on top what stands in its way, and shows hostile text safely."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from connector.core.rights import right_for
from connector.engine.doctor.findings import tell
from connector.engine.troubles import CODES, Trouble
from connector.engine.why import TicketPage
from connector.model import Actor, Audience, Comment, Person, Priority, Ticket
from connector.store import TicketRow
from connector.web.language import load_texts

from .conftest import NOW

PATH = "/tickets/jira/SUP-7"
MEGABYTE = 1_000_000


def shown(house, browser, *troubles, path=PATH, **fields):
    given = {"id": "1", "key": "SUP-7", "title": "Payment fails", "priority": Priority.HIGH, "created": NOW}
    row = TicketRow("jira", "1", "SUP-7", "SUP", contact=True, applies="support", mode="live")
    house.pages["jira", "SUP-7"] = TicketPage(Ticket(**given | fields), row, (), (), (), False, troubles)
    answer = browser.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def told(html):
    return [" ".join(notice.text.split()) for notice in html.select(".troubles .notice")]


def test_a_refused_write_stands_on_top_with_the_right_that_is_missing(house, browser):
    refused = Trouble("refused", "right", "assignee", "jira_assign", 403, "jira", "You cannot assign issues.")

    html = shown(house, browser, refused)

    (text,) = told(html)
    assert text.startswith("Assignee was not written: jira refused it (403). You cannot assign issues.")
    assert "Assign Issues" in text
    assert "pointsman doctor" in html.select_one(".troubles code").text
    assert html.select_one(".troubles a")["href"] == "/connections"
    assert html.select_one(".troubles").find_next("section")


def test_one_answer_that_refused_several_writes_is_told_once(house, browser):
    slots = ("priority", "label:vip", "label:new")
    refused = [Trouble("refused", "right", slot, "jira_edit", 403, "jira", "No.") for slot in slots]

    (text,) = told(shown(house, browser, *refused))

    assert text.startswith("Priority, Label was not written: jira refused it (403).")


def test_a_field_that_the_tracker_does_not_take_names_the_edit_screen(house, browser):
    (text,) = told(
        shown(house, browser, Trouble("refused", "refused", "priority", "jira_edit", 400, "jira", "not set"))
    )

    assert "edit screen" in text
    assert "Edit Issues" not in text


def test_parked_events_of_the_ticket_lead_to_their_place_and_can_be_replayed(house, browser):
    html = shown(house, browser, Trouble("parked", "silent", name="jira", detail="TrackerError", event=5))

    assert html.select_one(".troubles a")["href"] == "/parked#e5"
    assert html.select_one(".troubles form")["action"] == "/parked/5/replay"


def test_a_viewer_is_told_of_a_parked_event_without_a_button(house):
    reads = {"Authorization": f"Bearer {house.tokens.grant('reader', 'read')}"}
    shown(house, house.client(), Trouble("parked", "silent", event=5))

    html = BeautifulSoup(house.client(console_token="t0ken-t0ken").get(PATH, headers=reads).text, "html.parser")

    assert html.select(".troubles .notice")
    assert not html.select(".troubles form")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_trouble_is_told_in_both_languages(house, browser, code, language):
    cause = "right" if code in ("refused", "parked", "retrying") else ""
    trouble = Trouble(code, cause, "priority", name="support", detail="<b>its own words</b>")

    (text,) = told(shown(house, browser, trouble, path=f"{PATH}?lang={language}"))

    assert "<b>its own words</b>" in text
    assert not re.search(r"(trouble|cause|remedy|right)\.[a-z_]+|\{|\}", text)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "our account may not assign: → grant"), ("zh", "我们的账号不能assign: → 请授予 bot grant")],
)
def test_what_the_doctor_found_is_told_in_the_language_of_the_page(house, browser, language, said):
    values = {"key": "SUP", "fails": "assign:", "grant": "grant", "who": "bot", "menu": "Members"}
    finding = tell("right_missing", "jira", **values)
    trouble = Trouble("doctor", name="jira", detail="the English", finding=finding)

    html = shown(house, browser, trouble, path=f"{PATH}?lang={language}")

    assert said in told(html)[0]
    assert "the English" not in told(html)[0]
    assert not html.select(".troubles [lang]")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_right_has_words(language):
    ops = ("SetPriority", "AssignTo", "DueBy", "Say", "MoveTo", "Link")
    rights = {right_for(kind, op) for kind in ("gitlab", "jira") for op in ops}

    assert all(load_texts()[language](f"right.{right}") != f"right.{right}" for right in rights)


def test_a_ticket_without_trouble_has_no_such_section(house, browser):
    assert not shown(house, browser).select(".troubles")


def test_a_text_that_turns_itself_around_is_shown_as_what_it_is(house, browser):
    evil = "invoice\u202efdp.exe\x07\u200b"

    html = shown(house, browser, title=evil, body=evil, requester=Person(name=evil))

    assert html.select_one("h1").text == "invoice⟨U+202E⟩fdp.exe⟨U+0007⟩⟨U+200B⟩"
    assert html.select_one("h1")["dir"] == "auto"
    assert "\u202e" not in str(html)


def test_a_megabyte_is_cut_and_shown_whole_on_demand(house, browser):
    text = "long " * (MEGABYTE // 5)
    comment = Comment("1", text, Audience.PUBLIC, Actor(name="Ann"), NOW)

    cut = shown(house, browser, title=text, body=text, comments=(comment,))
    assert len(str(cut)) < 60_000
    assert len(cut.select_one("h1").text) <= 301
    assert "1000000" in cut.select_one(".text + p").text
    link = cut.select_one(".text + p a")["href"]

    whole = shown(house, browser, path=PATH + link, title=text, body=text)
    assert len(whole.select_one(".text").text) == MEGABYTE
    assert len(whole.select_one("h1").text) == MEGABYTE


def test_a_megabyte_of_title_does_not_fill_the_desk(house, browser):
    house.rows = [TicketRow("jira", "1", "SUP-7", "SUP", title="x" * MEGABYTE, created=NOW)]

    assert len(browser.get("/").text) < 30_000
