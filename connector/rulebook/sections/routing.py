"""`routing:` the first rule that matches names the team, and the assignee if it has one."""

from __future__ import annotations

from typing import Any

from ..desk_words import person, team
from ..later import NEEDS
from ..needs import check_needs, need_languages, need_skills
from ..nodes import Map, Node, Seq
from ..rules_of import rule, rules
from ..scope import BAD, Scope

_KEYS = {"team": team, "assignee": person}
_RULE = rule("a routing rule", {**_KEYS, "need_skills": need_skills, "need_languages": need_languages})
_WITHOUT_NEEDS = rule("a routing rule", _KEYS, later=NEEDS)


def section(node: Node, scope: Scope) -> Any:
    """The rules in order; one without `when` matches always, so nothing after it is reached."""
    found = rules(_RULE if scope.assigns else _WITHOUT_NEEDS)(node, scope)
    if found is BAD or not isinstance(node, Seq):
        return BAD
    for item in node.items:
        if isinstance(item, Map) and not _names_somebody(item):
            scope.bad(item, "a routing rule needs a `team` or an `assignee`")
        if isinstance(item, Map) and scope.assigns:
            check_needs(item, scope)
    _warn_of_order(node, scope)
    return found


def _names_somebody(item: Map) -> bool:
    return any(name in item or _RULE.mistyped(name, item) for name in ("team", "assignee"))


def _warn_of_order(node: Seq, scope: Scope) -> None:
    live = [item for item in node.items if isinstance(item, Map) and "disabled" not in item]
    open_ = [item for item in live if "when" not in item]
    if not open_:
        scope.warn(
            node, "no rule catches the rest: a ticket that none matches gets no team; end with a rule without `when`"
        )
    for item in live[live.index(open_[0]) + 1 :] if open_ else ():
        scope.warn(item, f"never reached: the rule on line {open_[0].spot.line} has no `when` and matches everything")
