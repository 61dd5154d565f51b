"""`priority:` levels with thresholds, signals that add up, overrides that bound the sum."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ..names import LEVELS
from ..nodes import Map, Node
from ..rules_of import rule, rules
from ..scope import BAD, Scope
from ..shapes import Record, choice, key_among, map_of, number

_level = choice("priority", LEVELS)
_levels = map_of(number(), key=key_among("priority", LEVELS))
_SIGNAL = rule("a signal", {"score": number(-1_000_000, 1_000_000)}, required=("score",))
_OVERRIDE = rule("an override", {"at_least": _level, "at_most": _level})


def _read_levels(node: Node, scope: Scope) -> Any:
    found = _levels(node, scope)
    if found is BAD:
        return BAD
    assert isinstance(node, Map)
    if not node.entries:
        return scope.bad(node, "there are no levels: write at least one, like `{high: 50, low: 0}`")
    ordered = [word for word in LEVELS if word in found]
    for upper, lower in pairwise(ordered):
        if found[upper] <= found[lower]:
            scope.bad(
                node.index[lower],
                f"`{lower}` ({found[lower]}) must be below `{upper}` ({found[upper]}), else it is never reached",
            )
    return found


def _read_override(node: Node, scope: Scope) -> None:
    if not isinstance(node, Map):
        return
    floor, ceiling = (entry.plain() if (entry := node.get(key)) else None for key in ("at_least", "at_most"))
    mistyped = _OVERRIDE.mistyped("at_least", node) or _OVERRIDE.mistyped("at_most", node)
    if floor is None and ceiling is None and not mistyped:
        scope.bad(node, "an override needs `at_least` or `at_most`")
    if floor in LEVELS and ceiling in LEVELS and LEVELS.index(floor) < LEVELS.index(ceiling):
        scope.bad(node, f"`at_least: {floor}` lies above `at_most: {ceiling}`")


def _overrides(node: Node, scope: Scope) -> Any:
    for item in getattr(node, "items", ()):
        _read_override(item, scope)
    return rules(_OVERRIDE)(node, scope)


_SECTION = Record("`priority`", {"levels": _read_levels, "signals": rules(_SIGNAL), "overrides": _overrides})


def section(node: Node, scope: Scope) -> Any:
    """The section as the plugin gets it; ids are unique over signals and overrides together."""
    found = _SECTION(node, scope)
    if found is BAD or not isinstance(node, Map):
        return BAD
    _check_ids_together(node, found, scope)
    _warn_of_unreachable(node, found, scope)
    return found


def _check_ids_together(node: Map, found: Mapping[str, Any], scope: Scope) -> None:
    signals = [signal.get("id") for signal in found.get("signals", ())]
    told = node.get("overrides")
    for item in getattr(told, "items", ()):
        name = item.get("id") if isinstance(item, Map) else None
        if name and name.plain() in signals:
            scope.bad(name, f"the id `{name.plain()}` is taken by a signal: the record could not tell them apart")


def _warn_of_unreachable(node: Map, found: Mapping[str, Any], scope: Scope) -> None:
    told = node.get("levels")
    if not isinstance(told, Map) or found.get("levels", BAD) is BAD:
        return
    most = sum(max(0, signal.get("score", 0)) for signal in found.get("signals", ()))
    floors = {override.get("at_least") for override in found.get("overrides", ())}
    for word, threshold in found["levels"].items():
        if threshold > most and word not in floors and word != min(found["levels"], key=found["levels"].get):
            scope.warn(
                told.index[word], f"no sum reaches `{word}`: all signals together score {most}, it takes {threshold}"
            )
