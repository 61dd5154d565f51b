"""Checks, each by itself: one that fails or hangs becomes a finding, and the others go on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ...errors import PointsmanError, StoreUnavailable, TrackerError, described
from .findings import Finding, tell
from .sentences import either, phrase, say

Found = Iterable[Finding]


@dataclass(frozen=True, slots=True)
class Check:
    """One question: `where` it belongs, `what` it looks at, and `run`, which finds the answers."""

    where: str
    what: str
    run: Callable[[], Found]


def carefully(check: Check, seconds: float) -> Iterator[Finding]:
    """What `check` finds; if it raises or takes too long, that is a finding. Never raises, never hangs."""
    answers: queue.SimpleQueue[Finding | Exception | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            for each in check.run():
                answers.put(each)
        except Exception as error:
            answers.put(error)
        answers.put(None)

    # A daemon: what hangs in a socket must not keep the program from ending.
    threading.Thread(target=run, name="doctor", daemon=True).start()
    while True:
        try:
            answer = answers.get(timeout=seconds)
        except queue.Empty:
            yield tell("unchecked", check.where, "late", what=phrase(check.what), seconds=f"{seconds:.0f}")
            return
        if answer is None:
            return
        yield unchecked(check, answer) if isinstance(answer, Exception) else answer


def unchecked(check: Check, error: Exception) -> Finding:
    """The finding for a check that raised: what it wanted to know, and what stopped it."""
    match error:
        case StoreUnavailable():
            why, do = either(error), say("store_first")
        case TrackerError(status=403):
            why, do = say("forbidden", call=error.call), say("forbidden_do")
        case TrackerError(status=429):
            why, do = say("wait", call=error.call), say("wait_do")
        case TrackerError():
            why, do = say("failed", call=error.call, answer=error.status or say("no_answer")), say("failed_do")
        case PointsmanError():
            why, do = either(error), say("mend")
        case _:
            why, do = either(described(error)), say("mistake")
    return tell("unchecked", check.where, what=phrase(check.what), why=why, do=do)
