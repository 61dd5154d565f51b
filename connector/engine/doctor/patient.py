"""Whom the doctor looks at: an installation that may be half broken, down to a database that does not answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ...plugins_host import PluginHost
from ...rulebook import Rulebook, Rules
from ...settings import Settings
from ...store import Store
from ...trackers.admin import Admin
from ...trackers.reach import Reached
from ...words import Connection

PATIENCE = 90.0
"""Seconds for one check: a tracker that answers slowly is waited for, one that hangs is not."""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined. `store` is None where it could not be opened; `store_trouble` says why ('': not made yet).

    `admin` makes the administrative side of a connection; `reach` asks an address of ours for its health.
    """

    settings: Settings
    store: Store | None
    store_trouble: str
    rules: Rules
    host: PluginHost
    admin: Callable[[Connection], Admin]
    reach: Callable[[str], Reached]
    clock: Callable[[], datetime]
    patience: float = PATIENCE

    @property
    def book(self) -> Rulebook:
        """The rules in force: the newest ones, or none if they are wrong."""
        return self.rules.current

    @property
    def connections(self) -> Mapping[str, Connection]:
        """The connections to trackers elsewhere, by name."""
        return {name: each for name, each in self.book.connections.items() if each.kind != "local"}
