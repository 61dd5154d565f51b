"""People at the tracker: they open tickets, change priorities, give orders; and what must stand in the end."""

from __future__ import annotations

import heapq
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import FakeTracker

TITLES = ("outage in the shop", "a bug in the export", "how do I log in?", "宕机了", "outage and a bug")


@dataclass
class Told:
    """What people did to one ticket: the title, and each word on its priority, in order."""

    title: str
    words: list[str] = field(default_factory=list)
    asked_why: int = 0

    @property
    def priority(self) -> str:
        if self.words:
            return self.words[-1]
        return "urgent" if "outage" in self.title or "宕机" in self.title else "low"

    @property
    def team(self) -> str:
        return "backend" if "bug" in self.title else "frontline"


class Crowd:
    """`tracker_word` turns a priority of ours into the tracker's."""

    def __init__(
        self, fake: FakeTracker, project: str, tracker_word: Callable[[str], str], *, seed: int, pace: float
    ) -> None:
        self._fake, self._project, self._word = fake, project, tracker_word
        self._rng, self._pace = random.Random(seed), pace
        self.told: dict[str, Told] = {}

    def act(self, tickets: int) -> None:
        """Open `tickets` tickets at the pace, and do everything else to them in between."""
        start = time.monotonic()
        todo: list[tuple[float, int, Callable[[], Any]]] = [
            (start + n / self._pace, n, self._open) for n in range(tickets)
        ]
        number = tickets
        while todo:
            at, _, deed = heapq.heappop(todo)
            time.sleep(max(0.0, at - time.monotonic()))
            for delay, later in deed() or ():
                number += 1
                heapq.heappush(todo, (time.monotonic() + delay, number, later))

    def _open(self) -> list[tuple[float, Callable[[], Any]]]:
        title = self._rng.choice(TITLES)
        ticket = self._fake.add(project=self._project, title=title, by="customer")
        told = self.told[ticket] = Told(title)
        deeds: list[tuple[float, Callable[[], Any]]] = []
        delay, roll = self._rng.uniform(1.5, 8.0), self._rng.random()
        if roll < 0.30:
            deeds.append((delay, lambda: self._change(ticket, told)))
        if 0.20 <= roll < 0.45:
            deeds.append((delay + 2.2, lambda: self._order(ticket, told)))
        if 0.35 <= roll < 0.55:
            deeds.append((delay + 4.4, lambda: self._order(ticket, told)))
        if 0.50 <= roll < 0.60:
            deeds.append((delay + 6.6, lambda: self._ask(ticket, told)))
        return deeds

    def _change(self, ticket: str, told: Told) -> None:
        word = self._rng.choice(("high", "low"))
        self._fake.edit(ticket, "bo", priority=self._word(word))
        told.words.append(word)

    def _order(self, ticket: str, told: Told) -> None:
        word = self._rng.choice(("high", "low"))
        self._fake.comment(ticket, "ann", f"@pointsman priority {word}", public=False)
        told.words.append(word)

    def _ask(self, ticket: str, told: Told) -> None:
        self._fake.comment(ticket, "ann", "@pointsman why", public=False)
        told.asked_why += 1
