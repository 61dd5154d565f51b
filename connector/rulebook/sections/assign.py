"""`assign:` how a team's tickets find their person; a reserved word, read by the plugin `routing`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.assigning import DEFAULTS
from ...core.candidates import Method, Prefer
from ...core.durations import parse_duration
from ...frozen import EMPTY, FrozenDict, frozen
from ..desk_words import team
from ..names import LEVELS
from ..nodes import Map, Node, Scalar, Seq
from ..report import nearest, shown
from ..scope import BAD, Scope
from ..shapes import Record, choice, key_among, list_of, map_of, number, text
from .replies import FAILED

NAME, ROUTING, REPLIES = "assign", "routing", "replies"


def with_choice(file: Map, scope: Scope, sections: Mapping[str, Any]) -> Mapping[str, Any]:
    """`sections`, that of `routing` with all that people are chosen by: its rules, `assign`, the SLA policies."""
    told, rules = file.get(NAME), sections.get(ROUTING)
    if told is None:
        _refuse_idle_needs(file, scope)
        return sections
    found = _SECTION(told, scope)
    if ROUTING not in sections:
        scope.bad(file.index[NAME], f"the section `{NAME}` has no effect: add `{ROUTING}` to `plugins`, or remove it")
    elif ROUTING not in file:
        scope.bad(file.index[NAME], f"the section `{NAME}` has no effect: no rule of `{ROUTING}` names a team")
    if found is BAD or not rules:
        return sections
    _check_reply(told, file, scope)
    _warn_of_nobody(file, scope)
    choice_ = FrozenDict({**DEFAULTS, **frozen(found)})
    policies = sections.get("sla") or ()
    return FrozenDict({**sections, ROUTING: FrozenDict({"rules": rules, NAME: choice_, "policies": policies})})


def _refuse_idle_needs(file: Map, scope: Scope) -> None:
    """Needs where nobody is chosen."""
    for rule in _rules(file, ROUTING):
        for key in ("need_skills", "need_languages"):
            if key in rule:
                scope.bad(rule.index[key], f"`{key}` has no effect: add the section `{NAME}`, or remove it")


def _check_reply(told: Node, file: Map, scope: Scope) -> None:
    """`if_nobody.say` names a reply that is said when nobody is found."""
    nobody = told.get("if_nobody") if isinstance(told, Map) else None
    named = nobody.get("say") if isinstance(nobody, Map) else None
    if not isinstance(named, Scalar) or not isinstance(named.value, str):
        return
    replies = {str(reply.index["id"].value.plain()): reply for reply in _rules(file, REPLIES) if "id" in reply}
    reply = replies.get(named.value)
    if reply is None:
        near = nearest(named.value, replies) or f": write one under `{REPLIES}` with `on: {FAILED}`"
        scope.bad(named, f"there is no reply {shown(named.value)}{near}")
    elif (on := reply.get("on")) and FAILED not in (on.plain() if isinstance(on, Seq) else [on.plain()]):
        scope.bad(on, f"`if_nobody` says {shown(named.value)}: add `{FAILED}` to its `on`")


def _warn_of_nobody(file: Map, scope: Scope) -> None:
    """Teams that rules route to and nobody belongs to."""
    for rule in _rules(file, ROUTING):
        told = rule.get("team")
        name = told.plain() if told else None
        if told and name in scope.teams and not any(name in each.teams for each in scope.people.values()):
            scope.warn(told, f"nobody is in the team {shown(name)}: its tickets find no person")


def _rules(file: Map, section: str) -> list[Map]:
    told = file.get(section)
    items = told.items if isinstance(told, Seq) else ()
    return [item for item in items if isinstance(item, Map) and "disabled" not in item]


def _effort(node: Node, scope: Scope) -> Any:
    """Units for every ticket, or by priority."""
    if isinstance(node, Map):
        found = map_of(number(0), key=key_among("priority", (*LEVELS, "none", "default")))(node, scope)
        return BAD if found is BAD else {**_EFFORT, **found}
    units = number(0)(node, scope)
    return BAD if units is BAD else {"default": units}


def _seconds(node: Node, scope: Scope) -> Any:
    value = text(node, scope)
    if value is BAD:
        return BAD
    try:
        return int(parse_duration(value).total_seconds())
    except ValueError as error:
        return scope.bad(node, str(error))


_EFFORT = DEFAULTS.get("effort", EMPTY)
_SECTION = Record(
    f"`{NAME}`",
    {
        "method": choice("method", tuple(each.value for each in Method)),
        "prefer": list_of(choice("preference", tuple(each.value for each in Prefer)), empty=None),
        "effort": _effort,
        "waiting_weight": number(0, 1),
        "min_presence": _seconds,
        "if_nobody": Record("`if_nobody`", {"team": team, "say": text}),
    },
)
