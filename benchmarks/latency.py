"""From the acknowledgement of a webhook to the write at the tracker, when nothing else is going on."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.request import Request, urlopen

from tests.fakes import Recorded
from tests.fakes.gitlab_server import FakeGitLab

from .databases import fresh
from .load import quantile
from .service import free_port, service
from .trips import NAMES, RULES
from .webhooks import PROJECT

Step = Callable[[str], None]
PATIENCE = 30.0
QUIET = 0.3
OCCASIONS = ("new ticket", "known ticket")


class Far:
    """A GitLab whose webhooks go to `port`; it notes when an acknowledgement came, and when a write was done."""

    def __init__(self, fake: FakeGitLab, port: int) -> None:
        self.fake = fake
        self._url = f"http://127.0.0.1:{port}/hooks/gitlab"
        self._busy = perf_counter()
        self._lock = threading.Lock()
        self.sent: queue.SimpleQueue[tuple[float, float]] = queue.SimpleQueue()
        self.written: queue.SimpleQueue[float] = queue.SimpleQueue()
        answer = fake.answer

        def noted(recorded: Recorded) -> Any:
            answered = answer(recorded)
            self._busy = perf_counter()
            if recorded.method != "GET":
                self.written.put(self._busy)
            return answered

        fake.answer = noted  # type: ignore[method-assign]
        fake.hooks = self._post

    def times(self, do: Callable[[], object]) -> tuple[float, float]:
        """Seconds until the webhook that `do` causes is acknowledged, and from there until the first write."""
        self._settle()
        do()
        begun, acknowledged = self.sent.get(timeout=PATIENCE)
        written = self.written.get(timeout=PATIENCE)
        return acknowledged - begun, written - acknowledged

    def _settle(self) -> None:
        """Wait until echoes have died out, then forget them."""
        while perf_counter() < self._busy + QUIET:
            time.sleep(QUIET / 10)
        for waiting in (self.sent, self.written):
            while not waiting.empty():
                waiting.get()

    def _post(self, headers: dict[str, str], body: bytes) -> None:
        self._busy = begun = perf_counter()
        with urlopen(Request(self._url, body, headers, method="POST"), timeout=PATIENCE) as answer:
            assert answer.status == 202, f"the webhook was answered {answer.status}"
        self.sent.put((begun, perf_counter()))
        self._busy = perf_counter()


def measure(folder: Path, databases: list[str], step: Step, *, tickets: int = 30) -> dict[str, Any]:
    """For each database and occasion the milliseconds `ack_p50 ack_p99 write_p50 write_p99`; databases alternate.

    `write` counts from the acknowledgement to the end of the first write request; a new ticket is one never seen.
    """
    taken: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with ExitStack() as stack:
        sites = {database: _site(stack, folder / database, database) for database in databases}
        for number in range(-1, tickets):
            for database, far in sites.items():
                found = _ticket(far)
                if number >= 0:  # the first asks what is asked once per process
                    for occasion, times in zip(OCCASIONS, found, strict=True):
                        taken.setdefault((database, occasion), []).append(times)
            step("tickets")
    return {
        database: {occasion: _figures(taken[database, occasion]) for occasion in OCCASIONS} for database in databases
    }


def steps(tickets: int = 30) -> int:
    """How often `measure` calls `step`."""
    return tickets + 1


def _ticket(far: Far) -> list[tuple[float, float]]:
    made: list[str] = []
    fake = far.fake
    first = far.times(lambda: made.append(fake.add(project=PROJECT, title="the export", by="dana")))
    return [first, far.times(lambda: fake.edit(made[0], "dana", title="outage of the export"))]


def _site(stack: ExitStack, folder: Path, database: str) -> Far:
    fake, port, rules = stack.enter_context(FakeGitLab()), free_port(), folder / "rules"
    fake.person("dana", name="Dana", role="customer")
    rules.mkdir(parents=True)
    (rules / "support.yaml").write_text(RULES.format(applies=f"{{gitlab: [{PROJECT}]}}"), encoding="utf-8")
    (rules / "_names.yaml").write_text(NAMES, encoding="utf-8")
    env = {
        "DATABASE_URL": stack.enter_context(fresh(database, folder)),
        "RULES_DIR": str(rules),
        "GITLAB_URL": fake.url,
        "GITLAB_TOKEN": fake.token,
        "GITLAB_WEBHOOK_SECRET": fake.secret,
        "RECONCILE_EVERY": "1h",
    }
    stack.enter_context(service(folder, port, env))
    return Far(fake, port)


def _figures(times: list[tuple[float, float]]) -> dict[str, float]:
    acks, writes = [ack * 1000 for ack, _ in times], [write * 1000 for _, write in times]
    return {
        "ack_p50": quantile(acks, 0.5),
        "ack_p99": quantile(acks, 0.99),
        "write_p50": quantile(writes, 0.5),
        "write_p99": quantile(writes, 0.99),
    }
