"""A policy as the clock uses it: goals by the ticket's fields, pauses, thresholds; rule P1 of `docs/sla.md`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

Match = tuple[tuple[str, tuple[Any, ...]], ...]
"""Every field must hold one of its values."""


@dataclass(frozen=True, slots=True)
class Goal:
    """So many open seconds of the calendar of that name; `when` () always applies."""

    seconds: int
    calendar: str
    when: Match = ()

    @property
    def pair(self) -> tuple[int, str]:
        """What makes it another goal when it differs."""
        return self.seconds, self.calendar


@dataclass(frozen=True, slots=True)
class Threshold:
    """A part of the goal; `key` is how it was written. Exact: 0.07 of 100 s is 7 s."""

    key: str
    part: Fraction

    def reached_at(self, goal: int) -> int:
        """The fewest whole seconds that are at least this part of `goal`."""
        return ceil(self.part * goal)

    def passed_at(self, goal: int) -> int:
        """The fewest whole seconds that are more than this part of `goal`."""
        return floor(self.part * goal) + 1


WHOLE = Threshold("1.0", Fraction(1))


@dataclass(frozen=True, slots=True)
class MetricPolicy:
    """How one metric is judged; see `docs/sla.md` for the words.

    `counts_in` are the statuses in which alone the clock runs, () for all.
    """

    goals: tuple[Goal, ...]
    pause_when: tuple[Match, ...] = ()
    on_change: str = "carry"
    breach_sticky: bool = True
    reopen: str = "resume"
    thresholds: tuple[Threshold, ...] = ()
    counts_in: tuple[str, ...] = ()

    def goal(self, fields: Mapping[str, Any]) -> Goal | None:
        """The first that applies to a ticket with these fields."""
        return next((goal for goal in self.goals if holds(goal.when, fields)), None)

    def paused(self, fields: Mapping[str, Any]) -> bool:
        """Does the clock stand still on a ticket with these fields? Without a status it is new."""
        if self.counts_in and (fields.get("status") or "new") not in self.counts_in:
            return True
        return any(holds(match, fields) for match in self.pause_when)


@dataclass(frozen=True, slots=True)
class Policy:
    """All metrics of a policy and the status words that mean done."""

    metrics: Mapping[str, MetricPolicy]
    done_status: tuple[str, ...] = ()


def read_policy(raw: Mapping[str, Any] | Policy) -> Policy:
    """The policy that `{done_status, metrics: {name: {goals, …}}}` says."""
    if isinstance(raw, Policy):
        return raw
    metrics = {name: _metric(each) for name, each in raw["metrics"].items()}
    return Policy(metrics, tuple(raw.get("done_status") or ()))


def holds(match: Match, fields: Mapping[str, Any]) -> bool:
    """Does every field hold one of the values, a list field at least one in common?"""
    return all(_has(fields.get(name), values) for name, values in match)


def _has(value: Any, wanted: tuple[Any, ...]) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return any(each in wanted for each in value)
    return value in wanted


def _metric(raw: Mapping[str, Any]) -> MetricPolicy:
    return MetricPolicy(
        tuple(Goal(goal["goal_s"], goal["calendar"], _match(goal.get("when") or {})) for goal in raw["goals"]),
        tuple(_match(each) for each in raw.get("pause_when") or ()),
        raw.get("on_change", "carry"),
        raw.get("breach_sticky", True),
        raw.get("reopen", "resume"),
        tuple(threshold(part) for part in raw.get("thresholds") or ()),
    )


def threshold(part: float | str) -> Threshold:
    """0.5, or its text."""
    return Threshold(str(part), Fraction(str(part)))


def _match(raw: Mapping[str, Any]) -> Match:
    return tuple((name, tuple(given) if isinstance(given, list | tuple) else (given,)) for name, given in raw.items())
