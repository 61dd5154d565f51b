"""Who may take a ticket, who should, and why not the others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.calendar_spec import read_spec
from connector.core.calendars import Calendar
from connector.core.candidates import (
    NOBODY,
    STICKY,
    Against,
    Code,
    Method,
    Need,
    Prefer,
    Record,
    candidates,
    chosen,
    reasons_against,
)
from connector.core.instants import seconds_of
from connector.core.presence import Presence
from connector.desk import Agent
from connector.frozen import FrozenDict

NOW = seconds_of("2026-03-02T10:00:00Z")
HOUR = 3600
OFFICE = Calendar(read_spec({"tz": "UTC", "week": {"mon-fri": ["09:00-17:00"]}}))
NEED = Need("desk")


def agent(id_: str = "ann", **given) -> Agent:
    skills = FrozenDict(given.pop("skills", {}))
    return Agent(id=id_, name=id_.capitalize(), teams=frozenset({"desk"}), skills=skills, **given)


def codes(person: Agent, need: Need = NEED, record: Record = NOBODY, now: int = NOW) -> list[Code]:
    return [each.code for each in reasons_against(person, need, record, now)]


def order(people, records=None, need=NEED, **how) -> list[str]:
    found = candidates(people, need, records or {}, NOW, **how)
    return [each.person for each in found if each.eligible]


LEAVE = Presence(leave=((NOW - HOUR, NOW + HOUR),))
BACK_SOON = Presence(OFFICE, leave=((NOW + HOUR, NOW + 9 * HOUR),))


@pytest.mark.parametrize(
    ("person", "need", "record", "expected"),
    [
        (agent(), NEED, Record(), []),
        (agent(since=NOW), NEED, Record(), []),
        (agent(since=NOW + 1), NEED, Record(), [Code.NOT_STARTED]),
        (agent(presence=LEAVE), NEED, Record(), [Code.AWAY]),
        (agent(presence=BACK_SOON), NEED, Record(), []),
        (agent(presence=BACK_SOON), replace(NEED, due=NOW + 8 * HOUR, presence=HOUR), Record(), []),
        (
            agent(presence=BACK_SOON),
            replace(NEED, due=NOW + 8 * HOUR, presence=HOUR + 1),
            Record(),
            [Code.LITTLE_TIME],
        ),
        (agent(capacity=3), NEED, Record(load=2), []),
        (agent(capacity=3), NEED, Record(load=2.25), [Code.FULL]),
        (agent(capacity=3), replace(NEED, effort=3.5), Record(), [Code.FULL]),
        (agent(capacity=0.3), replace(NEED, effort=0.1), Record(load=0.1 + 0.1), []),
        (agent(), replace(NEED, skills={"db": 1}), Record(), [Code.NO_SKILL]),
        (agent(skills={"db": 1}), replace(NEED, skills={"db": 2}), Record(), [Code.LOW_LEVEL]),
        (agent(skills={"db": 2}), replace(NEED, skills={"db": 2}), Record(), []),
        (agent(), replace(NEED, languages=frozenset({"zh"})), Record(), []),
        (
            agent(languages=frozenset({"en"})),
            replace(NEED, languages=frozenset({"zh"})),
            Record(),
            [Code.NO_LANGUAGE],
        ),
        (agent(languages=frozenset({"zh-Hant"})), replace(NEED, languages=frozenset({"zh"})), Record(), []),
        (agent(channels=frozenset({"mail"})), replace(NEED, channel="chat"), Record(), [Code.NO_CHANNEL]),
        (agent(channels=frozenset({"mail"})), NEED, Record(), []),
        (agent(), NEED, Record(against=(Against(Code.RETURNED),)), [Code.RETURNED]),
    ],
)
def test_what_speaks_against_a_person(person, need, record, expected):
    assert codes(person, need, record) == expected


def test_all_that_speaks_against_a_person_is_told():
    person = agent(presence=LEAVE, capacity=0, languages=frozenset({"en"}))
    need = replace(NEED, skills={"db": 1}, languages=frozenset({"zh"}))

    assert codes(person, need) == [Code.AWAY, Code.FULL, Code.NO_SKILL, Code.NO_LANGUAGE]


def test_the_end_of_a_shift_is_no_absence_while_enough_of_the_next_lies_before_the_due_instant():
    evening = seconds_of("2026-03-02T20:00:00Z")
    need = replace(NEED, due=seconds_of("2026-03-03T09:30:00Z"), presence=1800)

    assert codes(agent(presence=Presence(OFFICE)), need, now=evening) == []
    assert codes(agent(presence=Presence(OFFICE)), replace(need, due=need.due - 1), now=evening) == [Code.LITTLE_TIME]


def test_presence_counts_only_while_the_ticket_s_own_hours_are_open():
    lunch = Calendar(read_spec({"tz": "UTC", "week": {"mon-fri": ["12:00-12:30"]}}))
    need = Need("desk", due=NOW + 8 * HOUR, hours=lunch, presence=1800)
    out_at_lunch = Presence(OFFICE, leave=((NOW + 2 * HOUR, NOW + 3 * HOUR),))

    assert codes(agent(presence=Presence(OFFICE)), need) == []
    assert codes(agent(presence=out_at_lunch), need) == [Code.LITTLE_TIME]


def test_less_open_time_than_the_presence_wanted_asks_for_all_of_it():
    soon = Need("desk", due=NOW + 900, presence=1800)

    assert codes(agent(presence=Presence(OFFICE)), soon) == []
    assert codes(agent(presence=Presence(OFFICE, leave=((NOW + 60, NOW + 120),))), soon) == [Code.LITTLE_TIME]


def test_only_the_team_is_asked():
    stranger = Agent(id="zoe", teams=frozenset({"night"}))
    assert [each.person for each in candidates([stranger, agent()], NEED, {}, NOW)] == ["ann"]


def turn(number):
    """In the rotation of the team that is asked; in that of another all are elsewhere."""
    return Record(turns={NEED.team: number, "night": -number})


ANN, BO, CEM = (agent(name) for name in ("ann", "bo", "cem"))


@pytest.mark.parametrize(
    ("method", "records", "expected"),
    [
        (Method.BALANCED, {"ann": Record(load=2), "bo": Record(load=1)}, ["cem", "bo", "ann"]),
        (Method.BALANCED, {}, ["ann", "bo", "cem"]),
        (
            Method.ROUND_ROBIN,
            {"ann": turn(3), "bo": turn(1), "cem": turn(2)},
            ["bo", "cem", "ann"],
        ),
        (Method.SKILL_BASED, {"ann": Record(load=9)}, ["ann", "bo", "cem"]),
    ],
)
def test_the_method_ranks(method, records, expected):
    assert order([CEM, BO, ANN], records, method=method) == expected


def test_the_highest_sum_of_the_needed_levels_comes_first():
    people = [agent("ann", skills={"db": 2, "net": 1, "golf": 9}), agent("bo", skills={"db": 1, "net": 3})]
    need = replace(NEED, skills={"db": 1, "net": 1})

    assert order(people, need=need, method=Method.SKILL_BASED) == ["bo", "ann"]


@pytest.mark.parametrize(
    ("prefer", "records"),
    [
        (Prefer.SOLVED_SIMILAR, {"bo": Record(similar=2), "ann": Record(similar=1)}),
        (Prefer.FEWEST_OPEN, {"ann": Record(load=1), "cem": Record(load=1)}),
        (Prefer.LONGEST_IDLE, {"ann": Record(last=5), "bo": Record(last=4), "cem": Record(last=6)}),
        (Prefer.LONGEST_IDLE, {"ann": Record(last=5), "cem": Record(last=6)}),
        (Prefer.PREVIOUS_ASSIGNEE, {"bo": Record(previous=True)}),
    ],
)
def test_a_preference_decides_between_equals(prefer, records):
    assert order([ANN, BO, CEM], records, method=Method.SKILL_BASED, prefer=(prefer,))[0] == "bo"


def test_the_previous_assignee_comes_before_the_method_until_they_are_too_busy():
    how = {"prefer": (Prefer.PREVIOUS_ASSIGNEE,)}

    assert order([ANN, BO], {"bo": Record(load=STICKY, previous=True)}, **how)[0] == "bo"
    assert order([ANN, BO], {"bo": Record(load=STICKY + 0.5, previous=True)}, **how)[0] == "ann"
    assert order([ANN, BO], {"bo": Record(load=STICKY, previous=True)})[0] == "ann"


def test_by_hand_the_candidates_are_ranked_and_nobody_is_chosen():
    found = candidates([ANN, BO], NEED, {}, NOW, Method.MANUAL)

    assert [each.rank for each in found] == [1, 2]
    assert chosen(found, Method.MANUAL) is None


LOADS = st.integers(0, 48).map(lambda quarters: quarters / 4)
INSTANTS = st.integers(NOW - 100, NOW + 100)
SKILLS = st.dictionaries(st.sampled_from(["db", "net"]), st.integers(1, 3), max_size=2)
LANGUAGES = st.frozensets(st.sampled_from(["zh", "en"]), max_size=2)
LEAVES = st.tuples(INSTANTS, INSTANTS).map(lambda ends: ((min(ends), max(ends) + 1),))


@st.composite
def situations(draw):
    people, records = [], {}
    for number in range(draw(st.integers(1, 6))):
        person = agent(
            f"p{number}",
            skills=draw(SKILLS),
            languages=draw(LANGUAGES),
            capacity=draw(LOADS),
            since=draw(st.none() | INSTANTS),
            presence=Presence(leave=draw(st.just(()) | LEAVES)),
        )
        people.append(person)
        records[person.id] = Record(
            load=draw(LOADS),
            last=draw(st.none() | INSTANTS),
            turns={"desk": draw(LOADS)},
            previous=draw(st.booleans()),
        )
    need = Need(
        "desk",
        skills=draw(SKILLS),
        languages=draw(LANGUAGES),
        effort=draw(LOADS),
        due=draw(st.none() | INSTANTS),
        presence=draw(st.integers(0, 60)),
    )
    prefer = draw(st.lists(st.sampled_from(Prefer), unique=True))
    return people, records, need, draw(st.sampled_from(Method)), tuple(prefer)


@given(situations())
def test_nobody_absent_over_capacity_or_unqualified_is_chosen(situation):
    people, records, need, method, prefer = situation
    best = chosen(candidates(people, need, records, NOW, method, prefer), method)
    if best is None:
        assert method is Method.MANUAL or all(codes(each, need, records[each.id]) for each in people)
        return
    person = {each.id: each for each in people}[best.person]

    assert not any(start <= NOW < end for start, end in person.presence.leave)
    assert records[person.id].load + need.effort <= person.capacity
    assert person.since is None or person.since <= NOW
    assert all(person.skills.get(skill, 0) >= level for skill, level in need.skills.items())
    assert not person.languages or need.languages <= person.languages


@given(situations())
def test_balanced_chooses_an_eligible_person_of_least_load(situation):
    people, records, need, _, prefer = situation
    prefer = tuple(each for each in prefer if each is not Prefer.PREVIOUS_ASSIGNEE)
    found = candidates(people, need, records, NOW, Method.BALANCED, prefer)
    loads = [records[each.person].load for each in found if each.eligible]

    assert not loads or loads[0] == min(loads)


@given(situations(), st.randoms())
def test_the_order_of_the_people_changes_nothing(situation, chance):
    people, records, need, method, prefer = situation
    mixed = sorted(people, key=lambda _: chance.random())

    assert candidates(mixed, need, records, NOW, method, prefer) == candidates(
        people, need, records, NOW, method, prefer
    )


@given(st.integers(1, 7), st.integers(1, 60))
def test_with_unit_effort_and_arrivals_alone_loads_differ_by_one_at_most(count, arrivals):
    people = [agent(f"p{number}", capacity=100) for number in range(count)]
    loads = dict.fromkeys((each.id for each in people), 0.0)
    for _ in range(arrivals):
        records = {id_: Record(load=load) for id_, load in loads.items()}
        best = chosen(candidates(people, NEED, records, NOW), Method.BALANCED)
        loads[best.person] += 1

        assert max(loads.values()) - min(loads.values()) <= 1
