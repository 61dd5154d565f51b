"""Conditions mean what `rules.md` says, and say why."""

import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.core.conditions import ALWAYS, compile_when, conditions_in
from connector.core.fields import Field, FieldType, Schema, value_of
from connector.core.text import CAP
from connector.frozen import frozen
from connector.model import Actor, Comment, Event, Kind, Person, Priority, Role, Ticket

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
SCHEMA = Schema().with_(
    {
        "component": Field(FieldType.WORD),
        "customer.tier": Field(FieldType.WORD, frozenset({"free", "gold", "platinum"})),
        "customer.vip": Field(FieldType.BOOL),
        "customer.since": Field(FieldType.INSTANT),
        "waited": Field(FieldType.DURATION),
        "topics": Field(FieldType.SET),
        "summary": Field(FieldType.TEXT),
    }
)
LISTS = {"down_words": ("宕机", "無法登錄", "outage", "cannot log in"), "known": ("incident", "problem")}
TICKET = Ticket(
    tracker="jira",
    key="SUP-42",
    project="SUP",
    title="ＯＵＴＡＧＥ: 无法登录",
    body="ORA-00600 since this morning",
    type="Incident",
    status="open",
    priority=Priority.HIGH,
    severity=2,
    labels=frozenset({"security", "vip"}),
    channel="mail",
    requester=Person(name="Dana", email="Dana@BigBank.example"),
    created=NOW - timedelta(days=2),
    updated=NOW - timedelta(hours=1),
    reopen_count=1,
    fields=frozen({"component": "payments"}),
    facts=frozen(
        {
            "customer.tier": "gold",
            "customer.seats": 500,
            "customer.vip": True,
            "customer.since": datetime(2020, 1, 1, tzinfo=UTC),
            "language": "zh-Hant",
            "waited": timedelta(hours=3),
            "topics": ("card", "login"),
            "summary": "cannot pay",
        }
    ),
    event=Event("jira", "1", Kind.COMMENTED, actor=Actor(role=Role.CUSTOMER), comment=Comment("1", "still 宕機!")),
    as_of=NOW,
)

HOLDS = [
    {"type": "incident"},
    {"type": ["problem", "incident"]},
    {"type": "@known"},
    {"customer.tier": "gold"},
    {"component": "payments", "status": ["new", "open"]},
    {"priority": "high"},
    {"priority": ">= normal"},
    {"priority": ["high", "urgent"]},
    {"severity": 2},
    {"severity": "2"},
    {"severity": [1, 2]},
    {"severity": "<= 2"},
    {"severity": "= 2"},
    {"severity": ["> 3", 2]},
    {"customer.seats": ">=500"},
    {"labels": {"has": "security"}},
    {"labels": {"has_any": ["other", "vip"]}},
    {"labels": {"has_all": ["security", "vip"]}},
    {"topics": {"has": "card"}},
    {"title": {"contains_any": ["outage"]}},
    {"title": {"contains_any": "@down_words"}},
    {"title": {"contains_any": ["@down_words", "x"]}},
    {"title": {"contains_all": ["outage", "登录"]}},
    {"text": {"contains_any": ["宕机"]}},
    {"summary": {"contains_any": ["PAY"], "whole_words": True}},
    {"body": {"matches": r"ora-\d+"}},
    {"body": {"matches": r"(?-i:ORA)", "contains_any": ["morning"]}},
    {"customer.vip": True},
    {"age": ">= 2d"},
    {"age": "< 49h"},
    {"waited": "> 2h30m"},
    {"created": "< 2026-03-09"},
    {"created": [">= 2026-03-08T09:00Z", "> 2030-01-01"]},
    {"customer.since": "<= 2020-01-01"},
    {"language": "zh"},
    {"language": "zh-Hant"},
    {"language": ["en", "ZH"]},
    {"requester.domain": "bigbank.example"},
    {"requester.email": "dana@bigbank.example"},
    {"requester.name": "Dana"},
    {"event.kind": "commented", "event.by": "customer"},
    {"channel": "mail", "project": "SUP", "key": "SUP-42"},
    {"reopen_count": ">= 1", "attachments": 0},
    {"team": {"empty": True}},
    {"labels": {"empty": False}},
    {"title": {"empty": False}},
    {"any": [{"type": "question"}, {"severity": 2}]},
    {"all": [{"type": "incident"}, {"severity": 2}]},
    {"not": {"type": "question"}},
    {"not": {"any": [{"type": "question"}, {"not": {"severity": 2}}]}},
]


@pytest.mark.parametrize("when", HOLDS, ids=str)
def test_it_holds(when):
    assert compile_when(when, SCHEMA, LISTS)(TICKET)


