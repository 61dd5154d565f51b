"""When a ticket is to be looked at again though nothing happens to it: timers, set with its plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ..plan import Plan
from ..store import Lane, Work
from .look import Look
from .planning import BUDGET_SPAN, HELD, wake_of

AGE, BUDGET_TIMER = "age", "budget"


def set_timers(work: Work, lane: Lane, look: Look, plan: Plan, now: datetime) -> None:
    """For conditions on age and hours, for what plugins ask for, and for what the loop budget holds back."""
    assert look.file is not None
    whose = {"tracker": look.tracker.name, "ticket": look.ticket.id}
    if at := wake_of(look.file, replace(look.ticket, as_of=now)):
        work.set_timer(lane.key, AGE, at, whose)
    else:
        work.cancel_timer(lane.key, AGE)
    for wake in plan.wakes:
        work.set_timer(lane.key, wake.note, wake.at, whose)
    if any(decision.reason == HELD for decision in plan.decisions):
        work.set_timer(lane.key, BUDGET_TIMER, now + BUDGET_SPAN, whose)
