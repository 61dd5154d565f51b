"""Sections of plugins that bring their own `check_rules`: any shape, with `when` compiled and `@lists` filled in."""

from __future__ import annotations

from typing import Any

from .nodes import Map, Node, Scalar, Seq
from .scope import BAD, Scope
from .shapes import Record, text
from .when import when

_DISABLED = Record("`disabled`", {"because": text}, required=("because",))


def section(node: Node, scope: Scope) -> Any:
    """The section as plain values; a rule that is `disabled: {because: …}` is left out of its list."""
    match node:
        case Map():
            return {e.key: when(e.value, scope) if e.key == "when" else section(e.value, scope) for e in node}
        case Seq():
            return [section(item, scope) for item in node.items if not _is_off(item, scope)]
        case Scalar(value=str() as value) if value.startswith("@") and value[1:] in scope.lists:
            return list(scope.lists[value[1:]])
        case Scalar(value=value):
            return value


def _is_off(item: Node, scope: Scope) -> bool:
    told = item.get("disabled") if isinstance(item, Map) else None
    if not isinstance(item, Map) or not isinstance(told, Map) or "because" not in told:
        return False
    found = _DISABLED(told, scope)
    name = item.get("id")
    because = "" if found is BAD else found.get("because", "")
    scope.disabled.append({"id": str(name.plain()) if name else "", "because": because})
    return True
