"""The first routing rule that matches names the team, and the assignee if it has one."""

from __future__ import annotations

from connector import AssignTo, RouteTo
from connector.testing import a_ticket, proposals
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
