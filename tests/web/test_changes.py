"""The record of changes on its page: who did what, in words of both languages, for those who may change something."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import connector
from connector.web.language import load_texts

SOURCES = sorted(Path(connector.__file__).parent.rglob("*.py"))


def page(browser, query=""):
    return BeautifulSoup(browser.get(f"/changes{query}").text, "html.parser")


def lines(html):
    """Who, what, and about what."""
    cells = ([" ".join(cell.text.split()) for cell in row.select("td, th")] for row in html.select("tbody tr"))
    return [[who, what, about] for what, who, about, _ in cells]


def test_the_newest_stands_first_in_words_with_its_ticket(house, browser):
    house.audit.add("cli:ann", "token_made", {"token": "reports", "scopes": ("read", "act")})
    house.audit.add("bo@desk.example", "signed_in", {"way": "oidc"})
    house.audit.add("console", "ticket_typed", {"tracker": "local", "ticket": "DESK-1"})

    html = page(browser)

    assert lines(html) == [
        ["console", "typed a ticket", "DESK-1 local"],
        ["bo@desk.example", "signed in", "by: OpenID Connect"],
        ["cli:ann", "made an API token", "token: reports · scopes: read, act"],
    ]
    assert html.select_one("tbody a")["href"] == "/tickets/local/DESK-1"


def test_a_notice_leads_to_no_ticket_and_tells_its_receiver(house, browser):
    house.audit.add("console", "discarded", {"lane": "notice:duty", "kind": "notice", "error": "404"})

    html = page(browser)

    assert lines(html) == [["console", "discarded an event", "notice to: duty · event: a notice · error: 404"]]
    assert not html.select("tbody a[href^='/tickets/']")


def test_an_event_leads_to_its_ticket_by_its_lane(house, browser):
    house.audit.add(
        "console", "discarded", {"lane": "gitlab:7/12", "kind": "updated", "error": "502", "reason": "old"}
    )

    html = page(browser)

    assert lines(html) == [
        ["console", "discarded an event", "7/12 gitlab event: the ticket was changed · error: 502 · reason: old"]
    ]
    assert html.select_one("tbody a")["href"] == "/tickets/gitlab/7/12"


def test_it_can_be_filtered_by_who_and_what(house, browser):
    for actor in ("ann@desk.example", "bo@desk.example"):
        for what in ("signed_in", "replayed"):
            house.audit.add(actor, what)

    assert [who for who, *_ in lines(page(browser, "?who=ANN"))] == ["ann@desk.example"] * 2
    assert [what for _, what, _ in lines(page(browser, "?what=replayed"))] == ["replayed an event"] * 2
    assert "No change matches." in page(browser, "?who=nobody").text


def test_it_is_read_page_by_page_with_its_filter(house, browser):
    for number in range(120):
        house.audit.add("ann" if number % 2 else "bo", "signed_in")

    first = page(browser, "?who=ann&lang=en")
    second = page(browser, first.select_one("[rel=next]")["href"].partition("/changes")[2])

    assert [len(lines(html)) for html in (first, second)] == [50, 10]
    assert not second.select_one("[rel=next]")
    assert {who for who, *_ in lines(second)} == {"ann"}


@pytest.mark.parametrize(
    "query", ["?before=x", "?before=-1", "?before=99999999999999999999", "?before=٣", "?who=%00", "?what=%ED%A0%80"]
)
def test_whatever_is_asked_is_answered(house, browser, query):
    house.audit.add("ann", "signed_in")

    assert browser.get(f"/changes{query}").status_code == 200


def test_what_somebody_is_called_runs_nothing(house, browser):
    house.audit.add("<script>alert(1)</script>", "signed_in", {"way": "<b>", "odd": {"x": ["<i>"]}})

    html = page(browser)

    assert not html.select("main script, main b, main i")


def test_an_empty_record_says_so(browser):
    assert "Nothing was changed yet." in page(browser).text


def recorded():
    """Every word that the program writes into the audit, as it stands in the code."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = {"note": 3, "record": 0, "audit": 1}.get(name)
            if (
                name == "add"
                and isinstance(node.func, ast.Attribute)
                and ast.unparse(node.func.value).endswith("audit")
            ):
                place = 1
            if place is None or len(node.args) <= place:
                continue
            word = node.args[place]
            if isinstance(word, ast.Constant) and isinstance(word.value, str):
                found.add(word.value)
    return found


def test_every_word_of_the_audit_is_told_in_both_languages():
    words = recorded()
    texts = load_texts()

    assert {"signed_in", "signed_out", "replayed", "discarded", "parked", "token_made", "ticket_typed"} <= words
    for language, spoken in texts.items():
        assert words <= dict(spoken.section("change")).keys(), language
