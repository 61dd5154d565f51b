"""One cycle of the naive SLA clock: told of every event and every minute, it keeps lists of minutes."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from .sla_minutes import MINUTE, Minutes, instant

Fields = dict[str, Any]


def matches(match: dict[str, list[Any]], fields: Fields) -> bool:
    """Does every field hold one of its values, a list field share one (P1)?"""

    def holds(value: Any, values: list[Any]) -> bool:
        return any(item in values for item in value) if isinstance(value, list) else value in values

    return all(holds(fields.get(field), values) for field, values in match.items())


@cache
def share(factor: float, goal_s: int) -> int:
    """`factor` of a goal, which must be whole minutes."""
    seconds = Fraction(str(factor)) * goal_s
    assert seconds % MINUTE == 0, (factor, goal_s)
    return int(seconds)


class Cycle:
    """One cycle of one metric, told of every event and every minute."""

    def __init__(self, config: dict[str, Any], minutes: dict[str, Minutes], at: int) -> None:
        self.config = config
        self.minutes = minutes
        self.factors = {1.0, *config.get("thresholds", [])}
        self.started = at
        self.stopped: int | None = None
        self.cancelled = False
        self.goal: tuple[int, str] | None = None
        self.last_goal: tuple[int, str] | None = None
        self.paused = False
        self.elapsed = 0
        self.on: list[int] = []  # minutes neither paused nor stopped
        self.off: list[int] = []  # minutes paused, or solved and then resumed
        self.hits: dict[float, int] = {}
        self.first_breach: int | None = None

    @property
    def is_open(self) -> bool:
        return self.stopped is None

    def see(self, fields: Fields) -> None:
        """After an event: which goal applies, does the clock pause (P1, G1)."""
        self.paused = any(matches(match, fields) for match in self.config.get("pause_when", []))
        fitting = [goal for goal in self.config["goals"] if matches(goal.get("when", {}), fields)]
        goal = (fitting[0]["goal_s"], fitting[0]["calendar"]) if fitting else None
        if goal is not None and goal != self.goal:
            change = self.config.get("on_change", "carry")
            if change == "recount":
                self.elapsed = MINUTE * sum(self.minutes[goal[1]].open(at) for at in self.on)
            if goal != self.last_goal:
                self.hits = {}
                if change == "restart":
                    self.elapsed = 0
            self.last_goal = goal
        self.goal = goal

    def seconds(self, factor: float) -> int:
        """`factor` of the goal in force."""
        assert self.goal is not None
        return share(factor, self.goal[0])

    def look(self, at: int) -> None:
        """After all events of an instant: what is hit now (G2)?"""
        if self.goal is None:
            return
        for factor in self.factors - self.hits.keys():
            limit = self.seconds(factor)
            if self.elapsed > limit or (self.elapsed >= limit and not self.paused):
                self.hits[factor] = at
                if factor == 1.0 and self.first_breach is None:
                    self.first_breach = at

    def tick(self, at: int) -> None:
        """The minute that starts at `at` goes by."""
        (self.off if self.paused else self.on).append(at)
        if self.goal is not None and not self.paused and self.minutes[self.goal[1]].open(at):
            self.elapsed += MINUTE

    def resume(self, at: int) -> None:
        """The solved ticket is open again, and what lay between was no time of this cycle."""
        assert self.stopped is not None
        self.off.extend(range(self.stopped, at, MINUTE))
        self.stopped = None

    @property
    def breached(self) -> int | None:
        return self.first_breach if self.config.get("breach_sticky", True) else self.hits.get(1.0)

    @property
    def state(self) -> str:
        if self.cancelled:
            return "cancelled"
        if not self.is_open:
            return "met" if self.breached is None else "missed"
        if self.goal is None:
            return "inactive"
        return "paused" if self.paused else "running"

    def due(self, factor: float, now: int) -> int | None:
        """The hit, else the minute in which it comes or, but for the stop, would have come (G5)."""
        if self.cancelled:
            return None
        if factor in self.hits:
            return self.hits[factor]
        if self.goal is None or self.paused:
            return None
        since = now if self.stopped is None else self.stopped
        return self.minutes[self.goal[1]].add(since, self.seconds(factor) - self.elapsed)

    def pauses(self, now: int) -> list[list[str | None]]:
        """Minutes off that follow each other, as `[from, to]`; the last without `to` while the clock is paused."""
        runs: list[list[int | None]] = []
        for at in self.off:
            if runs and runs[-1][1] == at:
                runs[-1][1] = at + MINUTE
            else:
                runs.append([at, at + MINUTE])
        if self.is_open and self.paused:
            if runs and runs[-1][1] == now:
                runs[-1][1] = None
            else:
                runs.append([now, None])
        return [[instant(start), instant(end)] for start, end in runs]

    def short(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "started_at": instant(self.started),
            "stopped_at": instant(self.stopped),
            "goal_s": self.goal and self.goal[0],
            "elapsed_s": self.elapsed,
            "breached_at": instant(self.breached),
        }
