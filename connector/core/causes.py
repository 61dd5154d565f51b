"""Why an event was given up, as one word: events of one cause at one tracker are mended by one remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .receivers import receiver_of

_TRACKER = re.compile(r"(?:TrackerError|Gone|PlanRefused): (?P<call>.*): (?P<status>[1-5]\d\d|no answer)", re.DOTALL)
_NOTICE = re.compile(r"NoticeError: .*: (?P<answer>[1-5]\d\d|no answer|no address)", re.DOTALL)
_BY_STATUS = {401: "token", 403: "right", 404: "missing", 409: "conflict", 413: "too_large", 429: "limit"}
_BY_CLASS = {"RulesMissing": "rules", "StoreUnavailable": "store", "PluginError": "plugin"}

WORDS = (
    *("conflict", "fault", "limit", "missing", "no_address", "no_receiver", "not_connected", "plugin", "redirect"),
    *("refused", "right", "rules", "silent", "store", "token", "too_large", "turned_away"),
)
"""Every word that a cause can have."""


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """One word of `WORDS`, and the tracker at which it happened: `notice`, and whose, for what went to a receiver."""

    word: str
    tracker: str
    receiver: str = ""

    @property
    def key(self) -> str:
        """Its name in an address: `right@gitlab`, `no_receiver@notice:duty`."""
        return ":".join(filter(None, (f"{self.word}@{self.tracker}", self.receiver)))


def cause_of(lane: str, error: str) -> Cause:
    """The cause of an event of the lane `lane` that ended with `error`, as `described` words it."""
    return Cause(_word(error), lane.partition(":")[0], receiver_of(lane))


def by_status(status: int) -> str:
    """The word for what a tracker answered; 0 for no answer at all."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 300 <= status < 400:
        return "redirect"
    return "refused" if 400 <= status < 500 else "silent"


def _word(error: str) -> str:
    if told := _NOTICE.fullmatch(error):
        return _by_answer(told["answer"])
    if found := _TRACKER.fullmatch(error):
        if found["call"].startswith("work ") and found["status"] == "no answer":
            return "not_connected"
        return by_status(int(found["status"]) if found["status"].isdigit() else 0)
    return _BY_CLASS.get(error.partition(":")[0], "fault")


def _by_answer(answer: str) -> str:
    """The word for what came of a notice."""
    if answer == "no address":
        return "no_address"
    return "turned_away" if answer.isdigit() and by_status(int(answer)) not in ("silent", "limit") else "no_receiver"
