"""What a tracker refuses for good is parked; what waited behind it in the lane is worked all the same."""

from __future__ import annotations

import threading
from pathlib import Path

from connector.errors import TrackerError
from connector.model import Kind
from connector.testing import FakeTracker
from connector.trackers import Answer, Call
from connector.worker import Worker
from tests.engine.line import Line, a_line


class Touchy(FakeTracker):
    """Refuses the next write for good, as a whole."""

    refusing = True

    def send(self, call: Call, chain: str = "") -> Answer:
        if self.refusing:
            self.refusing = False
            raise TrackerError("PUT issue", status=403, permanent=True)
        return super().send(call, chain)


def worked(line: Line) -> None:
    """A worker works until the inbox is empty."""
    worker = Worker(line.store, line.engine.handle, threads=1)
    worker.start()
    empty = threading.Event()
    for _ in range(200):
        if not line.store.inbox.depth().waiting:
            break
        empty.wait(0.05)
    assert worker.stop()


def test_only_the_event_whose_plan_was_refused_is_parked(tmp_path: Path) -> None:
    tracker = Touchy()
    with a_line(tmp_path, {"local": tracker}) as line:
        id = tracker.add("outage", email="dana@x.example", name="Dana")
        line.deliver(line.event("local", id, Kind.CREATED))
        line.deliver(line.event("local", id, Kind.UPDATED))
        worked(line)
        assert [row.kind for row in line.store.inbox.parked()] == ["created"]
        assert "403" in line.store.inbox.parked()[0].error
        assert tracker.ticket(id).priority.word == "urgent"
