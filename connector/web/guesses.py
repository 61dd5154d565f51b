"""How often somebody may guess a token: counted for all processes; in each one alone while the store is silent."""

from __future__ import annotations

import logging
from collections import OrderedDict
from datetime import datetime
from threading import Lock

from ..errors import StoreUnavailable
from ..store import Door
from ..store.door import TRIES, WINDOW, seconds_to_wait

REMEMBERED = 10_000

log = logging.getLogger("pointsman.web")


class Memory:
    """Wrong guesses of the clients of one process: after `TRIES` in a `WINDOW` even the right one is refused."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._wrong: OrderedDict[str, list[datetime]] = OrderedDict()

    def wait(self, client: str, now: datetime) -> int:
        """Seconds until `client` may guess again; 0 = now."""
        with self._lock:
            return seconds_to_wait(self._wrong.get(client, ()), now)

    def wrong(self, client: str, now: datetime) -> None:
        """Note a wrong guess; who guessed longest ago is forgotten when there are too many."""
        with self._lock:
            self._note(client, now)

    def judge(self, client: str, now: datetime, *, right: bool) -> int:
        """As `wait`, and note the guess if it counts and is wrong.

        In one turn: of guesses that come at once no more are looked at than of those that come one by one.
        """
        with self._lock:
            wait = seconds_to_wait(self._wrong.get(client, ()), now)
            if not wait and not right:
                self._note(client, now)
            return wait

    def _note(self, client: str, now: datetime) -> None:
        recent = [at for at in self._wrong.pop(client, []) if now - at < WINDOW]
        self._wrong[client] = [*recent, now][-TRIES:]
        while len(self._wrong) > REMEMBERED:
            self._wrong.popitem(last=False)


class Guesses:
    """Wrong guesses of the clients of all processes. Thread-safe."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._here = Memory()

    def wait(self, client: str, now: datetime) -> int:
        """Seconds until `client` may guess again; 0 = now."""
        here = self._here.wait(client, now)
        if here:
            return here
        try:
            return self._door.wait(client, now)
        except StoreUnavailable:
            log.warning("guesses_not_shared")
            return 0

    def judge(self, client: str, now: datetime, *, right: bool) -> int:
        """Seconds for which the guess is not looked at; 0 if it counts, and then a wrong one is noted for all."""
        wait = self.wait(client, now) or self._here.judge(client, now, right=right)
        if not wait and not right:
            try:
                self._door.wrong(client, now)
            except StoreUnavailable:
                log.warning("guesses_not_shared")
        return wait
