"""Looks that many tickets need at once are spread, so that they neither storm a tracker nor hold up what comes in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from ..store import TimerRow, Work
from .services import lane_of

LOOK, LOOK_EVERY = "recount", timedelta(seconds=0.5)
"""The timer of such a look, and how far apart those at one tracker are."""


def spread_looks(work: Work, names: Iterable[tuple[str, str]]) -> list[TimerRow]:
    """A timer for each of these tickets (tracker, id) that waits for no such look yet, behind all that were given."""
    lanes = {lane_of(*name): name for name in names}
    waiting = work.with_timer(LOOK, lanes)
    by_tracker: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for lane, (tracker, ticket) in lanes.items():
        if lane not in waiting:
            by_tracker[tracker].append((lane, ticket))
    timers = []
    for tracker, looks in sorted(by_tracker.items()):
        begins = work.reserve(f"sla/looks/{tracker}", len(looks) * LOOK_EVERY)
        for number, (lane, ticket) in enumerate(looks):
            told = {"tracker": tracker, "ticket": ticket}
            timers.append(TimerRow(lane, LOOK, begins + number * LOOK_EVERY, told))
    return timers
