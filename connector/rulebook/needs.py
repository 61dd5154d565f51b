"""`need_skills: ["payments>=2", zh]` and `need_languages: [zh]` of a routing rule: somebody of its team must do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..core.candidates import covers
from ..core.sentences import number_words
from ..desk import Agent
from .agents import LEVEL
from .nodes import Map, Node, Scalar, Seq
from .report import nearest, shown
from .scope import BAD, Scope
from .shapes import checked, one_or_many, texts

_NEED = re.compile(r"([^<>=]+?)\s*(?:>=\s*(\d{1,6}(?:\.\d{1,6})?)\s*)?")


def need_of(told: str) -> tuple[str, float] | None:
    """`payments>=2` → the skill and its least level; None for what is neither that nor a name."""
    found = _NEED.fullmatch(told.strip())
    return (found[1], float(found[2] or LEVEL)) if found else None


def _problem(told: str, _node: Node, _scope: Scope) -> str | None:
    if need_of(told):
        return None
    return f"{shown(told)} is no skill: write its name, or the least level like `payments>=2`"


_skills = one_or_many(checked(_problem))
need_languages = texts


def need_skills(node: Node, scope: Scope) -> Any:
    """The least level by skill."""
    found = _skills(node, scope)
    return BAD if found is BAD else dict(need for told in found if (need := need_of(told)))


def check_needs(rule: Map, scope: Scope) -> None:
    """Each need that nobody of the rule's team meets is reported: nobody could ever be chosen."""
    named = rule.get("team")
    team = named.plain() if named else None
    if not scope.sure or not isinstance(team, str) or team not in scope.teams:
        return
    members = [person for person in scope.people.values() if team in person.teams]
    for item in _items(rule.get("need_skills")):
        need = need_of(str(item.value))
        if need and (problem := _unmet(*need, members)):
            scope.bad(item, f"nobody of the team {shown(team)} {problem}")
    for item in _items(rule.get("need_languages")):
        language = str(item.value)
        if not any(not each.languages or any(covers(language, own) for own in each.languages) for each in members):
            scope.bad(item, f"nobody of the team {shown(team)} works in {shown(language)}: look at their `languages`")


def _unmet(skill: str, level: float, members: Iterable[Agent]) -> str | None:
    """What nobody of the members has; None if somebody has it."""
    levels = [person.skills[skill] for person in members if skill in person.skills]
    if not levels:
        known = {name for person in members for name in person.skills}
        near = nearest(skill, known) or ": add it to somebody's `skills` in `_people.yaml`"
        return f"has the skill {shown(skill)}{near}"
    if max(levels) < level:
        return f"has {shown(skill)} at level {number_words(level)}: the best has {number_words(max(levels))}"
    return None


def _items(node: Node | None) -> list[Scalar]:
    items = node.items if isinstance(node, Seq) else (node,)
    return [item for item in items if isinstance(item, Scalar) and isinstance(item.value, str)]
