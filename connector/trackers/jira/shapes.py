"""Shapes that only Jira's JSON has: numeric ids as text, instants in milliseconds. None of these raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ..shapes import instant, mapping, text, word

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}")
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


def plain_value(value: Any) -> Any:
    """A field's value without Jira's wrapping: an option's value, a name; several as a tuple; None for nothing."""
    if isinstance(value, list | tuple):
        found = tuple(v for v in map(plain_value, value) if v is not None)
        return found[0] if len(found) == 1 else found or None
    if isinstance(value, Mapping):
        wrapped = (value.get(name) for name in ("value", "name", "displayName", "title", "id"))
        request = mapping(value.get("requestType")).get("name")
        return next((word(v) for v in (request, *wrapped) if word(v)), None)
    if isinstance(value, str):
        return _instant(value) or text(value) or None
    return value


def _instant(value: str) -> str | None:
    """An instant as Jira writes it, in the reader's zone, as `…Z`; None for any other text."""
    found = instant(value) if _INSTANT.fullmatch(value) else None
    return f"{found:%Y-%m-%dT%H:%M:%SZ}" if found else None
