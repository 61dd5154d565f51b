"""What we remember of one ticket between decisions: what we stand for, whose slots are whose, what was said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..changes import Change, Notify, Say, SetFact, WakeAt
from ..frozen import EMPTY, FrozenDict
from ..model import Pin, Ticket
from ..plan import Plan, jsonable
from .slots import holds, stood_for
from .wishes import WISHED


@dataclass(frozen=True, slots=True)
class Memory:
    """`ours`: slot → the value we stand for. `note_id` and `note_digest` name the reasoning note and its text.

    `note_digest` is the digest of the lines last written, so that an unchanged note is not written again.
    """

    ours: Mapping[str, Any] = EMPTY
    pins: Mapping[str, Pin] = EMPTY
    released: Mapping[str, datetime] = EMPTY
    said: frozenset[str] = frozenset()
    note_id: str = ""
    note_digest: str = ""

    def on(self, ticket: Ticket) -> Ticket:
        """`ticket` with what we remember of it."""
        return replace(
            ticket,
            ours=self.ours,
            pins=self.pins,
            released=self.released,
            said=self.said | ticket.said,
            note_id=self.note_id or ticket.note_id,
        )

    def decided(self, plan: Plan, now: datetime) -> Memory:
        """What a live plan settles before anything is written: who holds what, and what was given back."""
        ours = self.ours
        for slot in plan.released:
            ours = FrozenDict({k: v for k, v in ours.items() if k != slot})
        released = FrozenDict({**self.released, **dict.fromkeys(plan.released, now)})
        return replace(self, ours=ours, pins=FrozenDict(plan.pins), released=released)

    def taken(self, slots: Iterable[str], at: datetime) -> Memory:
        """After a write was dropped because a person had been faster: the slots are theirs, whoever they are."""
        theirs = {slot: self.pins.get(slot) or Pin(at=at) for slot in slots}
        ours = {slot: value for slot, value in self.ours.items() if slot not in theirs}
        return replace(self, pins=FrozenDict({**self.pins, **theirs}), ours=FrozenDict(ours))

    def wishing(self, wished: Mapping[str, Any]) -> Memory:
        """With what rules wish for and the ticket does not have, see `still_wished`, instead of what they wished."""
        ours = {slot: value for slot, value in self.ours.items() if slot != WISHED}
        return replace(self, ours=FrozenDict({**ours, **({WISHED: wished} if wished else {})}))

    def stands_for(self, changes: Iterable[Change]) -> Memory:
        """After `changes` were confirmed at the tracker, or found so: ours, except what a person holds."""
        ours, said = dict(self.ours), set(self.said)
        for change in changes:
            if isinstance(change, Say):
                said.add(change.key)
            elif change.slot in self.pins:
                ours.pop(change.slot, None)
            elif isinstance(change, WakeAt | Notify | SetFact):
                ours.pop(change.slot, None)
                ours.update(jsonable(change.on(Ticket()).ours))
            elif holds(Ticket(), change.slot)[0]:
                ours[change.slot] = stood_for(change)
        return replace(self, ours=FrozenDict(ours), said=frozenset(said))


def memory_json(memory: Memory) -> dict[str, Any]:
    return {
        "ours": jsonable(memory.ours),
        "pins": {slot: {"by": pin.by, "at": jsonable(pin.at)} for slot, pin in memory.pins.items()},
        "released": jsonable(memory.released),
        "said": sorted(memory.said),
        "note": {"id": memory.note_id, "digest": memory.note_digest},
    }


def memory_from_json(row: Mapping[str, Any]) -> Memory:
    """The memory that `memory_json` wrote; a missing part is empty."""
    note = row.get("note") or {}
    return Memory(
        ours=FrozenDict(row.get("ours") or {}),
        pins=FrozenDict({s: Pin(p["by"], _instant(p["at"])) for s, p in (row.get("pins") or {}).items()}),
        released=FrozenDict({s: datetime.fromisoformat(at) for s, at in (row.get("released") or {}).items()}),
        said=frozenset(row.get("said") or ()),
        note_id=note.get("id", ""),
        note_digest=note.get("digest", ""),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
