"""`replies:` texts that a rule says on an event, internal unless it says `public`."""

from __future__ import annotations

import re
from typing import Any

from ...changes import Once
from ...model import Audience, Kind
from ..later import ASSIGN_FAILED
from ..nodes import Entry, Map, Node, Seq
from ..report import shown
from ..rules_of import rule, rules, wording
from ..scope import BAD, Scope
from ..shapes import choice, map_of, one_or_many

EVENTS = (
    *(k.value for k in (Kind.CREATED, Kind.UPDATED, Kind.COMMENTED, Kind.COMMENT_EDITED, Kind.MOVED, Kind.TIMER)),
    "reopened",
)
FALLBACKS = ("en", "default")
RESERVED = ("note",)

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")


def _is_language(entry: Entry, scope: Scope) -> bool:
    if entry.key == "default" or _LANGUAGE.match(entry.key):
        return True
    scope.bad(entry, f"{shown(entry.key)} is no language: write it like `zh`, `en`, `zh-Hant`, or `default`")
    return False


def _say(node: Node, scope: Scope) -> Any:
    if not isinstance(node, Map):
        return scope.bad(node, 'a text is said by language: write `say: {en: "…"}`')
    if not node.entries:
        return scope.bad(node, "nothing to say: write at least one language")
    return map_of(wording, key=_is_language)(node, scope)


_RULE = rule(
    "a reply",
    {
        "on": one_or_many(choice("event", EVENTS, later={"assign_failed": ASSIGN_FAILED})),
        "audience": choice("audience", tuple(audience.value for audience in Audience)),
        "say": _say,
        "once": choice("value of `once`", tuple(once.value for once in Once)),
    },
    required=("on", "say"),
)


def section(node: Node, scope: Scope) -> Any:
    """The rules in order; a public text needs a language to fall back on."""
    found = rules(_RULE)(node, scope)
    if found is BAD or not isinstance(node, Seq):
        return BAD
    for item in node.items:
        if isinstance(item, Map):
            _check_fallback(item, scope)
            _check_key(item, scope)
    return found


def _check_fallback(item: Map, scope: Scope) -> None:
    audience, say = item.get("audience"), item.get("say")
    if audience is None or audience.plain() != Audience.PUBLIC or not isinstance(say, Map) or not say.entries:
        return
    if not any(name in say for name in FALLBACKS):
        scope.bad(item.index["say"], "a public text needs a language to fall back on: add `en` or `default`")


def _check_key(item: Map, scope: Scope) -> None:
    told = item.get("id")
    if told is not None and told.plain() in RESERVED:
        scope.bad(told, f"the id `{told.plain()}` is the reasoning note's: choose another")
