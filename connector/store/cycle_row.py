"""One row of the table `cycle`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class CycleRow:
    """One cycle of one SLA metric of a ticket, as it stood at `counted_at`; `state` is a word of `Clock.state`.

    Once finished it stays as it was judged, unless the ticket's history up to its stop turns out to have been
    another: `history` is the digest of that, '' while it is open, `rules` that of what it was computed by.
    `breach_at` is `breached_at`, or when a clock that runs will be breached if nothing happens. `zero_mark` and
    `due_mark` are where on its calendar's count of open time (`Calendar.mark`) nothing and all of the goal is used
    by a clock that runs; of one that is paused they are -`elapsed_s` and `remaining_s`, of all others None.
    `standing` is how the ticket would stand (`Standing`) if it had no other clock; None of a cycle before the last.
    From `priority` on: what the ticket was at `counted_at`; `applies` is the stem of its rule file.
    `is_last`, `is_over` (the ticket is done) and `breached_before` (an earlier cycle was) follow the ticket.
    """

    tracker: str
    ticket: str
    metric: str
    number: int
    state: str
    rules: str
    counted_at: datetime
    started_at: datetime
    stopped_at: datetime | None = None
    policy: str | None = None
    calendar: str | None = None
    zone: str | None = None
    goal_s: int | None = None
    elapsed_s: int = 0
    remaining_s: int | None = None
    due_at: datetime | None = None
    breached_at: datetime | None = None
    standing: str | None = None
    breach_at: datetime | None = None
    zero_mark: int | None = None
    due_mark: int | None = None
    history: str = ""
    priority: str = ""
    tier: str | None = None
    channel: str | None = None
    team: str | None = None
    project: str = ""
    applies: str = ""
    is_last: bool = True
    is_over: bool = False
    breached_before: bool = False

    @property
    def is_open(self) -> bool:
        return self.stopped_at is None


IN_ROW = tuple(field.name for field in fields(CycleRow))


def row_of(found: Mapping[Any, Any]) -> CycleRow:
    """The row that was read."""
    return CycleRow(**{name: found[name] for name in IN_ROW})
