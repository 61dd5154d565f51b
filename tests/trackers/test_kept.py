"""What is asked of a tracker once: kept for its life, shared by threads, never a queue behind a dead tracker."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from connector.errors import TrackerError
from connector.trackers import kept
from connector.trackers.kept import Kept

LIFE = timedelta(minutes=10)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def answers(clock: Clock) -> Kept:
    return Kept(clock)


def test_an_answer_is_asked_for_once_in_its_life(answers: Kept, clock: Clock) -> None:
    asked = iter(range(10))
    assert [answers.get("me", lambda: next(asked), LIFE) for _ in range(3)] == [0, 0, 0]
    clock.now += LIFE
    assert answers.get("me", lambda: next(asked), LIFE) == 1


def test_nothing_is_an_answer_too(answers: Kept) -> None:
    assert answers.get("nobody", lambda: None, LIFE) is None
    assert answers.get("nobody", lambda: pytest.fail("asked again"), LIFE) is None


def test_a_failure_is_not_kept(answers: Kept) -> None:
    def fail() -> str:
        raise TrackerError("GET /user", status=502)

    with pytest.raises(TrackerError):
        answers.get("me", fail, LIFE)
    assert answers.get("me", lambda: "bot", LIFE) == "bot"


def test_a_second_thread_takes_the_answer_of_the_first(answers: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "PATIENCE", 60.0)
    begun, go = threading.Event(), threading.Event()

    def ask() -> str:
        begun.set()
        assert go.wait(10)
        return "bot"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(answers.get, "me", ask, LIFE)
        assert begun.wait(10)
        second = pool.submit(answers.get, "me", lambda: "asked twice", LIFE)
        go.set()
        assert (first.result(10), second.result(10)) == ("bot", "bot")


def test_a_tracker_that_hangs_keeps_eight_workers_no_longer_than_one(
    answers: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PATIENCE", 0.05)
    all_ask = threading.Barrier(8)

    def hang() -> str:
        all_ask.wait(10)  # broken, and the test fails, if one waits for another's request
        raise TrackerError("GET /user", status=0)

    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(answers.get, "me", hang, LIFE) for _ in range(8)]
        assert {type(one.exception(20)) for one in asked} == {TrackerError}
    assert time.monotonic() - began < 5


def test_a_question_that_failed_keeps_nobody_waiting_after(answers: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "PATIENCE", 60.0)
    with pytest.raises(ZeroDivisionError):
        answers.get("me", lambda: 1 // 0, LIFE)
    began = time.monotonic()
    assert answers.get("me", lambda: 7, LIFE) == 7
    assert time.monotonic() - began < 5


def test_forgetting_by_head_tells_whether_something_was_old(answers: Kept, clock: Clock) -> None:
    answers.put(("moves", "A"), 1)
    answers.put(("other", "A"), 2)
    assert not answers.forget("moves")
    answers.put(("moves", "B"), 1)
    clock.now += timedelta(minutes=2)
    assert answers.forget("moves")
    assert answers.get(("moves", "B"), lambda: 9, LIFE) == 9
    assert answers.get(("other", "A"), lambda: 9, LIFE) == 2


def test_the_oldest_answers_go_first(answers: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 2)
    for name in ("a", "b", "c"):
        answers.put(name, name)
    assert [answers.get(name, lambda: "new", LIFE) for name in ("b", "c", "a")] == ["b", "c", "new"]
