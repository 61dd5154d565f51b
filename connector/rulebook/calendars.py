"""`_calendars.yaml`: when desks are open; zones, spans, holidays and versions checked, and each calendar compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.calendar_spec import ALWAYS, ALWAYS_OPEN, read_spec, read_zone
from ..core.calendar_years import EARLIEST, closed_for_good
from ..core.calendars import EVERY_DESK, ROUND_THE_CLOCK, Calendar
from ..frozen import FrozenDict
from .closed_days import EventsFile, read_closed
from .dates import day, zone
from .nodes import Entry, Map, Node, Scalar, Seq
from .regions import holidays
from .report import shown
from .scope import BAD, Scope
from .shapes import Record, anything, kind_of, list_of, map_of, text
from .week import dates, week

_STAND_IN = Calendar(ALWAYS_OPEN)


def read_calendars(node: Node, scope: Scope, files: Mapping[str, EventsFile]) -> Mapping[str, Calendar]:
    """The calendars of the file by name, and `24x7`; `files` are the `.ics` files beside it.

    One with mistakes, all of which are reported, is there and always open: who names it makes no mistake.
    """
    if not isinstance(node, Map):
        map_of(anything)(node, scope)
        return EVERY_DESK
    reader = _Calendars(scope, files)
    return FrozenDict({**EVERY_DESK, **{entry.key: reader.calendar(entry) for entry in node}})


@dataclass(frozen=True, slots=True)
class _Calendars:
    scope: Scope
    files: Mapping[str, EventsFile]

    def calendar(self, entry: Entry) -> Calendar:
        problems = len(self.scope.report.problems)
        told = self._told(entry)
        if told is BAD or len(self.scope.report.problems) > problems:
            return _STAND_IN
        try:
            spec = read_spec(told)
        except ValueError as error:
            self.scope.bad(entry, str(error))
            return _STAND_IN
        if closed_for_good(spec, EARLIEST):
            self.scope.bad(entry, f"{shown(entry.key)} never opens: write spans, like `mon-fri: ['09:00-17:00']`")
        return Calendar(spec)

    def _told(self, entry: Entry) -> Any:
        """The calendar as `read_spec` takes it."""
        node = entry.value
        if isinstance(node, Scalar) and node.value == ALWAYS:
            return ALWAYS
        if entry.key == ROUND_THE_CLOCK:
            return self.scope.bad(node, f"`{ROUND_THE_CLOCK}` is `{ALWAYS}`: give this calendar another name")
        if not isinstance(node, Map):
            return self.scope.bad(node, f"a calendar is `always` or a map with `tz` and `week`, not {kind_of(node)}")
        found = CALENDAR(node, self.scope)
        if ("week" in node) == ("versions" in node):
            return self.scope.bad(node, "a calendar has either `week` or `versions`")
        self._check_beginnings(node.get("versions"))
        told = self._with_closed(found, found.get("tz", "UTC"))
        if "versions" in found:
            told["versions"] = [self._with_closed(each, found.get("tz", "UTC")) for each in found["versions"]]
        return told

    def _with_closed(self, told: Mapping[str, Any], tz: str) -> dict[str, Any]:
        """`told` with its files of events read."""
        if "closed" not in told:
            return dict(told)
        return {**told, "closed": read_closed(told["closed"], self.scope, self.files, read_zone(tz))}

    def _check_beginnings(self, versions: Node | None) -> None:
        first: dict[str | None, int] = {}
        for version in versions.items if isinstance(versions, Seq) else ():
            if not isinstance(version, Map):
                continue
            at = version.get("from") or version
            begins = str(at.value) if isinstance(at, Scalar) and at.value is not None else None
            if begins in first:
                since = f"on {shown(begins)}" if begins else "at the beginning of time"
                self.scope.bad(at, f"the version on line {first[begins]} begins {since} too: keep one of the two")
            first.setdefault(begins, version.spot.line)


def _from(node: Node, scope: Scope) -> Any:
    return None if isinstance(node, Scalar) and node.value is None else day(node, scope)


def _as_node(node: Node, _scope: Scope) -> Any:
    """Left for later: only the calendar as a whole knows its zone."""
    return node


_PARTS = {"holidays": holidays, "week": week, "dates": dates, "closed": _as_node}
_VERSION = Record("a version", {"from": _from, **_PARTS}, required=("week",), nullable=frozenset({"from"}))
CALENDAR = Record("a calendar", {"tz": zone, **_PARTS, "versions": list_of(_VERSION), "name": text}, required=("tz",))
