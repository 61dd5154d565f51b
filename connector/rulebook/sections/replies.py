"""`replies:` texts that a rule says on an event, internal unless it says `public`."""

from __future__ import annotations

from typing import Any

from ...changes import Once
from ...model import Audience, Kind
from ..later import ASSIGN_FAILED
from ..nodes import Map, Node, Seq
from ..rules_of import by_language, rule, rules, wording
from ..scope import BAD, Scope
from ..shapes import Reader, Record, choice, one_or_many

EVENTS = (
    *(k.value for k in (Kind.CREATED, Kind.UPDATED, Kind.COMMENTED, Kind.COMMENT_EDITED, Kind.MOVED, Kind.TIMER)),
    "reopened",
)
FAILED = "assign_failed"
FALLBACKS = ("en", "default")
RESERVED = ("note",)


def _rule(event: Reader) -> Record:
    return rule(
        "a reply",
        {
            "on": one_or_many(event),
            "audience": choice("audience", tuple(audience.value for audience in Audience)),
            "say": by_language(wording),
            "once": choice("value of `once`", tuple(once.value for once in Once)),
        },
        required=("on", "say"),
    )


_RULE = _rule(choice("event", (*EVENTS, FAILED)))
_WITHOUT_FAILURES = _rule(choice("event", EVENTS, later={FAILED: ASSIGN_FAILED}))


def section(node: Node, scope: Scope) -> Any:
    """The rules in order; a public text needs a language to fall back on."""
    found = rules(_RULE if scope.assigns else _WITHOUT_FAILURES)(node, scope)
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
