"""A small deterministic world for the chaos test: a handler that writes to a far end, and the far end itself.

The far end is a folder with one file per ticket. As at a real tracker, a comment cannot be taken back, is seen by
its mark, and knows nothing of our transactions.
"""

from __future__ import annotations

import fcntl
import random
import time
from pathlib import Path

from connector.store import EffectRow, Lane, PlanRow, Store, Waiting


class FarEnd:
    """Comments on tickets; any number of processes may write at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def comment(self, ticket: str, mark: str) -> None:
        """Look whether the comment is there, and write it if not: one step, as with an idempotency key."""
        with self._file(ticket).open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            if mark not in file.read().split("\n"):
                file.write(f"{mark}\n")

    def comments(self, ticket: str) -> list[str]:
        file = self._file(ticket)
        return file.read_text().splitlines() if file.exists() else []

    def _file(self, ticket: str) -> Path:
        return self._folder / ticket.replace(":", "_")


class Handler:
    """One plan with one effect per event: stored, carried out, recorded, each in its own short transaction."""

    def __init__(self, store: Store, far_end: FarEnd, journal: Path, seed: int) -> None:
        self._store = store
        self._far_end = far_end
        self._journal = journal
        self._random = random.Random(seed)

    def __call__(self, lane: Lane, events: tuple[Waiting, ...]) -> None:
        for event in events:
            self._one(lane, event)

    def _one(self, lane: Lane, event: Waiting) -> None:
        with self._journal.open("a") as file:
            file.write(f"{lane.key} {event.delivery}\n")
        mark = f"{lane.key}/{event.delivery}"
        stored = self._store.plans.open_plan("t", lane.key)
        if stored is None:
            row = PlanRow("t", lane.key, (event.id,), event={"n": event.delivery}, at=None)
            with self._store.fenced(lane) as work:
                number = work.add_plan(row, [EffectRow(mark, 0, "say:done", "Say", after=mark)])
        else:
            # A plan that somebody left open belongs to the first event that still waits.
            assert stored.row.event_ids == (event.id,), "a plan was left open by a finished event"
            number = stored.id
        time.sleep(self._random.random() * 0.004)
        self._far_end.comment(lane.key, mark)
        if self._random.random() < 0.02 and event.attempts == 0:
            raise ConnectionError("the answer got lost")
        with self._store.fenced(lane) as work:
            work.effect_done(mark, {"status": 201})
            work.close_plan(number)
            work.audit("chaos", "finished", {"lane": lane.key, "delivery": event.delivery})
            work.finish([event.id])
