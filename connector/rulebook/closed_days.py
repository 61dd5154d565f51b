"""`closed: [leave.ics]` of a calendar: files of events beside the rule files, each of which closes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from ..core.calendar_file import closed_in
from ..core.calendar_spec import Closed
from ..core.calendar_years import joined
from .folder import ICS
from .nodes import Node, Seq, Spot
from .report import nearest, shown
from .scope import BAD, Scope
from .shapes import checked


@dataclass(frozen=True, slots=True)
class EventsFile:
    """The path that problems show, and what stands in the file."""

    path: str
    text: str


def _name_problem(value: str, _node: Node, _scope: Scope) -> str | None:
    if "/" in value or "\\" in value or ":" in value:
        return f"{shown(value)} is no file of the rules folder: put it there and write its name, like `leave{ICS}`"
    return None if value.endswith(ICS) else f"{shown(value)} is no `{ICS}` file: write its name, like `leave{ICS}`"


_name = checked(_name_problem)


def read_closed(node: Node, scope: Scope, files: Mapping[str, EventsFile], zone: ZoneInfo) -> Any:
    """What all files named there close together; one that is missing or cannot be read is reported."""
    items = node.items if isinstance(node, Seq) else (node,)
    found = [_of(item, scope, files, zone) for item in items]
    if any(each is BAD for each in found):
        return BAD
    return Closed(
        frozenset().union(*(each.days for each in found)),
        tuple(joined(time for each in found for time in each.times)),
    )


def _of(node: Node, scope: Scope, files: Mapping[str, EventsFile], zone: ZoneInfo) -> Any:
    name = _name(node, scope)
    if name is BAD:
        return BAD
    file = files.get(name)
    if file is None:
        near = nearest(name, files) or ": put it beside this file"
        return scope.bad(node, f"the rules folder has no file {shown(name)}{near}")
    try:
        return closed_in(file.text, zone)
    except ValueError as error:
        return scope.bad(Spot(file.path, 1, 1), str(error))
