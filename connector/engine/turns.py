"""Which of the events that wait together get a plan of their own."""

from __future__ import annotations

from dataclasses import replace

from ..model import Event, FieldChange, Kind

_OWN_PLAN = (Kind.CREATED, Kind.COMMENTED, Kind.ASSIGN)


def turns_of(events: list[tuple[int, Event]]) -> list[tuple[Event, tuple[int, ...]]]:
    """Which events get a plan of their own, with the ids each plan finishes.

    Creations, new comments and assignments do; of every other kind the last one speaks for all, and
    brings along what the ones before it say was changed. A backfill's look is a turn apart: what it finds
    must not speak for what happened, nor may what happened be left unwritten with it.
    """
    last = {event.kind: id_ for id_, event in events if not event.backfill}
    turns: list[tuple[Event, tuple[int, ...]]] = []
    folded: list[int] = []
    changes: tuple[FieldChange, ...] = ()
    for id_, event in events:
        if event.backfill:
            turns.append((event, (id_,)))
            continue
        own = event.kind in _OWN_PLAN or event.comment is not None or last[event.kind] == id_
        folded.append(id_)
        changes += event.changes
        if own:
            turns.append((replace(event, changes=changes), tuple(folded)))
            folded, changes = [], ()
    return turns
