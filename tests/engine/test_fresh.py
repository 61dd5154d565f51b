"""Every write follows a read younger than ten seconds, however slowly the tracker answers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connector.model import Kind
from connector.testing import FakeTracker, FixedClock
from tests.engine.line import a_line


class Slow(FakeTracker):
    """Each write takes `seconds`; `ages` tells how old the last read was when each write began."""

    seconds = 0.0

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(clock=clock)
        self.ages: list[timedelta] = []
        self.read_at = clock()
        self.hands: FixedClock = clock

    def fetch(self, ticket, words):
        self.read_at = self.hands()
        return super().fetch(ticket, words)

    def send(self, call, chain=""):
        self.ages.append(self.hands() - self.read_at)
        self.hands.forward(timedelta(seconds=self.seconds))
        return super().send(call, chain)


def test_after_a_slow_answer_the_ticket_is_read_again_before_the_next_write(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = Slow(clock)
    tracker.seconds = 15
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        id = tracker.add("outage", email="dana@x.example", name="Dana")
        line.deliver(line.event("local", id, Kind.CREATED))
        line.work()
        assert len(tracker.ages) == 3
        assert max(tracker.ages) <= timedelta(seconds=10)
        texts = [text.partition("\n")[0] for _, text in tracker.texts(id)]
        assert sorted(texts) == ["Hello Dana.", "Pointsman · why"]


def test_quick_answers_cost_no_further_read(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = Slow(clock)
    tracker.seconds = 1
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        id = tracker.add("outage")
        line.deliver(line.event("local", id, Kind.CREATED))
        line.work()
        assert tracker.ages == [timedelta(seconds=n) for n in range(3)]
