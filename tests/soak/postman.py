"""The tracker's deliveries on a bad day: late, doubled, reordered, lost as each tracker loses them."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time

import requests

LATE, TWICE, LOST = 0.15, 0.08, 0.03


class Postman:
    """Hands webhooks to the first of `urls` that takes them, as a load balancer does, from a few threads.

    GitLab tries once; Jira comes again until it is taken.
    """

    def __init__(self, *urls: str, again: bool, seed: int, threads: int = 6) -> None:
        self.urls, self._again, self._rng = urls, again, random.Random(seed)
        self._heap: list[tuple[float, int, dict[str, str], bytes, int]] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._busy = 0
        self.calm = False
        self.statuses: dict[int, int] = {}
        for _ in range(threads):
            threading.Thread(target=self._run, daemon=True).start()

    def __call__(self, headers: dict[str, str], body: bytes) -> None:
        """A webhook that the tracker sends."""
        with self._wake:
            roll, late = self._rng.random(), self._rng.random()
            if roll < LOST and not self._again and not self.calm:
                return
            delay = self._rng.uniform(0.2, 3.0) if late < LATE and not self.calm else 0.0
            self._push(delay, headers, body, 0)
            if LOST <= roll < LOST + TWICE and not self.calm:
                self._push(delay + self._rng.uniform(0.0, 2.0), headers, body, 0)

    @property
    def idle(self) -> bool:
        with self._wake:
            return not self._heap and not self._busy

    def _push(self, delay: float, headers: dict[str, str], body: bytes, tries: int) -> None:
        heapq.heappush(self._heap, (time.monotonic() + delay, next(self._numbers), headers, body, tries))
        self._wake.notify()

    def _run(self) -> None:
        session = requests.Session()
        while True:
            with self._wake:
                while not self._heap or self._heap[0][0] > time.monotonic():
                    wait = self._heap[0][0] - time.monotonic() if self._heap else None
                    self._wake.wait(wait if wait is None or wait > 0 else 0.001)
                _, _, headers, body, tries = heapq.heappop(self._heap)
                self._busy += 1
            status = self._send(session, headers, body)
            with self._wake:
                self._busy -= 1
                self.statuses[status] = self.statuses.get(status, 0) + 1
                if status not in (202, 204) and self._again:
                    self._push(min(0.5 * 2**tries, 5.0), headers, body, tries + 1)

    def _send(self, session: requests.Session, headers: dict[str, str], body: bytes) -> int:
        for url in self.urls:
            try:
                return session.post(url, data=body, headers=headers, timeout=10).status_code
            except requests.RequestException:
                continue
        return 0
