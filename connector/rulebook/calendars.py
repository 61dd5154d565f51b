"""`_calendars.yaml`: shape, time zones and spans of working time; nothing counts with them yet."""

from __future__ import annotations

from typing import Any

from .dates import day, day_of, overlap, span, zone
from .nodes import Entry, Map, Node, Scalar, Seq
from .report import nearest, shown
from .scope import BAD, Scope
from .shapes import Record, kind_of, list_of, map_of, text, texts

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = "always"


def read_calendars(node: Node, scope: Scope) -> frozenset[str]:
    """The names of the calendars in the file."""
    found = map_of(_calendar)(node, scope)
    return frozenset() if found is BAD else frozenset(found)


def _calendar(node: Node, scope: Scope) -> Any:
    if isinstance(node, Scalar):
        if node.value == ALWAYS:
            return ALWAYS
        return scope.bad(node, f"a calendar is `always` or a map with `tz` and `week`, not {kind_of(node)}")
    found = _CALENDAR(node, scope)
    if found is not BAD and isinstance(node, Map) and ("week" in node) == ("versions" in node):
        return scope.bad(node, "a calendar has either `week` or `versions`")
    return found


def _spans(node: Node, scope: Scope) -> Any:
    found = () if isinstance(node, Seq) and not node.items else list_of(span)(node, scope)
    twice = None if found is BAD else overlap(found)
    if twice:
        return scope.bad(node, f"the spans `{twice[0]}` and `{twice[1]}` overlap")
    return found


def _is_days(entry: Entry, scope: Scope) -> bool:
    for part in entry.key.replace(" ", "").split(","):
        ends = part.split("-")
        for name in ends:
            if name not in DAYS:
                scope.bad(
                    entry, f"unknown day {shown(name)}{nearest(name, DAYS) or ': write it like `mon-fri` or `sat`'}"
                )
                return False
        if len(ends) > 2:
            scope.bad(entry, f"{shown(part)} has more than two ends: write it like `mon-fri`")
            return False
    return True


def _is_day(entry: Entry, scope: Scope) -> bool:
    if day_of(entry.key):
        return True
    scope.bad(entry, f"{shown(entry.key)} is no calendar day: write it like `2026-03-01`")
    return False


def _from(node: Node, scope: Scope) -> Any:
    return None if isinstance(node, Scalar) and node.value is None else day(node, scope)


_WEEK = map_of(_spans, key=_is_days)
_DATES = map_of(_spans, key=_is_day)
_PARTS = {"holidays": texts, "week": _WEEK, "dates": _DATES}
_VERSION = Record("a version", {"from": _from, **_PARTS}, required=("week",), nullable=frozenset({"from"}))
_CALENDAR = Record(
    "a calendar", {"tz": zone, **_PARTS, "versions": list_of(_VERSION), "name": text}, required=("tz",)
)
