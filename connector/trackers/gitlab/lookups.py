"""What hardly changes and is asked once: our own user, a project's labels and members, the ids of users."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from ...errors import Gone, TrackerError
from ...model import Actor
from ...words import Words
from ..kept import Kept
from ..shapes import mapping, whole, word
from .client import Client
from .people import read_actor
from .reader import HIGHEST_ID

REPORTER = 20
"""The lowest access level of an agent."""

LIFE = timedelta(minutes=10)


class Lookups:
    """Each answer costs one request (lists: one per hundred rows) and is shared by all threads."""

    def __init__(self, client: Client, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._kept = Kept(clock)

    def me(self, words: Words) -> Actor:
        """The account of our token."""
        return self._kept.get("me", lambda: read_actor(self._client.get("/user"), words), LIFE)

    def is_agent(self, account: str, project: str) -> bool:
        """Is `account` a member of `project`, directly or by a group, with at least Reporter?

        A project that we cannot see has no agents.
        """
        return account.casefold() in self._kept.get(("members", project), lambda: self._agents(project), LIFE)

    def label(self, project: str, name: str) -> str:
        """`name` as the project writes it; unknown ones, and ones it has in several cases, as given."""
        names, folded = self._kept.get(("labels", project), lambda: self._label_names(project), LIFE)
        return name if name in names else folded.get(name.casefold(), name)

    def user_id(self, account: str) -> int | None:
        """The numeric id of an active user, None if there is none of this name."""
        return self._kept.get(("user", account.casefold()), lambda: self._find_user(account), LIFE)

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
