"""Reading what others sent: each function returns the value if it has the wanted shape, else None or empty.

Bodies from trackers differ by version and are at times damaged or forged; nothing in here raises.
Text comes back without NUL and lone surrogates, which databases refuse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from ..frozen import EMPTY

LONGEST_TEXT = 1_000_000
LONGEST_WORD = 1_024

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ZONE_WORD = re.compile(r"\s*(UTC|GMT|Z)$")


def mapping(value: Any) -> Mapping[str, Any]:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else EMPTY


def rows(value: Any, limit: int = 10_000) -> list[Mapping[str, Any]]:
    """The objects in `value` if it is a list; other members are left out."""
    return [row for row in value[:limit] if isinstance(row, Mapping)] if isinstance(value, list) else []


def storable(value: str) -> str:
    """`value` as any database can keep it."""
    return _UNSTORABLE.sub("\ufffd", value)


def text(value: Any, limit: int = LONGEST_TEXT) -> str:
    """`value` if it is text, cut to `limit` characters, else ''."""
    return storable(value[:limit]) if isinstance(value, str) else ""


def word(value: Any) -> str:
    """A short text on one line without white space around it, else ''."""
    return text(value, LONGEST_WORD).strip() if isinstance(value, str) and "\n" not in value else ""


def whole(value: Any, highest: int) -> int | None:
    """`value` if it is an integer from 1 to `highest`; `True` is none."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= highest
    return value if fits else None


def flag(value: Any) -> bool | None:
    """`value` if it is true or false."""
    return value if isinstance(value, bool) else None


def instant(value: Any) -> datetime | None:
    """`2026-05-28T06:16:01.423Z`, `2017-09-15 16:50:55 UTC` and other ISO 8601 as an instant in UTC.

    A text without a zone is taken as UTC.
    """
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        at = datetime.fromisoformat(_ZONE_WORD.sub("+00:00", value.strip()))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def day(value: Any) -> date | None:
    """`2026-12-01` as a day."""
    if not isinstance(value, str) or len(value) > 32:
        return None
    try:
        return date.fromisoformat(value.strip()[:10])
    except ValueError:
        return None
