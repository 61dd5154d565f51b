"""Picks the team, and the assignee: the first rule that matches wins.

    routing:
      - {id: payments-zh, when: {component: payments, language: zh}, team: payments-cn}
      - {id: security, when: {labels: {has: security}}, team: security, assignee: bo, because: "Security report"}
      - {id: rest, team: frontline}

A rule without `when` always matches, so that the last one catches the rest. Without a section it has
no opinion.

The assignee is the one that the rule names. Where the file has a section `assign`, a ticket that nobody holds goes
to the best of the team: somebody who is not away, has room for it, and has the skills and languages that the rule
needs.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connector import AssignTo, Desk, RouteTo, Ticket, assignment, chosen_words, hookimpl, matching, reason


@hookimpl
def propose(ticket: Ticket, desk: Desk, rules: Any, now: datetime) -> Iterator[RouteTo | AssignTo]:
    rule = matching(rules, ticket)
    if rule is None:
        return
    name = rule["id"]
    because = reason(rule, ticket, f"rule {name}")
    if team := rule.get("team"):
        yield RouteTo(team, because=because, rule=name, rules=(name,))
    if assignee := rule.get("assignee"):
        yield AssignTo(assignee, because=because, rule=name, rules=(name,))
    found = assignment(rules, rule, ticket, desk, now)
    if found and (best := found.best):
        yield AssignTo(best.person, because=chosen_words(found, best, desk), rule=name, rules=(name,))
