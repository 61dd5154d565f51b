"""Values as conditions compare them, read and folded once per ticket however many rules ask.

A reader is a function of the ticket, the same one for every rule that asks for the same, so that it
serves as the key under which its answer is kept: `once` inlined in the tests is
`try: value = ticket.memo[read]`, `except KeyError: value = once(ticket, read)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from ..model import Ticket
from .durations import parse_duration
from .fields import FieldType, Getter, getter
from .text import CAP, fold_word

_READERS = 4096


def once(ticket: Ticket, read: Getter) -> Any:
    """What `read` answers about `ticket`, kept for the next who asks."""
    value = ticket.memo[read] = read(ticket)
    return value


@lru_cache(maxsize=_READERS)
def words_reader(name: str) -> Getter:
    """The folded word of a field; a tuple where the tracker's field takes several, None where there is none."""
    read = getter(name)

    def words(ticket: Ticket) -> str | tuple[str, ...] | None:
        found = tuple(map(fold_word, words_in(read(ticket))))
        return found if len(found) > 1 else next(iter(found), None)

    return words


@lru_cache(maxsize=_READERS)
def language_reader(name: str) -> Getter:
    """The languages that a field covers: `zh-Hant-TW` is also `zh-hant` and `zh`."""
    read = getter(name)
    return lambda ticket: tuple(tag for word in words_in(read(ticket)) for tag in language_tags(word))


@lru_cache(maxsize=_READERS)
def set_reader(name: str) -> Getter:
    """The members of a set; empty where there is none."""
    read = getter(name)
    return lambda ticket: frozenset(words_in(read(ticket)))


@lru_cache(maxsize=_READERS)
def text_reader(name: str) -> Callable[[Ticket], str]:
    """The text of a field as far as it is looked at, unfolded; '' where there is none."""
    read = getter(name)

    def text(ticket: Ticket) -> str:
        value = read(ticket)
        return "" if value is None else str(value)[:CAP]

    return text


@lru_cache(maxsize=_READERS)
def value_reader(name: str, kind: FieldType) -> Getter:
    """The number, instant or length of time in a field, also from its text; None where there is none."""
    read, understand = getter(name), UNDERSTAND[kind]
    return lambda ticket: understand(read(ticket))


def words_in(value: Any) -> tuple[str, ...]:
    """The words that a field holds: one, several where the tracker's field takes several, none if missing."""
    if value is None or value == "":
        return ()
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, set | frozenset | tuple | list):
        return tuple(map(str, value))
    return (str(value),)


def language_tags(language: str) -> tuple[str, ...]:
    """`zh-Hant-TW` is also `zh-hant` and `zh`."""
    parts = fold_word(language[:40]).replace("_", "-").split("-")
    return tuple("-".join(parts[:end]) for end in range(len(parts), 0, -1))


def number(value: Any) -> float | None:
    """`value` as a number, also from its text; None for everything else, truth values among it."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value) if len(value) <= 40 and "_" not in value else None
        except ValueError:
            return None
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def instant(value: Any) -> datetime | None:
    """`value` as an instant in UTC, also from ISO text; a day means its first moment, without a zone UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        return None
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return None


def duration(value: Any) -> timedelta | None:
    """`value` as a length of time, also from text such as `1h30m`; a bare number has no unit and is None."""
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        return None
    try:
        return parse_duration(value)
    except ValueError:
        return None


UNDERSTAND: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.NUMBER: number,
    FieldType.INSTANT: instant,
    FieldType.DURATION: duration,
}
