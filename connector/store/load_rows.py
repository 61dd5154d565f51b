"""What is read and written of loads: values, in thousandths of the units of rule files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..core.rotation import Turn
from ..frozen import EMPTY

Name = tuple[str, str]
UNIT = 1000
"""So many thousandths are a unit of rule files."""
CLAIMED, TAKEN, FOUND, WEIGHED, LEFT = "claimed", "taken", "found", "weighed", "left"
"""Why an entry was made: the rules gave somebody the ticket, a person did, they were found to have it, it weighs
otherwise now, they have it no more."""


class Full(Exception):
    """`person` has no room for what was to be claimed: nothing of the transaction may be kept."""

    def __init__(self, person: str) -> None:
        super().__init__(person)
        self.person = person


@dataclass(frozen=True, slots=True)
class Share:
    """What a ticket contributes to the load of `person`, in thousandths of a unit; always more than nothing."""

    person: str
    units: int


@dataclass(frozen=True, slots=True)
class Load:
    """What `person` holds, in thousandths of a unit, on how many tickets; `last` is when they were given one last.

    `turns` maps a team to how far they have come in its rotation.
    """

    person: str
    units: int = 0
    tickets: int = 0
    last: datetime | None = None
    turns: Mapping[str, Turn] = EMPTY


@dataclass(frozen=True, slots=True)
class Difference:
    """A sum that was not what the ledger says: (units, tickets) as they stood, and as they are."""

    person: str
    was: tuple[int, int]
    now: tuple[int, int]
