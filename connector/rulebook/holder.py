"""`Rules`: the rules in force. Mistakes in a newer version leave the last good one standing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from ..errors import Problem, RulesError
from ..frozen import EMPTY
from ..words import Connection
from .book import Rulebook
from .catalog import PluginCatalog
from .folder import State, state_of
from .loader import empty_book, load

Seen = tuple[State, tuple[tuple[str, str | None], ...]]


class Rules:
    """`current` is always usable; `problems` are those of the newest version, () if it is the one in force.

    Nothing is raised when the very first version is wrong: then `current` applies to no project.
    `since` tells from when on this process has had `current`, `wrong_since` from when on newer ones had problems.
    """

    def __init__(
        self,
        folder: Path,
        catalog: PluginCatalog,
        *,
        env: Mapping[str, str],
        defaults: Mapping[str, Connection] = EMPTY,
        language: str = "en",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.folder = folder
        self.current: Rulebook = empty_book(defaults)
        self.problems: tuple[Problem, ...] = ()
        self.since: datetime | None = None
        self.wrong_since: datetime | None = None
        self._clock = clock
        self._catalog = catalog
        self._env = env
        self._defaults = defaults
        self._language = language
        self._lock = Lock()
        self._seen: Seen | None = None
        self.refresh(force=True)

    @property
    def broken(self) -> bool:
        """No version could be loaded so far: nothing can be decided, and nothing may be dropped."""
        return bool(self.problems) and not self.current.files

    def refresh(self, force: bool = False) -> bool:
        """Read the folder again if a file or a plugin changed, or if `force`; true if other rules or problems result.

        While one thread reads, others go on with what is in force.
        """
        if not self._lock.acquire(blocking=force):
            return False
        try:
            return self._refresh(force)
        finally:
            self._lock.release()

    def _refresh(self, force: bool) -> bool:
        seen = (state_of(self.folder), self._plugins())
        if seen == self._seen and not force:
            return False
        before = (self.current.digest, self.current.warnings, self.problems, self._seen and self._seen[1])
        try:
            book = load(self.folder, self._catalog, env=self._env, defaults=self._defaults, language=self._language)
            self._take(book)
        except RulesError as error:
            self.problems = error.problems
            self.wrong_since = self.wrong_since or self._clock()
        self._seen = seen
        return before != (self.current.digest, self.current.warnings, self.problems, seen[1])

    def _take(self, book: Rulebook) -> None:
        if self.since is None or book.digest != self.current.digest:
            self.since = self._clock()
        self.current = book
        self.problems = ()
        self.wrong_since = None

    def _plugins(self) -> tuple[tuple[str, str | None], ...]:
        """A plugin that came, went or was mended can make rules right or wrong."""
        return tuple((name, self._catalog.problem(name)) for name in sorted(self._catalog.names()))
