"""What is known while one file is checked: the words it may use, and where its problems go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.calendars import Calendar
from ..core.fields import Schema
from ..desk import Agent
from ..frozen import EMPTY
from .nodes import Entry, Node, Spot
from .report import Report


class _Bad:
    """Stands for a value that was reported as wrong."""

    def __repr__(self) -> str:
        return "BAD"


BAD: Any = _Bad()


@dataclass(frozen=True, slots=True)
class Scope:
    """`schema` types the fields that conditions use; `lists` are the file's own, by name without `@`.

    Not `sure`: a shared file could not be read, so that teams and people may exist that are not here. `notices` are
    the names that notices go to, `leads` who leads which team. `assigns`: rules may choose people.

    `disabled` gathers the switched-off rules of a section, `used` the fields that its conditions name.
    """

    report: Report
    schema: Schema
    teams: frozenset[str] = frozenset()
    people: Mapping[str, Agent] = EMPTY
    notices: frozenset[str] = frozenset()
    leads: Mapping[str, str] = EMPTY
    roles: frozenset[str] = frozenset()
    sure: bool = True
    assigns: bool = False
    customer_words: Mapping[str, frozenset[str]] = EMPTY
    lists: Mapping[str, tuple[str, ...]] = EMPTY
    disabled: list[Mapping[str, str]] = field(default_factory=list)
    used: dict[str, Spot] = field(default_factory=dict)

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """The calendars that rules may name; empty where not `sure`."""
        return self.schema.calendars

    def bad(self, at: Node | Entry | Spot, text: str) -> Any:
        """Report a problem and return `BAD`."""
        self.report.problem(at, text)
        return BAD

    def warn(self, at: Node | Entry | Spot, text: str) -> None:
        self.report.warn(at, text)
