"""`open: cn-office` in conditions: for instants of the ticket, and for this moment."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.core.calendar_spec import read_spec
from connector.core.calendars import EVERY_DESK, Calendar
from connector.core.conditions import compile_when
from connector.core.fields import Schema
from connector.core.phrases import LANGUAGES
from connector.core.sentences import Speech
from connector.model import Ticket

CN = Calendar(read_spec({"tz": "Asia/Shanghai", "week": {"mon-fri": ["09:00-18:00"]}}))
DE = Calendar(read_spec({"tz": "Europe/Berlin", "week": {"mon-fri": ["09:00-17:00"]}}))
SCHEMA = Schema(calendars={**EVERY_DESK, "cn-office": CN, "de-office": DE})
LISTS = {"offices": ("cn-office", "de-office")}
# A Monday: 10:00 in Shanghai when it was created, 20:30 when it is looked at.
TICKET = Ticket(created=datetime(2026, 3, 2, 2, tzinfo=UTC), as_of=datetime(2026, 3, 2, 12, 30, tzinfo=UTC))


def instant(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def condition(spec: dict[str, Any]):
    return compile_when(spec, SCHEMA, LISTS)


HOLDS = [
    {"created": {"open": "cn-office"}},
    {"created": {"open": ["de-office", "cn-office"]}},
    {"created": {"open": "@offices"}},
    {"created": {"open": "24x7", "empty": False}},
    {"not": {"open": "cn-office"}},
    {"open": "de-office"},
    {"open": ["cn-office", "de-office"], "created": {"open": "cn-office"}},
    {"not": {"updated": {"open": "24x7"}}},  # It was never updated.
]


@pytest.mark.parametrize("when", HOLDS, ids=str)
def test_a_condition_holds_while_one_of_its_calendars_is_open(when: dict[str, Any]):
    assert condition(when)(TICKET)
    assert not condition({"not": when})(TICKET)


def test_closing_time_is_closed_and_opening_time_open():
    now = condition({"open": "cn-office"})
    assert not now(replace(TICKET, as_of=instant(10)))
    assert now(replace(TICKET, as_of=instant(1)))
    assert now(replace(TICKET, as_of=instant(9, 59).replace(second=59, microsecond=999)))


def test_a_ticket_that_is_looked_at_at_no_instant_meets_no_hours():
    assert not condition({"open": "24x7"})(Ticket())


def test_the_reason_tells_the_time_on_the_calendars_own_wall():
    created = condition({"created": {"open": "de-office"}}).why(TICKET)
    assert str(created.first_false) == (
        "`created` should be open: de-office, is 2026-03-02 03:00 Europe/Berlin, closed"
    )
    now = condition({"not": {"open": "de-office"}}).why(TICKET)
    assert str(now.first_false) == "`open` should be not de-office, is 2026-03-02 13:30 Europe/Berlin, open"
    assert str(condition({"updated": {"open": "24x7"}}).why(TICKET).first_false).endswith("is nothing")


WAKES = [
    ({"open": "cn-office"}, instant(1, day=3)),
    ({"open": "de-office"}, instant(16)),
    ({"not": {"any": [{"open": "cn-office"}, {"open": "de-office"}]}}, instant(16)),
    ({"open": "24x7"}, None),
    ({"created": {"open": "cn-office"}}, None),
    ({"open": "cn-office", "age": ">= 11h"}, instant(13)),
]


@pytest.mark.parametrize(("when", "wakes"), WAKES, ids=str)
def test_it_says_when_its_answer_can_change(when: dict[str, Any], wakes: datetime | None):
    assert condition(when).wakes(TICKET) == wakes


def test_the_answer_changes_when_it_said_it_would():
    for spec in ({"open": "cn-office"}, {"open": "de-office"}):
        now = condition(spec)
        assert now(TICKET) is not now(replace(TICKET, as_of=now.wakes(TICKET)))


def test_nobody_waits_for_the_hours_of_a_ticket_that_is_done():
    assert condition({"open": "cn-office"}).wakes(replace(TICKET, status="done")) is None


def test_it_travels_to_another_process_with_its_calendars():
    there = pickle.loads(pickle.dumps(condition({"open": "de-office", "not": {"open": "cn-office"}})))
    assert there(TICKET)


SENTENCES = [
    ({"open": "cn-office"}, "this moment is in the hours of “cn-office”", "当前时间在“cn-office”的工作时间内"),
    ({"not": {"open": "a"}}, "this moment is not in the hours of “a”", "当前时间不在“a”的工作时间内"),
    ({"open": ["a", "b"]}, "this moment is in the hours of one of “a”, “b”", "当前时间在“a”、“b”之一的工作时间内"),
    (
        {"not": {"created": {"open": ["a", "b"]}}},
        "the time of creation is in the hours of none of “a”, “b”",
        "创建时间不在“a”、“b”中任何一个的工作时间内",
    ),
]


@pytest.mark.parametrize(("when", *LANGUAGES), SENTENCES, ids=str)
def test_it_is_told_in_both_languages(when: dict[str, Any], en: str, zh: str):
    assert [Speech(language, SCHEMA.fields).condition(when) for language in LANGUAGES] == [en, zh]
