"""Who has to wait when Jira says too many: everybody, one kind of request, or one issue.

Jira Cloud names the limit in `RateLimit-Reason`. The quotas (`jira-quota-global-based`, `jira-quota-tenant-based`)
are of the whole connection; `jira-burst-based` is of one endpoint and method; `jira-per-issue-on-write` of one issue.
Without a reason, as on Data Center, the whole connection waits. Source: Atlassian, "Rate limiting".
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..http import Gate
from .pace import IssuePace

REASON = "RateLimit-Reason"
QUOTAS = ("jira-quota-global-based", "jira-quota-tenant-based")
BURST, PER_ISSUE = "jira-burst-based", "jira-per-issue-on-write"
REASONS = frozenset({*QUOTAS, BURST, PER_ISSUE})
KEPT = 1_000
OTHER = "asked to wait"

_ISSUE = re.compile(r"/issue/([^/?]+)")
_PART = re.compile(r"(?<=/issue/)[^/?]+|(?<=/project/)[^/?]+|(?<=/properties/)[^/?]+|(?<=/)\d+(?=/|$)")


@dataclass(frozen=True, slots=True)
class Held:
    """A request that is not to be sent yet: for how long, and by which limit."""

    wait: timedelta
    reason: str


class Limits:
    """The gates of one connection. They never sleep; they say how long to wait. Thread-safe."""

    def __init__(self) -> None:
        self._all = Gate()
        self._why = OTHER
        self._pace = IssuePace()
        self._lock = threading.Lock()
        self._some: OrderedDict[tuple[str, str], Gate] = OrderedDict()

    def held(self, method: str, path: str, now: datetime) -> Held | None:
        """Why the request is not to be sent at `now`; None if it may be, which counts it as a write to its issue."""
        gates = [(self._all, self._why)]
        with self._lock:
            gates += [(self._some[key], key[0]) for key in _keys(method, path) if key in self._some]
        found = [(opens, why) for gate, why in gates if (opens := gate.wait_until(now))]
        if found:
            opens, why = max(found)
            return Held(opens - now, why)
        issue = _issue(method, path)
        wait = self._pace.take(issue, now) if issue else None
        return Held(wait, PER_ISSUE) if wait is not None else None

    def note(self, method: str, path: str, status: int, headers: Mapping[str, str], now: datetime) -> str:
        """Take from an answer who has to wait, and how long; the limit's name, '' where it names none we know."""
        said = reason_of(headers)
        key = _key(said, method, path) if status == 429 else None
        if key is None:
            was = self._all.wait_until(now)
            self._all.note(status, headers, now)
            if self._all.wait_until(now) != was:
                self._why = said or OTHER
            return said
        with self._lock:
            gate = self._some.setdefault(key, Gate())
            self._some.move_to_end(key)
            if len(self._some) > KEPT:
                self._some.popitem(last=False)
        gate.note(status, headers, now)
        return said


def reason_of(headers: Mapping[str, str]) -> str:
    """The limit that `RateLimit-Reason` names; '' for none, and for a word that is not one of Jira's."""
    said = next((value for name, value in headers.items() if name.lower() == REASON.lower()), "").strip().lower()
    return said if said in REASONS else ""


def endpoint(path: str) -> str:
    """`path` without what differs from one thing to the next: all issues share one endpoint."""
    return _PART.sub("*", path.partition("?")[0])


def _keys(method: str, path: str) -> list[tuple[str, str]]:
    return [key for reason in (BURST, PER_ISSUE) if (key := _key(reason, method, path))]


def _key(reason: str, method: str, path: str) -> tuple[str, str] | None:
    """What `reason` makes wait, None for the whole connection."""
    if reason == BURST:
        return BURST, f"{method} {endpoint(path)}"
    issue = _issue(method, path)
    return (PER_ISSUE, issue) if reason == PER_ISSUE and issue else None


def _issue(method: str, path: str) -> str:
    found = _ISSUE.search(path) if method != "GET" else None
    return found[1] if found else ""
