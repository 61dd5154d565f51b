"""Reads YAML into nodes: every mistake with its place, nothing constructed, size and depth limited.

Works on the parser's events: so duplicate keys, aliases and bare values are judged here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from .nodes import Entry, Map, Node, Scalar, Seq, Spot
from .report import Report, shown
from .scalars import SWITCHES, Trap, meaning, refuse_traps

MOST_BYTES = 1024 * 1024
MOST_NODES = 200_000
DEEPEST = 40

NOT_YAML = "not readable as YAML"

_REMEDIES = (
    ("'\\t'", "indent with spaces, not with tabs"),
    ("cannot start any token", "put the text in quotes"),
    (
        "mapping values are not allowed",
        "a `:` inside a text needs quotes around the text; else look at the indentation",
    ),
    ("chomping or indentation", 'a value that begins with `>` or `|` needs quotes, like `">= 5"`'),
    ("end of stream", "a quote or bracket that was opened is never closed"),
    ("<stream end>", "a quote or bracket that was opened is never closed"),
    ("expected ',' or", "a `]`, `}` or `,` is missing before this"),
    ("expected <block end>", "this line is indented differently from its neighbours"),
    ("could not find expected ':'", "a `:` after the key is missing, or the line above is indented wrongly"),
)


class _Stop(Exception):
    """The document cannot be read any further."""

    def __init__(self, spot: Spot, text: str) -> None:
        super().__init__(text)
        self.spot = spot
        self.text = text


def read_tree(text: str, file: str, report: Report, *, switches: Collection[str] = ()) -> Node | None:
    """The one document in `text`, None if it is unreadable (then `report` says where and why).

    An empty document is a null scalar. `switches` names the top-level keys whose value may be a bare
    `on` or `off`.
    """
    start = Spot(file, 1, 1)
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        report.problem(start, "the file is larger than 1 MB: split it")
        return None
    try:
        return _Reader(file, report, frozenset(switches)).read(text)
    except _Stop as stop:
        report.problem(stop.spot, stop.text)
    except MarkedYAMLError as error:
        report.problem(_spot_of_error(error, file), _sentence(error))
    except YAMLError as error:
        report.problem(_spot_in(text, getattr(error, "position", 0), file), f"{NOT_YAML}: {_first(error)}")
    return None


def _spot_of_error(error: MarkedYAMLError, file: str) -> Spot:
    mark = error.problem_mark or error.context_mark
    return Spot(file, mark.line + 1, mark.column + 1) if mark else Spot(file, 1, 1)


def _spot_in(text: str, position: int, file: str) -> Spot:
    before = text[:position]
    return Spot(file, before.count("\n") + 1, position - before.rfind("\n"))


def _first(error: YAMLError) -> str:
    return str(error).partition("\n")[0]


def _sentence(error: MarkedYAMLError) -> str:
    said = str(error.problem or error.context or "the text ends too early")
    for sign, remedy in _REMEDIES:
        if sign in said:
            return f"{NOT_YAML}, {said}: {remedy}"
    return f"{NOT_YAML}: {said}"


class _Reader:
    def __init__(self, file: str, report: Report, switches: frozenset[str]) -> None:
        self.file = file
        self.report = report
        self.switches = switches
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.nodes = 0

    def read(self, text: str) -> Node:
        root: Node | None = None
        events = iter(YAML(typ="safe", pure=True).parse(text))
        for event in events:
            if not isinstance(event, DocumentStartEvent):
                continue
            if root is not None:
                raise _Stop(self._spot(event), "a second document begins here: one file holds one document")
            root = self._node(next(events), events, 0, "")
        return root or Scalar(Spot(self.file, 1, 1), None, bare=True)

    def _spot(self, event: Any) -> Spot:
        return Spot(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _node(self, event: Any, events: Iterator[Any], depth: int, key: str) -> Node:
        spot = self._spot(event)
        self._count(1, spot)
        if isinstance(event, AliasEvent):
            return self._alias(event, spot)
        if event.ctag is not None:
            self.report.problem(spot, f"{shown(event.ctag)} is a YAML tag, which rule files do not use: remove it")
        if depth > DEEPEST:
            raise _Stop(spot, f"nested more than {DEEPEST} deep: nothing in a rule file needs that")
        before = self.nodes
        node = self._content(event, events, depth, key, spot)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, self.nodes - before + 1)
        return node

    def _content(self, event: Any, events: Iterator[Any], depth: int, key: str, spot: Spot) -> Node:
        if isinstance(event, ScalarEvent):
            return self._scalar(event, spot, on_off=depth == 1 and key in self.switches)
        if isinstance(event, SequenceStartEvent):
            return Seq(spot, tuple(self._items(events, depth)))
        assert isinstance(event, MappingStartEvent)
        return Map(spot, tuple(self._entries(events, depth)))

    def _count(self, more: int, spot: Spot) -> None:
        self.nodes += more
        if self.nodes > MOST_NODES:
            raise _Stop(spot, f"the file unfolds to more than {MOST_NODES} values: use fewer aliases, or split it")

    def _alias(self, event: Any, spot: Spot) -> Node:
        known = self.anchors.get(event.anchor)
        if known is None:
            raise _Stop(spot, f"`*{event.anchor}` points to no anchor that ends before it")
        node, size = known
        self._count(size, spot)
        return node

    def _scalar(self, event: Any, spot: Spot, *, on_off: bool) -> Scalar:
        if event.style is not None or event.ctag is not None:
            return Scalar(spot, event.value)
        if on_off and event.value.lower() in SWITCHES:
            return Scalar(spot, event.value, bare=True)
        try:
            return Scalar(spot, meaning(event.value), bare=True)
        except Trap as trap:
            self.report.problem(spot, str(trap))
            return Scalar(spot, event.value, bare=True)

    def _items(self, events: Iterator[Any], depth: int) -> Iterator[Node]:
        for event in events:
            if isinstance(event, SequenceEndEvent):
                return
            yield self._node(event, events, depth + 1, "")

    def _entries(self, events: Iterator[Any], depth: int) -> Iterator[Entry]:
        seen: dict[str, int] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                return
            spot = self._spot(event)
            key = self._key(event, events, depth, spot)
            value = self._node(next(events), events, depth + 1, key or "")
            if key is None:
                continue
            if key in seen:
                self.report.problem(spot, f"{shown(key)} stands here twice: it is already on line {seen[key]}")
                continue
            seen[key] = spot.line
            yield Entry(key, spot, value)

    def _key(self, event: Any, events: Iterator[Any], depth: int, spot: Spot) -> str | None:
        if not isinstance(event, ScalarEvent):
            self._node(event, events, depth + 1, "")
            self.report.problem(spot, "a key must be a plain word")
            return None
        self._count(1, spot)
        key = str(event.value)
        if event.style is None and key in ("", "<<"):
            what = "the key is missing before `:`" if not key else "`<<` is not read: write the keys out"
            self.report.problem(spot, what)
            return None
        if event.style is None and key != "on" and key.lower() in SWITCHES:
            self._refuse_switch(key, spot)
        if event.anchor is not None:
            self.anchors[event.anchor] = (Scalar(spot, key), 1)
        return key

    def _refuse_switch(self, key: str, spot: Spot) -> None:
        try:
            refuse_traps(key)
        except Trap as trap:
            self.report.problem(spot, str(trap))
