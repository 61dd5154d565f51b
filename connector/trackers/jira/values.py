"""What a field takes, by its type in Jira's own list of fields (`schema.type`, `schema.items`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from ..shapes import instant
from .lookups import FieldInfo
from .markup import harmless, label_fault

OPTIONS = frozenset({"option", "option-with-child"})
NAMED = frozenset({"priority", "resolution", "group", "version", "component", "issuetype", "securitylevel"})

UserRef = Callable[[str], dict[str, str] | None]


def field_value(info: FieldInfo, value: Any, user: UserRef) -> Any:
    """`value` as the field takes it, None to empty it; raise `ValueError` with a sentence if it cannot be."""
    if value is None:
        return None
    if info.type == "array":
        members: Iterable[Any] = value if isinstance(value, tuple | list | frozenset | set) else (value,)
        return [_one(info, info.items, member, user) for member in members]
    return _one(info, info.type, value, user)


def _one(info: FieldInfo, type: str, value: Any, user: UserRef) -> Any:
    if isinstance(value, tuple | list | frozenset | set):
        raise ValueError(f'the field "{info.name}" takes one value, not several')
    if type == "number":
        return _number(info, value)
    if type in OPTIONS:
        return {"value": str(value)}
    if type in NAMED:
        return {"name": str(value)}
    if type == "user":
        found = user(str(value))
        if found is None:
            raise ValueError(f"Jira knows nobody called `{value}`")
        return found
    if type == "string" and info.type == "array" and (fault := label_fault(str(value))):
        raise ValueError(fault)
    if type == "datetime":
        return _instant(info, value)
    return value.isoformat() if isinstance(value, date) else harmless(str(value))


def _instant(info: FieldInfo, value: Any) -> str:
    """As Jira takes it: `2026-03-02T10:00:00.000+0000`."""
    found = value.astimezone(UTC) if isinstance(value, datetime) else instant(value)
    if found is None:
        raise ValueError(f'the field "{info.name}" takes an instant like 2026-03-02T10:00:00Z, and `{value}` is none')
    return found.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _number(info: FieldInfo, value: Any) -> float | int:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        return float(str(value))
    except ValueError:
        raise ValueError(f'the field "{info.name}" takes numbers, and `{value}` is none') from None
