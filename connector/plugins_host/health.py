"""How often each plugin failed in a row, which are not asked any more, and how long they take."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock

from .. import metrics

STRIKES = 3
"""Failures in a row of one hook after which a plugin is quarantined."""

_CLASS = re.compile(r"((?:\S+\.py:\d+ )?[A-Za-z_][\w.]*(?:Error|Exception|Warning|Interrupt|Exit))(?::|$)")
_OURS = re.compile(r"(?:took longer than [\d.]+ s|took too long to load|[a-z ]*process (?:died|ended))")

_log = logging.getLogger("pointsman.plugins")


def utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Condition:
    """How one plugin does in this process.

    `in_a_row` counts the failures of its worst hook since that last worked. `last_error` is the class and place of
    the newest failure of `last_hook`, without the words of the exception: they may be a customer's.
    """

    in_a_row: int = 0
    quarantined: bool = False
    since: datetime | None = None
    last_hook: str = ""
    last_error: str = ""
    last_at: datetime | None = None
    calls: int = 0
    seconds: float = 0.0
    longest: float = 0.0


class Health:
    """Counts failures per plugin and hook; one success of the hook wipes them out. Thread-safe."""

    def __init__(self, clock: Callable[[], datetime] = utc) -> None:
        self._clock = clock
        self._lock = Lock()
        self._strikes: dict[tuple[str, str], int] = {}
        self._quarantined: dict[str, str] = {}
        self._conditions: dict[str, Condition] = {}

    @property
    def quarantined(self) -> Mapping[str, str]:
        """Plugin → why it is not asked."""
        with self._lock:
            return dict(self._quarantined)

    @property
    def conditions(self) -> Mapping[str, Condition]:
        """How every plugin does that was asked or failed."""
        with self._lock:
            worst: dict[str, int] = {}
            for (name, _), strikes in self._strikes.items():
                worst[name] = max(strikes, worst.get(name, 0))
            return {
                name: replace(each, in_a_row=worst.get(name, 0), quarantined=name in self._quarantined)
                for name, each in self._conditions.items()
            }

    def why_not(self, name: str) -> str | None:
        """Why `name` is not asked; None if it is."""
        return self._quarantined.get(name)

    def took(self, name: str, seconds: float) -> None:
        """One call was answered, well or not, after `seconds`."""
        metrics.observe(metrics.names.PLUGIN_SECONDS, seconds, name)
        with self._lock:
            was = self._conditions.get(name, Condition())
            self._conditions[name] = replace(
                was, calls=was.calls + 1, seconds=was.seconds + seconds, longest=max(was.longest, seconds)
            )

    def worked(self, name: str, hook: str) -> None:
        """The hook answered properly."""
        if (name, hook) in self._strikes:
            with self._lock:
                self._strikes.pop((name, hook), None)

    def failed(self, name: str, hook: str, cause: str) -> None:
        """The hook raised or yielded rubbish: one more strike."""
        with self._lock:
            strikes = self._strikes[name, hook] = self._strikes.get((name, hook), 0) + 1
            self._note(name, hook, cause)
        metrics.count(metrics.names.PLUGIN_FAILURES, name)
        _log.warning("plugin_failed", extra={"plugin": name, "hook": hook, "in_a_row": strikes})
        if strikes >= STRIKES:
            self.quarantine(name, f"{hook} failed {strikes} times in a row, last: {cause}")

    def quarantine(self, name: str, cause: str) -> None:
        """`name` is not asked again until its file changes, somebody lifts it, or the service starts anew."""
        with self._lock:
            if name not in self._quarantined:
                self._quarantined[name] = cause
                was = self._conditions.get(name, Condition())
                self._conditions[name] = replace(was, since=self._clock())
                if not was.last_error:
                    hook, _, rest = cause.partition(": ")
                    self._note(name, hook if hook.isidentifier() else "", rest or cause)
        metrics.kept(metrics.names.QUARANTINED, 1, name)
        _log.error("plugin_quarantined", extra={"plugin": name})

    def lift(self, name: str) -> None:
        """A clean slate: the plugin is another one now, or gone, or somebody wants it tried again."""
        with self._lock:
            lifted = self._quarantined.pop(name, None)
            self._conditions.pop(name, None)
            for key in [key for key in self._strikes if key[0] == name]:
                del self._strikes[key]
        if lifted is not None:
            metrics.kept(metrics.names.QUARANTINED, 0, name)

    def _note(self, name: str, hook: str, cause: str) -> None:
        was = self._conditions.get(name, Condition())
        self._conditions[name] = replace(
            was, last_hook=hook, last_error=class_and_place(cause), last_at=self._clock()
        )


def class_and_place(cause: str) -> str:
    """`vip.py:12 KeyError: 'domains'` → `vip.py:12 KeyError`; '' for a cause that has neither."""
    found = _CLASS.match(cause) or _OURS.match(cause)
    return (found[1] if found.re is _CLASS else found[0]) if found else ""
