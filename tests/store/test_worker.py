"""What the worker promises: order, leases kept alive, failures tried again or parked, a graceful end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from connector.errors import TrackerError, described
from connector.store import Incoming, Lane, Store, Waiting
from connector.worker import Worker

SOON = 10.0


@pytest.fixture
def live(url: str) -> Iterator[Store]:
    """A store on the real clock."""
    store = Store.open(url, migrate=False)
    yield store
    store.close()


def feed(store: Store, *names: str) -> None:
    """Accept events called `lane/delivery`."""
    for name in names:
        lane = name.partition("/")[0]
        store.inbox.accept(Incoming("t", name, lane, "updated", {}))


class Finisher:
    """A handler that ends its events and remembers them."""

    def __init__(self, store: Store, before: Callable[[Lane], None] = lambda lane: None) -> None:
        self.store = store
        self.before = before
        self.done: list[str] = []
        self.more = threading.Condition()

    def __call__(self, lane: Lane, events: tuple[Waiting, ...]) -> None:
        self.before(lane)
        with self.store.fenced(lane) as work:
            work.finish(event.id for event in events)
        with self.more:
            self.done += [event.delivery for event in events]
            self.more.notify_all()

    def wait(self, count: int) -> list[str]:
        with self.more:
            assert self.more.wait_for(lambda: len(self.done) >= count, SOON), self.done
            return self.done


@contextmanager
def running(store: Store, handle: Callable[[Lane, tuple[Waiting, ...]], None], **more: object) -> Iterator[Worker]:
    worker = Worker(store, handle, threads=2, **more)  # type: ignore[arg-type]
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(SOON)


def test_waiting_events_of_a_lane_come_together_and_in_order(live: Store) -> None:
    feed(live, "a/1", "a/2", "a/3")
    calls: list[list[str]] = []
    finisher = Finisher(live)

    def handle(lane: Lane, events: tuple[Waiting, ...]) -> None:
        calls.append([event.delivery for event in events])
        finisher(lane, events)

    with running(live, handle):
        finisher.wait(3)
    assert calls == [["a/1", "a/2", "a/3"]]


def test_an_idle_worker_starts_an_accepted_event_at_once(live: Store) -> None:
    finisher = Finisher(live)
    with running(live, finisher):
        feed(live, "warm/1")
        finisher.wait(1)
        waits = []
        for n in range(3):
            began = time.monotonic()
            feed(live, f"a/{n}")
            finisher.wait(n + 2)
            waits.append(time.monotonic() - began)
    assert min(waits) < 0.5  # the poll alone would need up to a second, each time


def test_one_lane_is_never_worked_by_two_threads(live: Store) -> None:
    inside: set[str] = set()
    clashes = []

    def enter(lane: Lane) -> None:
        if lane.key in inside:
            clashes.append(lane.key)
        inside.add(lane.key)
        time.sleep(0.01)
        inside.discard(lane.key)

    finisher = Finisher(live, enter)
    with running(live, finisher):
        for n in range(12):
            feed(live, f"a/{n}", f"b/{n}")
        done = finisher.wait(24)
    assert clashes == []
    assert [name for name in done if name[0] == "a"] == [f"a/{n}" for n in range(12)]


def test_a_long_handler_keeps_its_lane_by_the_heartbeat(live: Store) -> None:
    other = Finisher(live)
    finisher = Finisher(live, lambda lane: time.sleep(1.5))
    feed(live, "a/1")
    with running(live, finisher, lease=0.6), running(live, other, lease=0.6):
        deadline = time.monotonic() + SOON
        while not finisher.done + other.done and time.monotonic() < deadline:
            time.sleep(0.02)
    assert len(finisher.done + other.done) == 1


def test_a_handler_that_lost_its_lane_changes_nothing_and_the_next_one_does_the_work(live: Store) -> None:
    feed(live, "a/1")
    (stale,) = live.inbox.claim("stopped", 1, lease=0.0)
    finisher = Finisher(live)
    with running(live, finisher):
        assert finisher.wait(1) == ["a/1"]
    live.inbox.release(stale)
    assert live.inbox.depth().waiting == 0


def raising(error: Exception, calls: list[float]) -> Callable[[Lane, tuple[Waiting, ...]], None]:
    def handle(lane: Lane, events: tuple[Waiting, ...]) -> None:
        calls.append(time.monotonic())
        raise error

    return handle


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_failed_event_waits_for_its_next_try(live: Store) -> None:
    feed(live, "a/1")
    calls: list[float] = []
    with running(live, raising(ValueError("支付失败"), calls)):
        until(lambda: len(calls) == 2)
    assert 1.9 < calls[1] - calls[0] < 5
    until(lambda: live.inbox.depth().waiting == 1)
    assert live.inbox.count_parked() == 0


def test_the_word_of_the_tracker_decides_when_to_come_again(live: Store) -> None:
    feed(live, "a/1")
    calls: list[float] = []
    with running(live, raising(TrackerError("PUT issue", status=429, retry_after=3600), calls)):
        until(lambda: calls)
    assert live.inbox.claim("ann", 1) == []


def test_a_permanent_error_parks_the_event_and_names_itself_without_its_text(live: Store) -> None:
    feed(live, "a/1")
    error = TrackerError("PUT issue 7", status=403, permanent=True, detail="dear Ms Li")
    with running(live, raising(error, [])):
        until(live.inbox.count_parked)
    (parked,) = live.inbox.parked()
    assert parked.error == "TrackerError: PUT issue 7: 403"


def test_an_event_that_has_failed_for_a_day_is_parked(url: str) -> None:
    now = datetime.now(UTC)
    moments = {"offset": timedelta(hours=-25)}
    store = Store.open(url, migrate=False, clock=lambda: datetime.now(UTC) + moments["offset"])
    feed(store, "a/1")
    (lane,) = store.inbox.claim("ann", 1)
    with store.fenced(lane) as work:
        work.retry([event.id for event in store.inbox.waiting(lane)], now - timedelta(hours=1), "ValueError")
    moments["offset"] = timedelta()
    with running(store, raising(ValueError(), [])):
        until(store.inbox.count_parked)
    store.close()


def test_the_text_of_an_error_is_never_recorded() -> None:
    assert described(ValueError("card 4111")) == "ValueError"


def test_stop_lets_a_running_handler_finish_and_gives_back_the_rest(live: Store) -> None:
    inside, leave = threading.Event(), threading.Event()

    def slowly(lane: Lane) -> None:
        inside.set()
        leave.wait(SOON)

    finisher = Finisher(live, slowly)
    worker = Worker(live, finisher, threads=1)
    worker.start()
    feed(live, "a/1", "b/1")
    assert inside.wait(SOON)
    stopped: list[bool] = []
    stopper = threading.Thread(target=lambda: stopped.append(worker.stop(SOON)))
    stopper.start()
    leave.set()
    stopper.join()
    assert stopped == [True]
    assert len(finisher.done) == 1
    (left,) = live.inbox.claim("ann", 9)
    assert f"{left.key}/1" not in finisher.done


def test_stop_does_not_wait_for_ever_for_a_handler_that_hangs(live: Store) -> None:
    inside, leave = threading.Event(), threading.Event()

    def hang(lane: Lane, events: tuple[Waiting, ...]) -> None:
        inside.set()
        leave.wait(SOON)

    worker = Worker(live, hang, threads=1)
    worker.start()
    feed(live, "a/1")
    assert inside.wait(SOON)
    assert not worker.stop(0.1)
    assert live.inbox.claim("ann", 9) == []
    leave.set()


def test_a_due_timer_reaches_the_handler_as_an_event_of_its_lane(live: Store) -> None:
    finisher = Finisher(live)
    with running(live, finisher):
        with live.begin() as work:
            at = work.now + timedelta(seconds=0.3)
            work.set_timer("a", "age", at, {"ticket": "1"})
        (delivery,) = finisher.wait(1)
    assert delivery == f"a/age/{at.isoformat()}"


def test_of_two_workers_one_runs_a_periodic_job_each_period(live: Store) -> None:
    runs: list[float] = []
    jobs = {"sweep": (timedelta(hours=1), lambda: runs.append(time.monotonic()))}
    idle = Finisher(live)
    with running(live, idle, periodic=jobs), running(live, idle, periodic=jobs):
        until(lambda: runs)
    assert len(runs) == 1


def test_a_periodic_job_that_raises_runs_again_next_period(live: Store) -> None:
    runs: list[int] = []

    def job() -> None:
        runs.append(1)
        raise ValueError

    with running(live, Finisher(live), periodic={"sweep": (timedelta(seconds=0.05), job)}):
        until(lambda: len(runs) > 1)
