"""A JSON file that a person wrote, read member by member; all mistakes are gathered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from ..errors import PointsmanError
from .reading import instant
from .spelling import did_you_mean

E = TypeVar("E", bound=StrEnum)

MAX_DEPTH = 40


class TicketFileError(PointsmanError):
    """A ticket, event or desk file cannot be read; `problems` holds one sentence for each mistake."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Notes:
    """The mistakes found so far; every reader returns its `otherwise` for a wrong or missing value."""

    problems: list[str] = field(default_factory=list)

    def bad(self, text: str) -> None:
        self.problems.append(text)

    def check(self) -> None:
        """Raise `TicketFileError` if anything was wrong."""
        if self.problems:
            raise TicketFileError(tuple(self.problems))

    def unknown(self, key: Any, known: Iterable[str], where: str) -> None:
        self.bad(f"unknown key `{key}` in {where}{did_you_mean(str(key), known)}")

    def only(self, document: Mapping[str, Any], known: Iterable[str], where: str) -> None:
        """Note every key of `document` that is not in `known`."""
        allowed = tuple(known)
        for key in document:
            if key not in allowed:
                self.unknown(key, allowed, where)

    def word(self, name: str, value: Any) -> str:
        """A word or a text; a number is taken as its digits."""
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.bad(f"`{name}` wants a text, not {brief(value)}")
            return ""
        return str(value)

    def one_of(self, name: str, value: Any, known: Iterable[str]) -> str | None:
        """A word of a closed list, in any case."""
        if value is None or value == "":
            return None
        words = tuple(known)
        if isinstance(value, str) and value.lower() in words:
            return value.lower()
        near = did_you_mean(str(value), words)
        self.bad(f"`{name}` has no value {brief(value)}{near or '; it is one of ' + ', '.join(words)}")
        return None

    def enum(self, name: str, value: Any, cls: type[E]) -> E | None:
        word = self.one_of(name, value, [str(each) for each in cls])
        return None if word is None else cls(word)

    def count(self, name: str, value: Any, low: int = 0, high: int | None = None) -> int | None:
        """A whole number from `low` to `high`."""
        if value is None:
            return None
        number = int(value) if isinstance(value, str) and value.strip().isdecimal() else value
        whole = isinstance(number, int) and not isinstance(number, bool)
        if not whole or number < low or (high is not None and number > high):
            limits = f"from {low} to {high}" if high is not None else f"of {low} or more"
            self.bad(f"`{name}` wants a whole number {limits}, not {brief(value)}")
            return None
        return int(number)

    def amount(self, name: str, value: Any) -> float | None:
        """A number of 0 or more, not always whole."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            self.bad(f"`{name}` wants a number of 0 or more, not {brief(value)}")
            return None
        return value

    def flag(self, name: str, value: Any) -> bool:
        if value is None or isinstance(value, bool):
            return bool(value)
        self.bad(f"`{name}` is true or false, not {brief(value)}")
        return False

    def instant(self, name: str, value: Any) -> datetime | None:
        """ISO text → the instant in UTC; without a zone it is taken to be in UTC."""
        at = instant(value)
        if at is None and value is not None:
            self.bad(f"`{name}` wants an instant such as 2026-03-02T09:00:00Z, not {brief(value)}")
        return at

    def day(self, name: str, value: Any) -> date | None:
        at = self.instant(name, value)
        return at.astimezone(UTC).date() if at else None

    def words(self, name: str, value: Any) -> tuple[str, ...]:
        """A list of words; one word stands for a list of one."""
        if value is None:
            return ()
        return tuple(self.word(name, each) for each in (value if isinstance(value, list | tuple) else [value]))

    def table(self, name: str, value: Any) -> Mapping[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.bad(f"`{name}` wants an object, not {brief(value)}")
            return {}
        return {str(key): inner for key, inner in value.items()}

    def each(self, name: str, value: Any, read: Callable[[str, Any], Any]) -> tuple[Any, ...]:
        """A list read by `read(<name of the entry>, entry)`; entries read as None are left out."""
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            self.bad(f"`{name}` wants a list, not {brief(value)}")
            return ()
        found = (read(f"{name}[{at}]", each) for at, each in enumerate(value))
        return tuple(each for each in found if each is not None)


def brief(value: Any) -> str:
    """`value` in a sentence: words quoted and cut, collections only named."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    return f"`{str(value)[:40]}`"


def document_of(value: Any, what: str, such_as: str = '{"title": "…"}') -> Mapping[str, Any]:
    """`value` if it is a JSON object of bearable depth; raises `TicketFileError` otherwise."""
    if not isinstance(value, Mapping):
        raise TicketFileError((f"{what} is a JSON object, such as {such_as}, not {brief(value)}",))
    if _too_deep(value, MAX_DEPTH):
        raise TicketFileError((f"{what} is nested deeper than {MAX_DEPTH} levels",))
    return value


def _too_deep(value: Any, left: int) -> bool:
    if not isinstance(value, Mapping | list | tuple):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return left == 0 or any(_too_deep(each, left - 1) for each in inner)
