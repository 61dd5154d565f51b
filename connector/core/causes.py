"""Why an event was given up, as one word: events of one cause at one tracker are mended by one remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TRACKER = re.compile(r"(?:TrackerError|Gone|PlanRefused): (?P<call>.*): (?P<status>[1-5]\d\d|no answer)", re.DOTALL)
_BY_STATUS = {401: "token", 403: "right", 404: "missing", 409: "conflict", 413: "too_large", 429: "limit"}
_BY_CLASS = {"RulesMissing": "rules", "StoreUnavailable": "store", "PluginError": "plugin"}

WORDS = (
    *("conflict", "fault", "limit", "missing", "not_connected", "plugin", "redirect", "refused", "right", "rules"),
    *("silent", "store", "token", "too_large"),
)
"""Every word that a cause can have."""


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """One word of `WORDS`, and the tracker at which it happened."""

    word: str
    tracker: str

    @property
    def key(self) -> str:
        """Its name in an address: `right@gitlab`."""
        return f"{self.word}@{self.tracker}"


def cause_of(lane: str, error: str) -> Cause:
    """The cause of an event of the lane `lane` that ended with `error`, as `described` words it."""
    return Cause(_word(error), lane.partition(":")[0])


def by_status(status: int) -> str:
    """The word for what a tracker answered; 0 for no answer at all."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 300 <= status < 400:
        return "redirect"
    return "refused" if 400 <= status < 500 else "silent"


def _word(error: str) -> str:
    if found := _TRACKER.fullmatch(error):
        if found["call"].startswith("work ") and found["status"] == "no answer":
            return "not_connected"
        return by_status(int(found["status"]) if found["status"].isdigit() else 0)
    return _BY_CLASS.get(error.partition(":")[0], "fault")
