"""What comes out of one decision: wishes with their verdicts, what to write, what we then stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from .changes import Change, Notify, SetFact, WakeAt
from .frozen import EMPTY
from .model import Pin, Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """One wish of one plugin and what becomes of it; `reason` says why, where the verdict alone does not."""

    plugin: str
    change: Change
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A plugin that raised, took too long, is quarantined, or returned what is no change."""

    plugin: str
    error: str
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan for one ticket: it can be shown, stored, written back and compared.

    `pins` holds every slot that a person holds after this plan, `released` the slots given back by it.
    """

    decisions: tuple[Decision, ...] = ()
    failures: tuple[Failure, ...] = ()
    facts: Mapping[str, Any] = EMPTY
    pins: Mapping[str, Pin] = EMPTY
    released: frozenset[str] = frozenset()

    @property
    def changes(self) -> tuple[Change, ...]:
        """What to write to the tracker, in order; facts, wake-ups and notices are not written there."""
        return tuple(
            d.change
            for d in self.decisions
            if d.verdict is Verdict.APPLY and not isinstance(d.change, SetFact | WakeAt | Notify)
        )

    @property
    def wakes(self) -> tuple[WakeAt, ...]:
        """The wake-ups to set."""
        return tuple(d.change for d in self.decisions if d.verdict is Verdict.APPLY and isinstance(d.change, WakeAt))

    @property
    def notices(self) -> tuple[Notify, ...]:
        """What people are told outside the tracker."""
        return tuple(d.change for d in self.decisions if d.verdict is Verdict.APPLY and isinstance(d.change, Notify))

    @property
    def stands(self) -> tuple[Change, ...]:
        """What we stand for once this plan is written: what applies, and what is so already."""
        return tuple(
            d.change
            for d in self.decisions
            if d.verdict in (Verdict.APPLY, Verdict.ALREADY)
            and not (isinstance(d.change, SetFact) and not d.change.kept)
        )


def jsonable(value: Any) -> Any:
    """`value` as JSON knows it: instants as ISO text with `Z`, durations in seconds, sets sorted."""
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [jsonable(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, datetime):
        # A fact may be an instant in the zone of those whom it concerns; naive ones have none to leave.
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    if isinstance(value, date):
        return value.isoformat()
    return value
