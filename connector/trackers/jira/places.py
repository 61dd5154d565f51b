"""Marks of other words that must go when one word comes: a ticket has one team, one priority, one severity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...model import Ticket
from ...words import Place, PlaceKind, Words
from .changelog import behind, same
from .issue import is_team


def exclusive(ticket: Ticket, table: Mapping[Any, tuple[Place, ...]], kept: Place) -> list[Place]:
    """Labels and components on the ticket that stand for another word of `table`, as Jira writes them."""
    wanted = [place for places in table.values() for place in places if not _alike(place, kept)]
    return [here for here in _on(ticket) if any(_alike(here, place) for place in wanted)]


def starred(ticket: Ticket, pattern: Place, words: Words) -> list[Place]:
    """What on the ticket holds the value of a field kept as `label env::*` or `component`.

    Every label that fits; of components only the one that is read as the value.
    """
    found = [p for p in _on(ticket) if p.kind is pattern.kind and behind(pattern.value, p.value) is not None]
    if pattern.kind is PlaceKind.LABEL:
        return found
    return sorted(found, key=lambda place: is_team(place.value, words))[:1]


def _on(ticket: Ticket) -> list[Place]:
    labels = [Place(PlaceKind.LABEL, label) for label in sorted(ticket.labels)]
    return labels + [Place(PlaceKind.COMPONENT, str(name)) for name in ticket.raw.get("components", ())]


def _alike(a: Place, b: Place) -> bool:
    return a.kind is b.kind and same(a.value, b.value)
