"""What goes into a column: text without the characters a database refuses, bounded keys, JSON, UTC instants."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

from ..frozen import frozen
from ..plan import jsonable

# PostgreSQL indexes at most 2,704 bytes of a row: four keys of 160 characters of 4 bytes still fit.
KEY_LIMIT = 160
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` with NUL and lone surrogates replaced by U+FFFD: no database stores them."""
    return _UNSTORABLE.sub("\ufffd", text)


def bounded(text: str) -> str:
    """A clean key of at most `KEY_LIMIT` characters; a longer one ends in its own SHA-256, so it stays unique."""
    text = clean(text)
    if len(text) <= KEY_LIMIT:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: KEY_LIMIT - len(digest) - 1]}~{digest}"


def digest(content: bytes) -> str:
    """The SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def encode(value: Any) -> bytes:
    """`value` as compact JSON in UTF-8; text that UTF-8 cannot hold (lone surrogates) is escaped, so nothing is lost.

    Control characters are always escaped, NUL too. Sets, instants and days are written as `jsonable` writes them.
    """
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=jsonable).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), default=jsonable).encode()


def decode(content: bytes | str) -> Any:
    """The value that `encode` wrote, frozen to the bottom; None for nothing."""
    return frozen(json.loads(content)) if content else None


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite, which has no zones, stores the UTC wall time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone: use datetime.now(UTC)")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Key(TypeDecorator[str]):
    """A text that is looked up by equality; see `bounded`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else bounded(value)


class Line(TypeDecorator[str]):
    """A text of any content; see `clean`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else clean(value)


class Json(TypeDecorator[Any]):
    """A small JSON value that holds no customer's text; NULL is None."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else decode(value)


Blob = LargeBinary
