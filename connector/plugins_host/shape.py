"""Is this value right down to its last field?  What passes is frozen, clean and of limited size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from ..frozen import FrozenDict
from ..model import Person, Priority

LONGEST = 100_000
"""Characters of one text."""
DEEPEST = 8
MOST = 1_000
"""Items of one collection inside a change."""

V = TypeVar("V")


def checked(value: V) -> V:
    """A clean copy of a dataclass value; raises `TypeError` or `ValueError` with a sentence naming the field.

    Datetimes become UTC (where any value may stand they keep their `ZoneInfo`), lists tuples, NUL and lone
    surrogates disappear. The messages name types, never values: those may be a customer's words.
    """
    cls: Any = type(value)
    clean: dict[str, Any] = {}
    for name, hint in _hints(cls):
        was = getattr(value, name)
        now = _fitted(was, hint, f"{cls.__name__}.{name}")
        if now is not was:
            clean[name] = now
    return replace(value, **clean) if clean else value  # type: ignore[type-var]


@cache
def _hints(cls: Any) -> tuple[tuple[str, Any], ...]:
    known = get_type_hints(cls)
    return tuple((f.name, known[f.name]) for f in fields(cls))


def _fitted(value: Any, hint: Any, where: str) -> Any:
    if hint is str and type(value) is str:
        return text(value, where)
    if hint is Any:
        return plain(value, where)
    origin = get_origin(hint)
    if origin is UnionType:
        return None if value is None else _fitted(value, get_args(hint)[0], where)
    if origin in (tuple, frozenset):
        return _collection(value, origin, get_args(hint)[0], where)
    if origin is not None:
        return plain(value, where)
    if hint is datetime:
        return instant(value, where)
    if type(value) is not hint and not (hint is str and isinstance(value, str)):
        raise TypeError(f"{where} must be {_named(hint)}, not {type(value).__name__}")
    if hint is Person:
        return checked(value)
    return text(value, where) if hint is str else value


def _named(hint: Any) -> str:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return f"{hint.__name__}.{next(iter(hint)).name} or another of its kind"
    return str(getattr(hint, "__name__", hint))


def _collection(value: Any, origin: type, hint: Any, where: str) -> Any:
    if not isinstance(value, tuple | list | set | frozenset):
        raise TypeError(f"{where} must be a {origin.__name__}, not {type(value).__name__}")
    if len(value) > MOST:
        raise ValueError(f"{where} has more than {MOST} items")
    if type(value) is origin and not value:
        return value
    return origin(_fitted(item, hint, where) for item in value)


def instant(value: Any, where: str) -> datetime:
    """An aware datetime, in UTC."""
    if not isinstance(value, datetime):
        raise TypeError(f"{where} must be a datetime, not {type(value).__name__}")
    if value.tzinfo is None:
        raise ValueError(f"{where} must say its time zone: use now + timedelta(…), or datetime(…, tzinfo=UTC)")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def text(value: str, where: str) -> str:
    """At most `LONGEST` characters that every database and tracker can hold."""
    if len(value) > LONGEST:
        raise ValueError(f"{where} is longer than {LONGEST:,} characters")
    if type(value) is str and value.isascii() and "\0" not in value:
        return value
    clean = str.__str__(value).encode("utf-8", "replace").decode().replace("\0", "")
    return value if type(value) is str and clean == value else clean


def plain(value: Any, where: str, depth: int = 0) -> Any:
    """A value that JSON and every tracker know: scalars, instants, durations, and collections of them."""
    if depth > DEEPEST:
        raise ValueError(f"{where} is nested more than {DEEPEST} deep")
    if value is None or type(value) in (bool, int):
        return _number(value, where)
    if isinstance(value, Priority):
        return value.word
    if isinstance(value, str):
        return text(value, where)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, datetime):
        # In texts an instant is told in its own zone.
        return value if isinstance(value.tzinfo, ZoneInfo) else instant(value, where)
    if isinstance(value, date | timedelta):
        return value
    if isinstance(value, Mapping | tuple | list | set | frozenset):
        return _plain_items(value, where, depth + 1)
    raise TypeError(f"{where} must be text, a number, a date or a collection of them, not {type(value).__name__}")


def _number(value: Any, where: str) -> Any:
    if type(value) is int and abs(value) >= 1 << 63:
        raise ValueError(f"{where} is a number beyond 64 bits")
    return value


def _plain_items(value: Any, where: str, depth: int) -> Any:
    if len(value) > MOST:
        raise ValueError(f"{where} has more than {MOST} items")
    if isinstance(value, Mapping):
        return FrozenDict({text(str(k), where): plain(v, where, depth) for k, v in value.items()})
    items = (plain(item, where, depth) for item in value)
    return frozenset(items) if isinstance(value, set | frozenset) else tuple(items)
