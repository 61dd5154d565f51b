"""What the rulebook asks about plugins; whoever finds and runs them answers."""

from __future__ import annotations

from typing import Any, Protocol

from ..hooks import Fact


class PluginCatalog(Protocol):
    """The plugins that exist. No method raises for a plugin that cannot be loaded: `problem` says why."""

    def names(self) -> frozenset[str]:
        """All plugins that were found, built-in and others, loadable or not."""

    def facts(self, name: str) -> tuple[Fact, ...]:
        """The typed facts that `name` sets; empty for a plugin without the hook."""

    def check_rules(self, name: str, section: Any) -> tuple[str, ...]:
        """One sentence for each mistake that `name` finds in its section; may raise `PluginError`."""

    def problem(self, name: str) -> str | None:
        """Why `name` could not be loaded; None if it could."""
