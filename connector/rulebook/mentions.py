"""Every word of a tracker that the rule files mention, and where: what can be asked of the tracker itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from ..frozen import FrozenDict
from ..words import Connection
from .book import Rulebook
from .names import TABLES
from .nodes import Map, Node, Scalar, Seq, Spot
from .report import Report
from .yaml_tree import read_tree


class About(StrEnum):
    """What a mention is about."""

    PROJECT = "project"
    WORD = "word"
    PERSON = "person"
    VISIBILITY = "visibility"


@dataclass(frozen=True, slots=True)
class Mention:
    """`text` stands at `spot` and means something at `tracker` (a connection's name, or a kind of tracker).

    `ours` is our word for it: the line of `_names.yaml` in `table`, or a person's id.
    """

    about: About
    tracker: str
    text: str
    spot: Spot
    table: str = ""
    ours: str = ""

    @property
    def place(self) -> str:
        """`file:line:column`, as problems are shown."""
        return f"{self.spot.file}:{self.spot.line}:{self.spot.column}"


def mentions(book: Rulebook, connection: Connection) -> tuple[Mention, ...]:
    """All that the files of `book` say about `connection`; a line under its own name hides one under its kind."""
    every = tuple(_all(book))
    named = {(m.about, m.table, m.ours) for m in every if m.tracker == connection.name and m.ours}
    return tuple(
        m
        for m in every
        if m.tracker == connection.name
        or (
            m.tracker == connection.kind
            and m.about in (About.WORD, About.PERSON)
            and (m.about, m.table, m.ours) not in named
        )
    )


def _all(book: Rulebook) -> Iterator[Mention]:
    for path, content in book.texts.items():
        stem = PurePath(path).stem
        if path.endswith(".csv") or (stem.startswith("_") and stem not in _SHARED):
            continue
        tree = read_tree(content, path, Report(), switches=("explain",))
        if isinstance(tree, Map):
            yield from _SHARED.get(stem, _team_file)(tree)


def _team_file(tree: Map) -> Iterator[Mention]:
    for entry in _map(tree.get("applies_to")):
        for item in _texts(entry.value):
            yield Mention(About.PROJECT, entry.key, str(item.value), item.spot)


def _names(tree: Map) -> Iterator[Mention]:
    for table in TABLES:
        for line in _map(tree.get(table)):
            for tracker in _map(line.value):
                for item in _texts(tracker.value):
                    yield Mention(About.WORD, tracker.key, str(item.value), item.spot, table, line.key)


def _people(tree: Map) -> Iterator[Mention]:
    for person in _map(tree.get("people")):
        told = person.value.get("ids") if isinstance(person.value, Map) else None
        for tracker in _map(told):
            for item in _texts(tracker.value):
                yield Mention(About.PERSON, tracker.key, str(item.value), item.spot, ours=person.key)


def _trackers(tree: Map) -> Iterator[Mention]:
    for connection in tree:
        told = connection.value.get("internal_visibility") if isinstance(connection.value, Map) else None
        if isinstance(told, Scalar) and told.value:
            yield Mention(About.VISIBILITY, connection.key, str(told.value), told.spot)


_SHARED: Mapping[str, Callable[[Map], Iterator[Mention]]] = FrozenDict(
    {"_names": _names, "_people": _people, "_trackers": _trackers}
)


def _map(node: Node | None) -> Map:
    return node if isinstance(node, Map) else Map(Spot("", 0, 0))


def _texts(node: Node) -> tuple[Scalar, ...]:
    items = node.items if isinstance(node, Seq) else (node,)
    return tuple(item for item in items if isinstance(item, Scalar) and item.value is not None)