@pytest.mark.parametrize("when", HOLDS, ids=str)
def test_what_holds_has_no_false_line_to_blame(when):
    why = compile_when(when, SCHEMA, LISTS).why(TICKET)
    assert why.matched
    assert why.first_false is None


@pytest.mark.parametrize("when", HOLDS, ids=str)
def test_what_holds_fails_under_not_and_names_a_line(when):
    why = compile_when({"not": when}, SCHEMA, LISTS).why(TICKET)
    assert not why.matched
    assert why.first_false in [reason for reason in why.reasons if not reason.holds]


@pytest.mark.parametrize(
    "when",
    [
        {"type": "question"},
        {"customer.tier": ["free", "platinum"]},
        {"severity": "> 2"},
        {"severity": "< 2"},
        {"priority": "< high"},
        {"labels": {"has": "Security"}},
        {"labels": {"has_all": ["security", "other"]}},
        {"title": {"contains_all": ["outage", "refund"]}},
        {"title": {"contains_any": ["out"], "whole_words": True}},
        {"title": {"matches": "^无"}},
        {"customer.vip": False},
        {"age": ">= 3d"},
        {"created": "> 2026-03-09"},
        {"language": "zh-Hans"},
        {"language": "z"},
        {"team": {"empty": False}},
        {"any": [{"type": "question"}, {"severity": 1}]},
        {"not": {"type": "incident"}},
    ],
    ids=str,
)
def test_it_does_not_hold(when):
    assert not compile_when(when, SCHEMA, LISTS)(TICKET)


@pytest.mark.parametrize(
    "when",
    [
        {"component": "payments"},
        {"customer.seats": "< 5"},
        {"customer.seats": ">= 0"},
        {"customer.vip": True},
        {"customer.vip": False},
        {"age": "< 3d"},
        {"age": ">= 0m"},
        {"created": "< 2030-01-01"},
        {"severity": [1, 2, 3, 4]},
        {"labels": {"has": "x"}},
        {"topics": {"has_all": ["x"]}},
        {"summary": {"contains_any": ["x"]}},
        {"body": {"matches": "x"}},
        {"language": "en"},
        {"event.by": "customer"},
        {"requester.domain": "x.example"},
    ],
    ids=str,
)
def test_a_missing_field_equals_nothing_so_not_of_it_holds(when):
    assert not compile_when(when, SCHEMA)(Ticket())
    assert compile_when({"not": when}, SCHEMA)(Ticket())


def test_a_priority_of_none_is_a_value_and_missing_too():
    assert compile_when({"priority": "none"}, SCHEMA)(Ticket())
    assert compile_when({"priority": {"empty": True}}, SCHEMA)(Ticket())
    assert compile_when({"priority": "< low"}, SCHEMA)(Ticket())


def test_a_field_that_takes_several_words_meets_any_of_them():
    ticket = Ticket(fields=frozen({"component": ["Payments", "login"]}))
    assert compile_when({"component": "login"}, SCHEMA)(ticket)
    assert not compile_when({"component": "mail"}, SCHEMA)(ticket)


def test_numbers_and_lengths_are_understood_from_their_text():
    ticket = Ticket(facts=frozen({"customer.seats": "900", "waited": "3d", "customer.vip": "true"}))
    assert compile_when({"customer.seats": ">= 500", "waited": "> 2d", "customer.vip": True}, SCHEMA)(ticket)


def test_hits_are_the_words_of_the_rule_in_its_order():
    condition = compile_when({"text": {"contains_any": "@down_words"}}, SCHEMA, LISTS)
    assert condition.hits(TICKET) == ("宕机", "無法登錄", "outage")


def test_two_spellings_of_one_keyword_are_one_hit():
    condition = compile_when({"title": {"contains_any": ["OUTAGE", "無法登錄", "outage", "无法登录"]}}, SCHEMA)
    assert condition.hits(TICKET) == ("OUTAGE", "無法登錄")


def test_a_pattern_hits_with_the_piece_it_matches():
    assert compile_when({"body": {"matches": r"ora-\d+"}}, SCHEMA).hits(TICKET) == ("ORA-00600",)


def test_words_of_a_branch_that_failed_and_under_not_are_no_hits():
    failed = {"all": [{"title": {"contains_any": ["outage"]}}, {"type": "question"}]}
    condition = compile_when(
        {"any": [failed, {"title": {"contains_any": ["登录"]}}], "not": {"body": {"matches": "x"}}}, SCHEMA
    )
    assert condition.hits(TICKET) == ("登录",)
    assert compile_when(failed, SCHEMA).hits(TICKET) == ()


