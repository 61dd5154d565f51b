"""`commands:` the handle that comments address, and who may use which command."""

from __future__ import annotations

from typing import Any

from ..nodes import Node
from ..report import nearest, shown
from ..scope import Scope
from ..shapes import Record, checked, choice, key_among, map_of, one_or_many, pattern

EVERYBODY = "agent"
VERBS = ("why", "priority", "route", "take", "release", "ack", "help")


def _who_problem(value: str, _node: Node, scope: Scope) -> str | None:
    known = {EVERYBODY, *scope.roles, *scope.teams, *scope.people}
    if value in known or not scope.sure:
        return None
    near = nearest(value, known) or ": name a person, a team or a role of `_people.yaml`, or `agent` for all"
    return f"nobody is called {shown(value)}{near}"


_SECTION = Record(
    "`commands`",
    {
        "handle": pattern(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", "is no handle: write it without `@`, like `pointsman`"),
        "allow": map_of(one_or_many(checked(_who_problem), empty=None), key=key_among("command", VERBS)),
        "language": choice("language of answers", ("en", "zh")),
    },
)


def section(node: Node, scope: Scope) -> Any:
    """`handle`, and under `allow` per command the roles, teams and people; a command not named is every agent's.

    `language` is that of the answers.
    """
    return _SECTION(node, scope)
