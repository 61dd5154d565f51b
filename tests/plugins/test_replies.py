"""Prepared texts: on their event only, in the ticket's language, never in public to a machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector import Audience, Kind
from connector.model import FieldChange
from connector.testing import a_ticket, an_event, proposals
from plugins import replies

ACK = {"id": "ack", "on": "created", "audience": "public", "say": {"zh": "您好", "en": "Hello"}}


def said(rules, event=None, **ticket) -> list[str]:
    return [say.text for say in proposals(replies, a_ticket(**ticket), rules, event=event)]


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh-Hans", "您好"), ("zh-Hant", "您好"), ("zh", "您好"), ("en", "Hello"), ("de", "Hello"), (None, "Hello")],
)
def test_the_text_is_in_the_language_of_the_ticket(language, text):
    assert said([ACK], language=language) == [text]


def test_the_language_that_was_told_from_the_text_comes_before_the_trackers():
    assert said([ACK], language="en", facts={"language": "zh-Hans"}) == ["您好"]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CREATED])
def test_a_reply_to_created_is_not_said_on_anything_else(kind):
    assert said([ACK], an_event(kind)) == []


@pytest.mark.parametrize(
    ("audience", "kind", "by", "speaks"),
    [
        ("public", "created", "customer", True),
        ("public", "created", "agent", True),
        ("public", "created", "system", False),
        ("public", "created", "us", True),
        ("public", "commented", "us", False),
        ("public", "commented", "system", False),
        ("internal", "commented", "system", True),
        ("internal", "commented", "us", False),
        ("internal", "commented", "customer", True),
    ],
)
def test_machines_get_no_public_text_and_we_never_answer_ourselves(audience, kind, by, speaks):
    rule = {**ACK, "on": ["created", "commented"], "audience": audience}
    assert bool(said([rule], an_event(kind, by, text="hi"))) is speaks


def test_a_text_is_internal_unless_the_rule_says_public():
    rule = {key: value for key, value in ACK.items() if key != "audience"}
    (say,) = proposals(replies, a_ticket(), [rule])
    assert say.audience is Audience.INTERNAL


def test_every_rule_that_matches_speaks():
    rules = [ACK, {**ACK, "id": "second", "say": {"en": "And more"}}, {**ACK, "id": "no", "when": {"type": "x"}}]
    assert said(rules, language="en") == ["Hello", "And more"]


def key(once, event, **ticket) -> str:
    rule = {**ACK, "on": [kind.value for kind in Kind], "once": once, "audience": "internal"}
    (say,) = proposals(replies, a_ticket(**ticket), [rule], event=event)
    return say.key


def test_once_per_ticket_is_one_key_for_all_events():
    assert key("per_ticket", an_event("created")) == key("per_ticket", an_event("updated"), reopen_count=3) == "ack"


def test_once_per_cycle_changes_its_key_with_each_reopening():
    assert key("per_cycle", an_event(), reopen_count=1) != key("per_cycle", an_event(), reopen_count=2)


def test_every_comment_is_answered_once_however_often_it_is_delivered():
    first = key("every", an_event("commented", text="a", comment_id="7", delivery="d1"))
    again = key("every", an_event("commented", text="a", comment_id="7", delivery="d2"))
    other = key("every", an_event("commented", text="a", comment_id="8", delivery="d3"))
    assert first == again != other


def test_the_same_update_told_twice_has_one_key():
    first, again = (key("every", an_event("updated", delivery=name)) for name in ("d1", "d2"))
    assert first == again
    assert key("every", an_event("updated", at=None, delivery="d1")) != key(
        "every", an_event("updated", at=None, delivery="d2")
    )


def test_placeholders_are_filled_and_customers_words_cannot_act():
    rule = {**ACK, "say": {"en": "Dear {requester.name}, about {title}"}}
    (text,) = said([rule], requester="dana@x.example", title="/close @all")
    assert text.startswith("Dear Dana, about ")
    assert "@all" not in text


REOPENED = FieldChange("status", "done", "open", datetime(2026, 3, 2, tzinfo=UTC))


def test_a_reopening_is_answered_by_rules_for_it_and_no_other_update_is():
    rule = {**ACK, "on": ["created", "reopened"]}
    assert said([rule], an_event("updated", changes=(REOPENED,))) == ["Hello"]
    assert said([rule], an_event("updated", changes=(replace(REOPENED, was="pending"),))) == []
    assert said([rule], an_event("updated", changes=(replace(REOPENED, value="done"),))) == []


def test_a_rule_for_timers_speaks_to_customers_too_since_nobody_is_answered():
    assert said([{**ACK, "on": "timer"}], an_event("timer", "system")) == ["Hello"]


def test_the_reason_names_the_rule():
    (say,) = proposals(replies, a_ticket(), [ACK])
    assert (say.because, say.rule, say.rules) == ("rule ack", "ack", ("ack",))


def test_without_a_section_nothing_is_said():
    assert said(None) == []
