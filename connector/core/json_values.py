"""Any value that a fact or a field may hold ↔ JSON, without loss.

What JSON lacks is an object with one key: `{"$instant": "2026-01-31T09:00:00+00:00"}`, `{"$day": …}`,
`{"$microseconds": …}` for a length of time, `{"$set": […]}`, and `{"$map": [[key, value], …]}` for a
mapping that has such a key itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ..frozen import FrozenDict

_MICROSECOND = timedelta(microseconds=1)


def value_json(value: Any) -> Any:
    """`value` as JSON; `value_from_json` gives back an equal one. A number that is not finite becomes None."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, timedelta):
        return {"$microseconds": value // _MICROSECOND}
    if isinstance(value, datetime):
        return {"$instant": value.isoformat()}
    if isinstance(value, date):
        return {"$day": value.isoformat()}
    return _many_json(value)


def _many_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        pairs = [(str(key), value_json(inner)) for key, inner in value.items()]
        return {"$map": [list(pair) for pair in pairs]} if any(key[:1] == "$" for key, _ in pairs) else dict(pairs)
    if isinstance(value, set | frozenset):
        return {"$set": [value_json(inner) for inner in sorted(value, key=str)]}
    if isinstance(value, list | tuple):
        return [value_json(inner) for inner in value]
    return str(value)


def value_from_json(value: Any) -> Any:
    """The frozen value that `value_json` wrote; plain JSON reads as itself, frozen."""
    if isinstance(value, list | tuple):
        return tuple(map(value_from_json, value))
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        ((tag, inner),) = value.items()
        match tag:
            case "$microseconds":
                return timedelta(microseconds=inner)
            case "$instant":
                return datetime.fromisoformat(inner)
            case "$day":
                return date.fromisoformat(inner)
            case "$set":
                return frozenset(map(value_from_json, inner))
            case "$map":
                return FrozenDict({key: value_from_json(each) for key, each in inner})
    return FrozenDict({key: value_from_json(inner) for key, inner in value.items()})


def instant_json(at: datetime) -> str:
    """ISO text in UTC with `Z`; an instant without a zone is taken to be in UTC."""
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant_from_json(text: str) -> datetime:
    """The instant in UTC; raises `ValueError` for anything else. Without a zone it is taken to be in UTC."""
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
