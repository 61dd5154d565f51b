"""Templates become text: values of the ticket, in the right language, and nothing where nothing is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.conditions import ALWAYS, compile_when
from connector.core.fields import Schema
from connector.core.wording import MAX_TEXT, MAX_VALUE, choose, reason, render, shown
from connector.model import Priority
from connector.testing import a_ticket
from connector.testing.values import NOW


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Severity {severity}", "Severity 2"),
        ("Hello {requester.name}!", "Hello Dana!"),
        ("{requester.email} of {requester.domain}", "dana@x.example of x.example"),
        ("{customer.tier} customer in {environment}", "gold customer in prod"),
        ("{priority} for {team}", "high for frontline"),
        ("Waiting for {age}", "Waiting for 3d4h"),
        ("已等待 {age}", "已等待 3天4小时"),
        ("Since {created}", "Since 2026-03-02 10:00 UTC"),
        ("{labels}", "a, b"),
        ("{hits}", "宕机, outage"),
        ("See {url}", "See https://desk.example/1"),
        ("no {} placeholder {1} here { a }", "no {} placeholder {1} here { a }"),
    ],
)
def test_placeholders_are_filled(template, text):
    ticket = a_ticket(
        severity=2,
        requester="dana@x.example",
        customer_tier="gold",
        fields={"environment": "prod"},
        priority="high",
        team="frontline",
        labels=["b", "a"],
        url="https://desk.example/1",
        as_of=NOW + timedelta(days=3, hours=4, minutes=5),
    )
    assert render(template, ticket, {"hits": ("宕机", "outage")}) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hello {requester.name}, welcome", "Hello, welcome"),
        ("您好 {requester.name}，已收到", "您好，已收到"),
        ("for {team}", "for"),
        ("{team} first", " first"),
        ("a {nonsense} b", "a b"),
    ],
)
def test_a_missing_value_leaves_nothing_nor_the_blank_before_it(template, text):
    assert render(template, a_ticket()) == text


def test_the_callers_words_come_before_the_tickets():
    assert render("{team}", a_ticket(team="frontline"), {"team": "security"}) == "security"


def test_a_value_cannot_bring_placeholders_of_its_own():
    assert (
        render("{title}", a_ticket(title="{requester.email}", requester="d@x.example")) == "{\u2060requester.email}"
    )


def test_values_and_texts_are_cut():
    assert len(render("{title}", a_ticket(title="a" * 5_000))) == MAX_VALUE
    assert len(render("{title}" * 100, a_ticket(title="a" * 5_000))) == MAX_TEXT


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_value_starts_a_line_of_its_own(before: str, title: str):
    template = before.replace("{", "").replace("}", "") + "{title}"
    lines = template.count("\n")
    assert render(template, a_ticket(title=title)).count("\n") == lines


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (3.0, "3"),
        (2.5, "2.5"),
        (Priority.URGENT, "urgent"),
        (timedelta(minutes=90), "1h30m"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 9, 30, tzinfo=UTC), "2026-03-01 09:30 UTC"),
        (datetime(2026, 3, 1, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")), "2026-03-01 09:30 UTC+8"),
        (datetime(2026, 3, 1, 9, 30, tzinfo=ZoneInfo("America/St_Johns")), "2026-03-01 09:30 UTC-3:30"),
        (frozenset({"b", "a"}), "a, b"),
    ],
)
def test_values_are_shown_as_people_write_them(value, text):
    assert shown(value) == text


@pytest.mark.parametrize(
    ("say", "language", "wanted"),
    [
        ({"zh": "1", "en": "2"}, "zh-Hans", "zh"),
        ({"zh": "1", "zh-Hant": "2"}, "zh-Hant", "zh-Hant"),
        ({"en": "1", "zh-Hans": "2"}, "zh-Hant", "zh-Hans"),
        ({"en": "1", "zh-Hans": "2"}, "zh", "zh-Hans"),
        ({"en": "1", "default": "2"}, "de", "default"),
        ({"fr": "1", "en": "2"}, "de", "en"),
        ({"fr": "1", "it": "2"}, "de", "fr"),
        ({"fr": "1", "en": "2"}, None, "en"),
        ({"fr": "1", "en": "2"}, "", "en"),
        ({"pt-BR": "1", "en": "2"}, "pt-br", "pt-BR"),
    ],
)
def test_the_nearest_language_is_chosen(say, language, wanted):
    assert choose(say, language) == (wanted, say[wanted])


def test_no_text_at_all_is_a_mistake():
    with pytest.raises(ValueError, match="at least one language"):
        choose({}, "en")


def test_a_reason_is_the_admins_words_with_the_hits():
    when = compile_when({"text": {"contains_any": ["宕机", "outage"]}}, Schema())
    rule = {"id": "down", "when": when, "because": "Says\n {hits}"}
    assert reason(rule, a_ticket(title="Outage: 宕机"), "down") in ("Says 宕机, outage", "Says outage, 宕机")


def test_a_rule_without_words_of_its_own_takes_the_others():
    assert reason({"id": "rest", "when": ALWAYS}, a_ticket(), "rule rest") == "rule rest"
