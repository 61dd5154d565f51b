"""Open tickets that have no clock yet, of a file whose policies are new or were edited: each gets a look.

They were worked before there were policies, or by a release that kept no cycles.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..rulebook import RuleFile
from .policy import policies
from .services import Services
from .spread import spread_looks

BATCH = 500
ALL = "-"
"""In place of a position: all tickets were seen."""


def first_looks(services: Services) -> Iterator[int]:
    """Go through the open tickets of each such file in working order, some at a time: after each time, how many."""
    for file in services.rules.current.files:
        while policies(file) and (place := _place(services, file)) != ALL:
            yield _some(services, file, place)


def _place(services: Services, file: RuleFile) -> str:
    """Behind which ticket it goes on, '' at the beginning."""
    digest, _, place = (services.store.meta.get(_key(file)) or "").partition(" ")
    return place if digest == file.clocks else ""


def _some(services: Services, file: RuleFile, place: str) -> int:
    tickets = services.store.tickets
    rows = tickets.desk(applies=file.name, over=False, after=place or None, limit=BATCH)
    cycles = services.store.cycles.of_many([(row.tracker, row.id) for row in rows])
    with services.store.begin() as work:
        work.set_timers(spread_looks(work, (name for name, found in cycles.items() if not found)))
    reached = tickets.position(rows[-1]) if len(rows) == BATCH else ALL
    services.store.meta.set(_key(file), f"{file.clocks} {reached}")
    return len(rows)


def _key(file: RuleFile) -> str:
    return f"sla/{file.name}/seen"
