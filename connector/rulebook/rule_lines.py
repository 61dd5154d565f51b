"""On which line of a file each rule stands, found by reading the text once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..frozen import EMPTY, FrozenDict
from .nodes import Map, Node, Seq
from .report import Report
from .yaml_tree import read_tree

Lines = Mapping[tuple[str, str], int]


def rule_lines(path: str, text: str) -> Lines:
    """(section, rule's id) → line, and (section, '') → the line on which the section begins."""
    node = read_tree(text, path, Report(), switches=("explain",))
    if not isinstance(node, Map):
        return EMPTY
    found: dict[tuple[str, str], int] = {}
    for entry in node:
        found[entry.key, ""] = entry.spot.line
        for name, line in _ids(entry.value):
            found.setdefault((entry.key, name), line)
    return FrozenDict(found)


def _ids(node: Node) -> Iterator[tuple[str, int]]:
    match node:
        case Map():
            told = node.get("id")
            if told is not None and not isinstance(told, Map | Seq):
                yield str(told.plain()), node.spot.line
            for entry in node:
                yield from _ids(entry.value)
        case Seq():
            for item in node.items:
                yield from _ids(item)
        case _:
            return
