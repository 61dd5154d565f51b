"""`_customers.yaml` or `_customers.csv`: whom each line matches, since when, and what is known of them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..desk import Customer
from ..frozen import FrozenDict
from .dates import day, day_of, ordered
from .nodes import Entry, Map, Node, Scalar, Seq, Spot, is_null
from .report import Report, shown
from .scope import BAD, Scope
from .shapes import kind_of, list_of, text

OWN_COLUMNS = frozenset({"match", "from", "until"})

_MAIL = re.compile(r"[^\s@*]+@[^\s@*]+\Z")
_DOMAIN = re.compile(r"(\*@|\*\.)[^\s@*]+\Z")
_GROUP = re.compile(r"[a-z][a-z0-9_-]*-org:\S.*\Z")
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]+)?\Z")


@dataclass(frozen=True, slots=True)
class Customers:
    """All lines in order, and per column the type (`int`, `float`, `bool`, `str`) of its values."""

    lines: tuple[Customer, ...] = ()
    columns: Mapping[str, type] = field(default_factory=dict)

    def values(self, column: str) -> frozenset[str]:
        """The words that stand in `column`."""
        return frozenset(v for line in self.lines if isinstance(v := line.known.get(column), str))


def read_customers(node: Node, scope: Scope) -> Customers:
    """The customers of a YAML list of maps."""
    columns: dict[str, type] = {}
    found = list_of(lambda item, inner: _line(item, inner, columns), empty=None)(node, scope)
    return Customers() if found is BAD else Customers(found, FrozenDict(columns))


def _line(node: Node, scope: Scope, columns: dict[str, type]) -> Any:
    if not isinstance(node, Map):
        return scope.bad(node, f"a customer is a map with `match`, not {kind_of(node)}")
    if "match" not in node:
        return scope.bad(node, "a customer lacks `match`: a mail address, `*@domain`, `*.domain` or `jira-org:NAME`")
    known = {e.key: v for e in node if e.key not in OWN_COLUMNS and (v := _value(e, scope, columns)) is not BAD}
    match = _match(node.index["match"].value, scope)
    start, until = (_day(node.get(name), scope) for name in ("from", "until"))
    if start and until and not ordered(start, until):
        return scope.bad(node, "`from` is later than `until`: this line never matches")
    if match is BAD:
        return BAD
    return Customer(match, FrozenDict(known), day_of(start or ""), day_of(until or ""))


def _match(node: Node, scope: Scope) -> Any:
    value = text(node, scope)
    if value is BAD or any(form.match(value) for form in (_MAIL, _DOMAIN, _GROUP)):
        return value
    return scope.bad(
        node, f"{shown(value)} matches nobody: write `a@b.example`, `*@domain`, `*.domain` or `jira-org:NAME`"
    )


def _day(node: Node | None, scope: Scope) -> str | None:
    if node is None or is_null(node):
        return None
    value = day(node, scope)
    return None if value is BAD else str(value)


def _value(entry: Entry, scope: Scope, columns: dict[str, type]) -> Any:
    if not _COLUMN.match(entry.key):
        return scope.bad(entry, f"{shown(entry.key)} is no name for a column: use letters, digits and `_`")
    if is_null(entry.value):
        return BAD
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    if value is None:
        return scope.bad(entry.value, f"`{entry.key}` holds one value, not {kind_of(entry.value)}")
    kind = columns.setdefault(entry.key, _type(value))
    if kind is not _type(value):
        remedy = "write them all alike (quotes make a text)"
        return scope.bad(
            entry.value, f"`{entry.key}` is {_TYPES[kind]} above and {kind_of(entry.value)} here: {remedy}"
        )
    return value


_TYPES = {str: "a word", float: "a number", bool: "true or false"}


def _type(value: object) -> type:
    return bool if isinstance(value, bool) else float if isinstance(value, int | float) else str


def read_csv(content: str, file: str, report: Report) -> Node:
    """The rows of a CSV file with a header as the same nodes that YAML gives; numbers where a whole column is one."""
    rows = _rows(content, file, report)
    if not rows:
        return Seq(Spot(file, 1, 1))
    (_, header), *lines = rows
    names = [name.strip() for name in header]
    for name in sorted({name for name in names if names.count(name) > 1}):
        report.problem(Spot(file, 1, 1), f"the column {shown(name)} stands in the header twice")
    numeric = {i for i in range(len(names)) if _all_numbers(row[i] for _, row in lines if i < len(row))}
    return Seq(Spot(file, 1, 1), tuple(_row(names, numeric, line, row, file, report) for line, row in lines))


def _rows(content: str, file: str, report: Report) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((start, row))
            start = reader.line_num + 1
    except csv.Error as error:
        report.problem(Spot(file, start, 1), f"not readable as CSV: {error}")
        return []
    return rows


def _all_numbers(cells: Iterable[str]) -> bool:
    written = [cell.strip() for cell in cells if cell.strip()]
    return bool(written) and all(_NUMBER.match(cell) for cell in written)


def _row(names: list[str], numeric: set[int], line: int, row: list[str], file: str, report: Report) -> Map:
    spot = Spot(file, line, 1)
    if len(row) > len(names):
        report.problem(spot, f"this line has {len(row)} values, but the header names {len(names)} columns")
    cells = [(i, name, row[i].strip()) for i, name in enumerate(names) if i < len(row) and row[i].strip()]
    return Map(spot, tuple(Entry(n, spot, Scalar(spot, _cell(n, c, i in numeric))) for i, n, c in cells))


def _cell(name: str, cell: str, numeric: bool) -> str | int | float:
    if not numeric or name in OWN_COLUMNS:
        return cell
    return float(cell) if "." in cell else int(cell)
