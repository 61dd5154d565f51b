"""`_names.yaml`: our words and the places where they live at each tracker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.fields import BUILT_IN
from ..frozen import EMPTY, FrozenDict
from ..model import Priority
from ..words import Connection, Place
from .nodes import Entry, Node, Seq, Spot, is_null
from .places import NoPlace, place
from .report import nearest, shown
from .scope import BAD, Scope
from .shapes import Reader, Record, list_of, map_of, text

LEVELS = tuple(level.word for level in reversed(Priority) if level)
KINDS = ("gitlab", "jira")
_OPERATORS = ("any", "all", "not", "when", "open")
_FIELD = re.compile(r"[^\W\d][\w-]*")
TABLES = ("priority", "severity", "team", "status", "fields")


@dataclass(frozen=True, slots=True)
class Told:
    """One tracker word as written, and where it is written."""

    text: str
    spot: Spot


Lines = Mapping[str, Mapping[str, tuple[Told, ...]]]


@dataclass(frozen=True, slots=True)
class Names:
    """Per table: our word → tracker (a connection's name, or a kind) → what it is called there."""

    tables: Mapping[str, Lines] = EMPTY

    def words(self, table: str) -> tuple[str, ...]:
        return tuple(self.tables.get(table, ()))

    def at(self, connection: Connection, table: str) -> dict[str, tuple[Told, ...]]:
        """What `connection` calls each word of `table`: its own name is looked up first, then its kind."""
        found = {}
        for word, trackers in self.tables.get(table, EMPTY).items():
            told = trackers.get(connection.name, trackers.get(connection.kind))
            if told:
                found[word] = told
        return found


def read_names(node: Node, scope: Scope, connections: Mapping[str, Connection]) -> Names:
    """The tables of `_names.yaml`, every tracker word checked for the kind of tracker it is for."""
    read = {table: _table(table, connections) for table in TABLES}
    found = Record("`_names.yaml`", read)(node, scope)
    if found is BAD:
        return Names()
    for table, lines in found.items():
        _warn_of_doubles(table, lines, scope)
    return Names(FrozenDict(found))


def _warn_of_doubles(table: str, lines: Lines, scope: Scope) -> None:
    """Two of our words for one of theirs: what is read there can only become the first."""
    owners: dict[tuple[str, str], str] = {}
    for word, trackers in lines.items():
        for tracker, told in trackers.items():
            for each in told:
                first = owners.setdefault((tracker, each.text.casefold()), word)
                if first != word:
                    says = f"stands for `{first}` too: what `{tracker}` has is read as `{first}`"
                    scope.warn(each.spot, f"{shown(each.text)} under `{table}` {says}")


def _table(table: str, connections: Mapping[str, Connection]) -> Reader:
    return map_of(_trackers(table, connections), key=lambda entry, scope: _word_fits(table, entry, scope))


def _word_fits(table: str, entry: Entry, scope: Scope) -> bool:
    problem = _problem_of_word(table, entry.key)
    if problem:
        scope.bad(entry, problem)
    return problem is None


def _problem_of_word(table: str, word: str) -> str | None:
    if table == "priority" and word not in LEVELS:
        return f"unknown priority {shown(word)}{nearest(word, LEVELS) or ': the levels are ' + ', '.join(LEVELS)}"
    if table == "severity" and word not in ("1", "2", "3", "4"):
        return f"severity is 1 (worst) to 4, not {shown(word)}"
    if table == "fields" and word in (*BUILT_IN, *_OPERATORS):
        return f"{shown(word)} is a field or a word of conditions already: choose another name"
    if table == "fields" and not _FIELD.fullmatch(word):
        return f"{shown(word)} cannot name a field: use letters, digits, `-` and `_`"
    return None


def _trackers(table: str, connections: Mapping[str, Connection]) -> Reader:
    kinds = {kind: kind for kind in KINDS} | {c.name: c.kind for c in connections.values() if c.kind in KINDS}

    def told(node: Node, scope: Scope) -> tuple[Told, ...]:
        if isinstance(node, Seq) and table != "fields":
            found = list_of(_one)(node, scope)
            return () if found is BAD else found
        one = _one(node, scope)
        return () if one is BAD else (one,)

    def line(node: Node, scope: Scope) -> Any:
        if is_null(node):
            return EMPTY
        found = map_of(told, key=known)(node, scope)
        if found is BAD:
            return EMPTY  # the word exists all the same, so that its users are not refused for it as well
        for name, words in found.items():
            for word in words:
                _judge(kinds[name], table, word, scope)
        return FrozenDict(found)

    def known(entry: Entry, scope: Scope) -> bool:
        if entry.key in kinds:
            return True
        if entry.key == "local":
            scope.bad(entry, "the local tracker uses our own words: leave `local` out")
        else:
            near = nearest(entry.key, kinds) or f": {', '.join(sorted(kinds))} are known"
            scope.bad(entry, f"unknown tracker {shown(entry.key)}{near}")
        return False

    return line


def _one(node: Node, scope: Scope) -> Any:
    value = text(node, scope)
    return BAD if value is BAD else Told(value, node.spot)


def _judge(kind: str, table: str, told: Told, scope: Scope) -> Place | None:
    try:
        return place(kind, table, told.text)
    except NoPlace as error:
        scope.bad(told.spot, str(error))
        return None
