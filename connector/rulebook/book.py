"""The rulebook: what the rule files say once all of it was found right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..core.fields import Schema
from ..desk import Desk
from ..errors import Problem
from ..frozen import EMPTY
from ..words import Connection, Words

Mode = Literal["shadow", "live"]


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One team's file. `name` is the file's stem, `path` its key in `Rulebook.texts`.

    `applies_to` maps a connection's name to projects. `sections` has one entry per listed plugin, None
    where the file has no such section; every `when` in them is a compiled condition. `disabled` maps a
    plugin to its switched-off rules (`id`, `because`). `digest` is that of the file's text, `clocks` that of all
    that its SLA clocks are computed by, see `clocks_digest`.
    """

    name: str
    path: str
    applies_to: Mapping[str, tuple[str, ...]] = EMPTY
    mode: Mode = "shadow"
    plugins: tuple[str, ...] = ()
    sections: Mapping[str, Any] = EMPTY
    lists: Mapping[str, tuple[str, ...]] = EMPTY
    explain: bool = True
    release_on: frozenset[str] = frozenset({"command"})
    digest: str = ""
    clocks: str = ""
    disabled: Mapping[str, tuple[Mapping[str, str], ...]] = EMPTY


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All files together. `words` is keyed by connection; `texts` holds every file as it was read,
    `addresses` where the notices to each name go, which stands in no text.

    `digest` covers the names and texts of all files: equal digests mean equal rules.
    """

    files: tuple[RuleFile, ...] = ()
    connections: Mapping[str, Connection] = EMPTY
    desk: Desk = field(default_factory=Desk)
    words: Mapping[str, Words] = EMPTY
    schema: Schema = field(default_factory=Schema)
    warnings: tuple[Problem, ...] = ()
    texts: Mapping[str, str] = EMPTY
    addresses: Mapping[str, tuple[str, ...]] = field(default=EMPTY, repr=False)
    digest: str = ""

    def file_for(self, connection: str, project: str | None) -> RuleFile | None:
        """The file that applies to `project` at `connection`; None if none does. Case does not matter."""
        if project is None:
            return None
        wanted = project.casefold()
        for each in self.files:
            if any(wanted == claimed.casefold() for claimed in each.applies_to.get(connection, ())):
                return each
        return None

    def projects(self, connection: str) -> tuple[str, ...]:
        """Every project at `connection` that a file applies to, in the order of the files."""
        return tuple(project for each in self.files for project in each.applies_to.get(connection, ()))

    def plugins(self) -> frozenset[str]:
        """The plugins that any file lists."""
        return frozenset(plugin for each in self.files for plugin in each.plugins)
