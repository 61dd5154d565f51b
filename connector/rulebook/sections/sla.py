"""`sla:` the first policy that matches says how long things may take, by whose hours, and when the clock stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ...core.calendar_years import year_start
from ...core.calendars import FARTHEST, ROUND_THE_CLOCK
from ...core.durations import parse_duration, show_open_time
from ..names import LEVELS
from ..nodes import Entry, Map, Node, Scalar, Seq
from ..report import listed, nearest, shown
from ..rules_of import rule, rules
from ..rungs import check_rungs, rung
from ..scope import BAD, Scope
from ..shapes import Reader, choice, flag, list_of, map_of, text, texts
from ..sla_words import percent, problem_of_metric

ON_CHANGE = ("carry", "recount", "restart")
REOPEN = ("resume", "restart", "ignore")
DEFAULT = "default"
PAUSES = ("status", "labels", "team", "type")
SOME_YEAR = 2026
_DAYS = re.compile("[dw]", re.IGNORECASE)


def section(node: Node, scope: Scope) -> Any:
    """The policies in order; one without `when` matches always, so nothing after it is reached."""
    found = rules(_POLICY)(node, scope)
    if found is BAD or not isinstance(node, Seq):
        return BAD
    for item in node.items:
        if isinstance(item, Map):
            check_rungs(item, scope)
    live = [item for item in node.items if isinstance(item, Map) and "disabled" not in item]
    open_ = [item for item in live if "when" not in item]
    for item in live[live.index(open_[0]) + 1 :] if open_ else ():
        scope.warn(
            item, f"never reached: the policy on line {open_[0].spot.line} has no `when` and matches everything"
        )
    if not open_:
        scope.warn(node, "no policy catches the rest: a ticket that none matches has no clock")
    return found


def _metric(entry: Entry, scope: Scope) -> bool:
    problem = problem_of_metric(entry.key)
    if problem:
        scope.bad(entry, problem)
    return problem is None


def _targets(node: Node, scope: Scope) -> Any:
    found = map_of(_target_of_all, key=_metric)(node, scope)
    if found is not BAD and isinstance(node, Map) and not node.entries:
        return scope.bad(node, "there are no targets: write at least one, like `{resolution: 8h 24x7}`")
    return found


def _target_of_all(node: Node, scope: Scope) -> Any:
    """`8h cn-office` for every priority, or one for each."""
    if isinstance(node, Scalar):
        value = _target(node, scope)
        return BAD if value is BAD else {DEFAULT: value}
    found = map_of(_target, key=_level)(node, scope)
    if found is BAD or not isinstance(node, Map):
        return BAD
    named = [entry.key for entry in node]
    missing = [level for level in LEVELS if level not in named]
    if DEFAULT not in named and missing:
        return scope.bad(node, f"no target for {listed(missing, 'and')}: add it, or a `{DEFAULT}`")
    return found


def _level(entry: Entry, scope: Scope) -> bool:
    known = (*LEVELS, DEFAULT)
    if entry.key in known:
        return True
    scope.bad(entry, f"unknown priority {shown(entry.key)}{nearest(entry.key, known) or f': choose {listed(known)}'}")
    return False


def _target(node: Node, scope: Scope) -> Any:
    """`15m 24x7`: open time, and the calendar that says what is open."""
    value = text(node, scope)
    if value is BAD:
        return BAD
    length, _, calendar = value.strip().rpartition(" ")
    if not length:
        return scope.bad(node, f"{shown(value)} is no target: write a time and a calendar, like `4h 24x7`")
    try:
        seconds = int(parse_duration(length).total_seconds())
    except ValueError as error:
        return scope.bad(node, f"{error}; a target is a time and a calendar, like `4h 24x7`")
    if seconds <= 0:
        return scope.bad(node, f"{shown(value)} leaves no time at all: write at least one minute")
    if calendar not in scope.calendars:
        if not scope.sure:
            return BAD
        near = nearest(calendar, scope.calendars) or ": define it in `_calendars.yaml`, or write `24x7`"
        return scope.bad(node, f"unknown calendar {shown(calendar)}{near}")
    if scope.calendars[calendar].add(year_start(SOME_YEAR), seconds) is None:
        return scope.bad(
            node,
            f"{shown(value)} can never be used up: `{calendar}` has not that much open time in {FARTHEST} years;"
            " write a shorter time, or another calendar",
        )
    if calendar != ROUND_THE_CLOCK and _DAYS.search(length):
        hours = show_open_time(timedelta(seconds=seconds))
        scope.warn(
            node, f"{shown(value)} is {hours} of open time, more than so many days of `{calendar}`: write it in hours"
        )
    return {"seconds": seconds, "calendar": calendar, "text": value.strip()}


def _pause_when(node: Node, scope: Scope) -> Any:
    """One map or several; each holds if all its fields do."""
    if isinstance(node, Seq):
        return list_of(_pause)(node, scope)
    found = _pause(node, scope)
    return BAD if found is BAD else (found,)


def _pause(node: Node, scope: Scope) -> Any:
    found = map_of(_values, key=_pausing)(node, scope)
    if found is BAD or not isinstance(node, Map):
        return BAD
    if not node.entries:
        return scope.bad(node, "nothing pauses the clock here: name a status, like `{status: pending}`")
    known = scope.schema.fields["status"].values
    for word in found.get("status", ()):
        if known is not None and word not in known:
            scope.bad(node.index["status"], f"`status` has no value `{word}`{nearest(word, known)}")
    return found


def _values(node: Node, scope: Scope) -> Any:
    """A word or several; of labels also `{has: x}` and `{has_any: [x, y]}`, as in conditions."""
    if isinstance(node, Map):
        told = [entry for entry in node if entry.key in ("has", "has_any")]
        if len(told) != 1 or len(node.entries) != 1:
            return scope.bad(node, "a clock is paused by words: write one, a list, or `{has: blocked}` for a label")
        return texts(told[0].value, scope)
    return texts(node, scope)


def _pausing(entry: Entry, scope: Scope) -> bool:
    if entry.key in PAUSES:
        return True
    near = nearest(entry.key, PAUSES) or f": a clock is paused by {listed(PAUSES)}"
    scope.bad(entry, f"unknown condition {shown(entry.key)}{near}")
    return False


def _for_each(reader: Reader) -> Reader:
    """One value for all metrics, or one for each by its name."""

    def read(node: Node, scope: Scope) -> Any:
        return map_of(reader, key=_metric)(node, scope) if isinstance(node, Map) else reader(node, scope)

    return read


_WARNING = percent(1, 99, "is no warning: it must lie from 1% to 99% of the target")
_KEYS: Mapping[str, Reader] = {
    "targets": _targets,
    "pause_when": _pause_when,
    "on_change": _for_each(choice("value of `on_change`", ON_CHANGE)),
    "reopen": _for_each(choice("value of `reopen`", REOPEN)),
    "breach_sticky": _for_each(flag),
    "warn_at": list_of(_WARNING),
    "escalate": list_of(rung),
}
_POLICY = rule("an SLA policy", _KEYS, required=("targets",))
