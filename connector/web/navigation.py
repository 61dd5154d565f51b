"""Which pages there are, and which of them a visitor may open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .visitor import Standing, Visitor


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the navigation: its path, the key of its name, and the standing it asks for."""

    path: str
    text: str
    needed: Standing = Standing.VIEWER
    below: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Is `path` this page, or one below it?"""
        return path == self.path or path.startswith(self.below or f"{self.path}/")


ENTRIES = (
    Entry("/", "nav.desk", below=("/tickets/",)),
    Entry("/parked", "nav.parked"),
    Entry("/reports/sla", "nav.reports"),
    Entry("/rules", "nav.rules"),
    Entry("/plugins", "nav.plugins"),
    Entry("/connections", "nav.connections"),
    Entry("/settings", "nav.settings", Standing.ADMIN),
    Entry("/changes", "nav.changes", Standing.AGENT),
)


def entries(visitor: Visitor | None, path: str) -> Iterator[tuple[Entry, bool]]:
    """The pages that `visitor` may open, each with whether `path` is on it; none for a stranger."""
    for entry in ENTRIES:
        if visitor is not None and visitor.may(entry.needed):
            yield entry, entry.holds(path)
