"""A YAML document as a tree in which every key and value knows its line and column (both from 1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Spot:
    """A position in a file."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value; `bare` is true where it stands without quotes."""

    spot: Spot
    value: str | int | float | bool | None
    bare: bool = False

    def plain(self) -> Any:
        return self.value


@dataclass(frozen=True, slots=True)
class Seq:
    """A list."""

    spot: Spot
    items: tuple[Node, ...] = ()

    def plain(self) -> Any:
        return [item.plain() for item in self.items]


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a map."""

    key: str
    spot: Spot
    value: Node


@dataclass(frozen=True, slots=True)
class Map:
    """A map; keys are unique texts, in the order of the file."""

    spot: Spot
    entries: tuple[Entry, ...] = ()
    index: dict[str, Entry] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.index.update((entry.key, entry) for entry in self.entries)

    def get(self, key: str) -> Node | None:
        entry = self.index.get(key)
        return entry.value if entry else None

    def __contains__(self, key: object) -> bool:
        return key in self.index

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def plain(self) -> Any:
        return {entry.key: entry.value.plain() for entry in self.entries}


Node: TypeAlias = Scalar | Seq | Map


def is_null(node: Node | None) -> bool:
    """Is nothing there: no node, or an empty value?"""
    return node is None or (isinstance(node, Scalar) and node.value is None)


def spot_of(node: Node, path: tuple[str | int, ...], *, on_key: bool = False) -> Spot:
    """Where the value (or `on_key` the key) at the end of `path` stands in `node`; the nearest spot if absent."""
    spot = node.spot
    here = node
    for step in path:
        if isinstance(here, Map) and isinstance(step, str) and step in here:
            entry = here.index[step]
            spot, here = (entry.spot if on_key else entry.value.spot), entry.value
        elif isinstance(here, Seq) and isinstance(step, int) and 0 <= step < len(here.items):
            here = here.items[step]
            spot = here.spot
        else:
            break
    return spot
