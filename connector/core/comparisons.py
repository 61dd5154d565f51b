"""Numbers, instants and lengths of time: `">= 5"`, `"< 2026-01-31"`, `">= 1h30m"`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from ..model import Ticket
from .ask import BROKEN, Ask, spec_text
from .fields import FieldType
from .nodes import Leaf, Node, Test
from .reading import UNDERSTAND, number, once, value_reader

_SHAPE = re.compile(r"\s*(>=|<=|!=|==|=|>|<)?\s*(.*?)\s*", re.DOTALL)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "==": operator.eq,
}
# The answer to `>` and `<=` changes just after the instant itself.
_JUST_AFTER: Mapping[str, timedelta] = {">": timedelta(milliseconds=1), "<=": timedelta(milliseconds=1)}
_EXAMPLE = {
    FieldType.NUMBER: 'a number: write 2, [1, 2] or ">= 5"',
    FieldType.INSTANT: 'an instant: compare it, as in ">= 2026-01-31" or "< 2026-01-31T09:00Z"',
    FieldType.DURATION: 'a length of time: compare it, as in ">= 3d" or "< 1h30m"',
}


def comparison_line(ask: Ask, spec: Any) -> Node:
    """One comparison, or a list of which one must hold; a missing value meets none."""
    items = list(enumerate(spec)) if isinstance(spec, list) else [(None, spec)]
    if not items:
        return ask.bad("the list is empty, so this can never hold")
    bounds = [_bound(ask, item, *(() if at is None else (at,))) for at, item in items]
    known = [bound for bound in bounds if bound]
    if len(known) < len(bounds):
        return BROKEN
    flips: tuple[timedelta, ...] = ()
    if ask.name == "age":
        flips = tuple(value + _JUST_AFTER.get(sign, timedelta()) for sign, value in known)
    tests = [_test(ask, _COMPARE[sign], value) for sign, value in known]
    test = tests[0] if len(tests) == 1 else lambda ticket: any(each(ticket) for each in tests)
    return Leaf(ask.name, spec_text(spec), ask.read, test, flips=flips)


def _bound(ask: Ask, item: Any, *below: int) -> tuple[str, Any] | None:
    sign, rest = _split(item)
    if sign == "!=":
        ask.bad(f"there is no `!=`: write `not: {{{ask.name}: …}}`", *below)
        return None
    if (not sign and ask.field.type is not FieldType.NUMBER) or (sign in ("=", "==") and _is_time(ask)):
        ask.bad(f"`{ask.name}` is {_EXAMPLE[ask.field.type]}{_hint(ask, rest)}", *below)
        return None
    value = UNDERSTAND[ask.field.type](rest)
    if value is None:
        ask.bad(f"`{ask.name}` is {_EXAMPLE[ask.field.type]}; not `{_brief(item)}`{_hint(ask, rest)}", *below)
        return None
    if outside := _outside(ask, value):
        ask.bad(outside, *below)
        return None
    return sign or "=", value


def _split(item: Any) -> tuple[str, Any]:
    if not isinstance(item, str):
        return "", item
    found = _SHAPE.fullmatch(item)
    return (found[1] or "", found[2]) if found else ("", item)


def _is_time(ask: Ask) -> bool:
    return ask.field.type in (FieldType.INSTANT, FieldType.DURATION)


def _hint(ask: Ask, rest: Any) -> str:
    if ask.field.type is FieldType.DURATION and number(rest) is not None:
        return f"; `{rest}` has no unit"
    if not isinstance(rest, str) or not _CLOCK.fullmatch(rest):
        return ""
    if ask.field.type is FieldType.DURATION:
        return f"; `{rest}` is a time of day, a length is written 17h or 1h30m"
    return f"; `{rest}` is a time of day"


def _brief(item: Any) -> str:
    return "nothing" if item is None else spec_text(item)[:40]


def _outside(ask: Ask, value: Any) -> str:
    low, high = ask.field.low, ask.field.high
    if ask.field.type is not FieldType.NUMBER:
        return ""
    if low is not None and high is not None and not low <= value <= high:
        return f"`{ask.name}` lies between {low:g} and {high:g}, so {value:g} makes no sense"
    if low is not None and value < low:
        return f"`{ask.name}` is never below {low:g}"
    if high is not None and value > high:
        return f"`{ask.name}` is never above {high:g}"
    return ""


def _test(ask: Ask, compare: Callable[[Any, Any], bool], bound: Any) -> Test:
    read = value_reader(ask.name, ask.field.type)

    def test(ticket: Ticket) -> bool:
        try:
            value = ticket.memo[read]
        except KeyError:
            value = once(ticket, read)
        return value is not None and compare(value, bound)

    return test
