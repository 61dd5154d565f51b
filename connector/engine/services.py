"""What the flows need, wired once by `app.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..plugins_host import PluginHost
from ..rulebook import Rules
from ..settings import Settings
from ..store import Store
from ..trackers import Tracker
from ..words import Words


@dataclass(frozen=True, slots=True)
class Services:
    """Everything with a life of its own; `clock` gives the time in UTC.

    `trackers` maps a connection's name to its tracker; `local` is always there.
    """

    settings: Settings
    store: Store
    rules: Rules
    host: PluginHost
    trackers: Mapping[str, Tracker]
    clock: Callable[[], datetime]

    def words(self, tracker: str) -> Words:
        """The words of the connection `tracker`; empty for one that no rule file knows."""
        return self.rules.current.words.get(tracker, Words())


def lane_of(tracker: str, ticket: str) -> str:
    """The lane in which everything about one ticket is worked, in order."""
    return f"{tracker}:{ticket}"


def ticket_of(lane: str) -> tuple[str, str]:
    """The tracker's name and the ticket id of a lane."""
    tracker, _, ticket = lane.partition(":")
    return tracker, ticket


def watermark(tracker: str) -> str:
    """The name under which the store keeps up to when `tracker` was reconciled."""
    return f"reconcile/{tracker}"


def first_seen(tracker: str) -> str:
    """The name under which the store keeps when we first started with `tracker`."""
    return f"reconcile/{tracker}/first"
