"""What most connectors do, to compare with: read, write, comment, all in the webhook's request, retry on error."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from typing import Any

import requests

from tests.fakes import FakeTracker

TRIES = 3


class Naive:
    """Works GitLab webhooks with no memory: a few threads, blind retries, the latest write wins."""

    def __init__(self, fake: FakeTracker, token: str, threads: int = 6) -> None:
        self._url, self._headers = f"{fake.url}/api/v4", {"PRIVATE-TOKEN": token}
        self._queue: SimpleQueue[tuple[dict[str, str], bytes]] = SimpleQueue()
        self._busy = 0
        self._lock = threading.Lock()
        self.given_up = 0
        for _ in range(threads):
            threading.Thread(target=self._run, daemon=True).start()

    def __call__(self, headers: dict[str, str], body: bytes) -> None:
        with self._lock:
            self._busy += 1
        self._queue.put((headers, body))

    def wait(self) -> None:
        while self._busy:
            time.sleep(0.05)

    def _run(self) -> None:
        while True:
            _, body = self._queue.get()
            try:
                self._work(requests.models.complexjson.loads(body))
            except (requests.RequestException, RuntimeError):
                self.given_up += 1
            finally:
                with self._lock:
                    self._busy -= 1

    def _work(self, event: dict[str, Any]) -> None:
        attributes = event["object_attributes"]
        kind, project = event["object_kind"], event["project"]["id"]
        iid = event["issue"]["iid"] if kind == "note" else attributes["iid"]
        path = f"{self._url}/projects/{project}/issues/{iid}"
        if kind == "note":
            words = attributes["note"].split()
            if len(words) == 3 and words[:2] == ["@pointsman", "priority"]:
                self._set(path, {"high": "priority::2", "low": "priority::4"}[words[2]])
            return
        title = self._ask("GET", path).json()["title"]
        urgent = "outage" in title or "宕机" in title
        self._set(path, "priority::1" if urgent else "priority::4", "backend" if "bug" in title else "frontline")
        if attributes.get("action") == "open":
            self._ask("POST", f"{path}/notes", {"body": "Hello customer.", "internal": False})
            self._ask("POST", f"{path}/notes", {"body": "Pointsman · why\n- it is so", "internal": True})

    def _set(self, path: str, priority: str, team: str = "") -> None:
        others = ",".join(f"priority::{n}" for n in range(1, 5) if f"priority::{n}" != priority)
        add = f"{priority},team::{team}" if team else priority
        self._ask("PUT", path, {"add_labels": add, "remove_labels": others})

    def _ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        for _ in range(TRIES):
            try:
                answer = requests.request(method, path, json=body, headers=self._headers, timeout=5)
            except requests.RequestException:
                continue
            if answer.ok:
                return answer
            time.sleep(0.2)
        raise RuntimeError("given up")
