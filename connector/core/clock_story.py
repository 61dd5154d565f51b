"""A ticket's history as the clock reads it: corrected, in order, and each event as the one thing that it means.

The rules E1, E2 and K3 of `docs/sla.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from .instants import seconds_of


class Signal(Enum):
    """What an event means for clocks. `ASKED` is a customer's public comment, `REPLIED` an agent's."""

    CREATED = auto()
    ASKED = auto()
    REPLIED = auto()
    SOLVED = auto()
    REOPENED = auto()
    TEAM = auto()
    ASSIGNEE = auto()
    MERGED = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """One event: what it means, and the ticket after it. `last` is true for the last one of its instant.

    `by` is who made it: `customer`, `agent` or `system`; `person` is who that is, where it is known.
    """

    at: int
    signal: Signal
    fields: Mapping[str, Any]
    done: bool
    last: bool
    by: str = ""
    person: str = ""


def story(
    events: Iterable[Mapping[str, Any]], done_status: Iterable[str], as_of: int, known_at: int | None
) -> tuple[Step, ...]:
    """The steps up to `as_of`, as they were known at `known_at` (None: now); none without a `created`."""
    rows = _in_order(_known(events, known_at), as_of)
    done_words = frozenset(done_status)
    steps: list[Step] = []
    fields: Mapping[str, Any] = {}
    done = False
    for number, (at, row) in enumerate(rows):
        before = fields
        if row["type"] == "created" and not steps:
            fields = {**(row.get("fields") or {})}
        elif row["type"] == "field":
            fields = {**fields, row["field"]: row.get("value")}
        was, done = done, fields.get("status") in done_words
        signal = _signal(row, before, fields, first=not steps, was=was, done=done)
        last = number + 1 == len(rows) or rows[number + 1][0] > at
        steps.append(Step(at, signal, fields, done, last, str(row.get("by") or ""), str(row.get("person") or "")))
        if signal is Signal.MERGED:
            break
    return tuple(steps)


def _known(events: Iterable[Mapping[str, Any]], known_at: int | None) -> list[tuple[int, Mapping[str, Any]]]:
    """Of several with one id the one learned last; those that were taken back are left out."""
    latest: dict[Any, tuple[int, int, Mapping[str, Any]]] = {}
    for row in events:
        at = _seconds(row["at"])
        learned = _seconds(row.get("recorded_at", at))
        if known_at is not None and learned > known_at:
            continue
        known = latest.get(row["id"])
        if known is None or learned >= known[0]:
            latest[row["id"]] = learned, at, row
    return [(at, row) for _, at, row in latest.values() if not row.get("deleted")]


def _in_order(rows: list[tuple[int, Mapping[str, Any]]], as_of: int) -> list[tuple[int, Mapping[str, Any]]]:
    created = min((at for at, row in rows if row["type"] == "created"), default=None)
    if created is None or created > as_of:
        return []
    moved = [(max(at, created), row) for at, row in rows if at <= as_of]
    moved.sort(key=lambda r: (r[0], r[1]["type"] != "created", r[1].get("seq", 0), str(r[1]["id"])))
    return moved


def _signal(
    row: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], *, first: bool, was: bool, done: bool
) -> Signal:
    match row["type"]:
        case "created":
            return Signal.CREATED if first else Signal.OTHER
        case "merged_into":
            return Signal.MERGED
        case "comment" if row.get("public", True) and row.get("by") == "customer":
            return Signal.ASKED
        case "comment" if row.get("public", True) and row.get("by") == "agent":
            return Signal.REPLIED
        case "field" if was != done:
            return Signal.SOLVED if done else Signal.REOPENED
        case "field" if row["field"] in _HOLDERS and before.get(row["field"]) != after[row["field"]]:
            return _HOLDERS[row["field"]]
        case _:
            return Signal.OTHER


_HOLDERS = {"team": Signal.TEAM, "assignee": Signal.ASSIGNEE}


def _seconds(value: Any) -> int:
    return value if isinstance(value, int) else seconds_of(value)
