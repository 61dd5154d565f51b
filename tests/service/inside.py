"""The service in this process: the real application on a socket, real workers and storage; only trackers are fake."""

from __future__ import annotations

import io
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

import app
from connector.engine.services import Services
from connector.log import JsonLines
from connector.serve import WebServer
from connector.settings import Settings
from connector.web import create_web


class Inside:
    """A running service; `post` sends a webhook by HTTP, `settle` waits until everything is worked."""

    def __init__(self, settings: Settings, *, works: bool = True) -> None:
        self.services: Services = app.build_services(settings)
        assert not self.services.rules.problems, "\n".join(map(str, self.services.rules.problems))
        self.worker = app.build_worker(self.services) if works else None
        self.server = WebServer(create_web(self.services), "127.0.0.1", 0, body_limit=settings.body_limit)
        self.url = f"http://127.0.0.1:{self.server.port}"
        self._session = requests.Session()
        self._thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> Inside:
        self._thread.start()
        if self.worker:
            self.worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()
        self._thread.join(20)
        if self.worker:
            self.worker.stop()
        self._session.close()
        self.services.host.close()
        self.services.store.close()

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> requests.Response:
        return self._session.post(f"{self.url}/hooks/{path}", data=body, headers=dict(headers), timeout=30)

    def hook(self, tracker: str) -> Callable[[dict[str, str], bytes], None]:
        """What a fake tracker calls with its webhooks; each must be taken."""

        def deliver(headers: dict[str, str], body: bytes) -> None:
            status = requests.post(f"{self.url}/hooks/{tracker}", data=body, headers=headers, timeout=30).status_code
            assert status in (202, 204), status

        return deliver

    def waiting(self) -> int:
        return self.services.store.inbox.depth().waiting

    def settle(self, *fakes: Any, timeout: float = 60.0) -> None:
        """Until nothing waits, echoes included."""
        wait_for(lambda: not self._moving(fakes), timeout, lambda: f"{self.waiting()} events still wait")

    def _moving(self, fakes: tuple[Any, ...]) -> bool:
        for fake in fakes:
            fake.flush()
        return self.waiting() > 0


def wait_for(done: Callable[[], Any], timeout: float = 20.0, said: Callable[[], str] = lambda: "in vain") -> Any:
    """The first true answer of `done`, asked again and again."""
    end = time.monotonic() + timeout
    while not (found := done()):
        assert time.monotonic() < end, said()
        time.sleep(0.02)
    return found


@contextmanager
def log_lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Every line the log gets meanwhile, formatted as in production; those of the test's own client left out."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def rows(services: Services, folder: Path | None = None) -> dict[str, int]:
    """How many rows of what a webhook leaves behind."""
    with services.store._database.read() as connection:
        return {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in ("inbox", "payload", "seen", "lane")
        }