def test_why_names_every_line_and_the_first_that_fails():
    why = compile_when({"type": "incident", "customer.tier": "platinum", "severity": "<= 1"}, SCHEMA).why(TICKET)
    assert not why.matched
    assert [(r.field, r.wanted, r.seen, r.holds) for r in why.reasons] == [
        ("type", "incident", "Incident", True),
        ("customer.tier", "platinum", "gold", False),
        ("severity", "<= 1", 2, False),
    ]
    assert why.first_false == why.reasons[1]
    assert str(why.first_false) == "`customer.tier` should be platinum, is gold"


def test_lines_under_not_are_turned_round():
    why = compile_when({"not": {"type": "incident"}}, SCHEMA).why(TICKET)
    assert [(r.wanted, r.holds) for r in why.reasons] == [("not incident", False)]


def test_reasons_never_hold_the_text_of_a_customer():
    why = compile_when({"body": {"contains_any": ["morning"]}}, SCHEMA).why(TICKET)
    assert why.reasons[0].seen == ("morning",)


@pytest.mark.parametrize(
    ("age", "wakes"),
    [
        (">= 3d", NOW + timedelta(days=1)),
        ("< 3d", NOW + timedelta(days=1)),
        ("> 3d", NOW + timedelta(days=1, milliseconds=1)),
        (">= 2d", None),
        (">= 1d", None),
        ([">= 5d", ">= 4d"], NOW + timedelta(days=2)),
    ],
)
def test_it_wakes_when_the_age_alone_can_change_the_answer(age, wakes):
    condition = compile_when({"any": [{"age": age}, {"not": {"severity": 1}}]}, SCHEMA)
    assert condition.wakes(TICKET) == wakes


def test_at_the_wake_the_answer_is_the_other_one():
    for age in (">= 3d", "> 3d", "< 3d", "<= 3d"):
        condition = compile_when({"age": age}, SCHEMA)
        later = replace(TICKET, as_of=condition.wakes(TICKET))
        assert condition(later) is not condition(TICKET)


def test_without_a_creation_date_nothing_wakes():
    assert compile_when({"age": ">= 3d"}, SCHEMA).wakes(Ticket(as_of=NOW)) is None


def test_a_condition_travels_as_its_source():
    condition = compile_when({"title": {"contains_any": "@down_words"}, "severity": ["<= 2"]}, SCHEMA, LISTS)
    again = pickle.loads(pickle.dumps(condition))
    assert again(TICKET)
    assert again.hits(TICKET) == condition.hits(TICKET)
    assert again.source == condition.source == {"title": {"contains_any": "@down_words"}, "severity": ("<= 2",)}
    assert again.fields == frozenset({"title", "severity"})


def test_what_was_derived_stays_behind_when_a_ticket_travels():
    condition = compile_when({"title": {"contains_any": ["outage"]}}, SCHEMA)
    condition(TICKET)
    again = pickle.loads(pickle.dumps(TICKET))
    assert again == TICKET
    assert not again.memo
    assert condition(again)


def test_a_rule_without_conditions_always_holds():
    assert ALWAYS(Ticket())
    assert ALWAYS.why(Ticket()).matched
    assert ALWAYS.hits(TICKET) == ()
    assert pickle.loads(pickle.dumps(ALWAYS)) is ALWAYS


def test_a_changed_ticket_is_looked_at_anew():
    condition = compile_when({"customer.tier": "platinum"}, SCHEMA)
    assert not condition(TICKET)
    assert condition(TICKET.with_fact("customer.tier", "platinum"))


def test_the_comment_is_seen_even_below_a_body_longer_than_the_cap():
    ticket = replace(TICKET, body="x" * 3 * CAP)
    assert compile_when({"text": {"contains_any": ["宕机"]}}, SCHEMA)(ticket)
    assert compile_when({"text": {"contains_any": ["outage"]}}, SCHEMA)(ticket)


def test_a_fact_comes_before_a_field_and_before_the_ticket():
    ticket = Ticket(
        language="en", fields=frozen({"component": "a"}), facts=frozen({"component": "b", "language": "zh"})
    )
    assert value_of(ticket, "component") == "b"
    assert value_of(ticket, "language") == "zh"
    assert value_of(Ticket(language="en"), "language") == "en"
    assert value_of(TICKET, "priority") == "high"
    assert value_of(TICKET, "no.such.thing") is None


def test_every_condition_of_a_section_is_found_with_the_rule_around_it():
    bug, old = compile_when({"type": "bug"}, SCHEMA), compile_when({"age": "> 2d"}, SCHEMA)
    rule, other = frozen({"id": "a", "when": bug}), frozen({"id": "b", "score": 3})
    skip = frozen({"skip": (old, bug)})
    section = frozen({"signals": (rule, other), "levels": {"high": 2}, "quiet": skip})
    assert list(conditions_in(section)) == [(rule, bug), (skip, old), (skip, bug)]
    assert list(conditions_in(frozen({"levels": {"high": 2}}))) == []
    assert list(conditions_in(None)) == []
