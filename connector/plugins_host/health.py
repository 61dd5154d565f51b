"""How often each plugin failed in a row, and which are not asked any more."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from threading import Lock

STRIKES = 3
"""Failures in a row of one hook after which a plugin is quarantined."""

_log = logging.getLogger("pointsman.plugins")


class Health:
    """Counts failures per plugin and hook; one success of the hook wipes them out. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._strikes: dict[tuple[str, str], int] = {}
        self._quarantined: dict[str, str] = {}

    @property
    def quarantined(self) -> Mapping[str, str]:
        """Plugin → why it is not asked."""
        with self._lock:
            return dict(self._quarantined)

    def why_not(self, name: str) -> str | None:
        """Why `name` is not asked; None if it is."""
        return self._quarantined.get(name)

    def worked(self, name: str, hook: str) -> None:
        """The hook answered properly."""
        if (name, hook) in self._strikes:
            with self._lock:
                self._strikes.pop((name, hook), None)

    def failed(self, name: str, hook: str, cause: str) -> None:
        """The hook raised or yielded rubbish: one more strike."""
        with self._lock:
            strikes = self._strikes[name, hook] = self._strikes.get((name, hook), 0) + 1
        _log.warning("plugin_failed", extra={"plugin": name, "hook": hook, "in_a_row": strikes})
        if strikes >= STRIKES:
            self.quarantine(name, f"{hook} failed {strikes} times in a row, last: {cause}")

    def quarantine(self, name: str, cause: str) -> None:
        """`name` is not asked again until its file changes or the service starts anew."""
        with self._lock:
            self._quarantined.setdefault(name, cause)
        _log.error("plugin_quarantined", extra={"plugin": name})

    def lift(self, name: str) -> None:
        """A clean slate: the plugin is another one now, or gone."""
        with self._lock:
            self._quarantined.pop(name, None)
            for key in [key for key in self._strikes if key[0] == name]:
                del self._strikes[key]
