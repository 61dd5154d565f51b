"""The SLA clock: out of a ticket's history, a policy and calendars, the state of every metric at an instant.

A pure function of its arguments: no clock, no hidden state. The specification is `docs/sla.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .calendar_years import year_of
from .calendars import Calendar, compile_calendar
from .clock_cycle import Cycle, Stretch
from .clock_metrics import run
from .clock_policy import WHOLE, Goal, Policy, read_policy
from .clock_story import Step, story
from .instants import moment_of, seconds_of, text_of

NOT_STARTED: Mapping[str, Any] = {"state": "not_started", "cycle": 0}


@dataclass(frozen=True, slots=True)
class Clock:
    """A metric at `as_of`: its cycles, the last one current. Instants are whole UTC seconds."""

    metric: str
    as_of: int
    cycles: tuple[Cycle, ...] = ()

    @property
    def last(self) -> Cycle | None:
        return self.cycles[-1] if self.cycles else None

    @property
    def state(self) -> str:
        """`not_started running paused inactive met missed cancelled`."""
        return state_of(self.last) if self.last else "not_started"

    @property
    def goal(self) -> Goal | None:
        return self.last.goal if self.last else None

    @property
    def due_at(self) -> datetime | None:
        """When the goal was, or will be, used up."""
        return _moment(self.last.due(WHOLE)) if self.last else None

    @property
    def breached_at(self) -> datetime | None:
        """When it was, of the last cycle."""
        return _moment(breached_at(self.last)) if self.last else None

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """How the last cycle's time adds up."""
        return tuple(self.last.stretches) if self.last else ()


def clocks(
    policy: Mapping[str, Any] | Policy,
    calendars: Mapping[str, Any],
    events: Iterable[Mapping[str, Any]],
    as_of: int,
    known_at: int | None = None,
) -> dict[str, Clock]:
    """All metrics of the policy at `as_of`, by what was known at `known_at` (None: all); see `evaluate`."""
    read = read_policy(policy)
    steps = story(events, read.done_status, as_of, known_at)
    compiled = _compiled(calendars, steps, as_of)
    return {
        name: Clock(name, as_of, run(name, metric, compiled, steps, as_of)) for name, metric in read.metrics.items()
    }


def evaluate(
    policy: Mapping[str, Any] | Policy,
    calendars: Mapping[str, Any],
    events: Iterable[Mapping[str, Any]],
    as_of: str,
    known_at: str | None = None,
) -> dict[str, dict[str, Any]]:
    """Metric → its result at `as_of` as known at `known_at`: exactly the keys of `docs/sla.md`, instants as `…Z`.

    `calendars` maps a name to a spec, see `read_spec`, or to a compiled `Calendar`.
    """
    known = None if known_at is None else seconds_of(known_at)
    found = clocks(policy, calendars, events, seconds_of(as_of), known)
    return {name: result(clock) for name, clock in found.items()}


def state_of(cycle: Cycle) -> str:
    """See `Clock.state`."""
    if cycle.cancelled:
        return "cancelled"
    if not cycle.open:
        return "met" if breached_at(cycle) is None else "missed"
    if cycle.goal is None:
        return "inactive"
    return "paused" if cycle.paused else "running"


def breached_at(cycle: Cycle) -> int | None:
    """The first time that the goal was used up; with `breach_sticky: false` that of the last goal."""
    return cycle.breached_at if cycle.policy.breach_sticky else cycle.hits.get(WHOLE)


def result(clock: Clock) -> dict[str, Any]:
    """A metric as `evaluate` gives it."""
    cycle = clock.last
    if cycle is None:
        return dict(NOT_STARTED)
    remaining = None if cycle.goal is None or cycle.cancelled else cycle.goal.seconds - cycle.elapsed
    return {
        "state": state_of(cycle),
        "cycle": len(clock.cycles),
        "started_at": text_of(cycle.started_at),
        "stopped_at": _text(cycle.stopped_at),
        "goal_s": cycle.goal.seconds if cycle.goal else None,
        "elapsed_s": cycle.elapsed,
        "remaining_s": remaining,
        "due_at": _text(cycle.due(WHOLE)),
        "breached_at": _text(breached_at(cycle)),
        "paused": [[text_of(since), _text(until)] for since, until in cycle.pauses()],
        "thresholds": {part.key: _text(cycle.due(part)) for part in cycle.policy.thresholds},
        "previous": [_short(each) for each in clock.cycles[:-1]],
    }


def _short(cycle: Cycle) -> dict[str, Any]:
    return {
        "state": state_of(cycle),
        "started_at": text_of(cycle.started_at),
        "stopped_at": _text(cycle.stopped_at),
        "goal_s": cycle.goal.seconds if cycle.goal else None,
        "elapsed_s": cycle.elapsed,
        "breached_at": _text(breached_at(cycle)),
    }


def _compiled(calendars: Mapping[str, Any], steps: tuple[Step, ...], as_of: int) -> dict[str, Calendar]:
    first, last = year_of(steps[0].at if steps else as_of), year_of(as_of) + 1
    return {
        name: each if isinstance(each, Calendar) else compile_calendar(each, first, last)
        for name, each in calendars.items()
    }


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment_of(seconds)


def _text(seconds: int | None) -> str | None:
    return None if seconds is None else text_of(seconds)
