"""Picks the team, and the assignee where a rule names one: the first rule that matches wins.

    routing:
      - {id: payments-zh, when: {component: payments, language: zh}, team: payments-cn}
      - {id: security, when: {labels: {has: security}}, team: security, assignee: bo, because: "Security report"}
      - {id: rest, team: frontline}

A rule without `when` always matches, so that the last one catches the rest. Without a section it has
no opinion.
"""

from collections.abc import Iterator
from typing import Any

from connector import AssignTo, RouteTo, Ticket, hookimpl, reason


@hookimpl
def propose(ticket: Ticket, rules: Any) -> Iterator[RouteTo | AssignTo]:
    rule = next((rule for rule in rules or () if rule["when"](ticket)), None)
    if rule is None:
        return
    name = rule["id"]
    because = reason(rule, ticket, f"rule {name}")
    if team := rule.get("team"):
        yield RouteTo(team, because=because, rule=name, rules=(name,))
    if assignee := rule.get("assignee"):
        yield AssignTo(assignee, because=because, rule=name, rules=(name,))
