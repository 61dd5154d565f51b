"""Teams and people as rules name them: each must exist."""

from __future__ import annotations

from .nodes import Node
from .report import nearest, shown
from .scope import Scope
from .shapes import checked

ROLES = ("assignee", "team-lead")
"""Whom a rung means by these depends on the ticket: nobody else is called so."""


def _team_problem(value: str, _node: Node, scope: Scope) -> str | None:
    if value in scope.teams or not scope.sure:
        return None
    near = nearest(value, scope.teams) or ": name it under `team` in `_names.yaml`, or in a person's `teams`"
    return f"unknown team {shown(value)}{near}"


def person_problem(value: str, _node: Node, scope: Scope) -> str | None:
    """Why nobody is called `value`; None if somebody is."""
    if value in scope.people or not scope.sure:
        return None
    return f"unknown person {shown(value)}{nearest(value, scope.people) or ': add them to `_people.yaml`'}"


team = checked(_team_problem)
person = checked(person_problem)
