"""What hardly changes and is asked once: our own user, a project's labels and members, the ids of users."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from ...errors import Gone, TrackerError
from ...model import Actor
from ...words import Words
from ..shapes import mapping, whole, word
from .client import Client
from .people import read_actor
from .reader import HIGHEST_ID

REPORTER = 20
"""The lowest access level of an agent."""

LIFE = timedelta(minutes=10)
MOST_KEPT = 10_000

V = TypeVar("V")


class Kept(Generic[V]):
    """Answers by key for `LIFE`, then asked anew; an answer that could not be had is not kept."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: dict[Hashable, tuple[datetime, V]] = {}
        self._askers: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, ask: Callable[[], V]) -> V:
        """The answer kept for `key`, else what `ask` finds; threads that want the same wait for one request."""
        row = self._row(key)
        if row is not None:
            return row[0]
        with self._asking(key):
            row = self._row(key)
            return row[0] if row is not None else self._keep(key, ask())

    def _row(self, key: Hashable) -> tuple[V] | None:
        with self._lock:
            row = self._rows.get(key)
        return (row[1],) if row and row[0] > self._clock() - LIFE else None

    def _asking(self, key: Hashable) -> threading.Lock:
        with self._lock:
            return self._askers.setdefault(key, threading.Lock())

    def _keep(self, key: Hashable, value: V) -> V:
        with self._lock:
            if len(self._rows) >= MOST_KEPT:
                self._rows.clear()
                self._askers.clear()
            self._rows[key] = (self._clock(), value)
        return value


class Lookups:
    """Each answer costs one request (lists: one per hundred rows) and is shared by all threads."""

    def __init__(self, client: Client, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._me: Kept[Actor] = Kept(clock)
        self._members: Kept[frozenset[str]] = Kept(clock)
        self._labels: Kept[tuple[frozenset[str], Mapping[str, str]]] = Kept(clock)
        self._users: Kept[int | None] = Kept(clock)

    def me(self, words: Words) -> Actor:
        """The account of our token."""
        return self._me.get("me", lambda: read_actor(self._client.get("/user"), words))

    def is_agent(self, account: str, project: str) -> bool:
        """Is `account` a member of `project`, directly or by a group, with at least Reporter?

        A project that we cannot see has no agents.
        """
        return account.casefold() in self._members.get(project, lambda: self._agents(project))

    def label(self, project: str, name: str) -> str:
        """`name` as the project writes it; unknown ones, and ones it has in several cases, as given."""
        names, folded = self._labels.get(project, lambda: self._label_names(project))
        return name if name in names else folded.get(name.casefold(), name)

    def user_id(self, account: str) -> int | None:
        """The numeric id of an active user, None if there is none of this name."""
        return self._users.get(account.casefold(), lambda: self._find_user(account))

    def _agents(self, project: str) -> frozenset[str]:
        try:
            rows = [mapping(row) for row in self._client.pages(f"/projects/{path_of(project)}/members/all")]
        except Gone:
            return frozenset()
        except TrackerError as error:
            if error.status == 403:
                return frozenset()
            raise
        return frozenset(word(row.get("username")).casefold() for row in rows if _is_agent(row))

    def _label_names(self, project: str) -> tuple[frozenset[str], Mapping[str, str]]:
        """All names, and for each folded name the one label that it can mean."""
        rows = self._client.pages(f"/projects/{path_of(project)}/labels", {"with_counts": "false"})
        names = frozenset(name for row in rows if (name := word(mapping(row).get("name"))))
        often = Counter(name.casefold() for name in names)
        return names, {name.casefold(): name for name in names if often[name.casefold()] == 1}

    def _find_user(self, account: str) -> int | None:
        found: Any = self._client.get("/users", {"username": account})
        for row in map(mapping, found if isinstance(found, list) else []):
            same = word(row.get("username")).casefold() == account.casefold()
            if same and row.get("state", "active") == "active":
                return whole(row.get("id"), HIGHEST_ID)
        return None


def path_of(project: str) -> str:
    """A project's id or path as one segment of a URL."""
    return quote(project, safe="")


def _is_agent(row: Mapping[str, Any]) -> bool:
    level = row.get("access_level")
    return isinstance(level, int) and level >= REPORTER
