"""What a ticket contributes to the load of whoever holds it: by its priority, and by whether it waits."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.assigning import DEFAULTS, Rule, assigns, effort_of
from ..core.sla import Metric
from ..model import Priority, Ticket
from ..rulebook import Rulebook, RuleFile
from ..store import CycleRow, Share, TicketRow
from ..store.load_rows import UNIT

ROUTING = "routing"
WAITING = ("pending", "on_hold")
"""The statuses in which a ticket without a clock waits."""


def chooses(file: RuleFile | None) -> bool:
    """Does `file` choose among people?"""
    return file is not None and assigns(file.sections.get(ROUTING))


def keeps_loads(book: Rulebook) -> bool:
    """Does any file? Then the tickets of all count: people have but one day."""
    return any(map(chooses, book.files))


def weights_of(file: RuleFile) -> Rule:
    """`effort` and `waiting_weight`; of a file that does not choose among people the usual ones."""
    return file.sections[ROUTING]["assign"] if chooses(file) else DEFAULTS


def share_of(book: Rulebook, row: TicketRow, cycles: Iterable[CycleRow]) -> Share | None:
    """What a ticket with these clocks contributes, and to whose load; nothing if it is over, or held by no agent."""
    file, person = book.file_for(row.tracker, row.project), row.assignee
    if file is None or row.gone or row.status == "done" or person is None or person not in book.desk.people:
        return None
    by = weights_of(file)
    effort = effort_of(by, Ticket(priority=Priority(row.priority)))
    units = round(UNIT * effort * (by["waiting_weight"] if waits(row.status, cycles) else 1))
    return Share(person, units) if units else None


def waits(status: str | None, cycles: Iterable[CycleRow]) -> bool:
    """Does a ticket wait for its customer? Its clocks say so by standing still; without any, its status does."""
    running = {row.state for row in cycles if row.is_open and row.is_last and row.metric != Metric.REQUESTER_WAIT}
    running &= {"running", "paused"}
    return running == {"paused"} if running else status in WAITING
