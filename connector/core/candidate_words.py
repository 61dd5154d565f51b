"""Candidates in words, English and Chinese: why somebody may not take a ticket, and why it went to somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..desk import Agent, Desk
from ..frozen import FrozenDict
from .assigning import Assignment
from .candidates import Against, Candidate, Code, Method
from .durations import show_open_time
from .instants import moment_of
from .neutral import neutral
from .sentences import number_words

_AGAINST: Mapping[str, Mapping[Code, str]] = FrozenDict(
    {
        "en": {
            Code.AWAY: "on leave until {until}",
            Code.LITTLE_TIME: "works {seconds} before it is due, {wanted} is wanted",
            Code.FULL: "has {load} of {capacity}, and this takes {effort}",
            Code.NO_SKILL: "lacks the skill {skill}",
            Code.LOW_LEVEL: "has {skill} at level {level}, {wanted} is wanted",
            Code.NO_LANGUAGE: "does not work in {language}",
            Code.NO_CHANNEL: "does not work on {channel}",
            Code.NOT_STARTED: "starts on {since}",
            Code.NOT_ASSIGNABLE: "cannot be assigned in this project",
            Code.RETURNED: "gave this ticket back already",
        },
        "zh": {
            Code.AWAY: "休假至 {until}",
            Code.LITTLE_TIME: "截止前在岗 {seconds}，需要 {wanted}",
            Code.FULL: "已承担 {load}，上限 {capacity}，本工单需要 {effort}",
            Code.NO_SKILL: "没有技能 {skill}",
            Code.LOW_LEVEL: "{skill} 等级为 {level}，需要 {wanted}",
            Code.NO_LANGUAGE: "不使用语言 {language}",
            Code.NO_CHANNEL: "不处理渠道 {channel}",
            Code.NOT_STARTED: "{since} 起到岗",
            Code.NOT_ASSIGNABLE: "在此项目中不能被指派",
            Code.RETURNED: "已退回过本工单",
        },
    }
)
_CHOSEN: Mapping[str, Mapping[str, str]] = FrozenDict(
    {
        "en": {
            "whole": "{method}: {terms}; first of {n} who may take it",
            "alone": "{method}: {terms}; nobody else may take it",
            "load": "load {load} of {capacity}",
            "turn": "next in turn",
            "skills": "skill levels {n}",
            "previous": "had it before",
            "similar": "solved {n} like it",
            "joint": ", ",
        },
        "zh": {
            "whole": "{method}：{terms}；{n} 位可接单者中排第一",
            "alone": "{method}：{terms}；没有其他人可接单",
            "load": "负载 {load}/{capacity}",
            "turn": "轮到",
            "skills": "技能等级合计 {n}",
            "previous": "曾负责",
            "similar": "解决过 {n} 个类似工单",
            "joint": "，",
        },
    }
)


def chosen_words(found: Assignment, best: Candidate, desk: Desk) -> str:
    """Why `best` gets it: the method, the terms it went by, and among how many."""
    texts = _CHOSEN[_language(desk)]
    terms = texts["joint"].join(_terms(found, best, desk.people[best.person], texts))
    count = sum(each.eligible for each in found.candidates)
    which = "alone" if count == 1 else "whole"
    return texts[which].format(method=found.method.value, terms=terms, n=count)


def against_words(against: Against, person: Agent, language: str) -> str:
    """The sentence for one reason against `person`."""
    lengths = against.code is Code.LITTLE_TIME
    facts = {
        name: _length(value, language) if lengths else _shown(name, value, person.tz)
        for name, value in against.facts.items()
    }
    return _AGAINST[language][against.code].format_map(facts)


def candidates_json(found: Iterable[Candidate], desk: Desk) -> list[dict[str, Any]]:
    """The candidates as `try` prints them."""
    language = _language(desk)
    return [
        {
            "person": each.person,
            "eligible": each.eligible,
            "against": [
                {"code": one.code.value, "because": against_words(one, desk.people[each.person], language)}
                for one in each.against
            ],
            "terms": dict(each.terms),
            "rank": each.rank,
        }
        for each in found
    ]


def _terms(found: Assignment, best: Candidate, person: Agent, texts: Mapping[str, str]) -> Iterator[str]:
    terms = best.terms
    if terms["previous_assignee"]:
        yield texts["previous"]
    if found.method is Method.ROUND_ROBIN:
        yield texts["turn"]
    load, capacity = (number_words(value or 0) for value in (terms["fewest_open"], person.capacity))
    yield texts["load"].format(load=load, capacity=capacity)
    if found.need.skills:
        yield texts["skills"].format(n=number_words(terms["skill_level"] or 0))
    if similar := terms["solved_similar"]:
        yield texts["similar"].format(n=number_words(similar))


def _shown(name: str, value: Any, zone: ZoneInfo) -> str:
    match name, value:
        case ("until", int()):
            return f"{moment_of(value).astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
        case ("since", int()):
            return f"{moment_of(value).astimezone(zone):%Y-%m-%d}"
        case (_, int() | float()):
            return number_words(value)
        case _:
            return neutral(str(value))


def _length(value: Any, language: str) -> str:
    return show_open_time(timedelta(seconds=value), language)


def _language(desk: Desk) -> str:
    return "zh" if desk.language.startswith("zh") else "en"
