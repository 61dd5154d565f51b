"""What is known of a ticket's past, fact by fact as it was learned, and the events of the SLA clock it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..frozen import EMPTY
from .instants import whole_second

CREATED, MERGED = "created", "m"
"""The sources of the two facts that a ticket has at most once; `h…` is a change of a field, `c…` a comment.

`s…` is a field that was seen changed without anybody having told of it, `policy…` which policy applies.
"""

LABEL = "label:"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened to a ticket at `at`, as it was learned at `recorded_at`; never changed afterwards.

    A later fact of the same `source` corrects it, one that is `deleted` takes it back. `seq` orders what bears the
    same instant. `data` is JSON: what an event of that `type` has beside its instants. `recorded_at` is set by the
    store; None stands for `at`.
    """

    source: str
    at: datetime
    type: str
    data: Mapping[str, Any] = EMPTY
    seq: int = 0
    deleted: bool = False
    recorded_at: datetime | None = None


_Place = tuple[datetime, int, int]


def events_of(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    """The events of `docs/sla.md`, one for each fact, in the order in which they were learned.

    Changes of single labels become changes of the list `labels`. A label that is learned late, corrected or taken
    back changes the lists after it: then these events come once more, learned at the same instant.
    """
    rows = tuple(facts)
    first: dict[str, int] = {}
    for number, fact in enumerate(rows):
        first.setdefault(fact.source, number)
    places = [(fact.at, fact.seq, first[fact.source]) for fact in rows]
    ranks = {place: rank for rank, place in enumerate(sorted(set(places)))}
    labels = _Labels()
    events: list[dict[str, Any]] = []
    for fact, place in zip(rows, places, strict=True):
        if fact.source != CREATED and not _is_label(fact):
            events.append(_event(fact, ranks[place], fact.data))
            continue
        changed = labels.learn(fact, place)
        if fact.source == CREATED:
            events.append(_event(fact, ranks[place], fact.data))
        elif fact.deleted:
            events.append(_event(fact, ranks[place], {}))
        for other, where, held in changed:
            told = {**other.data, "field": "labels", "value": list(held)}
            events.append({**_event(other, ranks[where], told), **_learned(fact)})
    return events


def latest(facts: Iterable[Fact]) -> dict[str, Fact]:
    """By source what is held of it now, what was taken back included."""
    return {fact.source: fact for fact in facts}


class _Labels:
    """Which labels the ticket holds after each change of one, as far as is known."""

    def __init__(self) -> None:
        self._at_first: frozenset[str] = frozenset()
        self._steps: dict[str, tuple[_Place, Fact]] = {}
        self._told: dict[str, tuple[str, ...]] = {}
        self._last: _Place | None = None

    def learn(self, fact: Fact, place: _Place) -> list[tuple[Fact, _Place, tuple[str, ...]]]:
        """The changes of labels whose outcome is new by this fact, each with its place and the labels it leaves."""
        if fact.source == CREATED:
            first = () if fact.deleted else (fact.data.get("fields") or {}).get("labels") or ()
            self._at_first = frozenset(first)
        elif fact.deleted:
            self._steps.pop(fact.source, None)
            self._told.pop(fact.source, None)
        else:
            # In most cases the newest: what came before it stays as it is.
            comes_last = fact.source not in self._steps and (self._last is None or place > self._last)
            before = self._told[next(reversed(self._told))] if self._told else tuple(self._at_first)
            self._steps[fact.source] = place, fact
            if comes_last:
                self._last = place
                self._told[fact.source] = _after(frozenset(before), fact)
                return [(fact, place, self._told[fact.source])]
            self._told.pop(fact.source, None)
        return self._again()

    def _again(self) -> list[tuple[Fact, _Place, tuple[str, ...]]]:
        held, before = self._at_first, self._told
        self._told, changed = {}, []
        for place, fact in sorted(self._steps.values(), key=lambda step: step[0]):
            now = _after(held, fact)
            held = frozenset(now)
            self._told[fact.source] = now
            self._last = place
            if before.get(fact.source) != now:
                changed.append((fact, place, now))
        return changed


def _after(held: frozenset[str], fact: Fact) -> tuple[str, ...]:
    name = fact.data["field"].removeprefix(LABEL)
    return tuple(sorted(held | {name} if fact.data.get("value") else held - {name}))


def _is_label(fact: Fact) -> bool:
    return fact.type == "field" and str(fact.data.get("field", "")).startswith(LABEL)


def _event(fact: Fact, rank: int, data: Mapping[str, Any]) -> dict[str, Any]:
    event = {"id": fact.source, "at": whole_second(fact.at), "seq": rank, "type": fact.type, **data, **_learned(fact)}
    return {**event, "deleted": True} if fact.deleted else event


def _learned(fact: Fact) -> dict[str, int]:
    return {} if fact.recorded_at is None else {"recorded_at": whole_second(fact.recorded_at)}
