"""Mistakes in one condition, gathered so that the admin sees all of them at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
Problem: TypeAlias = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What was found so far, in the order of reading."""

    found: list[Problem] = field(default_factory=list)
    on_keys: set[Path] = field(default_factory=set)

    def on_value(self, path: Path, text: str) -> None:
        """The value at `path` is wrong."""
        self.found.append((path, text))

    def on_key(self, path: Path, text: str) -> None:
        """The key at the end of `path` is wrong."""
        self.found.append((path, text))
        self.on_keys.add(path)
