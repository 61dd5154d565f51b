"""Did an event arrive by the normal door, and what was decided about its ticket? Read from the record alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...store import Store
from ..services import ticket_of
from ..why import plans_of


@dataclass(frozen=True, slots=True)
class Proof:
    """The newest webhook of the connection since a moment; `done`: it is worked. `plan` is what was decided last."""

    ticket: str
    key: str
    done: bool
    troubled: str = ""
    plan: Mapping[str, Any] | None = None


def proof_since(store: Store, tracker: str, after: int, ticket: str = "") -> Proof | None:
    """The newest webhook of `tracker` numbered above `after`, of `ticket` if one is named; None if none came."""
    arrived = [a for a in store.pulse.arrivals(tracker, after) if not ticket or ticket_of(a.lane)[1] == ticket]
    if not arrived:
        return None
    newest = arrived[-1]
    id = ticket_of(newest.lane)[1]
    row = store.tickets.get(tracker, id)
    plans = plans_of(store, tracker, id) if newest.done else None
    return Proof(
        ticket=id,
        key=row.key if row else id,
        done=newest.done,
        troubled=newest.error,
        plan=plans[0] if plans else None,
    )
