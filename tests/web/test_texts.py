"""Texts: both languages say the same things, and every browser gets one of them."""

from __future__ import annotations

import re
import string
from datetime import timedelta

import pytest
from werkzeug.datastructures import LanguageAccept

from connector.changes import CHANGES
from connector.core.decide import NO_ADDRESS
from connector.engine.planning import HELD
from connector.model import Kind, Priority, Verdict
from connector.web.language import FOLDER, LANGUAGES, choose, load_texts

TEXTS = {language: texts._texts for language, texts in load_texts().items()}
SLOTS = ["priority", "severity", "team", "assignee", "label", "field", "due"]
SLOTS += ["say", "status", "link", "notify", "wake", "fact", "note"]


def test_both_languages_have_the_same_keys():
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()


def test_both_languages_fill_in_the_same_values():
    def names(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert {key: names(text) for key, text in TEXTS["en"].items()} == {
        key: names(text) for key, text in TEXTS["zh"].items()
    }


def test_every_word_of_ours_has_a_text():
    wanted = {f"verdict.{v.value}" for v in Verdict} | {f"kind.{k.value}" for k in Kind}
    wanted |= {f"priority.{p.word}" for p in Priority} | {f"slot.{s}" for s in SLOTS}
    wanted |= {f"reason.{HELD}", f"reason.{NO_ADDRESS}"}

    assert wanted <= TEXTS["en"].keys()
    assert len(SLOTS) >= len(CHANGES) - 1


def test_every_text_a_template_asks_for_exists():
    asked = set()
    for template in (FOLDER.parent / "templates").glob("*.html"):
        asked |= set(re.findall(r"""\bt\(['"]([a-z_]+\.[a-z_0-9]+)['"]""", template.read_text(encoding="utf-8")))

    assert len(asked) > 40
    assert asked <= TEXTS["en"].keys()


@pytest.mark.parametrize(
    ("asked", "kept", "accept", "expected"),
    [
        ("zh", "en", "en", "zh"),
        ("", "zh", "en", "zh"),
        ("", "", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("", "", "zh-TW", "zh"),
        ("", "", "de,en;q=0.5,zh;q=0.1", "en"),
        ("", "", "fr", "en"),
        ("", "", "", "en"),
        ("xx", "yy", "", "en"),
    ],
)
def test_which_language_a_browser_gets(asked, kept, accept, expected):
    from werkzeug.http import parse_accept_header

    assert choose(asked, kept, parse_accept_header(accept, LanguageAccept), "en") == expected


def test_the_language_of_the_setting_is_the_last_resort():
    assert choose("", "", LanguageAccept([]), "zh") == "zh"


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=42), "42 min"),
        (timedelta(hours=30), "30 h"),
        (timedelta(days=3, hours=5), "3 d"),
    ],
)
def test_spans_show_their_largest_unit(length, shown):
    assert load_texts()["en"].span(length) == shown


def test_a_chosen_language_is_remembered(browser):
    assert "工作台" in browser.get("/?lang=zh").text
    assert "工作台" in browser.get("/").text
    assert '<html lang="zh-Hans">' in browser.get("/").text
    assert "Desk" in browser.get("/?lang=en").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_left_as_its_key(browser, language):
    assert not re.search(r">\s*(desk|form|nav|ticket|problem)\.[a-z_]+\s*<", browser.get(f"/?lang={language}").text)


@pytest.mark.parametrize(
    "query",
    ["_external=1&_scheme=javascript&x=%0aalert(1)", "_scheme=x", "endpoint=x", "_method=POST", "text=%ED%A0%80"],
)
def test_the_links_to_the_other_language_stay_on_the_page_whatever_the_query_says(house, query: str) -> None:
    shown = house.client().get(f"/?{query}")
    assert shown.status_code == 200
    links = re.findall(r'href="([^"]*lang=[^"]*)"', shown.text)
    assert len(links) == 2
    assert all(link.startswith("/?") for link in links)
