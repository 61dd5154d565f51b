"""Whose turn it is in a team: a count for each person, in which nobody catches up on what they were not there for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

LATELY = timedelta(days=14)
"""So long a turn counts towards where the team stands."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How far one person has come in the rotation of one team, and when that was."""

    turn: int
    at: datetime


def median(turns: Iterable[Turn], now: datetime) -> int:
    """Where the team stands: the upper median of those who had a turn lately; 0 where nobody had."""
    found = sorted(each.turn for each in turns if now - each.at <= LATELY)
    return found[len(found) // 2] if found else 0


def standings(turns: Mapping[str, Turn], people: Iterable[str], now: datetime) -> dict[str, int]:
    """The turn by which each of `people` is ranked: their own, or one behind the team's median if that is more.

    So newcomers and those who return are next, once: their next turn is the median. While all turns differ by one at
    most, as where all can take every ticket, it is their own.
    """
    least = median(turns.values(), now) - 1
    return {person: max(turns[person].turn if person in turns else 0, least) for person in people}


def taken(turns: Mapping[str, Turn], person: str, now: datetime) -> Turn:
    """`person` has had a turn at `now`."""
    return Turn(standings(turns, [person], now)[person] + 1, now)
