"""Spans of working time: by days of the week, and of single dates."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..core.calendar_spec import DAY, DAYS, read_days
from .dates import day_of, span, span_of
from .nodes import Entry, Map, Node, Scalar, Seq
from .report import nearest, shown
from .scope import BAD, Scope
from .shapes import list_of, map_of


def _spans(node: Node, scope: Scope) -> Any:
    found = () if isinstance(node, Seq) and not node.items else list_of(span)(node, scope)
    if found is BAD:
        return found
    for (_, end, first), (start, _, second) in pairwise(sorted((*(span_of(text) or ()), text) for text in found)):
        if start < end:
            return scope.bad(node, f"the spans `{first}` and `{second}` overlap")
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


_by_days = map_of(_spans, key=_is_days)
dates = map_of(_spans, key=_is_day)


def week(node: Node, scope: Scope) -> Any:
    """Spans by days; a warning where a night runs into the next day's hours."""
    found = _by_days(node, scope)
    if found is not BAD and isinstance(node, Map) and len(found) == len(node.entries):
        _warn_of_nights(node, scope)
    return found


def _warn_of_nights(node: Map, scope: Scope) -> None:
    by_day: dict[int, list[Scalar]] = {}
    for entry in node:
        items = entry.value.items if isinstance(entry.value, Seq) else ()
        spans = [each for each in items if isinstance(each, Scalar)]
        by_day |= dict.fromkeys(read_days(entry.key), spans)
    for number, nights in by_day.items():
        for night in nights:
            for morning in by_day.get((number + 1) % 7, ()):
                if _runs_into(str(night.value), str(morning.value)):
                    text = f"`{night.value}` runs into `{morning.value}` of the day after: what overlaps counts once"
                    scope.warn(night, text)


def _runs_into(night: str, morning: str) -> bool:
    one, other = span_of(night), span_of(morning)
    return one is not None and other is not None and other[0] < one[1] - DAY
