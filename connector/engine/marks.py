"""What the desk marks on a ticket, and what its filters offer; asked for a page of tickets at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..store import TicketRow
from .notices import lanes_noticed
from .policy import policies
from .services import Services, lane_of


@dataclass(frozen=True, slots=True)
class Choices:
    """What a desk can be filtered by, as far as the rules name it; each sorted. `clocks`: there are SLA policies."""

    trackers: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    clocks: bool = False


def choices(services: Services) -> Choices:
    """Connections, and the projects, teams and people that the rules in force name."""
    book = services.rules.current
    claimed = {project for file in book.files for projects in file.applies_to.values() for project in projects}
    return Choices(
        trackers=tuple(sorted(services.trackers)),
        projects=tuple(sorted(claimed - {"*"})),
        teams=tuple(sorted({team for words in book.words.values() for team in words.teams})),
        people=tuple(sorted(book.desk.people)),
        clocks=any(policies(file) for file in book.files),
    )


def marks(services: Services, rows: Sequence[TicketRow]) -> Mapping[tuple[str, str], frozenset[str]]:
    """`refused`, `held` and `parked`, as far as they are true of each of `rows`, by tracker and id.

    `refused`: of the newest plan the tracker refused something. `held`: we wrote too often and stopped.
    """
    lanes = {lane_of(row.tracker, row.id): row for row in rows}
    if not lanes:
        return {}
    refused = services.store.plans.refused(row.last_plan for row in rows if row.last_plan is not None)
    held = lanes_noticed(services, "held", lanes)
    parked = services.store.inbox.with_parked(lanes)
    return {
        (row.tracker, row.id): frozenset(
            word
            for word, true in (
                ("refused", row.last_plan in refused),
                ("held", lane in held),
                ("parked", lane in parked),
            )
            if true
        )
        for lane, row in lanes.items()
    }
