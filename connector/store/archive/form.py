"""The form of a backup: a ZIP with one member for each table, one for each key, and `contents.json` as the last.

A table's member has one JSON list for each row. `contents.json` has the number of rows and the SHA-256 of each
member: of a backup from which anything is missing, or in which anything was changed, no row is stored.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from ...errors import PointsmanError
from ..encoding import Instant
from ..rows import HIGHEST

CONTENTS = "contents.json"
FORM = 1
SAFE_KEY = re.compile(r"[\w-][\w.-]*\.key|setup/[\w-][\w.-]*\.json")
"""Which files beside the database a backup can have: nothing that leads out of the folder."""

Progress = Callable[[int], object]
"""Told of so many further rows."""


class Trouble(PointsmanError):
    """A backup cannot be made, or not be used: why, and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a backup says of one table: its columns and their kinds, its rows, and the digest of its member."""

    columns: Mapping[str, str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a backup. `numbers` are the last numbers that were given, by table, and the last `fence`."""

    made_at: datetime
    revision: str
    database: str
    tables: Mapping[str, Table]
    numbers: Mapping[str, int]
    keys: Mapping[str, str]

    def written(self) -> bytes:
        shown = {**asdict(self), "form": FORM, "made_at": self.made_at.isoformat()}
        return json.dumps(shown, indent=1).encode()

    @classmethod
    def read(cls, content: bytes) -> Contents:
        """What `written` gave; raise `Trouble` for anything else."""
        try:
            told = json.loads(content)
            if told["form"] != FORM:
                raise Trouble(f"the backup has form {told['form']}, this program knows {FORM}: use a newer release")
            tables = {name: Table(**table) for name, table in told["tables"].items()}
            at = datetime.fromisoformat(told["made_at"])
            numbers = {str(name): whole(number) for name, number in told["numbers"].items()}
            keys = {str(name): str(digest) for name, digest in told["keys"].items()}
            return cls(at, str(told["revision"]), str(told["database"]), tables, numbers, keys)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Trouble("the backup's list of contents cannot be read: take another backup") from None

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


def whole(value: object) -> int:
    """`value` if it is a number that a row can have; raise `ValueError` for anything else."""
    if type(value) is not int or not 0 <= value <= HIGHEST:
        raise ValueError(value)
    return value


def kind_of(column: sa.Column[Any]) -> str:
    match column.type:
        case Instant():
            return "instant"
        case sa.LargeBinary():
            return "bytes"
        case sa.Boolean():
            return "truth"
        case sa.Integer():
            return "number"
        case _:
            return "text"


TYPES: Mapping[str, sa.types.TypeEngine[Any]] = {
    "instant": Instant(),
    "bytes": sa.LargeBinary(),
    "truth": sa.Boolean(),
    "number": sa.BigInteger(),
    # JSON too goes as the text it is: its digests must come out the same.
    "text": sa.Text(),
}


def plain(name: str, columns: Mapping[str, str]) -> sa.TableClause:
    """The table `name` with the columns of a backup, their values as the database has them."""
    return sa.table(name, *(sa.column(column, TYPES[kind]) for column, kind in columns.items()))


def written(kind: str, value: Any) -> Any:
    """A value of a column as JSON can hold it."""
    match kind:
        case "instant" if value is not None:
            return value.isoformat()
        case "bytes" if value is not None:
            return base64.b64encode(value).decode()
        case _:
            return value


def read(kind: str, value: Any) -> Any:
    """What `written` made JSON of."""
    match kind:
        case "instant" if value is not None:
            return datetime.fromisoformat(value).astimezone(UTC)
        case "bytes" if value is not None:
            return base64.b64decode(value)
        case _:
            return value
