"""Shapes that only Jira's JSON has: numeric ids as text, instants in milliseconds. None of these raises."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from ..shapes import word

_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_300_800_000
"""Milliseconds from 1970 to the year 10,000."""


def number(value: Any) -> str:
    """A numeric id as Jira writes it (`"10042"`; a JSON number will do); '' for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if 0 < value < 10**19 else ""
    return value if isinstance(value, str) and _NUMBER.fullmatch(value) else ""


def count(value: Any) -> int | None:
    """`value` if it is a whole number from 0 on."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def words_in(value: Any) -> list[str]:
    """The non-empty words in the list `value`; anything else in it is left out."""
    return [found for item in value if (found := word(item))] if isinstance(value, list | tuple) else []


def epoch(value: Any) -> datetime | None:
    """Milliseconds since 1970 as an instant in UTC; None for anything but a whole number until the year 9999."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LAST:
        return None
    return _EPOCH + timedelta(milliseconds=value)
