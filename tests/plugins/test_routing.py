"""The first routing rule that matches names the team, and the assignee; without one the best of the team gets it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector import Agent, AssignTo, Pin, Record, RouteTo
from connector.core.assigning import DEFAULTS
from connector.core.instants import whole_second
from connector.core.presence import Presence
from connector.frozen import frozen
from connector.testing import a_desk, a_ticket, proposals
from connector.testing.values import NOW
from plugins import routing

RULES = [
    {"id": "zh", "when": {"language": "zh"}, "team": "payments-cn"},
    {"id": "leak", "when": {"text": {"contains_any": ["leak", "泄露"]}}, "team": "security", "assignee": "bo"},
    {"id": "vip", "when": {"customer.tier": "gold"}, "assignee": "ann", "because": "{customer.tier} customer"},
    {"id": "rest", "team": "frontline"},
]


def test_the_first_rule_that_matches_wins():
    ticket = a_ticket(title="a leak", **{"language": "zh-Hant"})
    why = {"because": "rule zh", "rule": "zh", "rules": ("zh",)}
    assert proposals(routing, ticket, RULES) == [RouteTo("payments-cn", **why)]


def test_a_rule_may_name_team_and_assignee():
    why = {"because": "rule leak", "rule": "leak", "rules": ("leak",)}
    wanted = [RouteTo("security", **why), AssignTo("bo", **why)]
    assert proposals(routing, a_ticket(title="Leak!"), RULES) == wanted


def test_a_rule_with_an_assignee_alone_leaves_the_team():
    (change,) = proposals(routing, a_ticket(customer_tier="gold"), RULES)
    assert (change.slot, change.person, change.because) == ("assignee", "ann", "gold customer")


def test_the_catch_all_says_its_name():
    (change,) = proposals(routing, a_ticket(), RULES)
    assert (change.team, change.because) == ("frontline", "rule rest")


def test_nothing_that_matches_is_no_opinion():
    assert proposals(routing, a_ticket(), RULES[:-1]) == []
    assert proposals(routing, a_ticket(), None) == []


OFFICE = {"tz": "UTC", "week": {"mon-fri": ["09:00-17:00"]}}
LEAVE = Presence(leave=((whole_second(NOW) - 60, whole_second(NOW) + 3600),))


def agent(id_: str, *teams: str, **given) -> Agent:
    given = {name: frozen(value) for name, value in given.items()}
    return Agent(id=id_, name=id_.capitalize(), teams=frozenset(teams or ("frontline",)), **given)


def section(rules=RULES, policies=(), **assign):
    return {"rules": rules, "assign": {**DEFAULTS, **assign}, "policies": policies}


def assigned(desk, ticket=None, rules=None) -> str | None:
    """Whom the plugin wishes for; the last rule routes to `frontline`."""
    changes = proposals(routing, ticket or a_ticket(), rules or section(), desk=desk)
    return next((change.person for change in changes if isinstance(change, AssignTo)), None)


def test_a_free_ticket_goes_to_the_least_busy_of_its_team():
    desk = a_desk(agent("ann"), agent("bo"), agent("cem", "night"))
    ticket = a_ticket(records={"ann": Record(load=3), "bo": Record(load=2.5)})
    team, person = proposals(routing, ticket, section(), desk=desk)

    assert (team.team, person.person, person.rule) == ("frontline", "bo", "rest")
    assert person.because == "balanced: load 2.5 of 10; first of 2 who may take it"


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({"method": "round_robin"}, "round_robin：轮到，负载 0/10；没有其他人可接单"),
        ({"method": "skill_based"}, "skill_based：负载 0/10；没有其他人可接单"),
    ],
)
def test_the_reason_names_method_and_terms_in_the_language_of_the_team(given, because):
    desk = replace(a_desk(agent("ann")), language="zh")

    assert proposals(routing, a_ticket(), section(**given), desk=desk)[1].because == because


def test_without_assign_nobody_is_chosen():
    assert assigned(a_desk(agent("ann")), rules=RULES) is None


def test_by_hand_nobody_is_chosen():
    assert assigned(a_desk(agent("ann")), rules=section(method="manual")) is None


def test_the_assignee_that_a_rule_names_comes_before_the_choice():
    desk = a_desk(agent("ann", "security"), agent("bo"))
    assert assigned(desk, a_ticket(title="leak")) == "bo"


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        (agent("bo"), None),
        (agent("bo", "night"), "ann"),
        (agent("bo", presence=LEAVE), "ann"),
        (agent("bo", capacity=0), None),
        (agent("zoe"), "ann"),
    ],
    ids=["may keep it", "of another team", "away", "full", "nobody"],
)
def test_who_holds_a_ticket_keeps_it_unless_away_or_of_another_team(holder, expected):
    desk = a_desk(agent("ann"), holder)
    ticket = a_ticket(assignee=None if holder.id == "zoe" else "bo")

    assert assigned(desk, ticket) == expected


def test_an_assignee_whom_the_files_do_not_know_is_left_alone():
    assert assigned(a_desk(agent("ann")), a_ticket(assignee="root@tracker")) is None


def test_what_a_rule_needs_is_needed():
    rules = [{"id": "db", "team": "frontline", "need_skills": {"db": 2}, "need_languages": ("zh",)}]
    ann = agent("ann", skills={"db": 3}, languages={"en"})
    bo = agent("bo", skills={"db": 1})
    cem = agent("cem", skills={"db": 2}, languages={"zh"})

    assert assigned(a_desk(ann, bo), rules=section(rules)) is None
    assert assigned(a_desk(ann, bo, cem), rules=section(rules)) == "cem"


def test_a_team_chosen_by_a_person_gives_the_ticket_to_one_of_its_own():
    rules = [{"id": "db", "team": "frontline", "need_skills": {"db": 2}}]
    desk = a_desk(agent("ann", skills={"db": 3}), agent("bo", "night"))
    ticket = a_ticket(team="night", pins={"team": Pin("ann")})

    assert assigned(desk, ticket, section(rules)) == "bo"


def test_effort_is_by_priority_and_counts_against_the_capacity():
    desk = a_desk(agent("ann", capacity=2))
    effort = {"urgent": 3, "default": 1}

    assert assigned(desk, a_ticket(priority="high"), section(effort=effort)) == "ann"
    assert assigned(desk, a_ticket(priority="urgent"), section(effort=effort)) is None


def policy(target: int, calendar: str):
    targets = {"resolution": {"default": {"seconds": target, "calendar": calendar, "text": ""}}}
    return {"id": "standard", "targets": targets}


def test_somebody_without_enough_presence_before_the_deadline_is_out():
    evenings = {"tz": "UTC", "week": {"mon-fri": ["17:00-21:00"]}}
    calendars = {"office": OFFICE, "evenings": evenings}
    desk = a_desk(calendars=calendars)
    people = {
        "ann": agent("ann", presence=Presence(desk.calendars["evenings"])),
        "bo": agent("bo", presence=Presence(desk.calendars["office"])),
    }
    desk = replace(desk, people=people)

    assert assigned(desk) == "ann"
    assert assigned(desk, rules=section(policies=(policy(4 * 3600, "office"),))) == "bo"
    assert assigned(desk, rules=section(policies=(policy(8 * 3600, "24x7"),))) == "ann"


def test_a_deadline_that_is_past_asks_for_no_presence():
    desk = a_desk(agent("ann", presence=Presence(shifts=())))
    late = a_ticket(created=NOW - timedelta(hours=9))

    assert assigned(desk, late, section(policies=(policy(4 * 3600, "24x7"),))) == "ann"
    assert assigned(desk, rules=section(policies=(policy(4 * 3600, "24x7"),))) is None
