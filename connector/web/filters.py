"""What a visitor wants to see of the desk: all of it stands in the address, so that it can be kept and sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..core.sla import Metric
from ..core.sla_query import Query, QueryMistake, read_query
from ..model import Priority
from .language import Texts
from .typed import clean

LIMIT = 100
QUERY_LIMIT = 300
"""Characters of a text, and of a query over SLA clocks."""
NONE = "-"
"""In an address: tickets without a team, without an assignee."""
CLOSED: Mapping[str, tuple[str, ...]] = {
    "status": ("new", "open", "pending", "on_hold", "done"),
    "priority": tuple(priority.word for priority in sorted(Priority, reverse=True)),
    "mode": ("live", "shadow"),
    "show": ("open", "over"),
}
"""Filters that know all their values; any other value counts as none."""


@dataclass(frozen=True, slots=True)
class Filters:
    """One text for each filter, '' for any."""

    text: str = ""
    team: str = ""
    status: str = ""
    priority: str = ""
    assignee: str = ""
    tracker: str = ""
    project: str = ""
    mode: str = ""
    show: str = ""
    sla: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Filters:
        """Those in an address; whatever is no filter, or too long for one, is left out."""
        given = {field.name: clean(args.get(field.name, "")).strip()[: limit_of(field.name)] for field in fields(cls)}
        closed = {name: value for name, value in given.items() if value in CLOSED.get(name, (value,))}
        return cls(**closed)

    @property
    def active(self) -> Mapping[str, str]:
        """Those that are set, as they stand in an address."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def rare(self) -> bool:
        """Is one of those set that are folded away?"""
        return any((self.priority, self.assignee, self.tracker, self.project, self.mode, self.show, self.sla))

    def without(self) -> Iterator[tuple[str, str, Mapping[str, str]]]:
        """Each active filter: its name, its value, and what is left in the address without it."""
        for name, value in self.active.items():
            yield name, value, {other: text for other, text in self.active.items() if other != name}

    def query(self) -> Query | None:
        """What is asked of SLA clocks; raise `QueryMistake` where that makes no sense."""
        return read_query(self.sla) if self.sla else None

    def asked(self) -> Mapping[str, Any]:
        """The filters as the store's desk takes them, without what is asked of clocks."""
        wanted: dict[str, Any] = {
            name: "" if value == NONE and name in ("team", "assignee") else value
            for name, value in self.active.items()
            if name not in ("priority", "show", "sla")
        }
        if self.priority:
            wanted["priority"] = int(Priority.of(self.priority))
        if self.show:
            wanted["over"] = self.show == "over"
        return wanted


def limit_of(name: str) -> int:
    """How many characters the filter may have."""
    return QUERY_LIMIT if name == "sla" else LIMIT


def mistake_shown(mistake: QueryMistake, texts: Texts) -> str:
    """Where a query makes no sense, and what to write."""
    word = mistake.word
    if not mistake.found and word in ("metric", "function", "length"):
        word = "end"
    elif mistake.near and word in ("metric", "function"):
        word += "_near"
    metrics = ", ".join(metric.value for metric in Metric)
    return texts(f"sla_query.{word}", at=mistake.at, found=mistake.found, near=mistake.near, metrics=metrics)
